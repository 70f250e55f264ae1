#include "server/tcp_stream.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <utility>

namespace cairn::server {
namespace {

constexpr auto kAwait = net::as_tuple(net::use_awaitable);

// What is left of a write: a buffer sequence that is a view of the coroutine's own array.
struct Remaining {
  using value_type = net::const_buffer;
  using const_iterator = const net::const_buffer*;
  const_iterator first;
  const_iterator last;
  const_iterator begin() const { return first; }
  const_iterator end() const { return last; }
};

}  // namespace

TcpStream::TcpStream(net::ip::tcp::socket socket)
    : socket_(std::move(socket)), timer_(socket_.get_executor()) {
  boost::system::error_code ignored;
  socket_.set_option(net::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  const auto peer = socket_.remote_endpoint(ignored);
  if (!ignored) remote_ = peer.address().to_string();
}

net::awaitable<Result<std::size_t>> TcpStream::ReadSome(std::span<char> room, SteadyTime deadline) {
  Arm(deadline);
  const auto buffer = net::buffer(room.data(), room.size());
  const auto [error, size] = co_await socket_.async_read_some(buffer, kAwait);
  Disarm();
  if (error == net::error::eof) co_return std::size_t{0};
  if (timed_out_) co_return Fail(ErrorCode::kCancelled, "nothing was received in time");
  if (error) co_return Fail(ErrorCode::kCancelled, error.message());
  co_return size;
}

net::awaitable<Result<void>> TcpStream::Write(std::span<const std::string_view> pieces,
                                              std::chrono::milliseconds stall) {
  CAIRN_CHECK(pieces.size() <= kMaxPieces);
  std::array<net::const_buffer, kMaxPieces> buffers;
  Remaining left{buffers.data(), buffers.data()};
  for (const std::string_view piece : pieces) {
    if (!piece.empty())
      buffers[static_cast<std::size_t>(left.last++ - left.first)] = net::buffer(piece);
  }
  auto* first = buffers.data();
  while (left.first != left.last) {
    boost::system::error_code error;
    // Nearly always the whole answer fits the socket's buffer: no round through the event loop.
    std::size_t size = socket_.write_some(left, error);
    if (error == net::error::would_block) {
      Arm(std::chrono::steady_clock::now() + stall);
      std::tie(error, size) = co_await socket_.async_write_some(left, kAwait);
      Disarm();
    }
    if (timed_out_) co_return Fail(ErrorCode::kCancelled, "the peer did not read in time");
    if (error) co_return Fail(ErrorCode::kCancelled, error.message());
    while (first != left.last && size >= first->size()) size -= (first++)->size();
    if (first != left.last) *first += size;
    left.first = first;
  }
  co_return Result<void>();
}

void TcpStream::ShutdownWrite() {
  boost::system::error_code ignored;
  socket_.shutdown(net::ip::tcp::socket::shutdown_send, ignored);
}

void TcpStream::Close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
}

void TcpStream::Reset() {
  boost::system::error_code ignored;
  socket_.set_option(net::socket_base::linger(true, 0), ignored);
  Close();
}

void TcpStream::Arm(SteadyTime deadline) {
  deadline_ = deadline;
  if (waiting_ && timer_.expiry() <= deadline) return;
  timer_.expires_at(deadline);  // ends an earlier wait
  Wait();
}

void TcpStream::Wait() {
  waiting_ = true;
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    if (error) return;  // replaced by an earlier deadline, or closed
    if (const auto self = weak.lock()) self->OnTimer();
  });
}

void TcpStream::OnTimer() {
  waiting_ = false;
  if (deadline_ == SteadyTime::max()) return;
  if (deadline_ > std::chrono::steady_clock::now()) {
    timer_.expires_at(deadline_);
    Wait();
    return;
  }
  timed_out_ = true;
  Close();
}

}  // namespace cairn::server
