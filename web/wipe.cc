// Remote wipe: after a 401 a device asks whether it is to erase what it holds, and says when it
// has. 404 is the answer to everybody else: "wipe": true destroys data (clients.md 1.7).
#include "auth/audit.h"
#include "conf/network.h"
#include "web/page.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

using MaybeToken = std::optional<storage::Token>;

// What `find` says; tokens that nobody was to wipe count as misses.
template <class Find>
Result<MaybeToken> OrMiss(Visit& visit, Find find) {
  ASSIGN_OR_RETURN(auto token, find());
  if (!token)
    RETURN_IF_ERROR(visit.services.throttle.Take(auth::ThrottleRule::kTokenMiss,
                                                 conf::SourceOf(visit.request.remote)));
  return token;
}

}  // namespace

Outcome CheckWipe(Visit& visit) {
  const std::string secret(visit.form.Last("token").value_or(""));
  if (secret.empty()) co_return Message(visit, 400, "Bad request", "No token was given.");
  auto find = [&] {
    return visit.services.app_passwords.ToBeWiped(*visit.services.engine.kv().Published(), secret);
  };
  auto work = [&] { return OrMiss(visit, find); };
  auto token = co_await visit.services.pools.slow.Run(work);
  if (token.has_error()) co_return std::move(token).error();
  co_return *token ? Json(200, "{\"wipe\":true}") : Json(404, "[]");
}

Outcome ConfirmWipe(Visit& visit) {
  const std::string secret(visit.form.Last("token").value_or(""));
  if (secret.empty()) co_return Message(visit, 400, "Bad request", "No token was given.");
  auto find = [&] { return visit.services.app_passwords.WipeDone(secret); };
  auto work = [&] { return OrMiss(visit, find); };
  auto token = co_await visit.services.pools.slow.Run(work);
  if (token.has_error()) co_return std::move(token).error();
  if (!*token) co_return Json(404, "[]");
  auth::Audit({auth::AuditEvent::kWipeDone, "user " + std::to_string((*token)->user()),
               visit.request.remote, (*token)->name()});
  co_return Json(200, "[]");
}

}  // namespace cairn::web
