// Accounts as clients read them: who is logged in, the quota their settings show, groups.
#include <algorithm>
#include <array>

#include "ocs/endpoints.h"
#include "ocs/provisioning.h"
#include "ocs/user_data.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

// What a user may change of his profile, as clients ask before they show a form.
constexpr std::array<std::string_view, 16> kEditableFields = {
    "address",  "biography",    "birthdate", "displayname",     "email",    "fediverse",
    "headline", "organisation", "phone",     "profile_enabled", "pronouns", "role",
    "twitter",  "bluesky",      "website",   "additional_mail",
};

Result<Reply> ReadUser(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(Target target, FindTarget(call, *view));
  if (!target.user) {
    return target.rights.admin ? Reply::Failure(404, "User does not exist")
                               : Reply::Failure(kNotFound, "");
  }
  ASSIGN_OR_RETURN(const Account account,
                   ReadAccount(call.services, *view, std::move(*target.user)));
  return Reply::Of(UserDataOf(account, {.own = target.self, .admin = target.rights.admin}));
}

// Sub-admins see those groups only that they look after.
Result<Reply> ReadUserGroups(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const Target target, FindTarget(call, *view));
  if (!target.user) return Reply::Failure(kNotFound, "");
  ASSIGN_OR_RETURN(const auto groups, auth::GroupsOf(*view, target.id()));
  json::array shown;
  for (const std::string& group : groups) {
    if (target.self || target.rights.Governs(group)) shown.emplace_back(group);
  }
  return Reply::Of(json::object{{"groups", std::move(shown)}});
}

Result<Reply> ReadEditableFields(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const Target target, FindTarget(call, *view));
  if (!target.user) return Reply::Failure(kNotFound, "");
  return Reply::Of(json::array(kEditableFields.begin(), kEditableFields.end()));
}

}  // namespace

ReplyTask GetSelf(Call& call) {
  call.params = {call.user().caller.user_name};
  return GetUser(call);
}

ReplyTask GetUser(Call& call) {
  auto work = [&] { return ReadUser(call); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask GetUserGroups(Call& call) {
  auto work = [&] { return ReadUserGroups(call); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask GetOwnFields(Call& call) {
  call.params = {call.user().caller.user_name};
  return GetUserFields(call);
}

ReplyTask GetUserFields(Call& call) {
  auto work = [&] { return ReadEditableFields(call); };
  co_return co_await call.services.pools.read.Run(work);
}

}  // namespace cairn::ocs
