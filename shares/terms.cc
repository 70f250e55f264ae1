#include "shares/terms.h"

namespace cairn::shares {

using storage::Allows;
using storage::Permission;
using storage::Permissions;

namespace {

constexpr std::int64_t kDaySeconds = 86'400;

constexpr Permissions Bit(Permission one) { return static_cast<Permissions>(one); }

// The end of the day that is so many after today, in UTC.
std::int64_t EndOfDayIn(std::uint32_t days, std::int64_t now) {
  return (now / kDaySeconds + days + 1) * kDaySeconds;
}

}  // namespace

Permissions MaskFor(const storage::Node& node, Permissions permissions) {
  constexpr Permissions kOfFolders = Bit(Permission::kCreate) | Bit(Permission::kDelete);
  return node.collection() ? permissions : permissions & ~kOfFolders;
}

Permissions InternalPermissions(const storage::Node& node, Permissions asked) {
  return MaskFor(node, asked | Bit(Permission::kRead));
}

std::optional<Permissions> LinkPermissions(const storage::Node& node,
                                           std::optional<Permissions> asked) {
  const Permissions wanted = asked.value_or(Bit(Permission::kRead));
  if (Allows(wanted, Permission::kRead)) return MaskFor(node, wanted | Bit(Permission::kShare));
  if (Allows(wanted, Permission::kCreate) && node.collection()) return Bit(Permission::kCreate);
  return std::nullopt;
}

Term TermOf(const conf::ShareExpiry& rule, std::optional<std::int64_t> asked, std::int64_t now) {
  const bool enforced = rule.enforced && rule.days != 0;
  if (!asked) return {rule.days == 0 ? 0 : EndOfDayIn(rule.days, now)};
  if (*asked == 0) return {0, enforced ? DayProblem::kNeeded : DayProblem::kNone};
  if (*asked <= now) return {*asked, DayProblem::kPast};
  const bool late = enforced && *asked > EndOfDayIn(rule.days, now);
  return {*asked, late ? DayProblem::kTooLate : DayProblem::kNone};
}

}  // namespace cairn::shares
