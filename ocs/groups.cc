// Groups and who is in them, for administrators and sub-admins. Members see each other.
#include "auth/groups.h"

#include "auth/group_admins.h"
#include "auth/names.h"
#include "auth/records.h"
#include "ocs/endpoints.h"
#include "ocs/provisioning.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

constexpr int kGroupExists = 102;
constexpr int kGroupStays = 102;

auth::Groups GroupsOfCall(const Call& call) { return auth::Groups(call.services.engine.kv()); }

// The page that `paging` cuts from the groups that `rights` reach, in byte order of names.
Result<std::vector<storage::Group>> FindGroups(const Call& call, const storage::KvView& view,
                                               const auth::AccountRights& rights,
                                               const Paging& paging) {
  const auto governed = [&](const storage::Group& group) { return rights.Governs(group.name()); };
  const auth::GroupSearch search{paging.search, paging.offset, paging.limit};
  return GroupsOfCall(call).Search(view, search, governed);
}

Result<Reply> ListGroupNames(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const auto rights, CallerRights(call, *view));
  if (!rights.SubAdminOrMore()) return NotASubAdmin();
  ASSIGN_OR_RETURN(const auto groups, FindGroups(call, *view, rights, PagingOf(call, kMaxNames)));
  json::array names;
  for (const storage::Group& group : groups) names.emplace_back(group.name());
  return Reply::Of(json::object{{"groups", std::move(names)}});
}

Result<Reply> ListGroupsInDetail(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const auto rights, CallerRights(call, *view));
  if (!rights.SubAdminOrMore()) return NotASubAdmin();
  ASSIGN_OR_RETURN(const auto groups, FindGroups(call, *view, rights, PagingOf(call, kMaxDetails)));
  ASSIGN_OR_RETURN(const auto counts, GroupsOfCall(call).Count(*view, groups));
  json::array rows;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    rows.push_back(json::object{{"id", groups[i].name()},
                                {"displayname", auth::ShownName(groups[i])},
                                {"usercount", counts[i].all},
                                {"disabled", counts[i].disabled},
                                {"canAdd", true},
                                {"canRemove", true}});
  }
  return Reply::Of(json::object{{"groups", std::move(rows)}});
}

enum class MemberListing { kNames, kDetails };

// Of a group that one neither governs nor is in, nobody learns whether it exists. Who is only in it
// looks for other people as everywhere.
Result<Reply> ListMembers(const Call& call, MemberListing listing) {
  const auto view = call.services.engine.kv().Published();
  const std::string& name = call.params[0];
  ASSIGN_OR_RETURN(const auto rights, CallerRights(call, *view));
  ASSIGN_OR_RETURN(const auto group, GroupsOfCall(call).Find(*view, name));
  const bool governs = rights.Governs(name);
  if (!governs) RETURN_IF_ERROR(call.services.people.Admit(call.user().caller.user));
  bool may = governs;
  if (group && !may && listing == MemberListing::kNames) {
    ASSIGN_OR_RETURN(const auto row, view->Get(storage::Table::kGroupMembers,
                                               auth::GroupRowKey(name, call.user().caller.user)));
    may = row.has_value();
  }
  if (!group || !may) return Reply::Failure(404, "The requested group could not be found");
  const Paging paging = PagingOf(call, listing == MemberListing::kNames ? kMaxNames : kMaxDetails);
  if (!governs && !call.services.people.Suggests(paging.search)) return NamesReply({});
  const std::vector<std::string> one = {name};
  ASSIGN_OR_RETURN(const auto members, auth::MembersOf(*view, one, kMaxNames));
  const auth::UserSearch search{
      .text = paging.search,
      .among = &members,
      .state = governs ? auth::AccountState::kAny : auth::AccountState::kEnabled,
      .offset = paging.offset,
      .limit = paging.limit};
  ASSIGN_OR_RETURN(const auto found, auth::SearchUsers(*view, search));
  if (listing == MemberListing::kNames) return NamesReply(found);
  return DetailsReply(call, *view, found);
}

Result<Reply> ListGroupAdmins(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  const std::string& name = call.params[0];
  ASSIGN_OR_RETURN(const auto group, GroupsOfCall(call).Find(*view, name));
  if (!group) return Reply::Failure(kBadValue, "Group does not exist");
  const auth::GroupAdmins admins(call.services.engine.kv());
  ASSIGN_OR_RETURN(const auto ids, admins.OfGroup(*view, name, UserId{}, kMaxNames));
  json::array names;
  for (const UserId id : ids) {
    ASSIGN_OR_RETURN(const auto user, call.services.users.Find(*view, id));
    if (user) names.emplace_back(user->name());
  }
  return Reply::Of(std::move(names));
}

Result<Reply> MakeGroup(const Call& call) {
  const std::string name = Argument(call, "groupid");
  const std::string display_name(Trim(Argument(call, "displayname")));
  const auto made = GroupsOfCall(call).Create(name, display_name, StillAdmin(call));
  if (made.has_error() && Is(made.error(), ErrorCode::kAlreadyExists))
    return Reply::Failure(kGroupExists, "group exists");
  return AnswerTo(made, Reply::Failure(kBadValue, "Invalid group name"));
}

Result<Reply> RenameGroup(const Call& call) {
  if (Argument(call, "key") != "displayname") return Reply::Failure(kUnknownError, "");
  const std::string display_name(Trim(Argument(call, "value")));
  const auto done =
      GroupsOfCall(call).SetDisplayName(call.params[0], display_name, StillAdmin(call));
  if (done.has_error() && Is(done.error(), ErrorCode::kInvalidArgument))
    return Reply::Failure(kBadValue, "Invalid displayname");
  return AnswerTo(done, Reply::Failure(kNotFound, "Group does not exist"));
}

Result<Reply> RemoveGroup(const Call& call) {
  if (call.params[0] == auth::kAdminGroup) return Reply::Failure(kGroupStays, "");
  const auto done = GroupsOfCall(call).Remove(call.params[0], StillAdmin(call));
  return Audited(call, auth::AuditEvent::kPrivilegeChanged, {},
                 "group " + call.params[0] + " removed",
                 AnswerTo(done, Reply::Failure(kBadValue, "")));
}

}  // namespace

ReplyTask ListGroups(Call& call) {
  auto work = [&] { return ListGroupNames(call); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask ListGroupDetails(Call& call) {
  auto work = [&] { return ListGroupsInDetail(call); };
  co_return co_await call.services.pools.read.Run(work);
}

// On the slow pool: counting how often one asks waits for the directory key.
ReplyTask GetGroupUsers(Call& call) {
  auto work = [&] { return ListMembers(call, MemberListing::kNames); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask GetGroupUserDetails(Call& call) {
  auto work = [&] { return ListMembers(call, MemberListing::kDetails); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask GetGroupSubAdmins(Call& call) {
  if (auto refused = RefuseUnlessAdmin(call)) co_return std::move(*refused);
  auto work = [&] { return ListGroupAdmins(call); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask CreateGroup(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  if (auto refused = RefuseUnlessAdmin(call)) co_return std::move(*refused);
  auto work = [&] { return MakeGroup(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask EditGroup(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  if (auto refused = RefuseUnlessAdmin(call)) co_return std::move(*refused);
  auto work = [&] { return RenameGroup(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask DeleteGroup(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  if (auto refused = RefuseUnlessAdmin(call)) co_return std::move(*refused);
  auto work = [&] { return RemoveGroup(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

}  // namespace cairn::ocs
