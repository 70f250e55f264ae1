#include "auth/access_control.h"

#include "auth/live.h"
#include "base/log.h"
#include "storage/records.h"

namespace cairn::auth {

using storage::Permission;
using storage::Permissions;

Result<void> AccessControl::CheckLive(const storage::KvView& view,
                                      const storage::Caller& caller) const {
  ASSIGN_OR_RETURN(const LiveCaller live, FindLive(view, caller, clock_));
  if (live.token && live.token->no_files())
    return Fail(ErrorCode::kForbidden, "the app password may not reach files");
  return {};
}

Permissions AccessControl::For(const storage::KvView& view, const storage::Caller& caller,
                               const storage::Chain& chain) const {
  auto space = storage::ReadRecord<storage::Space>(view, storage::Table::kSpaces,
                                                   storage::keys::Space(chain.space()));
  if (space.has_error()) {
    // No record, no permission: the write or read that asked fails closed.
    log::error("space {}: {}", Raw(chain.space()), space.error().message);
    return 0;
  }
  if (!*space || caller.user == UserId{} || (*space)->owner() != Raw(caller.user)) return 0;
  switch (chain.root().node.root()) {
    case storage::ROOT_FILES:
      if (chain.depth() > 0) return storage::kAllPermissions;
      return storage::kAllPermissions & ~static_cast<Permissions>(Permission::kDelete);
    case storage::ROOT_TRASH:
      return static_cast<Permissions>(Permission::kRead) |
             static_cast<Permissions>(Permission::kDelete);
    default:
      return 0;
  }
}

}  // namespace cairn::auth
