#include "server/crowded_spaces.h"

namespace cairn::server {
namespace {

constexpr std::int64_t kSettleMillis = 5'000;

}  // namespace

void CrowdedSpaces::Note(SpaceId space) {
  {
    const std::lock_guard lock(mu_);
    noted_[space] = clock_.NowMillis();
  }
  wake_();
}

std::vector<SpaceId> CrowdedSpaces::Take() {
  std::vector<SpaceId> spaces;
  const std::int64_t settled = clock_.NowMillis() - kSettleMillis;
  const std::lock_guard lock(mu_);
  for (auto noted = noted_.begin(); noted != noted_.end();) {
    spaces.push_back(noted->first);
    noted = noted->second <= settled ? noted_.erase(noted) : std::next(noted);
  }
  return spaces;
}

}  // namespace cairn::server
