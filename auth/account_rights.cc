#include "auth/account_rights.h"

#include <algorithm>

#include "auth/group_admins.h"
#include "auth/groups.h"
#include "auth/names.h"
#include "auth/records.h"

namespace cairn::auth {

bool AccountRights::Governs(std::string_view group) const {
  return admin || std::binary_search(groups.begin(), groups.end(), group);
}

Result<AccountRights> RightsOf(const storage::KvView& view, const storage::Caller& caller) {
  ASSIGN_OR_RETURN(const auto user, LoadUser(view, caller.user));
  bool live = user && !user->disabled();
  if (live && caller.token) {
    ASSIGN_OR_RETURN(const auto token, LoadToken(view, caller.token_key));
    live = token && token->version() == caller.token_version;
  } else if (live) {
    live = user->version() == caller.user_version;
  }
  if (!live) return Fail(ErrorCode::kUnauthenticated, "the login is over");
  AccountRights rights{.admin = user->admin()};
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
