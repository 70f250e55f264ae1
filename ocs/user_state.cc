// What happens to a whole account: enabled, disabled, deleted, greeted.
#include "ocs/endpoints.h"
#include "ocs/provisioning.h"

namespace cairn::ocs {
namespace {

constexpr int kNoMail = 102;

// Nobody does this to himself, so that an administrator stays.
Result<Reply> ChangeEnabled(const Call& call, bool enabled) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const Target target, FindTarget(call, *view));
  const Reply refusal = Reply::Failure(kBadValue, "");
  if (!target.user) return target.rights.admin ? refusal : Reply::Failure(kNotFound, "");
  if (target.self) return refusal;
  const auto done =
      call.services.users.SetDisabled(target.id(), !enabled, StillReaches(call, target.id()));
  return Audited(call, auth::AuditEvent::kUserChanged, target.user->name(),
                 enabled ? "enabled" : "disabled", AnswerTo(done, refusal));
}

Result<Reply> Remove(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const Target target, FindTarget(call, *view));
  const Reply gone = Reply::Failure(kNotFound, "");
  if (!target.user) return gone;
  if (target.self) return Reply::Failure(kBadValue, "");
  const auto done = call.services.users.Delete(target.id(), StillReaches(call, target.id()));
  return Audited(call, auth::AuditEvent::kUserChanged, target.user->name(), "deleted",
                 AnswerTo(done, gone));
}

// The server sends no mail: whoever asks is told so.
Result<Reply> Greet(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const Target target, FindTarget(call, *view));
  if (!target.user || (target.self && !target.rights.SubAdminOrMore()))
    return Reply::Failure(kNotFound, "");
  if (target.user->email().empty()) return Reply::Failure(kBadValue, "Email address not available");
  return Reply::Failure(kNoMail, "Sending email failed");
}

}  // namespace

ReplyTask EnableUser(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  auto work = [&] { return ChangeEnabled(call, true); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask DisableUser(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  auto work = [&] { return ChangeEnabled(call, false); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask DeleteUser(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  auto work = [&] { return Remove(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask SendWelcome(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  auto work = [&] { return Greet(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

}  // namespace cairn::ocs
