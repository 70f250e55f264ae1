#include "auth/access_control.h"

#include "auth/records.h"
#include "base/log.h"

namespace cairn::auth {

using storage::Permission;
using storage::Permissions;

Result<void> AccessControl::CheckLive(const storage::KvView& view,
                                      const storage::Caller& caller) const {
  ASSIGN_OR_RETURN(auto user, LoadUser(view, caller.user));
  if (!user) return Fail(ErrorCode::kUnauthenticated, "the user is gone");
  if (user->disabled()) return Fail(ErrorCode::kUnauthenticated, "the user is disabled");
  if (!caller.token) {
    if (user->version() == caller.user_version) return {};
    return Fail(ErrorCode::kUnauthenticated, "the user's logins were ended");
  }
  ASSIGN_OR_RETURN(auto token, LoadToken(view, caller.token_key));
  if (!token || token->user() != Raw(caller.user) || token->id() != Raw(*caller.token) ||
      token->version() != caller.token_version) {
    return Fail(ErrorCode::kUnauthenticated, "the app password is gone");
  }
  if (token->expires() != 0 && token->expires() <= clock_.NowSeconds()) {
    return Fail(ErrorCode::kUnauthenticated, "the app password has expired");
  }
  if (token->no_files()) return Fail(ErrorCode::kForbidden, "the app password may not reach files");
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
