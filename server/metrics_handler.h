// Answers a request with the page of metrics. Who may ask is decided in front of it: by the
// listener, or by server/admin_only.h.
//
// Thread-safe once built.
#pragma once

#include "server/metrics.h"
#include "server/whole_answer.h"

namespace cairn::server {

class MetricsHandler final : public WholeAnswer {
 public:
  explicit MetricsHandler(const Metrics& metrics) : metrics_(metrics), pool_("metrics", 1, 4) {}

  // As Pool::Join.
  void Join() { pool_.Join(); }

 private:
  net::awaitable<http::Response> Answer(http::Exchange& exchange) override;

  const Metrics& metrics_;
  Pool pool_;  // its own: metrics are wanted most while the others are full
};

}  // namespace cairn::server
