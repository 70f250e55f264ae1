// What the changes of shares have in common. Internal to this folder. Blocking; no state.
#pragma once

#include <optional>

#include "shares/shares.h"

namespace cairn::shares {

inline ShareOutcome Refused(Refusal why) { return {.refused = why}; }

// nullopt: there is no such live node.
Result<std::optional<storage::Chain>> LiveChain(const storage::KvView& view, FileId node);
Result<UserId> OwnerOf(const storage::KvView& view, const storage::Chain& chain);

// kTooLarge: a text is too long.
Result<void> CheckTexts(const ShareAttributes& set);
// All that is said but the permissions and the day.
void ApplyTexts(const ShareAttributes& set, storage::Share& share);
std::optional<Refusal> RefusalOf(DayProblem problem);

}  // namespace cairn::shares
