#include "server/socket_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

namespace cairn::server {
namespace {

constexpr auto kAwaitIo = net::as_tuple(net::use_awaitable);

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

std::string Why(int error) { return std::generic_category().message(error); }

// The text of an IP address; an IPv4 address that comes through an IPv6 socket as IPv4.
std::string AddressText(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
  } else if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
      inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, text.data(), text.size());
    } else {
      inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    }
  }
  return text.data();
}

}  // namespace

SocketStream::SocketStream(StreamSocket socket)
    : socket_(std::move(socket)), timer_(socket_.get_executor()) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  const auto peer = socket_.remote_endpoint(ignored);
  if (ignored) return;
  const auto* address = reinterpret_cast<const sockaddr*>(peer.data());
  local_ = address->sa_family == AF_UNIX;
  if (local_) return;
  remote_ = AddressText(address);
  const int on = 1;
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

SocketStream::Attempt SocketStream::TryRead(std::span<char> room) {
  ssize_t size = 0;
  do {
    size = ::recv(fd(), room.data(), room.size(), 0);
  } while (size < 0 && errno == EINTR);
  if (size > 0) return {Outcome::kDone, static_cast<std::size_t>(size), {}};
  if (size == 0) return {Outcome::kEnd, 0, {}};
  if (WouldBlock(errno)) return {Outcome::kWantRead, 0, {}};
  return {Outcome::kFailed, 0, Why(errno)};
}

SocketStream::Attempt SocketStream::TryWrite(std::span<const std::string_view> pieces) {
  std::array<iovec, kMaxPieces> vectors;
  std::size_t count = 0;
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) vectors[count++] = {const_cast<char*>(piece.data()), piece.size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  ssize_t size = 0;
  do {
    size = ::sendmsg(fd(), &message, MSG_NOSIGNAL);
  } while (size < 0 && errno == EINTR);
  if (size >= 0) return {Outcome::kDone, static_cast<std::size_t>(size), {}};
  if (WouldBlock(errno)) return {Outcome::kWantWrite, 0, {}};
  return {Outcome::kFailed, 0, Why(errno)};
}

// False: the deadline passed, or the stream was closed.
net::awaitable<bool> SocketStream::WaitFor(Outcome want, SteadyTime deadline) {
  if (!socket_.is_open()) co_return false;
  Arm(deadline);
  writing_ = want == Outcome::kWantWrite;
  const auto kind = want == Outcome::kWantRead ? StreamSocket::wait_read : StreamSocket::wait_write;
  const auto [error] = co_await socket_.async_wait(kind, kAwaitIo);
  Disarm();
  co_return !error && !timed_out_;
}

net::awaitable<SocketStream::Attempt> SocketStream::Receive(std::span<char> room,
                                                            SteadyTime deadline) {
  if (!socket_.is_open()) co_return Attempt{Outcome::kFailed, 0, "the stream was closed"};
  Arm(deadline);
  const auto buffer = net::buffer(room.data(), room.size());
  const auto [error, size] = co_await socket_.async_read_some(buffer, kAwaitIo);
  Disarm();
  if (!error) co_return Attempt{Outcome::kDone, size, {}};
  if (error == net::error::eof) co_return Attempt{Outcome::kEnd, 0, {}};
  if (timed_out_) co_return Attempt{Outcome::kFailed, 0, "nothing was received in time"};
  co_return Attempt{Outcome::kFailed, 0, error.message()};
}

net::awaitable<Result<std::size_t>> SocketStream::ReadSome(std::span<char> room,
                                                           SteadyTime deadline) {
  for (;;) {
    Attempt attempt;
    if (drained_) {
      attempt = co_await Receive(room, deadline);
    } else {
      attempt = TryRead(room);
    }
    drained_ = !secure() && attempt.outcome == Outcome::kDone && attempt.size < room.size();
    if (attempt.outcome == Outcome::kDone) co_return attempt.size;
    if (attempt.outcome == Outcome::kEnd) co_return std::size_t{0};
    if (attempt.outcome == Outcome::kFailed) {
      co_return Fail(ErrorCode::kCancelled, std::move(attempt.why));
    }
    const bool ready = co_await WaitFor(attempt.outcome, deadline);
    if (!ready) co_return Fail(ErrorCode::kCancelled, "nothing was received in time");
  }
}

net::awaitable<Result<void>> SocketStream::Write(std::span<const std::string_view> pieces,
                                                 std::chrono::milliseconds stall) {
  CAIRN_CHECK(pieces.size() <= kMaxPieces);
  std::array<std::string_view, kMaxPieces> left;
  std::size_t first = 0;
  std::size_t end = 0;
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) left[end++] = piece;
  }
  while (first != end) {
    Attempt attempt = TryWrite(std::span(left).subspan(first, end - first));
    if (attempt.outcome == Outcome::kDone) {
      std::size_t size = attempt.size;
      while (first != end && size >= left[first].size()) size -= left[first++].size();
      if (first != end) left[first].remove_prefix(size);
      continue;
    }
    if (attempt.outcome == Outcome::kFailed || attempt.outcome == Outcome::kEnd) {
      co_return Fail(ErrorCode::kCancelled, std::move(attempt.why));
    }
    const bool ready = co_await WaitFor(attempt.outcome, std::chrono::steady_clock::now() + stall);
    if (!ready) co_return Fail(ErrorCode::kCancelled, "the peer did not read in time");
  }
  co_return Result<void>();
}

void SocketStream::ShutdownWrite() {
  if (!socket_.is_open()) return;
  SayGoodbye();
  boost::system::error_code ignored;
  socket_.shutdown(StreamSocket::shutdown_send, ignored);
}

void SocketStream::Close() {
  if (socket_.is_open()) SayGoodbye();
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
}

void SocketStream::Reset() {
  boost::system::error_code ignored;
  socket_.set_option(net::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  timer_.cancel();
}

void SocketStream::Arm(SteadyTime deadline) {
  deadline_ = deadline;
  if (waiting_ && timer_.expiry() <= deadline) return;
  timer_.expires_at(deadline);  // ends an earlier wait
  Wait();
}

void SocketStream::Wait() {
  waiting_ = true;
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    if (error) return;  // replaced by an earlier deadline, or closed
    if (const auto self = weak.lock()) self->OnTimer();
  });
}

void SocketStream::OnTimer() {
  waiting_ = false;
  if (deadline_ == SteadyTime::max()) return;
  if (deadline_ > std::chrono::steady_clock::now()) {
    timer_.expires_at(deadline_);
    Wait();
    return;
  }
  timed_out_ = true;
  // What a peer does not read would stay in the system's memory, and the end behind it.
  if (writing_) {
    Reset();
  } else {
    Close();
  }
}

}  // namespace cairn::server
