// The event log of a space does not grow for ever: what is old goes, and what is too much.
// Blocking.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/ids.h"
#include "storage/kv_store.h"

namespace cairn::storage {

struct EventLimits {
  std::int64_t keep_millis = std::int64_t{365} * 24 * 3600 * 1000;
  std::uint64_t keep_events = 100'000;  // of one space
};

// Erases up to `limit` of a space's oldest events, those before `now` (milliseconds since 1970) by
// more than the limits say and those behind the newest `keep_events`; returns how many. What is
// left is gapless. Numbers are never used again. Blocking until durable. Takes its key itself.
Result<std::uint64_t> TrimEvents(KvStore& store, SpaceId space, std::int64_t now,
                                 const EventLimits& limits, std::size_t limit);

}  // namespace cairn::storage
