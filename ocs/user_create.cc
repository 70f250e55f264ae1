// POST /cloud/users: an account with its groups, quota and language, all in one transaction.
#include "auth/names.h"
#include "auth/password_policy.h"
#include "ocs/endpoints.h"
#include "ocs/profile_rules.h"
#include "ocs/provisioning.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

// Codes of this call.
constexpr int kExists = 102;
constexpr int kNoAdminsAdmins = 103;
constexpr int kNoSuchGroup = 104;
constexpr int kNotHisGroup = 105;
constexpr int kGroupNeeded = 106;
constexpr int kWeakPassword = 107;
constexpr int kMailNeeded = 108;
constexpr int kNoSuchSubAdminGroup = 109;

// nullopt: the groups exist and the caller may give them.
Result<std::optional<Reply>> CheckGroups(const storage::KvView& view, const auth::Groups& groups,
                                         const auth::AccountRights& rights,
                                         const auth::NewUser& user) {
  using Refused = std::optional<Reply>;
  for (const std::string& name : user.groups) {
    ASSIGN_OR_RETURN(const auto group, groups.Find(view, name));
    if (!group) return Refused(Reply::Failure(kNoSuchGroup, "Group " + name + " does not exist"));
    if (!rights.Governs(name)) {
      return Refused(Reply::Failure(kNotHisGroup, "Insufficient privileges for group " + name));
    }
  }
  if (user.groups.empty() && !rights.admin) {
    return Refused(Reply::Failure(kGroupNeeded, "No group specified (required for sub-admins)"));
  }
  for (const std::string& name : user.sub_admin_of) {
    ASSIGN_OR_RETURN(const auto group, groups.Find(view, name));
    if (!group)
      return Refused(Reply::Failure(kNoSuchSubAdminGroup, "Sub-admin group does not exist"));
    if (name == auth::kAdminGroup) {
      return Refused(Reply::Failure(kNoAdminsAdmins, "Cannot create sub-admins for admin group"));
    }
    if (!rights.Governs(name))
      return Refused(Reply::Failure(kNotHisGroup, "No permissions to promote sub-admins"));
  }
  return Refused();
}

std::optional<Reply> CheckPassword(const auth::NewUser& user) {
  if (user.password.empty()) {
    if (!user.email.empty()) return std::nullopt;
    return Reply::Failure(kMailNeeded,
                          "An email address is required, to send a password link to the user.");
  }
  const auto fine = auth::CheckNewPassword(user.password);
  if (fine.has_value()) return std::nullopt;
  if (Is(fine.error(), ErrorCode::kTooLarge))
    return Reply::Failure(kBadValue, "Invalid password value");
  return Reply::Failure(kWeakPassword, fine.error().message);
}

std::optional<Reply> CheckValues(const auth::NewUser& user, const std::string& language) {
  if (auth::CheckEmail(user.email).has_error()) return Reply::Failure(kBadValue, "Invalid email");
  const bool named = !user.display_name.empty();
  if (named && auth::CheckLabel(user.display_name, auth::kMaxDisplayName).has_error())
    return Reply::Failure(kBadValue, "Invalid displayname");
  if (!user.quota.empty() && auth::ParseQuota(user.quota).has_error())
    return Reply::Failure(kBadValue, "Invalid quota value: " + user.quota);
  if (!language.empty() && !IsLanguage(language))
    return Reply::Failure(kBadValue, "Invalid language");
  return std::nullopt;
}

std::optional<Reply> CheckName(const std::string& name) {
  if (Trim(name).empty()) return Reply::Failure(kBadValue, "A valid Login must be provided");
  const auto fine = auth::CheckUserName(name);
  if (fine.has_value()) return std::nullopt;
  return Reply::Failure(kBadValue, fine.error().message);
}

auth::NewUser NewUserOf(const Call& call) {
  auth::NewUser user;
  user.name = Argument(call, "userid");
  user.password = Argument(call, "password");
  user.display_name = Trim(Argument(call, "displayName"));
  user.email = ToLower(Trim(Argument(call, "email")));
  user.groups = ListArgument(call, "groups");
  user.sub_admin_of = ListArgument(call, "subadmin");
  user.quota = Argument(call, "quota");
  return user;
}

void NoteCreated(const Call& call, const auth::NewUser& user) {
  const auto note = [&](auth::AuditEvent event, const std::string& detail) {
    auth::Audit({event, user.name, call.request.remote, detail, call.user().caller.user_name});
  };
  note(auth::AuditEvent::kUserChanged, "created");
  for (const std::string& group : user.groups)
    note(auth::AuditEvent::kPrivilegeChanged, "added to group " + group);
  for (const std::string& group : user.sub_admin_of)
    note(auth::AuditEvent::kPrivilegeChanged, "sub-admin of group " + group);
}

Result<Reply> Create(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const auto rights, CallerRights(call, *view));
  if (!rights.SubAdminOrMore()) return NotASubAdmin();
  auth::NewUser user = NewUserOf(call);
  const std::string language = Argument(call, "language");
  const Reply exists = Reply::Failure(kExists, "User already exists");
  ASSIGN_OR_RETURN(const auto taken, call.services.users.FindByName(*view, user.name));
  if (taken) return exists;
  const auth::Groups groups(call.services.engine.kv());
  ASSIGN_OR_RETURN(auto refused, CheckGroups(*view, groups, rights, user));
  if (refused) return std::move(*refused);
  if ((refused = CheckPassword(user))) return std::move(*refused);
  if ((refused = CheckName(user.name))) return std::move(*refused);
  if ((refused = CheckValues(user, language))) return std::move(*refused);
  if (!language.empty()) user.settings["core/lang"] = language;

  // Groups may go, and rights may end, before the transaction has its turn.
  const auth::Precondition allowed = [&](const storage::KvView& now) -> Result<void> {
    ASSIGN_OR_RETURN(const auto rights_now, CallerRights(call, now));
    ASSIGN_OR_RETURN(refused, CheckGroups(now, groups, rights_now, user));
    return refused ? Fail(ErrorCode::kForbidden, "the groups changed") : Result<void>();
  };
  const auto made = call.services.users.Create(user, allowed);
  if (made.has_value()) {
    NoteCreated(call, user);
    return Reply::Of(json::object{{"id", made->name()}});
  }
  if (Is(made.error(), ErrorCode::kAlreadyExists)) return exists;
  if (refused) return std::move(*refused);
  if (Is(made.error(), ErrorCode::kTooLarge))
    return Reply::Failure(kBadValue, made.error().message);
  return made.error();
}

}  // namespace

// On the slow pool, as is every change of an account: it may hash a password, and waits for the
// directory key, whose holders never need that pool.
ReplyTask CreateUser(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  auto work = [&] { return Create(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

}  // namespace cairn::ocs
