#include "server/serve.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "conf/config.h"
#include "server/admin_socket.h"
#include "server/http_server.h"
#include "server/wiring.h"

namespace cairn::server {
namespace {

using std::chrono::milliseconds;

constexpr int kExitBroken = 70;               // EX_SOFTWARE: the supervisor starts it again
constexpr milliseconds kLongestGrace{8'000};  // for running requests
constexpr milliseconds kLongestStop{9'800};   // for everything (promise R11: 10 s)
constexpr std::size_t kJobThreads = 2;

// Signals are waited for by the main thread; no other thread ever handles one.
class StopSignals {
 public:
  // Before any thread is started: threads inherit the mask.
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }
  int Wait() {
    int number = 0;
    while (sigwait(&set_, &number) != 0) {
    }
    // A second one ends the process at once, as people expect who press Ctrl-C again.
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
    return number;
  }

 private:
  sigset_t set_;
};

// Ends the process when stopping takes too long: everything acknowledged is durable already.
class StopDeadline {
 public:
  explicit StopDeadline(milliseconds limit) : thread_([this, limit] { Watch(limit); }) {}
  ~StopDeadline() {
    {
      const std::lock_guard lock(mu_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  void Watch(milliseconds limit) {
    std::unique_lock lock(mu_);
    if (changed_.wait_for(lock, limit, [this] { return over_; })) return;
    log::warn("background work did not end in time; leaving without it");
    spdlog::default_logger()->flush();
    _exit(0);
  }

  std::mutex mu_;
  std::condition_variable changed_;
  bool over_ = false;  // guarded by mu_
  std::thread thread_;
};

// Nothing may be answered any more: what was said before may not be on disk.
[[noreturn]] void OnBroken(std::string_view what) {
  std::fprintf(stderr, "cairn: the storage is broken: %.*s\n", static_cast<int>(what.size()),
               what.data());
  _exit(kExitBroken);
}

int CannotStart(const Error& error) {
  std::fprintf(stderr, "cairn: cannot start: %s\n", error.message.c_str());
  return 1;
}

Result<conf::Config> ConfigOf(const ServeOptions& options) {
  conf::Config config;
  config.data_dir = options.data_dir;
  if (!options.listen.empty()) config.listen = options.listen;
  config.public_url = options.public_url;
  return conf::Checked(std::move(config));
}

HttpServerOptions HttpOptions(const conf::Config& config) {
  HttpServerOptions options;
  options.limits.head = config.limits.head_timeout;
  options.limits.idle = config.limits.idle_timeout;
  options.limits.body = config.limits.body_timeout;
  options.limits.write = config.limits.body_timeout;
  options.max_connections = config.limits.connections;
  const std::size_t processors = std::max(1u, std::thread::hardware_concurrency());
  options.io_threads =
      config.pools.io != 0 ? config.pools.io : std::min<std::size_t>(processors, 8);
  options.log = LogAccess;
  return options;
}

std::string HostAndPort(const conf::ListenAddress& address, std::uint16_t port) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(port);
}

Result<std::unique_ptr<AdminSocket>> ListenForCommands(const conf::Config& config,
                                                       Instance& instance) {
  return AdminSocket::Listen(config.data_dir, [&instance](const AdminRequest& request) {
    AdminContext context = instance.admin_context();
    AdminReply reply;
    reply.exit = RunCommand(context, request.args, request.input, reply.out, reply.err);
    return reply;
  });
}

void LogToStandardError() {
  auto logger =
      std::make_shared<spdlog::logger>("cairn", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

// What a stop does, in the order in which things depend on each other: requests, jobs, pools. The
// caller destroys the HTTP server, then the instance.
void StopInOrder(HttpServer& http, Instance& instance, std::unique_ptr<AdminSocket>& admin,
                 milliseconds grace) {
  const bool in_order = http.Stop(grace);
  if (!in_order) log::warn("some requests did not end in time; their connections were broken");
  instance.jobs().Stop();
  admin.reset();
  instance.JoinPools();
  if (http.connections() == 0) return;
  // A coroutine that still waits for a key or for the disk would be woken by the storage engine's
  // end, into a server that is gone. All that was acknowledged is durable: leave without tearing
  // down.
  log::warn("{} requests were still waiting; leaving without them", http.connections());
  spdlog::default_logger()->flush();
  _exit(0);
}

}  // namespace

int Serve(const ServeOptions& options) {
  StopSignals signals;
  LogToStandardError();
  const auto config = ConfigOf(options);
  if (config.has_error()) return CannotStart(config.error());
  const auto address = conf::ParseListen(config->listen);
  if (address.has_error()) return CannotStart(address.error());
  auto instance = Instance::Open(*config, OnBroken);
  if (instance.has_error()) return CannotStart(instance.error());

  auto http = std::make_unique<HttpServer>(HttpOptions(*config), (*instance)->router(),
                                           (*instance)->random(), (*instance)->clock());
  const auto port = http->Listen(address->host, address->port);
  if (port.has_error()) return CannotStart(port.error());
  const std::string served = "http://" + HostAndPort(*address, *port);
  // With port 0 the address is known only now.
  (*instance)->SetPublicUrl(options.public_url.empty() ? served : config->public_url);
  auto admin = ListenForCommands(*config, **instance);
  if (admin.has_error()) return CannotStart(admin.error());
  http->Start();
  (*instance)->jobs().Start(kJobThreads);
  std::printf("Cairn is serving on %s\n", served.c_str());
  std::fflush(stdout);

  const int number = signals.Wait();
  log::info("stopping on signal {}", number);
  const StopDeadline deadline(kLongestStop);
  StopInOrder(*http, **instance, *admin,
              std::min<milliseconds>(config->limits.stop_timeout, kLongestGrace));
  http.reset();
  instance->reset();
  return 0;
}

}  // namespace cairn::server
