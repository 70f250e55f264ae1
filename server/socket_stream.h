// A connected socket (TCP or Unix) as a ByteStream, plain or below a cipher. All calls on the
// socket's executor, which must be a strand.
//
// Reads and writes are tried first; only when the socket would block does the event loop come in.
// One timer per stream watches a moving deadline: setting a deadline costs an assignment, not a
// timer operation.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "server/byte_stream.h"

namespace cairn::server {

using StreamSocket = net::generic::stream_protocol::socket;

class SocketStream : public ByteStream, public std::enable_shared_from_this<SocketStream> {
 public:
  explicit SocketStream(StreamSocket socket);

  net::awaitable<Result<std::size_t>> ReadSome(std::span<char> room, SteadyTime deadline) final;
  net::awaitable<Result<void>> Write(std::span<const std::string_view> pieces,
                                     std::chrono::milliseconds stall) final;

  // The peer sees the end of the answers; what it sends can still be read.
  void ShutdownWrite();
  // Ends a pending operation and closes.
  void Close();
  // The same with a reset, so that the peer does not take what it got for complete.
  void Reset();

  // The peer's address without the port; empty for a Unix socket, or when it is gone already.
  const std::string& remote() const { return remote_; }
  bool is_local() const { return local_; }  // a Unix socket
  virtual bool secure() const { return false; }
  net::any_io_executor executor() { return socket_.get_executor(); }

 protected:
  enum class Outcome { kDone, kWantRead, kWantWrite, kEnd, kFailed };
  struct Attempt {
    Outcome outcome;
    std::size_t size = 0;  // kDone
    std::string why;       // kFailed
  };
  int fd() { return socket_.native_handle(); }

 private:
  // Waits for bytes and receives them, through the event loop.
  net::awaitable<Attempt> Receive(std::span<char> room, SteadyTime deadline);
  // One attempt that does not block. Pieces are written from the first, as far as possible.
  virtual Attempt TryRead(std::span<char> room);
  virtual Attempt TryWrite(std::span<const std::string_view> pieces);
  // Says goodbye in the cipher's way, without waiting.
  virtual void SayGoodbye() {}

  net::awaitable<bool> WaitFor(Outcome want, SteadyTime deadline);
  void Arm(SteadyTime deadline);
  void Disarm() { deadline_ = SteadyTime::max(); }
  void Wait();
  void OnTimer();

  StreamSocket socket_;
  net::steady_timer timer_;
  std::string remote_;
  bool local_ = false;
  SteadyTime deadline_ = SteadyTime::max();
  bool drained_ = false;  // a plain socket gave less than asked for: nothing more is there yet
  bool waiting_ = false;  // the timer has a handler
  bool writing_ = false;  // the operation that waits, or the last one that did
  bool timed_out_ = false;
};

}  // namespace cairn::server
