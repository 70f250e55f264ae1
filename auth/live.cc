#include "auth/live.h"

#include "auth/records.h"

namespace cairn::auth {

Result<LiveCaller> FindLive(const storage::KvView& view, const storage::Caller& caller,
                            const Clock& clock) {
  ASSIGN_OR_RETURN(auto user, LoadUser(view, caller.user));
  if (!user) return Fail(ErrorCode::kUnauthenticated, "the user is gone");
  if (user->disabled()) return Fail(ErrorCode::kUnauthenticated, "the user is disabled");
  if (!caller.token) {
    if (user->version() != caller.user_version)
      return Fail(ErrorCode::kUnauthenticated, "the user's logins were ended");
    return LiveCaller{std::move(*user), std::nullopt};
  }
  ASSIGN_OR_RETURN(auto token, LoadToken(view, caller.token_key));
  if (!token || token->user() != Raw(caller.user) || token->id() != Raw(*caller.token) ||
      token->version() != caller.token_version) {
    return Fail(ErrorCode::kUnauthenticated, "the app password is gone");
  }
  if (token->expires() != 0 && token->expires() <= clock.NowSeconds())
    return Fail(ErrorCode::kUnauthenticated, "the app password has expired");
  return LiveCaller{std::move(*user), std::move(token)};
}

Precondition StillLive(const storage::Caller& caller, const Clock& clock) {
  return [&caller, &clock](const storage::KvView& view) -> Result<void> {
    RETURN_IF_ERROR(FindLive(view, caller, clock));
    return {};
  };
}

}  // namespace cairn::auth
