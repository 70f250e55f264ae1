// /metrics: what the server shows to Prometheus. Values are collected when somebody asks; what
// requests cost for it stands in base/measure.h.
//
// Text blocks; it may be called from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/offload.h"
#include "server/http_server.h"
#include "server/job_control.h"
#include "server/live_config.h"
#include "storage/engine.h"

namespace cairn::server {

class Metrics {
 public:
  // All of it outlives the metrics.
  struct Sources {
    storage::Engine& engine;
    const Pools& pools;
    const JobControl& jobs;
    const LiveConfig& config;
    std::function<bool()> ready;
  };
  explicit Metrics(Sources sources);

  // Whose requests are shown. Before it, and after a null, there are none.
  void Watch(const HttpServer* http) { http_ = http; }

  std::string Text() const;

 private:
  const Sources sources_;
  const std::int64_t start_;  // seconds since 1970
  std::atomic<const HttpServer*> http_{nullptr};
};

}  // namespace cairn::server
