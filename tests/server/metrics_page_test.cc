#include "server/metrics_page.h"

#include <gtest/gtest.h>

namespace cairn::server {
namespace {

TEST(MetricsPageTest, IsPrometheusText) {
  MetricsPage page;
  page.Gauge("cairn_ready", "Ready", 1);
  page.Begin("cairn_pool_queue", "Queue", prometheus::MetricType::Gauge);
  page.Value({{"pool", "read"}}, 3);
  page.Counter("cairn_commits_total", "Commits", 12'345'678'901);
  EXPECT_EQ(page.Text(),
            "# HELP cairn_ready Ready\n# TYPE cairn_ready gauge\ncairn_ready 1\n"
            "# HELP cairn_pool_queue Queue\n# TYPE cairn_pool_queue gauge\n"
            "cairn_pool_queue{pool=\"read\"} 3\n"
            "# HELP cairn_commits_total Commits\n# TYPE cairn_commits_total counter\n"
            "cairn_commits_total 12345678901\n");
}

TEST(MetricsPageTest, BucketsAreCumulativeSeconds) {
  DurationTally durations;
  durations.Add(std::chrono::microseconds(100));
  durations.Add(std::chrono::microseconds(200));
  durations.Add(std::chrono::minutes(5));
  MetricsPage page;
  page.Begin("d", "D", prometheus::MetricType::Histogram);
  page.Durations({{"method", "GET"}}, durations.Now());
  const std::string text = page.Text();
  for (const char* line :
       {"d_count{method=\"GET\"} 3\n", "d_sum{method=\"GET\"} 300.0003",
        "d_bucket{method=\"GET\",le=\"0.0001", "d_bucket{method=\"GET\",le=\"60\"} 2\n",
        "d_bucket{method=\"GET\",le=\"+Inf\"} 3\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
}

}  // namespace
}  // namespace cairn::server
