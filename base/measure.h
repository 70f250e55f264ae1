// What busy code counts for somebody to look at later: relaxed atomics, no locks, no memory taken.
//
//   Tally refused;               refused.Add();
//   DurationTally syncs;         const DurationTally::Scope timed(syncs);   // until the end of the
//   block
//
// Thread-safe. Counts that are read together need not fit together.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cairn {

// Only ever grows.
class Tally {
 public:
  void Add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::uint64_t Now() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// How often something took how long: a histogram with fixed bounds.
class DurationTally {
 public:
  // In microseconds; an upper bound belongs to its bucket. The last bucket has none.
  static constexpr std::array<std::int64_t, 18> kBounds = {
      100,       250,       500,       1'000,      2'500,      5'000,
      10'000,    25'000,    50'000,    100'000,    250'000,    500'000,
      1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000, 60'000'000};

  struct Counts {
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};
    std::uint64_t micros = 0;  // of all together

    std::uint64_t total() const {
      std::uint64_t sum = 0;
      for (const std::uint64_t count : buckets) sum += count;
      return sum;
    }
    Counts& operator+=(const Counts& other) {
      for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
      micros += other.micros;
      return *this;
    }
  };

  void Add(std::chrono::microseconds took) {
    const std::int64_t micros = std::max<std::int64_t>(took.count(), 0);
    const auto* bound = std::lower_bound(kBounds.begin(), kBounds.end(), micros);
    buckets_[static_cast<std::size_t>(bound - kBounds.begin())].Add();
    micros_.Add(static_cast<std::uint64_t>(micros));
  }
  Counts Now() const {
    Counts counts;
    for (std::size_t i = 0; i < buckets_.size(); ++i) counts.buckets[i] = buckets_[i].Now();
    counts.micros = micros_.Now();
    return counts;
  }

  // Adds the time from here to the end of the block.
  class Scope {
   public:
    explicit Scope(DurationTally& tally) : tally_(tally) {}
    ~Scope() {
      using namespace std::chrono;
      tally_.Add(duration_cast<microseconds>(steady_clock::now() - start_));
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    DurationTally& tally_;
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  };

 private:
  std::array<Tally, kBounds.size() + 1> buckets_;
  Tally micros_;
};

}  // namespace cairn
