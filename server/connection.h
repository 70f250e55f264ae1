// One client connection: one strand, one coroutine, one request after another until either side
// ends it.
//
// Everything runs on the stream's strand; Start, CloseIfIdle and Break may be called from any
// thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/random.h"
#include "server/access_log.h"
#include "server/buffer_pool.h"
#include "server/edge_settings.h"
#include "server/input_buffer.h"
#include "server/limits.h"
#include "server/request_stats.h"
#include "server/router.h"
#include "server/socket_stream.h"

namespace cairn::server {

class ConnectionSet;

// What all connections of a server share. Outlives them.
struct ConnectionContext {
  ConnectionLimits limits;
  RequestRouter& router;
  BufferPool& buffers;
  Random& random;
  const Clock& clock;
  AccessLog log;
  EdgeSource edge;
  std::atomic<bool> stopping{false};
  RequestStats stats;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<SocketStream> stream, ConnectionContext& context, ConnectionSet& set);
  ~Connection();

  void Start();
  // Closes now if no request is being received or answered.
  void CloseIfIdle();
  // Ends whatever is going on; the peer notices.
  void Break();

 private:
  // After a request: what becomes of the connection.
  enum class Next { kServe, kLinger, kClose, kReset };

  static net::awaitable<void> Run(std::shared_ptr<Connection> self);
  net::awaitable<Next> ServeOne(bool first);
  net::awaitable<std::optional<std::size_t>> ReceiveHead(bool first);
  net::awaitable<Next> Refuse(int status);
  net::awaitable<Next> Answer(http::Request request);
  net::awaitable<void> Linger();

  ConnectionContext& context_;
  ConnectionSet& set_;
  const std::shared_ptr<SocketStream> stream_;
  InputBuffer input_;
  bool idle_ = true;      // waiting for the first byte of a request
  bool closing_ = false;  // CloseIfIdle or Break was called
};

}  // namespace cairn::server
