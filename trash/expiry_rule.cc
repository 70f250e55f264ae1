#include "trash/expiry_rule.h"

#include <algorithm>
#include <optional>

namespace cairn::trash {

namespace {

std::optional<std::int64_t> AgeLimit(const Retention& retention) {
  return retention.plain_auto ? kAutoAge : retention.remove_after;
}

bool ForSpace(const Retention& retention) { return retention.by_rules && !retention.disabled; }

std::uint64_t Less(std::uint64_t bytes, std::uint64_t by) { return bytes - std::min(bytes, by); }

}  // namespace

std::uint64_t TrashLimit(const Room& room) { return HalfOfWhatIsLeft(room); }

bool FitsAlone(std::uint64_t bytes, const Room& room, const Retention& retention) {
  return !ForSpace(retention) || retention.keep_at_least > 0 || bytes <= TrashLimit(room);
}

bool NeedsExpiry(std::uint64_t trash_bytes, const Room& room, const Retention& retention) {
  return ForSpace(retention) && trash_bytes > TrashLimit(room);
}

std::vector<Victim> PickVictims(std::span<const Item> oldest_first, bool is_all,
                                std::uint64_t trash_bytes, const Room& room,
                                const Retention& retention, std::int64_t now) {
  std::vector<Victim> victims;
  if (retention.disabled) return victims;
  const std::uint64_t limit = TrashLimit(room);
  const auto age_limit = AgeLimit(retention);
  std::uint64_t left = trash_bytes;
  for (std::size_t i = 0; i < oldest_first.size(); ++i) {
    const Item& item = oldest_first[i];
    const std::int64_t age = AgeSeconds(item.deleted_at, now);
    const bool too_old = age_limit && age > *age_limit;
    const bool newest = is_all && i + 1 == oldest_first.size();
    const bool for_space = ForSpace(retention) && left > limit && age >= retention.keep_at_least &&
                           (!newest || item.bytes > limit);
    if (!too_old && !for_space) continue;
    victims.push_back({.index = i, .reason = too_old ? Reason::kAge : Reason::kSpace});
    left = Less(left, item.bytes);
  }
  return victims;
}

}  // namespace cairn::trash
