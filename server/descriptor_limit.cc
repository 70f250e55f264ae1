#include "server/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace cairn::server {
namespace {

constexpr std::size_t kOwn = 640;  // RocksDB opens up to 512 files

}  // namespace

std::size_t RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;  // the usual one
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  // Refused where the system's own maximum is lower by now: then it stays.
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  return static_cast<std::size_t>(limit.rlim_cur);
}

std::size_t ConnectionsWithin(std::size_t descriptors) {
  const std::size_t own = std::min(kOwn, descriptors / 4);
  return std::max<std::size_t>(1, (descriptors - own) / 2);
}

}  // namespace cairn::server
