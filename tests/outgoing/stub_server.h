// A server on 127.0.0.1 that answers each connection with the bytes a test gives it, then closes.
// Plain, or with a certificate for localhost and 127.0.0.1.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/temp_directory.h"

namespace cairn::outgoing {

// A certificate authority and a certificate of it.
class TestAuthority {
 public:
  TestAuthority();
  std::filesystem::path authorities() const { return directory_.path() / "ca.pem"; }
  std::filesystem::path chain() const { return directory_.path() / "chain.pem"; }
  std::filesystem::path key() const { return directory_.path() / "key.pem"; }

 private:
  TempDirectory directory_;
};

class StubServer {
 public:
  // From the whole request to the bytes of the answer. kNever: nothing comes until the stub stops.
  using Answer = std::function<std::string(const std::string& request)>;
  static constexpr std::string_view kNever = "never";

  explicit StubServer(Answer answer, const TestAuthority* authority = nullptr);
  ~StubServer();

  std::string Url(std::string_view path, std::string_view host = "127.0.0.1") const;
  std::uint16_t port() const { return port_; }
  std::vector<std::string> requests() const;  // in the order they came
  int connections() const { return connections_; }
  int open() const { return open_; }  // that are not ended
  void WaitForRequests(std::size_t count) const;
  // Ends the connections.
  void Stop();

 private:
  struct Connection;
  void Accept();
  void Serve(int fd);
  void Converse(const Connection& connection);

  const Answer answer_;
  SSL_CTX* context_ = nullptr;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0}, open_{0};
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // Guarded by mutex_:
  bool stopped_ = false;
  std::vector<std::string> requests_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

std::string Ok(std::string_view body, std::string_view fields = {});
std::string Redirect(std::string_view location, int status = 302);

}  // namespace cairn::outgoing
