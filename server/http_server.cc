#include "server/http_server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "base/offload.h"
#include "conf/network.h"
#include "server/connection.h"
#include "server/connection_set.h"
#include "server/forwarded.h"
#include "server/listener.h"
#include "server/tls_certificates.h"

namespace cairn::server {
namespace {

constexpr std::size_t kKeptBuffers = 256;            // 16 MiB
constexpr std::chrono::milliseconds kUnwind{1'000};  // for broken connections to notice

}  // namespace

// Destroyed bottom-up: the loops, with every coroutine still in them, before what those coroutines
// refer to.
struct HttpServer::Parts {
  Parts(HttpServerOptions options, RequestRouter& router, Random& random, const Clock& clock)
      : max_connections(options.max_connections),
        connections_per_source(options.connections_per_source),
        certificates(options.certificates),
        buffers(kKeptBuffers),
        context{options.limits,         router, buffers, random, clock,
                std::move(options.log), {},     {},      {}} {
    const std::size_t count = options.io_threads == 0 ? 1 : options.io_threads;
    for (std::size_t i = 0; i < count; ++i) loops.push_back(std::make_unique<Loop>());
  }

  // An event loop and the one thread that runs it: its connections need no strand, and no loop
  // waits for another's lock.
  struct Loop {
    net::io_context io{1};
    net::executor_work_guard<net::io_context::executor_type> work = net::make_work_guard(io);
    // Asio opens a loop's descriptors when the first timer or socket is made: now, not when the
    // first connection comes and there may be none left.
    net::steady_timer opens_descriptors{io};
    std::thread thread;
  };

  void StopLoops() {
    for (const auto& loop : loops) {
      loop->work.reset();
      loop->io.stop();
    }
    for (const auto& loop : loops) {
      if (loop->thread.joinable()) loop->thread.join();
    }
  }
  // In turn. Called by the listeners, which share the first loop.
  net::io_context& NextLoop() { return loops[next_loop++ % loops.size()]->io; }
  bool started() const { return loops.front()->thread.joinable(); }

  void Accept(StreamSocket socket, bool tls);

  const std::size_t max_connections;
  const std::size_t connections_per_source;
  const TlsCertificates* const certificates;
  BufferPool buffers;
  ConnectionContext context;
  ConnectionSet connections;
  std::vector<std::unique_ptr<Loop>> loops;  // at least one
  std::size_t next_loop = 0;
  std::vector<std::shared_ptr<Listener>> listeners;
};

HttpServer::HttpServer(HttpServerOptions options, RequestRouter& router, Random& random,
                       const Clock& clock)
    : parts_(std::make_unique<Parts>(std::move(options), router, random, clock)) {}

HttpServer::~HttpServer() {
  if (parts_->started()) Stop(std::chrono::milliseconds(0));
  parts_->listeners.clear();
}

Result<std::vector<conf::ListenAddress>> HttpServer::Listen(const conf::ListenAddress& address) {
  if (address.tls && parts_->certificates == nullptr)
    return Fail(ErrorCode::kInvalidArgument, conf::ListenText(address) + ": no certificate");
  ASSIGN_OR_RETURN(auto sockets, OpenListenSockets(address));
  std::vector<conf::ListenAddress> opened;
  for (ListenSocket& socket : sockets) {
    opened.push_back(socket.address);
    ASSIGN_OR_RETURN(auto listener, Listener::Open(parts_->loops.front()->io, std::move(socket)));
    parts_->listeners.push_back(std::move(listener));
  }
  return opened;
}

void HttpServer::SetEdge(EdgeSettings settings) { parts_->context.edge.Set(std::move(settings)); }

void HttpServer::Parts::Accept(StreamSocket socket, bool tls) {
  std::shared_ptr<SocketStream> stream;
  if (tls) {
    stream = std::make_shared<TlsStream>(std::move(socket), certificates->NewSession());
  } else {
    stream = std::make_shared<SocketStream>(std::move(socket));
  }
  const auto connection = std::make_shared<Connection>(stream, context, connections);
  // A reverse proxy speaks for many clients.
  const bool unlimited =
      stream->is_local() || IsTrustedProxy(stream->remote(), context.edge.Now()->trusted_proxies);
  if (!connections.Add(connection, conf::SourceOf(stream->remote()),
                       unlimited ? 0 : connections_per_source)) {
    context.stats.connections_refused.Add();
    stream->Reset();
    return;
  }
  context.stats.connections.Add();
  connection->Start();
  // Stop may have looked at the set just before.
  if (context.stopping) connection->CloseIfIdle();
}

void HttpServer::Start() {
  Parts& parts = *parts_;
  for (const auto& listener : parts.listeners) {
    Listener::Hooks hooks;
    hooks.has_room = [&parts] { return parts.connections.size() < parts.max_connections; };
    hooks.next_loop = [&parts]() -> net::io_context& { return parts.NextLoop(); };
    hooks.on_accept = [&parts, tls = listener->address().tls](StreamSocket socket) {
      parts.Accept(std::move(socket), tls);
    };
    listener->Start(std::move(hooks));
  }
  for (const auto& loop : parts.loops) {
    loop->thread = std::thread([&io = loop->io] {
      MarkIoThread();
      io.run();
    });
  }
}

bool HttpServer::Stop(std::chrono::milliseconds grace) {
  Parts& parts = *parts_;
  const auto now = std::chrono::steady_clock::now();
  parts.context.stopping = true;
  for (const auto& listener : parts.listeners) listener->Close();
  parts.connections.CloseIdle();
  const bool in_order = parts.connections.WaitUntilEmpty(now + grace);
  if (!in_order) {
    parts.connections.BreakAll();
    parts.connections.WaitUntilEmpty(std::chrono::steady_clock::now() + kUnwind);
  }
  parts.StopLoops();
  return in_order;
}

std::size_t HttpServer::connections() const { return parts_->connections.size(); }

const RequestStats& HttpServer::stats() const { return parts_->context.stats; }

}  // namespace cairn::server
