#include "server/buffer_pool.h"

#include <utility>

namespace cairn::server {

std::unique_ptr<char[]> BufferPool::Take() {
  {
    const std::lock_guard lock(mu_);
    if (!free_.empty()) {
      auto buffer = std::move(free_.back());
      free_.pop_back();
      return buffer;
    }
  }
  return std::make_unique_for_overwrite<char[]>(kSize);
}

void BufferPool::Give(std::unique_ptr<char[]> buffer) {
  const std::lock_guard lock(mu_);
  if (free_.size() < keep_) free_.push_back(std::move(buffer));
}

}  // namespace cairn::server
