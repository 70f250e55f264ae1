#include "server/metrics.h"

#include <array>
#include <filesystem>
#include <utility>

#include "server/fault_level.h"
#include "server/metrics_page.h"
#include "server/process_stats.h"
#include "storage/rocks_kv.h"
#include "storage/upload_totals.h"

namespace cairn::server {
namespace {

using prometheus::MetricType;

// RocksDB's properties worth watching.
struct PropertyRow {
  std::string_view property;
  std::string_view name;
  std::string_view help;
};
constexpr std::array kProperties = {
    PropertyRow{"rocksdb.cur-size-all-mem-tables", "cairn_store_memtable_bytes",
                "Metadata in memory that is not in tables yet"},
    PropertyRow{"rocksdb.block-cache-usage", "cairn_store_block_cache_bytes",
                "Metadata blocks in the cache"},
    PropertyRow{"rocksdb.estimate-table-readers-mem", "cairn_store_table_readers_bytes",
                "Memory for indexes and filters outside the cache"},
    PropertyRow{"rocksdb.total-sst-files-size", "cairn_store_table_bytes",
                "Metadata tables on disk"},
    PropertyRow{"rocksdb.estimate-num-keys", "cairn_store_keys", "Metadata records, estimated"},
    PropertyRow{"rocksdb.estimate-pending-compaction-bytes", "cairn_store_compaction_pending_bytes",
                "Tables waiting to be rewritten, estimated"},
    PropertyRow{"rocksdb.num-running-compactions", "cairn_store_compactions_running",
                "Compactions that run"},
    PropertyRow{"rocksdb.num-running-flushes", "cairn_store_flushes_running",
                "Memtable flushes that run"},
    PropertyRow{"rocksdb.is-write-stopped", "cairn_store_write_stopped",
                "1 while the store takes no writes"},
    PropertyRow{"rocksdb.actual-delayed-write-rate", "cairn_store_write_rate_limit_bytes",
                "Bytes a second that writers are slowed down to; 0: not slowed down"},
    PropertyRow{"rocksdb.num-snapshots", "cairn_store_snapshots", "Snapshots that are held"},
    PropertyRow{"rocksdb.background-errors", "cairn_store_background_errors",
                "Errors of flushes and compactions since the start"},
};

double Number(std::uint64_t value) { return static_cast<double>(value); }
double Seconds(std::chrono::microseconds time) {
  return std::chrono::duration<double>(time).count();
}

// The write-ahead log's files: RocksDB has no property for their size.
std::uint64_t LogBytes(const std::filesystem::path& data_dir) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it(data_dir / "meta", error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() != ".log") continue;
    std::error_code gone;
    const std::uintmax_t size = it->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

void AddRequests(MetricsPage& page, const HttpServer& http) {
  const RequestStats::Sum sum = http.stats().Now();
  // A method is shown from its first request on, then with all its classes.
  const auto each = [&](const auto& show) {
    for (std::size_t i = 0; i < sum.methods.size(); ++i) {
      if (sum.methods[i].durations.total() > 0) show(RequestStats::kMethods[i], sum.methods[i]);
    }
  };
  page.Begin("cairn_http_requests_total", "Requests by method and class of the answer's status",
             MetricType::Counter);
  each([&](std::string_view method, const RequestStats::OfMethod& counts) {
    for (std::size_t c = 0; c < counts.classes.size(); ++c) {
      page.Value({{"method", method}, {"code", RequestStats::kClasses[c]}},
                 Number(counts.classes[c]));
    }
  });
  page.Begin("cairn_http_request_duration_seconds",
             "From the end of the request's head to the end of its answer", MetricType::Histogram);
  each([&](std::string_view method, const RequestStats::OfMethod& counts) {
    page.Durations({{"method", method}}, counts.durations);
  });
  page.Begin("cairn_logins_total", "Requests whose credentials were accepted or refused (401)",
             MetricType::Counter);
  page.Value({{"result", "accepted"}}, Number(sum.accepted));
  page.Value({{"result", "refused"}}, Number(sum.refused));
  page.Counter("cairn_http_received_bytes_total", "Bytes of request bodies", Number(sum.bytes_in));
  page.Counter("cairn_http_sent_bytes_total", "Bytes of answers", Number(sum.bytes_out));
  page.Gauge("cairn_http_connections", "Open connections", Number(http.connections()));
  page.Counter("cairn_http_connections_total", "Connections that were accepted",
               Number(http.stats().connections.Now()));
  page.Counter("cairn_http_connections_refused_total",
               "Connections that were closed at once: too many from one address",
               Number(http.stats().connections_refused.Now()));
}

void AddPools(MetricsPage& page, const Pools& pools) {
  const std::array<std::pair<std::string_view, const Pool*>, 4> all = {{{"read", &pools.read},
                                                                        {"write", &pools.write},
                                                                        {"data", &pools.data},
                                                                        {"slow", &pools.slow}}};
  page.Begin("cairn_pool_queue", "Work of a pool that waits or runs", MetricType::Gauge);
  for (const auto& [name, pool] : all) page.Value({{"pool", name}}, Number(pool->queued()));
  page.Begin("cairn_pool_refusals_total", "Work that a full pool did not take (503)",
             MetricType::Counter);
  for (const auto& [name, pool] : all) page.Value({{"pool", name}}, Number(pool->refused()));
}

void AddStore(MetricsPage& page, storage::Engine& engine, const std::filesystem::path& data_dir) {
  // A store in memory has nothing to show.
  const auto* kv = dynamic_cast<const storage::RocksKv*>(&engine.kv());
  if (kv == nullptr) return;
  page.Counter("cairn_store_commits_total", "Transactions that changed something",
               Number(kv->tallies().commits.Now()));
  page.Begin("cairn_store_sync_duration_seconds",
             "Sync cycles: from taking the snapshot to waking those who waited",
             MetricType::Histogram);
  page.Durations({}, kv->tallies().syncs.Now());
  for (const PropertyRow& row : kProperties)
    page.Gauge(row.name, row.help, Number(kv->Property(row.property)));
  page.Gauge("cairn_store_log_bytes", "The write-ahead log on disk", Number(LogBytes(data_dir)));
}

void AddDisk(MetricsPage& page, const storage::Faults& faults, std::uint64_t reserve) {
  page.Gauge("cairn_disk_free_bytes", "Free space for the data directory",
             Number(faults.free_bytes()));
  page.Gauge("cairn_disk_reserve_bytes", "Free space below which uploads are answered 507",
             Number(reserve));
  page.Begin("cairn_storage_fault", "1 for the fault level that the storage is at",
             MetricType::Gauge);
  const FaultLevel now = FaultLevelOf(faults);
  for (const auto& [level, name] : kFaultLevels)
    page.Value({{"level", name}}, level == now ? 1 : 0);
}

void AddJobs(MetricsPage& page, const JobControl& jobs) {
  const std::vector<JobStatus> all = jobs.List();
  const auto add = [&](std::string_view name, std::string_view help, MetricType type,
                       const auto& value) {
    page.Begin(name, help, type);
    for (const JobStatus& job : all) page.Value({{"job_name", job.name}}, value(job));
  };
  add("cairn_job_runs_total", "Runs of a background job that ended", MetricType::Counter,
      [](const JobStatus& job) { return Number(job.runs); });
  add("cairn_job_failures_total", "Runs that failed", MetricType::Counter,
      [](const JobStatus& job) { return Number(job.failures); });
  add("cairn_job_last_run_timestamp_seconds", "When the last run ended; 0: never",
      MetricType::Gauge,
      [](const JobStatus& job) { return static_cast<double>(job.last_run.value_or(0)) / 1000; });
  add("cairn_job_last_duration_seconds", "How long the last run worked", MetricType::Gauge,
      [](const JobStatus& job) { return Seconds(job.last_duration); });
}

void AddUploads(MetricsPage& page, storage::Engine& engine) {
  const auto uploads = storage::CountUploads(*engine.kv().Published());
  if (uploads.has_error()) return;
  page.Gauge("cairn_upload_sessions", "Chunked uploads that are not assembled yet",
             Number(uploads->sessions));
  page.Gauge("cairn_upload_session_bytes", "Bytes of their chunks", Number(uploads->bytes));
}

void AddProcess(MetricsPage& page, std::int64_t start) {
  const ProcessStats stats = ReadProcessStats();
  page.Counter("process_cpu_seconds_total", "CPU time, user and system", stats.cpu_seconds);
  page.Gauge("process_resident_memory_bytes", "Resident memory", Number(stats.resident_bytes));
  page.Gauge("process_virtual_memory_bytes", "Virtual memory", Number(stats.virtual_bytes));
  page.Gauge("process_open_fds", "Open file descriptors", Number(stats.open_files));
  page.Gauge("process_max_fds", "Most file descriptors that may be open", Number(stats.max_files));
  page.Gauge("process_threads", "Threads", Number(stats.threads));
  page.Gauge("process_start_time_seconds", "When the process began, since 1970",
             static_cast<double>(start));
}

}  // namespace

Metrics::Metrics(Sources sources)
    : sources_(std::move(sources)), start_(sources_.engine.clock().NowSeconds()) {}

std::string Metrics::Text() const {
  CheckMayBlock();
  const auto settings = sources_.config.Now();
  MetricsPage page;
  page.Begin("cairn_build_info", "Always 1; the label says which version runs", MetricType::Gauge);
  page.Value({{"version", CAIRN_VERSION}}, 1);
  page.Gauge("cairn_ready", "1 while /readyz says yes", sources_.ready() ? 1 : 0);
  page.Gauge("cairn_maintenance", "1 in maintenance mode", settings->config.maintenance ? 1 : 0);
  if (const HttpServer* http = http_) AddRequests(page, *http);
  AddPools(page, sources_.pools);
  AddStore(page, sources_.engine, settings->config.data_dir);
  AddDisk(page, sources_.engine.faults(), settings->config.storage.reserve_bytes);
  AddJobs(page, sources_.jobs);
  AddUploads(page, sources_.engine);
  AddProcess(page, start_);
  return page.Text();
}

}  // namespace cairn::server
