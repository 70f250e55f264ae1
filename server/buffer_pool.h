// 64 KiB buffers for bodies: a connection takes one while it receives, so that an idle connection
// costs none.
//
// Thread-safe. Never blocks for long.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace cairn::server {

class BufferPool {
 public:
  static constexpr std::size_t kSize = 64 * 1024;

  // Keeps at most `keep` unused buffers; more than that go back to the allocator.
  explicit BufferPool(std::size_t keep) : keep_(keep) {}

  std::unique_ptr<char[]> Take();
  void Give(std::unique_ptr<char[]> buffer);

 private:
  const std::size_t keep_;
  std::mutex mu_;
  std::vector<std::unique_ptr<char[]>> free_;  // guarded by mu_
};

}  // namespace cairn::server
