#include "server/metrics_page.h"

#include <prometheus/text_serializer.h>

#include <limits>

namespace cairn::server {
namespace {

constexpr double kMicrosPerSecond = 1e6;

}  // namespace

void MetricsPage::Gauge(std::string_view name, std::string_view help, double value) {
  Begin(name, help, prometheus::MetricType::Gauge);
  Value({}, value);
}

void MetricsPage::Counter(std::string_view name, std::string_view help, double value) {
  Begin(name, help, prometheus::MetricType::Counter);
  Value({}, value);
}

void MetricsPage::Begin(std::string_view name, std::string_view help, prometheus::MetricType type) {
  prometheus::MetricFamily& family = families_.emplace_back();
  family.name = name;
  family.help = help;
  family.type = type;
}

prometheus::ClientMetric& MetricsPage::Add(const Labels& labels) {
  prometheus::ClientMetric& metric = families_.back().metric.emplace_back();
  for (const auto& [name, value] : labels)
    metric.label.push_back({std::string(name), std::string(value)});
  return metric;
}

void MetricsPage::Value(const Labels& labels, double value) {
  prometheus::ClientMetric& metric = Add(labels);
  if (families_.back().type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

void MetricsPage::Durations(const Labels& labels, const DurationTally::Counts& counts) {
  prometheus::ClientMetric::Histogram& histogram = Add(labels).histogram;
  histogram.sample_sum = static_cast<double>(counts.micros) / kMicrosPerSecond;
  for (std::size_t i = 0; i < counts.buckets.size(); ++i) {
    histogram.sample_count += counts.buckets[i];
    const bool bounded = i < DurationTally::kBounds.size();
    const double bound = bounded ? static_cast<double>(DurationTally::kBounds[i]) / kMicrosPerSecond
                                 : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
}

std::string MetricsPage::Text() const { return prometheus::TextSerializer().Serialize(families_); }

}  // namespace cairn::server
