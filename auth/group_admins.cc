#include "auth/group_admins.h"

#include "auth/groups.h"
#include "auth/names.h"
#include "auth/records.h"
#include "storage/commit.h"

namespace cairn::auth {

using storage::KvTxn;
using storage::KvView;
using storage::Table;

Result<std::vector<std::string>> AdministeredBy(const KvView& view, UserId user) {
  const std::vector<UserId> one = {user};
  ASSIGN_OR_RETURN(auto groups, GroupRowsOf(view, Table::kGroupAdmins, one));
  return std::move(groups[user]);
}

void PutGroupAdmin(KvTxn& txn, std::string_view group, UserId user) {
  txn.Put(Table::kGroupAdmins, GroupRowKey(group, user), {});
}

Result<void> EraseGroupAdmins(KvTxn& txn, UserId user) {
  ASSIGN_OR_RETURN(const auto groups, AdministeredBy(txn, user));
  for (const std::string& group : groups) txn.Erase(Table::kGroupAdmins, GroupRowKey(group, user));
  return {};
}

Result<std::vector<std::string>> GroupAdmins::OfUser(const KvView& view, UserId user) const {
  return AdministeredBy(view, user);
}

Result<std::vector<UserId>> GroupAdmins::OfGroup(const KvView& view, std::string_view group,
                                                 UserId after, std::size_t limit) const {
  return UsersInRowsOf(view, Table::kGroupAdmins, group, after, limit);
}

Result<bool> GroupAdmins::IsAdminOf(const KvView& view, UserId user, std::string_view group) const {
  if (CheckGroupName(group).has_error()) return false;
  ASSIGN_OR_RETURN(const auto row, view.Get(Table::kGroupAdmins, GroupRowKey(group, user)));
  return row.has_value();
}

Result<void> GroupAdmins::Add(std::string_view group, UserId user, const Precondition& allowed) {
  if (group == kAdminGroup) return Fail(ErrorCode::kForbidden, "the group admin has no sub-admins");
  RETURN_IF_ERROR(CheckGroupName(group));
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    ASSIGN_OR_RETURN(const auto exists, txn.Get(Table::kGroups, group));
    if (!exists) return Fail(ErrorCode::kNotFound, "no such group");
    ASSIGN_OR_RETURN(const auto record, LoadUser(txn, user));
    if (!record) return Fail(ErrorCode::kNotFound, "no such user");
    PutGroupAdmin(txn, group, user);
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<void> GroupAdmins::Remove(std::string_view group, UserId user, const Precondition& allowed) {
  RETURN_IF_ERROR(CheckGroupName(group));
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    ASSIGN_OR_RETURN(const bool is_one, IsAdminOf(txn, user, group));
    if (!is_one) return Fail(ErrorCode::kNotFound, "no sub-admin of this group");
    txn.Erase(Table::kGroupAdmins, GroupRowKey(group, user));
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

}  // namespace cairn::auth
