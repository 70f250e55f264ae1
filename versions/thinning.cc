#include "versions/thinning.h"

#include <algorithm>
#include <array>
#include <set>

namespace cairn::versions {

namespace {

// Seconds.
struct Tier {
  std::int64_t below;  // ages
  std::int64_t step;
};
constexpr std::array<Tier, 6> kTiers = {{{1, 1},
                                         {10, 2},
                                         {60, 10},
                                         {3'600, 60},
                                         {kSecondsPerDay, 3'600},
                                         {30 * kSecondsPerDay, kSecondsPerDay}}};
constexpr std::int64_t kLastStep = 7 * kSecondsPerDay;

struct Bucket {
  std::int64_t step;
  std::int64_t place;

  auto operator<=>(const Bucket&) const = default;
};

Bucket BucketOf(const Kept& version, std::int64_t now) {
  const std::int64_t age = AgeSeconds(version.became_current, now);
  const auto* tier =
      std::find_if(kTiers.begin(), kTiers.end(), [&](const Tier& row) { return age < row.below; });
  const std::int64_t step = tier == kTiers.end() ? kLastStep : tier->step;
  const std::int64_t place = version.became_current / step;
  // Division rounds towards zero; times before 1970 belong to the place below.
  return {step, version.became_current % step < 0 ? place - 1 : place};
}

}  // namespace

std::vector<std::size_t> Thin(std::span<const Kept> oldest_first, const Retention& retention,
                              std::int64_t now) {
  std::vector<std::size_t> victims;
  if (retention.disabled || oldest_first.empty()) return victims;
  const Kept& newest = oldest_first.back();
  std::set<Bucket> taken;
  if (!newest.labelled) taken.insert(BucketOf(newest, now));
  for (std::size_t i = 0; i + 1 < oldest_first.size(); ++i) {
    const Kept& version = oldest_first[i];
    if (version.labelled) continue;
    const std::int64_t age = AgeSeconds(version.became_current, now);
    const bool too_old = retention.remove_after && age > *retention.remove_after;
    const bool needless =
        !too_old && retention.by_rules && !taken.insert(BucketOf(version, now)).second;
    if (age >= retention.keep_at_least && (too_old || needless)) victims.push_back(i);
  }
  return victims;
}

std::uint64_t VersionsLimit(const Room& room) { return HalfOfWhatIsLeft(room); }

bool NeedsSpace(std::uint64_t version_bytes, const Room& room, const Retention& retention) {
  return retention.by_rules && !retention.disabled && version_bytes > VersionsLimit(room);
}

std::vector<std::size_t> PickForSpace(std::span<const Kept> oldest_first,
                                      std::uint64_t version_bytes, const Room& room,
                                      const Retention& retention, std::int64_t now) {
  std::vector<std::size_t> victims;
  if (!NeedsSpace(version_bytes, room, retention)) return victims;
  const std::uint64_t limit = VersionsLimit(room);
  for (std::size_t i = 0; i < oldest_first.size() && version_bytes > limit; ++i) {
    const Kept& version = oldest_first[i];
    if (version.labelled || AgeSeconds(version.became_current, now) < retention.keep_at_least)
      continue;
    victims.push_back(i);
    version_bytes -= std::min(version_bytes, version.bytes);
  }
  return victims;
}

}  // namespace cairn::versions
