// Prometheus' text format as a scraper reads it, strictly.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace cairn {

// By series, as written: "cairn_pool_queue{pool=\"read\"}". What is wrong with the text stands in
// `error`.
struct MetricsText {
  std::map<std::string, double> values;
  std::map<std::string, std::string> types;  // by family
  std::string error;

  // -1 when there is no such series.
  double Value(const std::string& series) const;
};

// Every family has a help and a type before its samples, names and labels are well-formed, no
// series comes twice, counters end in _total, buckets grow up to the count.
MetricsText ReadMetrics(std::string_view text);

}  // namespace cairn
