// A blocking HTTP client made of a plain socket: it sends exactly the bytes that a test wants on
// the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

struct RawResponse {
  int status = 0;  // 0: the connection ended before a whole head
  std::string head;
  std::string body;
  bool complete = false;  // the body ended as its framing says

  // The value of the first field of the name; empty when absent.
  std::string Header(std::string_view name) const;
  bool Has(std::string_view name) const;
};

// A request as bytes. `login`: "user:password"; empty = none. `fields`: whole lines ("Depth:
// 0\r\n"). `body` is announced by its length and follows.
std::string BasicRequest(std::string_view method, std::string_view target, std::string_view login,
                         std::string_view body = {}, std::string_view fields = {});

class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  explicit RawClient(const std::string& unix_socket);
  virtual ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False: the server does not take any more.
  bool Send(std::string_view bytes);
  // The next answer. `to_head`: the answer to a HEAD request, which has no body.
  RawResponse Receive(bool to_head = false);
  RawResponse Exchange(std::string_view request) {
    Send(request);
    return Receive();
  }
  // Everything until the server closes.
  std::string ReceiveAll();
  // True when the server closed or reset without sending anything more. Waits for up to ten
  // seconds.
  bool SeesEnd();
  // The last receive ended in a reset.
  bool was_reset() const { return reset_; }
  void CloseWrite();

 protected:
  int fd() const { return fd_; }

 private:
  // As recv and send: 0 and less is the end.
  virtual long ReadBytes(char* room, std::size_t size);
  virtual long WriteBytes(std::string_view bytes);
  bool Fill();  // false: end
  bool FillTo(std::size_t size);
  bool ReadChunked(std::string& body);

  int fd_ = -1;
  bool reset_ = false;
  std::string received_;
};

}  // namespace cairn
