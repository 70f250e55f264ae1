#include "server/systemd.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "base/bytes.h"

namespace cairn::server {

namespace {

constexpr int kFirstHandedOver = 3;  // SD_LISTEN_FDS_START
constexpr std::uint64_t kMost = 64;

std::optional<std::uint64_t> NumberIn(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? std::nullopt : ParseUint(text);
}

}  // namespace

std::vector<Descriptor> TakeSystemdSockets() {
  std::vector<Descriptor> sockets;
  const auto pid = NumberIn("LISTEN_PID");
  const auto count = NumberIn("LISTEN_FDS");
  unsetenv("LISTEN_PID");
  unsetenv("LISTEN_FDS");
  if (pid != static_cast<std::uint64_t>(getpid()) || !count || *count > kMost) return sockets;
  for (int i = 0; i < static_cast<int>(*count); ++i) {
    const int fd = kFirstHandedOver + i;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    sockets.emplace_back(fd);
  }
  return sockets;
}

void NotifySystemd(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path == nullptr || std::strlen(path) >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path, std::strlen(path));
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // the abstract namespace
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  ::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&address), length);
}

}  // namespace cairn::server
