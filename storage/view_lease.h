// How long a view may be used: a reader that forgets its view must not keep old versions alive for
// ever.
#pragma once

#include <chrono>

#include "base/error.h"

namespace cairn::storage {

inline constexpr std::chrono::milliseconds kViewLease = std::chrono::minutes(15);

// Begins when made. Immutable, so thread-safe. By the steady clock: setting the time of day ends no
// lease.
class ViewLease {
 public:
  explicit ViewLease(std::chrono::milliseconds length)
      : end_(std::chrono::steady_clock::now() + length) {}

  // kCancelled once the lease is over.
  Result<void> Check() const {
    if (std::chrono::steady_clock::now() < end_) return {};
    return Fail(ErrorCode::kCancelled, "the view's lease is over");
  }

 private:
  const std::chrono::steady_clock::time_point end_;
};

}  // namespace cairn::storage
