// A TCP socket as a ByteStream. All calls on the socket's executor, which must be a strand.
//
// One timer per stream watches a moving deadline: setting a deadline costs an assignment, not a
// timer operation.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "server/byte_stream.h"

namespace cairn::server {

class TcpStream final : public ByteStream, public std::enable_shared_from_this<TcpStream> {
 public:
  explicit TcpStream(net::ip::tcp::socket socket);

  net::awaitable<Result<std::size_t>> ReadSome(std::span<char> room, SteadyTime deadline) override;
  net::awaitable<Result<void>> Write(std::span<const std::string_view> pieces,
                                     std::chrono::milliseconds stall) override;

  // The peer sees the end of the answers; what it sends can still be read.
  void ShutdownWrite();
  // Ends a pending operation and closes.
  void Close();
  // The same with a reset, so that the peer does not take what it got for complete.
  void Reset();

  // The peer's address without the port; empty when it is gone already.
  const std::string& remote() const { return remote_; }
  net::any_io_executor executor() { return socket_.get_executor(); }

 private:
  void Arm(SteadyTime deadline);
  void Disarm() { deadline_ = SteadyTime::max(); }
  void Wait();
  void OnTimer();

  net::ip::tcp::socket socket_;
  net::steady_timer timer_;
  std::string remote_;
  SteadyTime deadline_ = SteadyTime::max();
  bool waiting_ = false;  // the timer has a handler
  bool timed_out_ = false;
};

}  // namespace cairn::server
