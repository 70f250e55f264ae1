#include "auth/account_rights.h"

#include <algorithm>

#include "auth/group_admins.h"
#include "auth/groups.h"
#include "auth/live.h"
#include "auth/names.h"

namespace cairn::auth {

bool AccountRights::Governs(std::string_view group) const {
  return admin || std::binary_search(groups.begin(), groups.end(), group);
}

Result<AccountRights> RightsOf(const storage::KvView& view, const storage::Caller& caller,
                               const Clock& clock) {
  ASSIGN_OR_RETURN(const LiveCaller live, FindLive(view, caller, clock));
  AccountRights rights{.admin = live.user.admin()};
  ASSIGN_OR_RETURN(rights.groups, AdministeredBy(view, caller.user));
  return rights;
}

Result<bool> MayLookAfter(const storage::KvView& view, const AccountRights& rights,
                          const storage::User& other) {
  if (rights.admin) return true;
  if (rights.groups.empty() || other.admin()) return false;
  std::vector<std::string> rows;
  for (const std::string& group : rights.groups)
    rows.push_back(GroupRowKey(group, UserId{other.id()}));
  ASSIGN_OR_RETURN(const auto found, view.MultiGet(storage::Table::kGroupMembers, rows));
  return std::any_of(found.begin(), found.end(), [](const auto& row) { return row.has_value(); });
}

}  // namespace cairn::auth
