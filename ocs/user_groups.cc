// Memberships of an account, and the groups it is sub-admin of.
#include <algorithm>

#include "auth/group_admins.h"
#include "auth/names.h"
#include "ocs/endpoints.h"
#include "ocs/provisioning.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

// Codes of these calls.
constexpr int kUnknownGroup = 102;
constexpr int kUnknownUser = 103;
constexpr int kNotGoverned = 104;
constexpr int kNotRemovable = 105;
constexpr int kIsAdminGroup = 103;
constexpr int kNoSubAdmin = 102;

// The names of a call: what it changes, if it may.
struct Membership {
  Target target;
  std::string group;
  Reply refusal;  // when the target has no user
};

// A sub-admin governs the group and the user already: he takes in nobody who is out of his reach.
Result<Membership> FindMembership(const Call& call, const storage::KvView& view) {
  Membership found;
  found.group = Argument(call, "groupid");
  ASSIGN_OR_RETURN(Target target, FindTarget(call, view));
  ASSIGN_OR_RETURN(const auto group,
                   auth::Groups(call.services.engine.kv()).Find(view, found.group));
  found.target.rights = target.rights;
  if (!target.rights.SubAdminOrMore()) {
    found.refusal = NotASubAdmin();
  } else if (Trim(found.group).empty()) {
    found.refusal = Reply::Failure(kBadValue, "");
  } else if (target.rights.admin && !group) {
    found.refusal = Reply::Failure(kUnknownGroup, "");
  } else if (target.rights.admin && !target.user) {
    found.refusal = Reply::Failure(kUnknownUser, "");
  } else if (!target.rights.Governs(found.group) || !target.user) {
    found.refusal = Reply::Failure(kNotGoverned, "");
  } else {
    found.target = std::move(target);
  }
  return found;
}

auth::Precondition StillBoth(const Call& call, const Membership& membership) {
  return [reaches = StillReaches(call, membership.target.id()),
          governs = StillGoverns(call, membership.group)](const storage::KvView& view) {
    const auto reached = reaches(view);
    return reached.has_error() ? reached : governs(view);
  };
}

Result<Reply> AddMembership(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const Membership membership, FindMembership(call, *view));
  if (!membership.target.user) return membership.refusal;
  auth::Groups groups(call.services.engine.kv());
  const auto done =
      groups.AddMember(membership.group, membership.target.id(), StillBoth(call, membership));
  return Audited(call, auth::AuditEvent::kPrivilegeChanged, membership.target.user->name(),
                 "added to group " + membership.group,
                 AnswerTo(done, Reply::Failure(kUnknownGroup, "")));
}

// Nobody takes away his own rights, nor a sub-admin a user out of his own reach.
Result<std::optional<Reply>> RefuseRemoval(const Membership& membership,
                                           const storage::KvView& view) {
  using Refused = std::optional<Reply>;
  const Target& target = membership.target;
  if (target.self && target.rights.admin) {
    if (membership.group != auth::kAdminGroup) return Refused();
    return Refused(Reply::Failure(kNotRemovable, "Cannot remove yourself from the admin group"));
  }
  if (target.self) {
    return Refused(Reply::Failure(kNotRemovable,
                                  "Cannot remove yourself from this group as you are a sub-admin"));
  }
  if (target.rights.admin) return Refused();
  ASSIGN_OR_RETURN(const auto his, auth::GroupsOf(view, target.id()));
  const auto governed = std::count_if(his.begin(), his.end(), [&](const std::string& group) {
    return target.rights.Governs(group);
  });
  if (governed > 1) return Refused();
  return Refused(Reply::Failure(
      kNotRemovable, "Not viable to remove user from the last group you are sub-admin of"));
}

Result<Reply> RemoveMembership(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const Membership membership, FindMembership(call, *view));
  if (!membership.target.user) return membership.refusal;
  ASSIGN_OR_RETURN(auto refused, RefuseRemoval(membership, *view));
  if (refused) return std::move(*refused);
  auth::Groups groups(call.services.engine.kv());
  const auto done =
      groups.RemoveMember(membership.group, membership.target.id(), StillBoth(call, membership));
  return Audited(call, auth::AuditEvent::kPrivilegeChanged, membership.target.user->name(),
                 "removed from group " + membership.group,
                 AnswerTo(done, Reply::Failure(kUnknownGroup, "")));
}

Result<Reply> AddSubAdminRight(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const Target target, FindTarget(call, *view));
  if (!target.user) return Reply::Failure(kBadValue, "User does not exist");
  const std::string name = Argument(call, "groupid");
  ASSIGN_OR_RETURN(const auto group, auth::Groups(call.services.engine.kv()).Find(*view, name));
  const Reply no_group = Reply::Failure(kUnknownGroup, "Group does not exist");
  if (!group) return no_group;
  if (name == auth::kAdminGroup)
    return Reply::Failure(kIsAdminGroup, "Cannot create sub-admins for admin group");
  auth::GroupAdmins admins(call.services.engine.kv());
  const auto done = admins.Add(name, target.id(), StillAdmin(call));
  return Audited(call, auth::AuditEvent::kPrivilegeChanged, target.user->name(),
                 "sub-admin of group " + name, AnswerTo(done, no_group));
}

Result<Reply> RemoveSubAdminRight(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const Target target, FindTarget(call, *view));
  const std::string name = Argument(call, "groupid");
  ASSIGN_OR_RETURN(const auto group, auth::Groups(call.services.engine.kv()).Find(*view, name));
  if (!group) return Reply::Failure(kBadValue, "Group does not exist");
  if (!target.user) return Reply::Failure(kBadValue, "User does not exist");
  auth::GroupAdmins admins(call.services.engine.kv());
  const auto done = admins.Remove(name, target.id(), StillAdmin(call));
  const Reply none = Reply::Failure(kNoSubAdmin, "User is not a sub-admin of this group");
  return Audited(call, auth::AuditEvent::kPrivilegeChanged, target.user->name(),
                 "no sub-admin of group " + name, AnswerTo(done, none));
}

Result<Reply> ReadSubAdminRights(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const Target target, FindTarget(call, *view));
  if (!target.user) return Reply::Failure(404, "User does not exist");
  ASSIGN_OR_RETURN(const auto groups, auth::AdministeredBy(*view, target.id()));
  return Reply::Of(json::array(groups.begin(), groups.end()));
}

}  // namespace

ReplyTask AddUserToGroup(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  auto work = [&] { return AddMembership(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask RemoveUserFromGroup(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  auto work = [&] { return RemoveMembership(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask GetSubAdminGroups(Call& call) {
  if (auto refused = RefuseUnlessAdmin(call)) co_return std::move(*refused);
  auto work = [&] { return ReadSubAdminRights(call); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask AddSubAdmin(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  if (auto refused = RefuseUnlessAdmin(call)) co_return std::move(*refused);
  auto work = [&] { return AddSubAdminRight(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask RemoveSubAdmin(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  if (auto refused = RefuseUnlessAdmin(call)) co_return std::move(*refused);
  auto work = [&] { return RemoveSubAdminRight(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

}  // namespace cairn::ocs
