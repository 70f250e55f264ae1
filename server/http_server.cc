#include "server/http_server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "base/offload.h"
#include "server/connection.h"
#include "server/connection_set.h"
#include "server/listener.h"

namespace cairn::server {
namespace {

constexpr std::size_t kKeptBuffers = 256;            // 16 MiB
constexpr std::chrono::milliseconds kUnwind{1'000};  // for broken connections to notice

}  // namespace

// Destroyed bottom-up: the io_context, with every coroutine still in it, before what those
// coroutines refer to.
struct HttpServer::Parts {
  Parts(HttpServerOptions options, RequestRouter& router, Random& random, const Clock& clock)
      : max_connections(options.max_connections),
        io_threads(options.io_threads == 0 ? 1 : options.io_threads),
        buffers(kKeptBuffers),
        context{std::move(options.limits), router, buffers, random, clock, std::move(options.log)},
        io(static_cast<int>(io_threads)),
        work(net::make_work_guard(io)) {}

  void JoinThreads() {
    for (std::thread& thread : threads) thread.join();
    threads.clear();
  }

  const std::size_t max_connections;
  const std::size_t io_threads;
  BufferPool buffers;
  ConnectionContext context;
  ConnectionSet connections;
  net::io_context io;
  net::executor_work_guard<net::io_context::executor_type> work;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::vector<std::thread> threads;
};

HttpServer::HttpServer(HttpServerOptions options, RequestRouter& router, Random& random,
                       const Clock& clock)
    : parts_(std::make_unique<Parts>(std::move(options), router, random, clock)) {}

HttpServer::~HttpServer() {
  if (!parts_->threads.empty()) Stop(std::chrono::milliseconds(0));
  parts_->listeners.clear();
}

Result<std::uint16_t> HttpServer::Listen(const std::string& host, std::uint16_t port) {
  ASSIGN_OR_RETURN(auto listener, Listener::Open(parts_->io, host, port));
  parts_->listeners.push_back(listener);
  return listener->port();
}

void HttpServer::Start() {
  Parts& parts = *parts_;
  for (const auto& listener : parts.listeners) {
    Listener::Hooks hooks;
    hooks.has_room = [&parts] { return parts.connections.size() < parts.max_connections; };
    hooks.on_accept = [&parts](net::ip::tcp::socket socket) {
      auto connection =
          std::make_shared<Connection>(std::move(socket), parts.context, parts.connections);
      parts.connections.Add(connection);
      connection->Start();
      // Stop may have looked at the set just before.
      if (parts.context.stopping) connection->CloseIfIdle();
    };
    listener->Start(std::move(hooks));
  }
  for (std::size_t i = 0; i < parts.io_threads; ++i) {
    parts.threads.emplace_back([&parts] {
      MarkIoThread();
      parts.io.run();
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
  parts.work.reset();
  parts.io.stop();
  parts.JoinThreads();
  return in_order;
}

std::size_t HttpServer::connections() const { return parts_->connections.size(); }

}  // namespace cairn::server
