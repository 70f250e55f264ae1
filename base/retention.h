// How long what was deleted or overwritten is kept, as Nextcloud's trashbin_retention_obligation
// and versions_retention_obligation say it. Pure values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cairn {

inline constexpr std::int64_t kSecondsPerDay = 86'400;

// The default is `auto`. Times are in seconds.
//
//   auto       the rules of the feature alone
//   D, auto    nothing younger than D days is removed; what is older, as the rules say
//   auto, D    what is older than D days is removed; the rest as the rules say
//   D1, D2     kept for D1 days, removed when older than D2; neither thinned nor removed for space
//   disabled   never removed by the server
struct Retention {
  bool disabled = false;
  std::int64_t keep_at_least = 0;            // younger than this: never removed
  std::optional<std::int64_t> remove_after;  // older than this: removed
  bool by_rules = true;  // says `auto`: may be thinned and removed for space from keep_at_least on
  bool plain_auto = true;  // exactly `auto`

  bool operator==(const Retention&) const = default;
};

// Blanks and letter case are free; days are whole numbers from 0 to 36500. kInvalidArgument: the
// message begins with "is not ".
Result<Retention> ParseRetention(std::string_view text);
// ParseRetention gives the same value again.
std::string RetentionText(const Retention& retention);

// Seconds from `then` to `now`; 0 when `then` is later: a clock may have been set back.
std::int64_t AgeSeconds(std::int64_t then, std::int64_t now);

}  // namespace cairn
