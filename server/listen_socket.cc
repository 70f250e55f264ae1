#include "server/listen_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "server/systemd.h"

namespace cairn::server {

namespace {

using conf::ListenAddress;

constexpr int kBacklog = 4096;
constexpr mode_t kSocketMode = 0660;  // the reverse proxy is in our group

Error Failed(const ListenAddress& address, int error) {
  return Fail(ErrorCode::kIo, "cannot listen on " + conf::ListenText(address) + ": " +
                                  std::generic_category().message(error));
}

socklen_t FillAddress(const ListenAddress& from, sockaddr_storage& to) {
  auto* v4 = reinterpret_cast<sockaddr_in*>(&to);
  if (inet_pton(AF_INET, from.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(from.port);
    return sizeof *v4;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&to);
  if (inet_pton(AF_INET6, from.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(from.port);
    return sizeof *v6;
  }
  return 0;
}

std::uint16_t PortOf(int fd) {
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) != 0) return 0;
  if (bound.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in&>(bound).sin_port);
  if (bound.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(bound).sin6_port);
  return 0;
}

Result<ListenSocket> OpenTcp(const ListenAddress& address) {
  sockaddr_storage storage{};
  const socklen_t length = FillAddress(address, storage);
  if (length == 0)
    return Fail(ErrorCode::kInvalidArgument, "\"" + address.host + "\" is not an IP address");
  ListenSocket opened{
      Descriptor(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      address};
  if (!opened.fd) return Failed(address, errno);
  const int on = 1;
  ::setsockopt(opened.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // "[::]" listens for both, as people expect of it.
  const int v6_only = address.host == "::" ? 0 : 1;
  if (storage.ss_family == AF_INET6)
    ::setsockopt(opened.fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
  if (::bind(opened.fd.get(), reinterpret_cast<sockaddr*>(&storage), length) != 0 ||
      ::listen(opened.fd.get(), kBacklog) != 0) {
    return Failed(address, errno);
  }
  opened.address.port = PortOf(opened.fd.get());
  return opened;
}

// A socket file that an ended server left behind; one that somebody listens on stays.
bool RemoveStale(const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(address.sun_path, &status) != 0) return true;
  if (!S_ISSOCK(status.st_mode)) return false;
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int connected = ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address),
                                  static_cast<socklen_t>(sizeof address));
  if (connected == 0 || errno != ECONNREFUSED) return false;
  return ::unlink(address.sun_path) == 0;
}

Result<ListenSocket> OpenUnix(const ListenAddress& address) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (address.path.size() >= sizeof name.sun_path)
    return Fail(ErrorCode::kInvalidArgument, address.path + ": too long for a socket's name");
  std::memcpy(name.sun_path, address.path.c_str(), address.path.size() + 1);
  if (!RemoveStale(name)) return Failed(address, EADDRINUSE);
  ListenSocket opened{Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
                      address};
  if (!opened.fd || ::bind(opened.fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0 ||
      ::chmod(name.sun_path, kSocketMode) != 0 || ::listen(opened.fd.get(), kBacklog) != 0) {
    return Failed(address, errno);
  }
  return opened;
}

Result<std::vector<ListenSocket>> FromSystemd(const ListenAddress& address) {
  std::vector<ListenSocket> opened;
  for (Descriptor& fd : TakeSystemdSockets()) {
    int listening = 0;
    socklen_t length = sizeof listening;
    if (::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 ||
        listening == 0) {
      return Fail(ErrorCode::kInvalidArgument, "systemd handed over what is no listening socket");
    }
    ListenSocket one{std::move(fd), address};
    one.address.port = PortOf(one.fd.get());
    opened.push_back(std::move(one));
  }
  if (opened.empty())
    return Fail(ErrorCode::kInvalidArgument, "listen: systemd: no socket was handed over");
  return opened;
}

}  // namespace

Result<std::vector<ListenSocket>> OpenListenSockets(const ListenAddress& address) {
  if (address.kind == ListenAddress::Kind::kSystemd) return FromSystemd(address);
  auto one = address.kind == ListenAddress::Kind::kUnix ? OpenUnix(address) : OpenTcp(address);
  if (one.has_error()) return std::move(one).error();
  std::vector<ListenSocket> opened;
  opened.push_back(std::move(*one));
  return opened;
}

}  // namespace cairn::server
