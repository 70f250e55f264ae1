#include "base/measure.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace cairn {
namespace {

using std::chrono::microseconds;

TEST(MeasureTest, NothingIsLostBetweenThreads) {
  Tally tally;
  DurationTally durations;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        tally.Add();
        durations.Add(microseconds(i % 3 == 0 ? 50 : 2'000));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(tally.Now(), 40'000u);
  EXPECT_EQ(durations.Now().total(), 40'000u);
  EXPECT_EQ(durations.Now().buckets[0], 4u * 3'334u);
  EXPECT_EQ(durations.Now().micros, 4u * (3'334u * 50 + 6'666u * 2'000));
}

TEST(MeasureTest, ABoundBelongsToItsBucketAndTheLastHasNone) {
  DurationTally durations;
  durations.Add(microseconds(-5));
  durations.Add(microseconds(DurationTally::kBounds[0]));
  durations.Add(microseconds(DurationTally::kBounds[0] + 1));
  durations.Add(microseconds(DurationTally::kBounds.back() + 1));
  const DurationTally::Counts counts = durations.Now();
  EXPECT_EQ(counts.buckets.front(), 2u);
  EXPECT_EQ(counts.buckets[1], 1u);
  EXPECT_EQ(counts.buckets.back(), 1u);
}

TEST(MeasureTest, ScopeAddsOnceAtItsEnd) {
  DurationTally durations;
  {
    const DurationTally::Scope timed(durations);
    EXPECT_EQ(durations.Now().total(), 0u);
  }
  EXPECT_EQ(durations.Now().total(), 1u);
}

TEST(MeasureTest, CountsAddUp) {
  DurationTally one, other;
  one.Add(microseconds(10));
  other.Add(microseconds(20));
  DurationTally::Counts sum = one.Now();
  sum += other.Now();
  EXPECT_EQ(sum.total(), 2u);
  EXPECT_EQ(sum.micros, 30u);
}

}  // namespace
}  // namespace cairn
