// What one connection may take: sizes in bytes, times without progress.
#pragma once

#include <chrono>
#include <cstddef>

namespace cairn::server {

struct ConnectionLimits {
  std::chrono::milliseconds head{
      10'000};  // for a whole request head, counted from its first byte (or from accept)
  std::chrono::milliseconds idle{75'000};   // between requests
  std::chrono::milliseconds body{60'000};   // without a byte of the request body
  std::chrono::milliseconds write{60'000};  // without the peer taking a byte of the answer
  std::chrono::milliseconds drain{2'000};   // for what is left of a body after its answer
  std::size_t drain_bytes = 256 * 1024;     // more than this left: the connection is closed instead
};

}  // namespace cairn::server
