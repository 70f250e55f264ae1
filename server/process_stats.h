// What the kernel says about this process. Blocks for a moment.
#pragma once

#include <cstdint>

namespace cairn::server {

struct ProcessStats {
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  double cpu_seconds = 0;
  std::uint64_t open_files = 0;
  std::uint64_t max_files = 0;
  std::uint64_t threads = 0;
};

// Fields that cannot be read are 0.
ProcessStats ReadProcessStats();

}  // namespace cairn::server
