#include "ocs/provisioning.h"

#include <algorithm>

#include "auth/groups.h"
#include "ocs/user_data.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

Error OutOfReach() { return Fail(ErrorCode::kForbidden, "out of the caller's reach"); }

bool IsSelf(const Call& call, UserId user) { return call.user().caller.user == user; }

}  // namespace

std::optional<Reply> RefuseWithoutPassword(const Call& call) {
  if (!call.user().app_password) return std::nullopt;
  return Reply::Failure(403, "Password confirmation is required");
}

std::optional<Reply> RefuseUnlessAdmin(const Call& call) {
  if (call.user().admin) return std::nullopt;
  return Reply::Failure(403, "Logged in account must be an admin");
}

Reply NotASubAdmin() {
  return Reply::Failure(403, "Logged in account must be at least a sub admin");
}

Result<auth::AccountRights> CallerRights(const Call& call, const storage::KvView& view) {
  return auth::RightsOf(view, call.user().caller, call.services.engine.clock());
}

Result<Target> FindTarget(const Call& call, const storage::KvView& view) {
  Target target;
  ASSIGN_OR_RETURN(target.rights, CallerRights(call, view));
  ASSIGN_OR_RETURN(target.user, call.services.users.FindByName(view, call.params[0]));
  if (!target.user) return target;
  target.self = IsSelf(call, target.id());
  if (target.self) return target;
  ASSIGN_OR_RETURN(const bool reached, auth::MayLookAfter(view, target.rights, *target.user));
  if (!reached) target.user.reset();
  return target;
}

auth::Precondition StillReaches(const Call& call, UserId target) {
  return [&call, target](const storage::KvView& view) -> Result<void> {
    ASSIGN_OR_RETURN(const auto rights, CallerRights(call, view));
    if (IsSelf(call, target)) return {};
    ASSIGN_OR_RETURN(const auto user, call.services.users.Find(view, target));
    if (!user) return OutOfReach();
    ASSIGN_OR_RETURN(const bool reached, auth::MayLookAfter(view, rights, *user));
    return reached ? Result<void>() : OutOfReach();
  };
}

auth::Precondition StillAdmin(const Call& call) {
  return [&call](const storage::KvView& view) -> Result<void> {
    ASSIGN_OR_RETURN(const auto rights, CallerRights(call, view));
    return rights.admin ? Result<void>() : OutOfReach();
  };
}

auth::Precondition StillGoverns(const Call& call, std::string group) {
  return [&call, group = std::move(group)](const storage::KvView& view) -> Result<void> {
    ASSIGN_OR_RETURN(const auto rights, CallerRights(call, view));
    return rights.Governs(group) ? Result<void>() : OutOfReach();
  };
}

Result<Reply> AnswerTo(const Result<void>& done, Reply refusal) {
  if (done.has_value()) return Reply();
  switch (done.error().code) {
    case ErrorCode::kForbidden:
      return Reply::Failure(kNotFound, "");
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kInvalidName:
    case ErrorCode::kTooLarge:
      return refusal;
    default:
      return done.error();
  }
}

Result<Reply> Audited(const Call& call, auth::AuditEvent event, std::string_view user,
                      std::string_view detail, Result<Reply> reply) {
  if (reply.has_error() || reply->code != 200) return reply;
  const std::string& caller = call.user().caller.user_name;
  const std::string_view actor = user == caller ? std::string_view() : caller;
  auth::Audit({event, user, call.request.remote, detail, actor});
  return reply;
}

std::optional<std::string> FindArgument(const Call& call, std::string_view name) {
  if (const auto value = call.form.Last(name)) return std::string(*value);
  const http::Form query = http::Form::Parse(call.request.query);
  if (const auto value = query.Last(name)) return std::string(*value);
  return std::nullopt;
}

std::string Argument(const Call& call, std::string_view name) {
  return FindArgument(call, name).value_or("");
}

std::vector<std::string> ListArgument(const Call& call, std::string_view name) {
  const std::string begin = std::string(name) + "[";
  std::vector<std::string> values;
  const http::Form query = http::Form::Parse(call.request.query);
  for (const http::Form* form : {&call.form, &query}) {
    for (const auto& [key, value] : form->fields()) {
      if (key.starts_with(begin) && key.ends_with(']')) values.push_back(value);
    }
  }
  return values;
}

Paging PagingOf(const Call& call, std::size_t most) {
  const http::Form query = http::Form::Parse(call.request.query);
  Paging paging{.search = std::string(query.Last("search").value_or("")), .limit = most};
  if (const auto limit = ParseUint(query.Last("limit").value_or("")))
    paging.limit = static_cast<std::size_t>(std::min<std::uint64_t>(*limit, most));
  paging.offset =
      static_cast<std::size_t>(ParseUint(query.Last("offset").value_or("")).value_or(0));
  return paging;
}

Reply NamesReply(const std::vector<auth::FoundUser>& found) {
  json::array names;
  for (const auth::FoundUser& user : found) names.emplace_back(user.name);
  return Reply::Of(json::object{{"users", std::move(names)}});
}

Result<Reply> DetailsReply(const Call& call, const storage::KvView& view,
                           const std::vector<auth::FoundUser>& found) {
  std::vector<UserId> ids;
  for (const auth::FoundUser& user : found) ids.push_back(user.id);
  ASSIGN_OR_RETURN(const auto accounts, ReadAccounts(call.services, view, ids));
  json::object users;
  const Reader reader{.own = false, .admin = call.user().admin};
  for (const Account& account : accounts) users[account.user.name()] = UserDataOf(account, reader);
  if (users.empty()) return Reply::Of(json::object{{"users", json::array()}});
  return Reply::Of(json::object{{"users", std::move(users)}});
}

}  // namespace cairn::ocs
