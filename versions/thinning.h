// The rules by which old versions of files go: age, thinning, space. Pure. Times are seconds since
// 1970.
//
// Thinning is the schedule of Nextcloud's manual, by age: one version in the first second, one
// every 2 s up to 10 s, every 10 s up to a minute, every minute up to an hour, every hour up to a
// day, every day up to 30 days, then every week. A version's bucket is the step of its age and the
// place of its time on a grid of that step, counted from 1970. Each step divides the next, so that
// versions of one bucket stay together as they age: which of them is left may depend on when the
// rule is applied, that one is left does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/retention.h"
#include "base/room.h"

namespace cairn::versions {

struct Kept {
  std::int64_t became_current = 0;  // when this content became the file's; later than now: age 0
  std::uint64_t bytes = 0;
  bool labelled = false;  // named by somebody: never a victim, in no bucket
};

// Indexes of the victims among the versions of one file, rising. `oldest_first`: in order of
// capture, all of them; times need not rise, since clocks are set. Of a bucket the oldest stays; of
// the bucket of the newest version that one alone. The newest version is never a victim.
std::vector<std::size_t> Thin(std::span<const Kept> oldest_first, const Retention& retention,
                              std::int64_t now);

// What the versions of a user may take.
std::uint64_t VersionsLimit(const Room& room);

// Whether PickForSpace might find something to remove. Looks at counters alone.
bool NeedsSpace(std::uint64_t version_bytes, const Room& room, const Retention& retention);

// Indexes of the victims, rising. `oldest_first`: versions of all files of a user in order of
// became_current, or the oldest part of them; then the next part comes with `version_bytes` less
// those of the victims. `version_bytes`: of all versions of the user.
std::vector<std::size_t> PickForSpace(std::span<const Kept> oldest_first,
                                      std::uint64_t version_bytes, const Room& room,
                                      const Retention& retention, std::int64_t now);

}  // namespace cairn::versions
