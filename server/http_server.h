// Sockets, connections and the threads that drive them, in front of one router.
//
//   HttpServer server(options, router, random, clock);
//   ASSIGN_OR_RETURN(auto addresses, server.Listen(*conf::ParseListen("127.0.0.1:0")));
//   server.Start();
//   ...
//   server.Stop(grace);      // then join the pools, then destroy the server, then what the
//   handlers use
//
// Coroutines that Stop could not end live until the server is destroyed; their pool work must be
// over by then. Thread-safe but for construction and destruction. Listen and Stop block.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "conf/listen.h"
#include "server/access_log.h"
#include "server/edge_settings.h"
#include "server/limits.h"
#include "server/request_stats.h"
#include "server/router.h"

namespace cairn::server {

class TlsCertificates;

struct HttpServerOptions {
  ConnectionLimits limits;
  std::size_t max_connections = 10'000;
  std::size_t connections_per_source = 0;  // of server/connection_set.h; 0 = no limit
  std::size_t io_threads = 2;
  AccessLog log;                                  // may be empty; called on I/O threads
  const TlsCertificates* certificates = nullptr;  // for listeners with TLS; outlives the server
};

class HttpServer {
 public:
  HttpServer(HttpServerOptions options, RequestRouter& router, Random& random, const Clock& clock);
  ~HttpServer();

  // Binds and returns what it listens on, with ports. Connections wait in the backlog until Start.
  // kInvalidArgument: no such address, or TLS without a certificate; kIo: cannot be bound.
  Result<std::vector<conf::ListenAddress>> Listen(const conf::ListenAddress& address);
  // At any time; for connections and requests that come.
  void SetEdge(EdgeSettings settings);
  void Start();

  // Stops accepting; idle connections close; new requests on open ones get 503; running ones may go
  // on for `grace`, then their connections break. True: every request came to its end.
  bool Stop(std::chrono::milliseconds grace);

  std::size_t connections() const;
  const RequestStats& stats() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cairn::server
