// App passwords: a device exchanges the login password for one, renews it, gives it back on account
// removal; an administrator has devices erase what they hold.
#include "auth/audit.h"
#include "auth/live.h"
#include "auth/names.h"
#include "ocs/endpoints.h"
#include "ocs/provisioning.h"

namespace cairn::ocs {
namespace {

Reply Secret(const auth::NewAppPassword& made) {
  return Reply::Of(boost::json::object{{"apppassword", made.secret}});
}

void Note(const Call& call, auth::AuditEvent event, std::string_view device) {
  auth::Audit({event, call.user().caller.user_name, call.request.remote, device});
}

// A new secret for the token of this request.
ReplyTask Renew(Call& call) {
  const auto& caller = call.user().caller;
  auto work = [&] { return call.services.app_passwords.Rotate(caller.user, *caller.token); };
  auto made = co_await call.services.pools.slow.Run(work);
  // Gone since this request began, as any credential may be.
  if (made.has_error() && Is(made.error(), ErrorCode::kNotFound))
    co_return Reply::Failure(kUnauthenticated, "Unauthorised");
  if (made.has_error()) co_return std::move(made).error();
  Note(call, auth::AuditEvent::kTokenCreated, made->token.name());
  co_return Secret(*made);
}

}  // namespace

// On the slow pool: making an app password waits for the directory key, and nothing that holds it
// needs that pool.
ReplyTask MakeAppPassword(Call& call) {
  // Nobody would see what a HEAD makes.
  if (call.request.method == "HEAD")
    co_return Reply::Failure(403, "only GET shows an app password");
  if (call.user().app_password) co_return Reply::Failure(403, "Password confirmation is required");
  const std::string name =
      auth::DeviceName(call.request.headers.Get("User-Agent"), auth::kMaxTokenName);
  const auth::Precondition live = auth::StillLive(call.user().caller, call.services.engine.clock());
  auto work = [&] {
    return call.services.app_passwords.Create(call.user().caller.user, name, {}, live);
  };
  auto made = co_await call.services.pools.slow.Run(work);
  if (made.has_error()) co_return std::move(made).error();
  Note(call, auth::AuditEvent::kTokenCreated, name);
  co_return Secret(*made);
}

ReplyTask ExchangeOneTime(Call& call) {
  if (!call.user().one_time || call.request.method == "HEAD")
    co_return Reply::Failure(403, "could not get one-time app password");
  co_return co_await Renew(call);
}

ReplyTask RotateAppPassword(Call& call) {
  if (!call.user().caller.token) co_return Reply::Failure(403, "no app password in use");
  co_return co_await Renew(call);
}

ReplyTask DeleteAppPassword(Call& call) {
  if (!call.user().caller.token) co_return Reply::Failure(403, "no app password in use");
  auto work = [&] {
    return call.services.app_passwords.Delete(call.user().caller.user, *call.user().caller.token);
  };
  auto deleted = co_await call.services.pools.slow.Run(work);
  if (deleted.has_error() && !Is(deleted.error(), ErrorCode::kNotFound))
    co_return std::move(deleted).error();
  Note(call, auth::AuditEvent::kTokenRevoked, call.user().caller.token_name);
  co_return Reply();
}

ReplyTask ConfirmPassword(Call& call) {
  const std::string password(call.form.Last("password").value_or(""));
  auto work = [&] {
    return call.services.authenticator.CheckForm(call.user().caller.user_name, password,
                                                 call.request.remote,
                                                 *call.services.engine.kv().Published());
  };
  auto checked = co_await call.services.pools.slow.Run(work);
  if (checked.has_error() && Is(checked.error(), ErrorCode::kUnauthenticated))
    co_return Reply::Failure(403, "");
  if (checked.has_error()) co_return std::move(checked).error();
  co_return Reply::Of(
      boost::json::object{{"lastLogin", call.services.engine.clock().NowSeconds()}});
}

// With the password at hand: what devices erase does not come back.
ReplyTask WipeDevices(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  auto work = [&]() -> Result<Reply> {
    ASSIGN_OR_RETURN(const Target target, FindTarget(call, *call.services.engine.kv().Published()));
    if (!target.user) return Reply::Failure(kNotFound, "");
    if (target.self) return Reply::Failure(kBadValue, "");
    RETURN_IF_ERROR(call.services.app_passwords.OrderWipe(target.id(), std::nullopt));
    return Audited(call, auth::AuditEvent::kWipeOrdered, target.user->name(), "all devices",
                   Reply());
  };
  co_return co_await call.services.pools.slow.Run(work);
}

}  // namespace cairn::ocs
