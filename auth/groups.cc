#include "auth/groups.h"

#include "auth/names.h"
#include "auth/records.h"
#include "auth/user_search.h"
#include "storage/commit.h"

namespace cairn::auth {

using storage::Group;
using storage::KvTxn;
using storage::KvView;
using storage::Table;

namespace {

constexpr std::size_t kRowsPerStep = 1000;  // rows that one transaction removes
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kGroupsPerLook = 1000;

std::string GroupPrefix(std::string_view group) { return std::string(group).append(1, '\0'); }

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

// Erases up to kRowsPerStep rows of a group. Returns whether any is left.
Result<bool> RemoveRowsStep(KvTxn& txn, Table table, std::string_view group) {
  std::vector<std::string> rows;
  bool left = false;
  auto collect = [&](std::string_view rest, std::string_view) {
    left = rows.size() == kRowsPerStep;
    if (!left) rows.emplace_back(rest);
    return !left;
  };
  RETURN_IF_ERROR(txn.Scan(table, GroupPrefix(group), {}, collect));
  for (const std::string& row : rows) txn.Erase(table, GroupPrefix(group).append(row));
  return left;
}

Result<std::set<UserId>> DisabledUsers(const KvView& view) {
  std::set<UserId> ids;
  bool bad = false;
  auto collect = [&](std::string_view, std::string_view value) {
    storage::User user;
    bad = !storage::ParseInto(value, user);
    if (!bad && user.disabled()) ids.insert(UserId{user.id()});
    return !bad;
  };
  RETURN_IF_ERROR(view.Scan(Table::kUsers, {}, {}, collect));
  if (bad) return storage::BadRecord(storage::User());
  return ids;
}

}  // namespace

std::string GroupRowKey(std::string_view group, UserId user) {
  return GroupPrefix(group).append(Big64(Raw(user)));
}

Result<std::vector<UserId>> UsersInRowsOf(const KvView& view, Table table, std::string_view group,
                                          UserId after, std::size_t limit) {
  std::vector<UserId> users;
  auto collect = [&](std::string_view rest, std::string_view) {
    if (users.size() == limit) return false;
    if (rest.size() == kIdBytes) users.push_back(UserId{ReadBig64(rest)});
    return true;
  };
  const std::string from = after == UserId{} ? std::string() : Big64(Raw(after));
  RETURN_IF_ERROR(view.Scan(table, GroupPrefix(group), from, collect));
  return users;
}

Result<std::set<UserId>> MembersOf(const KvView& view, std::span<const std::string> groups,
                                   std::size_t limit) {
  std::set<UserId> members;
  for (const std::string& group : groups) {
    ASSIGN_OR_RETURN(const auto ids, UsersInRowsOf(view, Table::kGroupMembers, group, UserId{},
                                                   limit - members.size()));
    members.insert(ids.begin(), ids.end());
  }
  return members;
}

Result<std::map<UserId, std::vector<std::string>>> GroupRowsOf(const KvView& view, Table table,
                                                               std::span<const UserId> users) {
  std::map<UserId, std::vector<std::string>> groups;
  for (const UserId user : users) groups[user];
  auto collect = [&](std::string_view key, std::string_view) {
    if (key.size() < kIdBytes + 2) return true;
    const std::size_t name_bytes = key.size() - kIdBytes - 1;
    const auto found = groups.find(UserId{ReadBig64(key.substr(name_bytes + 1))});
    if (found != groups.end()) found->second.emplace_back(key.substr(0, name_bytes));
    return true;
  };
  RETURN_IF_ERROR(view.Scan(table, {}, {}, collect));
  return groups;
}

Result<void> EnsureGroup(KvTxn& txn, std::string_view name) {
  RETURN_IF_ERROR(CheckGroupName(name));
  ASSIGN_OR_RETURN(const auto group, txn.Get(Table::kGroups, name));
  if (!group) storage::WriteRecord(txn, Table::kGroups, name, NewGroup(name));
  return {};
}

void SetMembership(KvTxn& txn, std::string_view group, storage::User& user, bool member) {
  const std::string key = GroupRowKey(group, UserId{user.id()});
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
    rows.push_back(GroupRowKey(name, user));
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

Result<std::vector<Group>> Groups::Search(const KvView& view, const GroupSearch& search,
                                          GroupFilter wanted) const {
  std::vector<Group> found;
  std::size_t skip = search.offset;
  std::string after;
  for (bool more = true; more && found.size() < search.limit;) {
    ASSIGN_OR_RETURN(auto page, List(view, after, kGroupsPerLook));
    more = page.size() == kGroupsPerLook;
    if (more) after = page.back().name();
    for (Group& group : page) {
      const bool named = ContainsIgnoreCase(group.name(), search.text) ||
                         ContainsIgnoreCase(group.display_name(), search.text);
      if (!named || !wanted(group)) continue;
      if (skip > 0) {
        --skip;
      } else if (found.size() < search.limit) {
        found.push_back(std::move(group));
      }
    }
  }
  return found;
}

Result<std::vector<UserId>> Groups::Members(const KvView& view, std::string_view group,
                                            UserId after, std::size_t limit) const {
  return UsersInRowsOf(view, Table::kGroupMembers, group, after, limit);
}

Result<std::vector<MemberCount>> Groups::Count(const KvView& view,
                                               std::span<const Group> groups) const {
  ASSIGN_OR_RETURN(const auto disabled, DisabledUsers(view));
  std::vector<MemberCount> counts;
  for (const Group& group : groups) {
    MemberCount& count = counts.emplace_back();
    auto visit = [&](std::string_view rest, std::string_view) {
      if (rest.size() != kIdBytes) return true;
      ++count.all;
      if (disabled.contains(UserId{ReadBig64(rest)})) ++count.disabled;
      return true;
    };
    RETURN_IF_ERROR(view.Scan(Table::kGroupMembers, GroupPrefix(group.name()), {}, visit));
  }
  return counts;
}

Result<std::vector<std::string>> Groups::Of(const KvView& view, UserId user) const {
  return GroupsOf(view, user);
}

Result<void> Groups::Create(std::string_view name, std::string_view display_name,
                            const Precondition& allowed) {
  RETURN_IF_ERROR(CheckGroupName(name));
  if (!display_name.empty()) RETURN_IF_ERROR(CheckLabel(display_name, kMaxGroupDisplayName));
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    ASSIGN_OR_RETURN(const auto taken, txn.Get(Table::kGroups, name));
    if (taken) return Fail(ErrorCode::kAlreadyExists, "the group exists");
    Group group = NewGroup(name);
    group.set_display_name(std::string(display_name));
    storage::WriteRecord(txn, Table::kGroups, name, group);
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<void> Groups::SetDisplayName(std::string_view name, std::string_view display_name,
                                    const Precondition& allowed) {
  RETURN_IF_ERROR(CheckGroupName(name));
  if (!display_name.empty()) RETURN_IF_ERROR(CheckLabel(display_name, kMaxGroupDisplayName));
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    ASSIGN_OR_RETURN(auto group, Find(txn, name));
    if (!group) return Fail(ErrorCode::kNotFound, "no such group");
    group->set_display_name(std::string(display_name));
    storage::WriteRecord(txn, Table::kGroups, name, *group);
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<void> Groups::Remove(std::string_view name, const Precondition& allowed) {
  if (name == kAdminGroup) return Fail(ErrorCode::kForbidden, "the group admin stays");
  RETURN_IF_ERROR(CheckGroupName(name));
  // Sub-admins first, and the group goes with its last memberships: a crash between steps leaves it
  // with fewer members, to be removed again.
  auto body = [&](KvTxn& txn) -> Result<bool> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    ASSIGN_OR_RETURN(const auto group, txn.Get(Table::kGroups, name));
    if (!group) return Fail(ErrorCode::kNotFound, "no such group");
    ASSIGN_OR_RETURN(const bool admins_left, RemoveRowsStep(txn, Table::kGroupAdmins, name));
    if (admins_left) return true;
    ASSIGN_OR_RETURN(const bool left, RemoveRowsStep(txn, Table::kGroupMembers, name));
    if (!left) txn.Erase(Table::kGroups, name);
    return left;
  };
  for (;;) {
    ASSIGN_OR_RETURN(const bool left,
                     storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
    if (!left) return {};
  }
}

Result<void> Groups::AddMember(std::string_view group, UserId user, const Precondition& allowed) {
  RETURN_IF_ERROR(CheckGroupName(group));
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
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

Result<void> Groups::RemoveMember(std::string_view group, UserId user,
                                  const Precondition& allowed) {
  RETURN_IF_ERROR(CheckGroupName(group));
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
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
