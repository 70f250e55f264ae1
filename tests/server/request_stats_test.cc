#include "server/request_stats.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace cairn::server {
namespace {

AccessRecord Request(std::string_view method, int status) {
  AccessRecord record;
  record.method = method;
  record.status = status;
  record.bytes_in = 10;
  record.bytes_out = 100;
  record.duration = std::chrono::microseconds(700);
  return record;
}

class RequestStatsTest : public testing::Test {
 protected:
  RequestStats::OfMethod Of(std::string_view method) const {
    const auto& all = RequestStats::kMethods;
    const auto* found = std::find(all.begin(), all.end(), method);
    return stats_.Now().methods[static_cast<std::size_t>(found - all.begin())];
  }
  RequestStats stats_;
};

TEST_F(RequestStatsTest, CountsByMethodAndClass) {
  stats_.Note(Request("PROPFIND", 207));
  stats_.Note(Request("PROPFIND", 404));
  stats_.Note(Request("PROPFIND", 503));
  EXPECT_EQ(Of("PROPFIND").classes[2], 1u);
  EXPECT_EQ(Of("PROPFIND").classes[4], 1u);
  EXPECT_EQ(Of("PROPFIND").classes[5], 1u);
  EXPECT_EQ(Of("PROPFIND").durations.total(), 3u);
  EXPECT_EQ(Of("GET").durations.total(), 0u);
  EXPECT_EQ(stats_.Now().bytes_in, 30u);
  EXPECT_EQ(stats_.Now().bytes_out, 300u);
}

TEST_F(RequestStatsTest, MadeUpMethodsAreOne) {
  stats_.Note(Request("BREW", 501));
  stats_.Note(Request("other", 501));
  stats_.Note(Request("get", 501));
  EXPECT_EQ(Of("other").classes[5], 3u);
}

TEST_F(RequestStatsTest, RefusedHeadsAndBrokenAnswersAreTold) {
  stats_.Note(Request("-", 400));
  stats_.Note(Request("GET", 0));
  stats_.Note(Request("GET", 999));
  EXPECT_EQ(Of("refused").classes[4], 1u);
  EXPECT_EQ(Of("GET").classes[0], 2u);
}

TEST_F(RequestStatsTest, LoginsAreCountedByTheirEnd) {
  AccessRecord good = Request("GET", 200);
  good.user = "alice";
  good.has_credentials = true;
  AccessRecord bad = Request("GET", 401);
  bad.has_credentials = true;
  stats_.Note(good);
  stats_.Note(bad);
  stats_.Note(Request("GET", 401));  // without credentials: nobody was refused
  EXPECT_EQ(stats_.Now().accepted, 1u);
  EXPECT_EQ(stats_.Now().refused, 1u);
}

TEST_F(RequestStatsTest, ThreadsAddUp) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 10; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) stats_.Note(Request("PUT", 201));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Of("PUT").classes[2], 10'000u);
}

}  // namespace
}  // namespace cairn::server
