// A connection's two byte directions, each operation with a deadline. What the HTTP code of this
// folder sees of a socket; tests put memory behind it.
//
// Not thread-safe: one coroutine, one operation at a time. An error is final: kCancelled, the peer
// is gone or too slow.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

#include "base/asio.h"
#include "base/error.h"

namespace cairn::server {

using SteadyTime = std::chrono::steady_clock::time_point;

class ByteStream {
 public:
  static constexpr std::size_t kMaxPieces = 8;

  virtual ~ByteStream() = default;

  // At least one byte, or 0 when the peer has closed its side. `room` is not empty.
  virtual net::awaitable<Result<std::size_t>> ReadSome(std::span<char> room,
                                                       SteadyTime deadline) = 0;

  // All pieces (at most kMaxPieces), together where the system allows it. `stall`: the longest time
  // without progress.
  virtual net::awaitable<Result<void>> Write(std::span<const std::string_view> pieces,
                                             std::chrono::milliseconds stall) = 0;
};

}  // namespace cairn::server
