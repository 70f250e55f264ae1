// The one rule by which the trash is emptied: what goes, and why. Pure. Times are seconds since
// 1970; bytes of an item include those of its versions.
//
// Two reasons: age (the setting's, 30 days with `auto`), and space (the trash is above TrashLimit
// and the setting lets it go for that, oldest deletions first).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/retention.h"
#include "base/room.h"

namespace cairn::trash {

inline constexpr std::int64_t kAutoAge = 30 * kSecondsPerDay;

struct Item {
  std::int64_t deleted_at = 0;  // later than now: age 0
  std::uint64_t bytes = 0;
};

enum class Reason { kAge, kSpace };

struct Victim {
  std::size_t index = 0;
  Reason reason = Reason::kAge;

  bool operator==(const Victim&) const = default;
};

// What the trash of a user may take. Never above half of the quota.
std::uint64_t TrashLimit(const Room& room);

// Whether what is deleted now may enter the trash. `room` is as it is once that is deleted.
bool FitsAlone(std::uint64_t bytes, const Room& room, const Retention& retention);

// Whether PickVictims might find something to remove for space. Looks at counters alone.
bool NeedsExpiry(std::uint64_t trash_bytes, const Room& room, const Retention& retention);

// Indexes rise. `oldest_first`: the trash in order of deleted_at, or a part of it from the oldest
// on; then the next part comes with `trash_bytes` less those of the victims, and the victims of all
// parts are those of the whole. `is_all`: nothing newer follows; the newest item of the trash goes
// for space only if it alone is above the limit. `trash_bytes`: of the whole trash.
std::vector<Victim> PickVictims(std::span<const Item> oldest_first, bool is_all,
                                std::uint64_t trash_bytes, const Room& room,
                                const Retention& retention, std::int64_t now);

}  // namespace cairn::trash
