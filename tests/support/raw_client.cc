#include "tests/support/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/bytes.h"
#include "base/error.h"

namespace cairn {

std::string RawResponse::Header(std::string_view name) const {
  std::size_t at = 0;
  while ((at = head.find("\r\n", at)) != std::string::npos) {
    at += 2;
    const auto end = head.find("\r\n", at);
    const auto colon = head.find(':', at);
    if (end == std::string::npos || colon == std::string::npos || colon > end) break;
    if (EqualsIgnoreCase(std::string_view(head).substr(at, colon - at), name)) {
      return std::string(Trim(std::string_view(head).substr(colon + 1, end - colon - 1)));
    }
  }
  return {};
}

bool RawResponse::Has(std::string_view name) const {
  return ToLower(head).find("\r\n" + ToLower(name) + ":") != std::string::npos;
}

std::string BasicRequest(std::string_view method, std::string_view target, std::string_view login,
                         std::string_view body, std::string_view fields) {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: h\r\n");
  if (!login.empty()) text.append("Authorization: Basic ").append(ToBase64(login)).append("\r\n");
  text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  return text.append(fields).append("\r\n").append(body);
}

namespace {

int NewSocket(int family) {
  int fd = -1;
  // A test that leaves room for exactly one descriptor may find it taken for a moment.
  for (int i = 0; i < 10'000 && fd < 0; ++i) {
    fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) sched_yield();
  }
  CAIRN_CHECK(fd >= 0);
  const timeval limit{10, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return fd;
}

}  // namespace

RawClient::RawClient(const std::string& unix_socket) : fd_(NewSocket(AF_UNIX)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CAIRN_CHECK(unix_socket.size() < sizeof address.sun_path);
  unix_socket.copy(address.sun_path, unix_socket.size());
  CAIRN_CHECK(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

RawClient::RawClient(std::uint16_t port) : fd_(NewSocket(AF_INET)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CAIRN_CHECK(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

RawClient::~RawClient() { close(fd_); }

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = WriteBytes(bytes);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

long RawClient::ReadBytes(char* room, std::size_t size) { return recv(fd_, room, size, 0); }

long RawClient::WriteBytes(std::string_view bytes) {
  return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void RawClient::CloseWrite() { shutdown(fd_, SHUT_WR); }

bool RawClient::Fill() {
  std::array<char, 65536> buffer;
  const auto size = ReadBytes(buffer.data(), buffer.size());
  if (size < 0 && errno == ECONNRESET) reset_ = true;
  if (size <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(size));
  return true;
}

bool RawClient::FillTo(std::size_t size) {
  while (received_.size() < size) {
    if (!Fill()) return false;
  }
  return true;
}

bool RawClient::ReadChunked(std::string& body) {
  for (;;) {
    std::size_t line;
    while ((line = received_.find("\r\n")) == std::string::npos) {
      if (!Fill()) return false;
    }
    const std::size_t size = std::strtoull(received_.c_str(), nullptr, 16);
    if (!FillTo(line + 2 + size + 2)) return false;
    body += received_.substr(line + 2, size);
    received_.erase(0, line + 2 + size + 2);
    if (size == 0) return true;
  }
}

RawResponse RawClient::Receive(bool to_head) {
  RawResponse response;
  std::size_t end;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return response;
  }
  response.head = received_.substr(0, end + 2);
  received_.erase(0, end + 4);
  response.status = std::atoi(response.head.c_str() + 9);
  if (to_head || response.status < 200 || response.status == 204 || response.status == 304) {
    response.complete = true;
  } else if (response.Header("Transfer-Encoding") == "chunked") {
    response.complete = ReadChunked(response.body);
  } else if (response.Has("Content-Length")) {
    const auto length = ParseUint(response.Header("Content-Length")).value_or(0);
    response.complete = FillTo(length);
    response.body = received_.substr(0, length);
    received_.erase(0, response.body.size());
  } else {
    response.body = ReceiveAll();
    response.complete = !reset_;
  }
  return response;
}

std::string RawClient::ReceiveAll() {
  while (Fill()) {
  }
  return std::exchange(received_, {});
}

bool RawClient::SeesEnd() {
  if (!received_.empty()) return false;
  std::array<char, 64> buffer;
  const auto size = ReadBytes(buffer.data(), buffer.size());
  reset_ = size < 0 && errno == ECONNRESET;
  return size == 0 || reset_;
}

}  // namespace cairn
