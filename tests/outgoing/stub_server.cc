#include "tests/outgoing/stub_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "base/bytes.h"
#include "base/error.h"

namespace cairn::outgoing {

TestAuthority::TestAuthority() {
  const std::string command = "bash -c '. " CAIRN_SOURCE_DIR
                              "/tests/support/test_ca.sh; make_test_ca " +
                              directory_.path().string() + "'";
  CAIRN_CHECK(std::system(command.c_str()) == 0);
}

struct StubServer::Connection {
  int fd;
  SSL* ssl;

  long Read(char* room, std::size_t size) const {
    return ssl != nullptr ? SSL_read(ssl, room, static_cast<int>(size)) : recv(fd, room, size, 0);
  }
  void Write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const long sent = ssl != nullptr
                            ? SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()))
                            : send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // A head and the body it announces; empty: the other side went away before.
  std::string ReadRequest() const {
    std::string request;
    std::array<char, 4096> room;
    for (;;) {
      const auto head = request.find("\r\n\r\n");
      if (head != std::string::npos) {
        const std::string lower = ToLower(request.substr(0, head + 2));
        const auto field = lower.find("\r\ncontent-length: ");
        std::size_t length = 0;
        if (field != std::string::npos)
          length = static_cast<std::size_t>(std::strtoul(lower.c_str() + field + 18, nullptr, 10));
        if (request.size() >= head + 4 + length) return request;
      }
      const long got = Read(room.data(), room.size());
      if (got <= 0) return {};
      request.append(room.data(), static_cast<std::size_t>(got));
    }
  }
};

StubServer::StubServer(Answer answer, const TestAuthority* authority) : answer_(std::move(answer)) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write(2)
  if (authority != nullptr) {
    context_ = SSL_CTX_new(TLS_server_method());
    CAIRN_CHECK(SSL_CTX_use_certificate_chain_file(context_, authority->chain().c_str()) == 1);
    CAIRN_CHECK(SSL_CTX_use_PrivateKey_file(context_, authority->key().c_str(), SSL_FILETYPE_PEM) ==
                1);
  }
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  CAIRN_CHECK(bind(listener_, plain, size) == 0 && listen(listener_, 64) == 0);
  CAIRN_CHECK(getsockname(listener_, plain, &size) == 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

StubServer::~StubServer() {
  Stop();
  SSL_CTX_free(context_);
}

void StubServer::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    stopped_ = true;
    changed_.notify_all();
  }
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  for (std::thread& thread : threads_) thread.join();
}

void StubServer::Accept() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const timeval limit{10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    ++connections_;
    ++open_;
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, fd] { Serve(fd); });
  }
}

void StubServer::Serve(int fd) {
  Connection connection{fd, nullptr};
  if (context_ != nullptr) {
    connection.ssl = SSL_new(context_);
    SSL_set_fd(connection.ssl, fd);
    if (SSL_accept(connection.ssl) == 1) Converse(connection);
    SSL_shutdown(connection.ssl);
    SSL_free(connection.ssl);
  } else {
    Converse(connection);
  }
  close(fd);
  --open_;
}

void StubServer::Converse(const Connection& connection) {
  const std::string request = connection.ReadRequest();
  if (request.empty()) return;
  const std::string bytes = answer_(request);
  std::unique_lock lock(mutex_);
  requests_.push_back(request);
  changed_.notify_all();
  if (bytes == kNever) {
    changed_.wait(lock, [this] { return stopped_; });
    return;
  }
  lock.unlock();
  connection.Write(bytes);
}

std::string StubServer::Url(std::string_view path, std::string_view host) const {
  std::string url = context_ != nullptr ? "https://" : "http://";
  return url.append(host).append(":").append(std::to_string(port_)).append(path);
}

std::vector<std::string> StubServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void StubServer::WaitForRequests(std::size_t count) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return requests_.size() >= count; });
}

std::string Ok(std::string_view body, std::string_view fields) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  return text.append(fields).append("\r\n").append(body);
}

std::string Redirect(std::string_view location, int status) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " Elsewhere\r\nContent-Length: 0\r\n";
  return text.append("Location: ").append(location).append("\r\n\r\n");
}

}  // namespace cairn::outgoing
