#include "server/serve.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "http/url.h"
#include "server/admin_socket.h"
#include "server/descriptor_limit.h"
#include "server/http_server.h"
#include "server/process_log.h"
#include "server/stored_settings.h"
#include "server/systemd.h"
#include "server/tls_certificates.h"
#include "server/wiring.h"

namespace cairn::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestGrace{8'000};  // for running requests
constexpr milliseconds kLongestStop{9'800};   // for everything (promise R11: 10 s)
constexpr std::size_t kJobThreads = 2;
constexpr std::size_t kMetricsConnections = 64;
constexpr milliseconds kMetricsGrace{200};

// Signals are waited for by the main thread; no other thread ever handles one.
class Signals {
 public:
  // Before any thread is started: threads inherit the mask.
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }
  // From now on one ends the process at once, as people expect who press Ctrl-C again.
  void Unblock() { pthread_sigmask(SIG_UNBLOCK, &set_, nullptr); }
  int Wait() {
    int number = 0;
    while (sigwait(&set_, &number) != 0) {
    }
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

int CannotStart(const Error& error) {
  std::fprintf(stderr, "cairn: cannot start: %s\n", error.message.c_str());
  return 1;
}

std::size_t ConnectionsOf(const conf::Config& config) {
  const std::size_t descriptors = RaiseDescriptorLimit();
  const std::size_t fit = ConnectionsWithin(descriptors);
  if (fit < config.limits.connections) {
    log::warn("limits.connections: {} instead of {}, because this process may open {} files only",
              fit, config.limits.connections, descriptors);
  }
  return std::min(fit, config.limits.connections);
}

HttpServerOptions HttpOptions(const conf::Config& config, const TlsCertificates* certificates) {
  HttpServerOptions options;
  options.limits.head = config.limits.head_timeout;
  options.limits.idle = config.limits.idle_timeout;
  options.limits.body = config.limits.body_timeout;
  options.limits.write = config.limits.body_timeout;
  options.max_connections = ConnectionsOf(config);
  const std::size_t processors = std::max(1u, std::thread::hardware_concurrency());
  options.io_threads =
      config.pools.io != 0 ? config.pools.io : std::min<std::size_t>(processors, 8);
  options.connections_per_source = config.limits.connections_per_address;
  options.certificates = certificates;
  options.log = LogAccess;
  return options;
}

EdgeSettings EdgeOf(const conf::Config& config) {
  using std::chrono::duration_cast;
  EdgeSettings edge;
  edge.trusted_proxies = config.trusted_proxies;
  if (!config.tls.self_signed) edge.hsts = duration_cast<std::chrono::seconds>(config.tls.hsts);
  edge.log_requests = config.log.requests;
  return edge;
}

// What people may call this server: for a certificate of its own.
std::vector<std::string> NamesOf(const conf::Config& config) {
  std::vector<std::string> names;
  const auto add = [&](std::string name) {
    if (name.empty() || name == "0.0.0.0" || name == "::") return;
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  };
  add(http::HostOfUrl(config.public_url));
  for (const conf::ListenAddress& address : config.listen) add(address.host);
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0) add(host.data());
  add("localhost");
  add("127.0.0.1");
  add("::1");
  return names;
}

// Null: no listener needs one.
Result<std::unique_ptr<TlsCertificates>> CertificatesOf(const conf::Config& config) {
  if (!conf::NeedsTls(config)) return std::unique_ptr<TlsCertificates>();
  if (!config.tls.self_signed)
    return TlsCertificates::Load({config.tls.certificate, config.tls.key});
  ASSIGN_OR_RETURN(auto files, SelfSigned(config.data_dir, NamesOf(config)));
  return TlsCertificates::Load(std::move(files));
}

void AddCertificateJob(JobScheduler& jobs, TlsCertificates& certificates) {
  jobs.Add({"certificates", std::chrono::minutes(1), false, [&certificates]() -> Result<JobStep> {
              ASSIGN_OR_RETURN(const bool reloaded, certificates.ReloadIfChanged());
              if (reloaded) log::info("the TLS certificate was read again");
              return JobStep{};
            }});
}

// Binds every listener; returns what they are, with ports.
Result<std::vector<conf::ListenAddress>> ListenAll(
    HttpServer& http, const std::vector<conf::ListenAddress>& addresses) {
  std::vector<conf::ListenAddress> all;
  for (const conf::ListenAddress& address : addresses) {
    ASSIGN_OR_RETURN(auto opened, http.Listen(address));
    all.insert(all.end(), opened.begin(), opened.end());
  }
  return all;
}

// The listeners for metrics, with a router of their own. Null: there are none.
struct MetricsServer {
  std::unique_ptr<Router> router;
  std::unique_ptr<HttpServer> http;
  std::vector<conf::ListenAddress> listening;
};
Result<MetricsServer> ListenForMetrics(const conf::Config& config,
                                       const TlsCertificates* certificates, Instance& instance) {
  MetricsServer server;
  if (config.metrics.listen.empty()) return server;
  HttpServerOptions options = HttpOptions(config, certificates);
  options.io_threads = 1;
  options.max_connections = kMetricsConnections;
  options.log = nullptr;
  server.router = std::make_unique<Router>(instance.MetricsRoutes(), std::string());
  server.http = std::make_unique<HttpServer>(std::move(options), *server.router, instance.random(),
                                             instance.clock());
  ASSIGN_OR_RETURN(server.listening, ListenAll(*server.http, config.metrics.listen));
  return server;
}

// What a reload changes at once.
void TakeUp(const conf::Config& config, ProcessLog& log, HttpServer& http, Instance& instance) {
  const auto applied = log.Apply(config.log);
  if (applied.has_error()) log::error("{}", applied.error().message);
  http.SetEdge(EdgeOf(config));
  instance.SetMaintenance(config.maintenance);
}

// SIGHUP.
void Reload(Instance& instance, ProcessLog& log, TlsCertificates* certificates) {
  NotifySystemd("RELOADING=1");
  auto stored = StoredSettings(instance.engine().kv()).All();
  auto waiting = stored.has_error() ? Result<std::vector<std::string>>(std::move(stored).error())
                                    : instance.config().Reload(std::move(*stored));
  // The file may have been moved away, whether or not a setting changed.
  const auto reopened = log.Apply(instance.config().Now()->config.log);
  if (reopened.has_error()) log::error("{}", reopened.error().message);
  if (waiting.has_error()) {
    log::error("the settings stay as they are: {}", waiting.error().message);
  } else {
    log::info("the settings were read again");
    for (const std::string& key : *waiting) log::warn("{} is taken up at the next start", key);
  }
  if (certificates != nullptr) {
    const auto reloaded = certificates->Reload();
    if (reloaded.has_error()) log::error("the certificate stays: {}", reloaded.error().message);
  }
  NotifySystemd("READY=1");
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

// What a stop does, in the order in which things depend on each other: requests, jobs, pools. The
// caller destroys the HTTP server, then the instance.
void StopInOrder(HttpServer& http, HttpServer* metrics, Instance& instance,
                 std::unique_ptr<AdminSocket>& admin, milliseconds grace) {
  const bool in_order = http.Stop(grace);
  if (!in_order) log::warn("some requests did not end in time; their connections were broken");
  instance.jobs().Stop();
  admin.reset();
  // To the last: who stops slowly may be watched.
  if (metrics != nullptr) metrics->Stop(kMetricsGrace);
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

int Serve(const conf::LoadOptions& options) {
  Signals signals;
  ProcessLog log;
  auto opened = Instance::Open(options, ExitBroken);
  if (opened.has_error()) return CannotStart(opened.error());
  Instance& instance = **opened;
  const auto settings = instance.config().Now();
  const conf::Config& config = settings->config;
  const auto logging = log.Apply(config.log);
  if (logging.has_error()) return CannotStart(logging.error());
  for (const std::string& warning : settings->warnings) log::warn("{}", warning);
  auto certificates = CertificatesOf(config);
  if (certificates.has_error()) return CannotStart(certificates.error());

  auto http = std::make_unique<HttpServer>(HttpOptions(config, certificates->get()),
                                           instance.router(), instance.random(), instance.clock());
  const auto listening = ListenAll(*http, config.listen);
  if (listening.has_error()) return CannotStart(listening.error());
  auto metrics = ListenForMetrics(config, certificates->get(), instance);
  if (metrics.has_error()) return CannotStart(metrics.error());
  instance.metrics().Watch(http.get());
  instance.probes().SetListening(*listening);
  TakeUp(config, log, *http, instance);
  instance.config().OnChange(
      [&](const conf::Config& changed) { TakeUp(changed, log, *http, instance); });
  // With port 0 the address is known only now.
  if (config.public_url.empty()) instance.SetPublicUrl(conf::OwnUrl(listening->front()));
  auto admin = ListenForCommands(config, instance);
  if (admin.has_error()) return CannotStart(admin.error());
  http->Start();
  if (metrics->http != nullptr) metrics->http->Start();
  if (*certificates != nullptr) AddCertificateJob(instance.jobs(), **certificates);
  instance.jobs().Start(kJobThreads);
  for (const conf::ListenAddress& address : *listening)
    std::printf("Cairn is serving on %s\n", conf::ListenText(address).c_str());
  for (const conf::ListenAddress& address : metrics->listening)
    std::printf("Cairn shows metrics on %s\n", conf::ListenText(address).c_str());
  std::fflush(stdout);
  NotifySystemd("READY=1");

  int number = signals.Wait();
  for (; number == SIGHUP; number = signals.Wait()) Reload(instance, log, certificates->get());
  signals.Unblock();
  log::info("stopping on signal {}", number);
  NotifySystemd("STOPPING=1");
  instance.SetStopping();
  const StopDeadline deadline(kLongestStop);
  StopInOrder(*http, metrics->http.get(), instance, *admin,
              std::min<milliseconds>(config.limits.stop_timeout, kLongestGrace));
  instance.metrics().Watch(nullptr);
  metrics->http.reset();
  http.reset();
  opened->reset();
  return 0;
}

}  // namespace cairn::server
