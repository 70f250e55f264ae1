// A page of metrics in Prometheus' text format, built row by row.
//
//   MetricsPage page;
//   page.Gauge("cairn_ready", "...", 1);
//   page.Begin("cairn_pool_queue", "...", prometheus::MetricType::Gauge);
//   page.Value({{"pool", "read"}}, 3);
//   page.Text()
//
// Label values come from this program's own tables only: never a user's name, a path or anything
// else that a client can make up. Not thread-safe.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/measure.h"

namespace cairn::server {

class MetricsPage {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

  void Gauge(std::string_view name, std::string_view help, double value);
  void Counter(std::string_view name, std::string_view help, double value);

  // A family with labels; then its values.
  void Begin(std::string_view name, std::string_view help, prometheus::MetricType type);
  void Value(const Labels& labels, double value);
  void Durations(const Labels& labels, const DurationTally::Counts& counts);

  std::string Text() const;

 private:
  prometheus::ClientMetric& Add(const Labels& labels);

  std::vector<prometheus::MetricFamily> families_;
};

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace cairn::server
