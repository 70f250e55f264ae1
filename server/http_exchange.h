// One request being answered over a ByteStream: what handlers see as http::Exchange.
//
// Not thread-safe: the connection's coroutine only. A head is written together with a small body:
// one system call.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/exchange.h"
#include "server/body_reader.h"
#include "server/byte_stream.h"
#include "server/limits.h"

namespace cairn::server {

class HttpExchange final : public http::Exchange {
 public:
  // `stopping`: once true, answers tell the client to close. `hsts`: told to clients that come by
  // https; 0: not. Everything must outlive the exchange.
  HttpExchange(ByteStream& stream, BodyReader& body, http::Request& request,
               const ConnectionLimits& limits, const Clock& clock,
               const std::atomic<bool>& stopping, std::chrono::seconds hsts);

  const http::Request& request() const override { return request_; }
  net::awaitable<Result<Bytes>> ReadBody() override;
  bool BodyIsHere() const override { return body_.is_here(); }
  net::awaitable<Result<void>> Send(http::Response response) override;
  net::awaitable<Result<void>> Begin(http::Response head,
                                     std::optional<std::uint64_t> length) override;
  net::awaitable<Result<void>> Write(Bytes data) override;
  net::awaitable<Result<void>> End() override;
  void Abort() override { broken_ = true; }
  void SetUser(std::string_view name) override { user_ = name; }
  bool answered() const override { return status_ != 0; }

  // For the connection, once the handler has returned.

  // The answer went out whole; false: the connection must break so that the client notices.
  bool complete() const { return ended_ && !broken_; }
  // The connection may serve another request (an unread body apart).
  bool keep_alive() const { return keep_alive_ && complete(); }
  int status() const { return status_; }  // 0: nothing was answered
  std::uint64_t bytes_out() const { return bytes_out_; }
  const std::string& user() const { return user_; }

 private:
  std::string TakeHead(const http::Response& response, std::optional<std::uint64_t> length);
  bool MayKeepAlive() const;
  net::awaitable<Result<void>> WritePieces(std::span<const std::string_view> pieces);

  ByteStream& stream_;
  BodyReader& body_;
  http::Request& request_;
  const ConnectionLimits& limits_;
  const Clock& clock_;
  const std::atomic<bool>& stopping_;
  const std::chrono::seconds hsts_;

  int status_ = 0;
  bool head_only_ = false;  // HEAD, 204, 304: no body on the wire
  bool chunked_ = false;
  bool keep_alive_ = true;
  bool ended_ = false;
  bool broken_ = false;
  bool continue_sent_ = false;
  std::optional<std::uint64_t> length_;  // announced
  std::uint64_t written_ = 0;
  std::uint64_t bytes_out_ = 0;
  std::string pending_head_;  // of a streamed answer: goes with the first piece
  std::string user_;
};

}  // namespace cairn::server
