// What a feature that keeps things for later (trash, versions) is told by its surroundings: how
// long, and how much room there is. Thread-safe if the functions are.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "base/retention.h"
#include "base/room.h"
#include "storage/policies.h"

namespace cairn::storage {

struct Keeping {
  std::function<Retention()> retention;
  std::function<std::uint64_t()> free_disk;  // bytes
  const QuotaGate& quota;
  // A space holds more than the rules allow: look at it soon. May be called inside a transaction
  // that is yet to be committed.
  std::function<void(SpaceId)> crowded;

  // `used`: recursive bytes of the space's files root.
  Room RoomIn(const Space& space, std::uint64_t used) const {
    return {.quota = quota.LimitOf(space), .used = used, .disk_free = free_disk()};
  }
};

}  // namespace cairn::storage
