#include "auth/groups.h"

#include "auth/names.h"
#include "auth/records.h"
#include "storage/commit.h"

namespace cairn::auth {

using storage::Group;
using storage::KvTxn;
using storage::KvView;
using storage::Table;

namespace {

constexpr std::size_t kMembersPerStep = 1000;  // memberships that one transaction removes

std::string MemberPrefix(std::string_view group) { return std::string(group).append(1, '\0'); }
std::string MemberKey(std::string_view group, UserId user) {
  return MemberPrefix(group).append(Big64(Raw(user)));
}

Result<storage::User> LiveUser(const KvView& view, UserId id) {
  ASSIGN_OR_RETURN(auto user, LoadUser(view, id));
  if (!user) return Fail(ErrorCode::kNotFound, "no such user");
  return std::move(*user);
}

Result<bool> Exists(const KvView& view, std::string_view name) {
  if (name == kAdminGroup) return true;
  ASSIGN_OR_RETURN(const auto group, view.Get(Table::kGroups, name));
  return group.has_value();
}

Group NewGroup(std::string_view name) {
  Group group;
  group.set_name(std::string(name));
  return group;
}

// Ends up to kMembersPerStep memberships. Returns whether any is left.
Result<bool> RemoveMembersStep(KvTxn& txn, std::string_view group) {
  std::vector<std::string> members;
  bool left = false;
  auto collect = [&](std::string_view rest, std::string_view) {
    left = members.size() == kMembersPerStep;
    if (!left) members.emplace_back(rest);
    return !left;
  };
  RETURN_IF_ERROR(txn.Scan(Table::kGroupMembers, MemberPrefix(group), {}, collect));
  for (const std::string& member : members)
    txn.Erase(Table::kGroupMembers, MemberPrefix(group).append(member));
  return left;
}

}  // namespace

Result<void> EnsureGroup(KvTxn& txn, std::string_view name) {
  RETURN_IF_ERROR(CheckGroupName(name));
  ASSIGN_OR_RETURN(const auto group, txn.Get(Table::kGroups, name));
  if (!group) storage::WriteRecord(txn, Table::kGroups, name, NewGroup(name));
  return {};
}

void SetMembership(KvTxn& txn, std::string_view group, storage::User& user, bool member) {
  const std::string key = MemberKey(group, UserId{user.id()});
  if (member) {
    txn.Put(Table::kGroupMembers, key, {});
  } else {
    txn.Erase(Table::kGroupMembers, key);
  }
  if (group == kAdminGroup) user.set_admin(member);
}

Result<std::vector<std::string>> GroupsOf(const KvView& view, UserId user) {
  std::vector<std::string> names;
  std::vector<std::string> rows;
  auto collect = [&](std::string_view name, std::string_view) {
    names.emplace_back(name);
    rows.push_back(MemberKey(name, user));
    return true;
  };
  RETURN_IF_ERROR(view.Scan(Table::kGroups, {}, {}, collect));
  ASSIGN_OR_RETURN(const auto found, view.MultiGet(Table::kGroupMembers, rows));
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (found[i]) groups.push_back(std::move(names[i]));
  }
  return groups;
}

Result<std::optional<Group>> Groups::Find(const KvView& view, std::string_view name) const {
  if (CheckGroupName(name).has_error()) return std::optional<Group>();
  ASSIGN_OR_RETURN(auto group, storage::ReadRecord<Group>(view, Table::kGroups, name));
  if (!group && name == kAdminGroup) group = NewGroup(name);
  return group;
}

Result<std::vector<Group>> Groups::List(const KvView& view, std::string_view after,
                                        std::size_t limit) const {
  std::vector<Group> groups;
  bool bad = false;
  auto collect = [&](std::string_view, std::string_view value) {
    if (groups.size() == limit) return false;
    bad = !storage::ParseInto(value, groups.emplace_back());
    return !bad;
  };
  RETURN_IF_ERROR(view.Scan(Table::kGroups, {}, after, collect));
  if (bad) return storage::BadRecord(Group());
  return groups;
}

Result<std::vector<UserId>> Groups::Members(const KvView& view, std::string_view group,
                                            UserId after, std::size_t limit) const {
  std::vector<UserId> members;
  auto collect = [&](std::string_view rest, std::string_view) {
    if (members.size() == limit) return false;
    if (rest.size() == 8) members.push_back(UserId{ReadBig64(rest)});
    return true;
  };
  const std::string from = after == UserId{} ? std::string() : Big64(Raw(after));
  RETURN_IF_ERROR(view.Scan(Table::kGroupMembers, MemberPrefix(group), from, collect));
  return members;
}

Result<std::vector<std::string>> Groups::Of(const KvView& view, UserId user) const {
  return GroupsOf(view, user);
}

Result<void> Groups::Create(std::string_view name) {
  RETURN_IF_ERROR(CheckGroupName(name));
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const auto group, txn.Get(Table::kGroups, name));
    if (group) return Fail(ErrorCode::kAlreadyExists, "the group exists");
    return EnsureGroup(txn, name);
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<void> Groups::Remove(std::string_view name) {
  if (name == kAdminGroup) return Fail(ErrorCode::kForbidden, "the group admin stays");
  RETURN_IF_ERROR(CheckGroupName(name));
  // The group goes with its last memberships: a crash between steps leaves it with fewer members,
  // to be removed again.
  auto body = [&](KvTxn& txn) -> Result<bool> {
    ASSIGN_OR_RETURN(const auto group, txn.Get(Table::kGroups, name));
    if (!group) return Fail(ErrorCode::kNotFound, "no such group");
    ASSIGN_OR_RETURN(const bool left, RemoveMembersStep(txn, name));
    if (!left) txn.Erase(Table::kGroups, name);
    return left;
  };
  for (;;) {
    ASSIGN_OR_RETURN(const bool left,
                     storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
    if (!left) return {};
  }
}

Result<void> Groups::AddMember(std::string_view group, UserId user) {
  RETURN_IF_ERROR(CheckGroupName(group));
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const bool exists, Exists(txn, group));
    if (!exists) return Fail(ErrorCode::kNotFound, "no such group");
    ASSIGN_OR_RETURN(auto record, LiveUser(txn, user));
    RETURN_IF_ERROR(EnsureGroup(txn, group));
    SetMembership(txn, group, record, true);
    StoreUser(txn, record);
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<void> Groups::RemoveMember(std::string_view group, UserId user) {
  RETURN_IF_ERROR(CheckGroupName(group));
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const bool exists, Exists(txn, group));
    if (!exists) return Fail(ErrorCode::kNotFound, "no such group");
    ASSIGN_OR_RETURN(auto record, LiveUser(txn, user));
    SetMembership(txn, group, record, false);
    StoreUser(txn, record);
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

}  // namespace cairn::auth
