// Memory that all downloads together may hold for pages read before they are needed. Thread-safe,
// never blocks.
#pragma once

#include <atomic>
#include <cstddef>

namespace cairn::dav {

class ReadAheadBudget {
 public:
  static constexpr std::size_t kBytes = std::size_t{32} << 20;

  // False: read when needed instead.
  bool TryTake(std::size_t bytes) {
    std::size_t left = left_.load(std::memory_order_relaxed);
    while (left >= bytes) {
      if (left_.compare_exchange_weak(left, left - bytes, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  void GiveBack(std::size_t bytes) { left_.fetch_add(bytes, std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> left_{kBytes};
};

}  // namespace cairn::dav
