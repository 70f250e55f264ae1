// What a share may say: permissions by its kind, the day it ends by the administrator's rules.
// Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "conf/config.h"
#include "storage/node.h"
#include "storage/policies.h"

namespace cairn::shares {

// A file has no members, and deleting it is its folder's affair.
storage::Permissions MaskFor(const storage::Node& node, storage::Permissions permissions);

// What a share with a user or a group says that was asked for this: at least reading.
storage::Permissions InternalPermissions(const storage::Node& node, storage::Permissions asked);
// What a link says: reading unless it is asked for otherwise, and handing on beside reading.
// Without reading it lets others add members to a folder and see nothing (file drop). nullopt:
// neither reading nor adding was asked for.
std::optional<storage::Permissions> LinkPermissions(const storage::Node& node,
                                                    std::optional<storage::Permissions> asked);
inline bool IsDrop(storage::Permissions rights) {
  return (rights & storage::kAllPermissions) ==
         static_cast<storage::Permissions>(storage::Permission::kCreate);
}

inline bool Writes(storage::Permissions rights) {
  constexpr auto kReading = static_cast<storage::Permissions>(storage::Permission::kRead) |
                            static_cast<storage::Permissions>(storage::Permission::kShare);
  return (rights & storage::kAllPermissions & ~kReading) != 0;
}

// From when on a share is over that begins now; seconds, 0 = never. `asked`: absent = not said.
enum class DayProblem { kNone, kPast, kTooLate, kNeeded };
struct Term {
  std::int64_t expires = 0;
  DayProblem problem = DayProblem::kNone;
};
Term TermOf(const conf::ShareExpiry& rule, std::optional<std::int64_t> asked,
            std::int64_t now_seconds);

}  // namespace cairn::shares
