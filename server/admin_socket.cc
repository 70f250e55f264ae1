#include "server/admin_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace cairn::server {

namespace {

constexpr std::size_t kAdminThreads =
    2;  // so that a long fsck does not keep other commands waiting
constexpr int kAdminBacklog = 8;
constexpr std::size_t kMaxRequest = 1 << 20;
constexpr std::size_t kMaxReply = 256u << 20;
constexpr int kRequestTimeout = 10'000;  // milliseconds without a byte
constexpr int kShortagePause = 50;       // milliseconds
constexpr int kForever = -1;
constexpr const char* kName = "admin.sock";

Error SystemError(std::string_view what) {
  return Fail(ErrorCode::kIo, std::string(what) + ": " + std::strerror(errno));
}

// A path that fits sockaddr_un however long the data directory's is.
sockaddr_un Address(const Descriptor& directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory.get()) + "/" + kName;
  CAIRN_CHECK(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

const sockaddr* AsSockaddr(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

Descriptor OpenDirectoryFd(const std::filesystem::path& path) {
  return Descriptor(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

Descriptor NewSocket() { return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

// Root or this process's own user.
bool IsTrustedPeer(const Descriptor& peer) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(peer.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return false;
  return credentials.uid == 0 || credentials.uid == ::geteuid();
}

bool SendAll(const Descriptor& peer, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Up to the first line feed, without it. nullopt: the peer went away, was silent too long or sends
// too much. `stop` (or -1): gives up when it becomes readable.
std::optional<std::string> ReadLine(const Descriptor& peer, std::size_t limit, int timeout_ms,
                                    int stop) {
  std::string line;
  char buffer[16 * 1024];
  for (;;) {
    pollfd ready[2] = {{peer.get(), POLLIN, 0}, {stop, POLLIN, 0}};
    const int count = ::poll(ready, 2, timeout_ms);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || ready[1].revents != 0) return std::nullopt;
    const ssize_t got = ::recv(peer.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    const std::string_view part(buffer, static_cast<std::size_t>(got));
    const std::size_t end = part.find('\n');
    line.append(part.substr(0, end));
    if (end != std::string_view::npos) return line;
    if (line.size() > limit) return std::nullopt;
  }
}

}  // namespace

Result<std::unique_ptr<AdminSocket>> AdminSocket::Listen(const std::filesystem::path& data_dir,
                                                         Handler handler) {
  Descriptor directory = OpenDirectoryFd(data_dir);
  if (!directory) return SystemError("the data directory");
  Descriptor listener = NewSocket();
  Descriptor stop(::eventfd(0, EFD_CLOEXEC));
  if (!listener || !stop) return SystemError("the admin socket");
  // Linux gives the file the mode of the socket at bind: there is no moment at which others could
  // connect.
  if (::fchmod(listener.get(), S_IRUSR | S_IWUSR) != 0) return SystemError("the admin socket");
  if (::unlinkat(directory.get(), kName, 0) != 0 && errno != ENOENT)
    return SystemError("an old admin socket");
  const sockaddr_un address = Address(directory);
  if (::bind(listener.get(), AsSockaddr(address), sizeof address) != 0)
    return SystemError("the admin socket");
  if (::listen(listener.get(), kAdminBacklog) != 0) return SystemError("the admin socket");
  return std::unique_ptr<AdminSocket>(new AdminSocket(std::move(directory), std::move(listener),
                                                      std::move(stop), std::move(handler)));
}

AdminSocket::AdminSocket(Descriptor directory, Descriptor listener, Descriptor stop,
                         Handler handler)
    : directory_(std::move(directory)),
      listener_(std::move(listener)),
      stop_(std::move(stop)),
      handler_(std::move(handler)) {
  // Several threads wait for one listener: whoever comes too late must not hang in accept.
  ::fcntl(listener_.get(), F_SETFL, O_NONBLOCK);
  for (std::size_t i = 0; i < kAdminThreads; ++i) threads_.emplace_back([this] { Loop(); });
}

AdminSocket::~AdminSocket() {
  const std::uint64_t one = 1;
  while (::write(stop_.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
  for (std::thread& thread : threads_) thread.join();
  ::unlinkat(directory_.get(), kName, 0);
}

void AdminSocket::Loop() {
  for (;;) {
    pollfd ready[2] = {{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (::poll(ready, 2, kForever) < 0 && errno != EINTR) return;
    if (ready[1].revents != 0) return;
    const Descriptor peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (peer) {
      Answer(peer);
    } else if (errno == EMFILE || errno == ENFILE) {
      // The peer stays in the backlog, so that the next poll returns at once: wait for others to
      // close descriptors, or for the end.
      ::poll(&ready[1], 1, kShortagePause);
    }
  }
}

void AdminSocket::Answer(const Descriptor& peer) {
  if (!IsTrustedPeer(peer)) {
    log::warn("admin socket: a process of another user was turned away");
    return;
  }
  const auto line = ReadLine(peer, kMaxRequest, kRequestTimeout, stop_.get());
  if (!line) return;
  AdminReply reply;
  if (const auto request = ParseAdminRequest(*line); request.has_value()) {
    reply = handler_(*request);
  } else {
    reply.err = request.error().message + "\n";
  }
  SendAll(peer, AdminLine(reply));
}

Result<std::optional<AdminReply>> AskServer(const std::filesystem::path& data_dir,
                                            const AdminRequest& request) {
  const Descriptor directory = OpenDirectoryFd(data_dir);
  if (!directory) {
    if (errno == ENOENT) return std::optional<AdminReply>();
    return SystemError("the data directory " + data_dir.string());
  }
  const Descriptor server = NewSocket();
  if (!server) return SystemError("a socket");
  const sockaddr_un address = Address(directory);
  if (::connect(server.get(), AsSockaddr(address), sizeof address) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return std::optional<AdminReply>();
    if (errno == EACCES)
      return Fail(ErrorCode::kForbidden, "only root and the server's own user may do this");
    return SystemError("the admin socket");
  }
  if (!IsTrustedPeer(server))
    return Fail(ErrorCode::kForbidden, "the admin socket belongs to another user's process");
  if (!SendAll(server, AdminLine(request))) return SystemError("the admin socket");
  const auto line = ReadLine(server, kMaxReply, kForever, -1);
  if (!line) return Fail(ErrorCode::kIo, "the server went away before it answered");
  ASSIGN_OR_RETURN(AdminReply reply, ParseAdminReply(*line));
  return std::optional(std::move(reply));
}

}  // namespace cairn::server
