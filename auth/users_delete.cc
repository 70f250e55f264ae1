// Deleting an account: one transaction takes it away, then background steps purge what it held. The
// record stays, marked, until the last step: a space always has an owner.
#include "auth/app_passwords.h"
#include "auth/avatars.h"
#include "auth/group_admins.h"
#include "auth/groups.h"
#include "auth/names.h"
#include "auth/records.h"
#include "auth/second_factor.h"
#include "auth/sessions.h"
#include "auth/user_mails.h"
#include "auth/users.h"
#include "storage/commit.h"
#include "storage/space_removal.h"

namespace cairn::auth {

using storage::DirectoryKey;
using storage::KvTxn;
using storage::Table;
using storage::User;

namespace {

constexpr std::size_t kAccountsPerStep = 16;
constexpr std::size_t kMostNotified = 1000;  // that one user has; see notifications/

// What a deleted account leaves: enough to purge its space.
User Tombstone(const User& user) {
  User rest;
  rest.set_id(user.id());
  rest.set_name(user.name());
  rest.set_version(user.version() + 1);
  rest.set_disabled(true);
  rest.set_deleted(true);
  rest.set_space(user.space());
  rest.set_created(user.created());
  return rest;
}

// Erases up to `limit` rows that begin with `prefix`; returns how many.
Result<std::size_t> EraseRows(KvTxn& txn, Table table, std::string_view prefix, std::size_t limit) {
  std::vector<std::string> keys;
  auto collect = [&](std::string_view rest, std::string_view) {
    keys.push_back(std::string(prefix).append(rest));
    return keys.size() < limit;
  };
  RETURN_IF_ERROR(txn.Scan(table, prefix, {}, collect));
  for (const std::string& key : keys) txn.Erase(table, key);
  return keys.size();
}

Result<bool> HasRows(const storage::KvView& view, Table table, std::string_view prefix) {
  bool any = false;
  auto stop = [&](std::string_view, std::string_view) {
    any = true;
    return false;
  };
  RETURN_IF_ERROR(view.Scan(table, prefix, {}, stop));
  return any;
}

}  // namespace

Result<void> Users::Delete(UserId id, const Precondition& allowed) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    ASSIGN_OR_RETURN(auto user, LoadUser(txn, id));
    if (!user) return Fail(ErrorCode::kNotFound, "no such user");
    RETURN_IF_ERROR(EraseTokens(txn, id));
    RETURN_IF_ERROR(EraseSessions(txn, id));
    EraseSecondFactor(txn, id);
    EraseAvatar(txn, id);
    MoveMail(txn, *user, {});
    RETURN_IF_ERROR(EraseRows(txn, Table::kNotifications, storage::keys::User(id), kMostNotified));
    RETURN_IF_ERROR(EraseGroupAdmins(txn, id));
    ASSIGN_OR_RETURN(const auto groups, GroupsOf(txn, id));
    for (const std::string& group : groups) SetMembership(txn, group, *user, false);
    txn.Erase(Table::kUserNames, FoldedUserName(user->name()));
    StoreUser(txn, Tombstone(*user));
    return {};
  };
  return storage::CommitBlocking(store_, {DirectoryKey()}, body);
}

Result<std::uint64_t> Users::PurgeStep(std::size_t limit) {
  std::vector<User> deleted;
  auto collect = [&](std::string_view, std::string_view value) {
    User user;
    if (storage::ParseInto(value, user) && user.deleted()) deleted.push_back(std::move(user));
    return deleted.size() < kAccountsPerStep;
  };
  RETURN_IF_ERROR(store_.Published()->Scan(Table::kUsers, {}, {}, collect));
  std::uint64_t done = 0;
  for (const User& user : deleted) {
    ASSIGN_OR_RETURN(const std::uint64_t rows, PurgeAccount(user, limit));
    done += rows;
  }
  return done;
}

Result<std::uint64_t> Users::PurgeAccount(const User& user, std::size_t limit) {
  const UserId id{user.id()};
  const SpaceId space{user.space()};
  RETURN_IF_ERROR(tree_.ids().Reserve(storage::kIdsForEmptying));
  auto empty = [&](KvTxn& txn) -> Result<bool> { return storage::EmptySpace(tree_, txn, space); };
  ASSIGN_OR_RETURN(const bool emptied,
                   storage::CommitBlocking(store_, {storage::SpaceKey(space)}, empty));
  ASSIGN_OR_RETURN(const std::uint64_t purged, tree_.PurgeStep(store_, space, limit));
  if (emptied || purged > 0) return purged + 1;

  auto rows = [&](KvTxn& txn) -> Result<std::size_t> {
    ASSIGN_OR_RETURN(const std::size_t favorites,
                     EraseRows(txn, Table::kFavorites, storage::keys::User(id), limit));
    ASSIGN_OR_RETURN(const std::size_t events,
                     EraseRows(txn, Table::kEvents, storage::keys::Space(space), limit));
    ASSIGN_OR_RETURN(const std::size_t links,
                     EraseRows(txn, Table::kTrashLinks, storage::keys::User(id), limit));
    return favorites + events + links;
  };
  ASSIGN_OR_RETURN(const std::size_t erased,
                   storage::CommitBlocking(store_, {storage::SpaceKey(space)}, rows));
  if (erased > 0) return erased;

  auto finish = [&](KvTxn& txn) -> Result<std::uint64_t> {
    // Upload sessions count against the space until they expire.
    ASSIGN_OR_RETURN(const bool uploads, HasRows(txn, Table::kUploads, storage::keys::User(id)));
    if (uploads) return std::uint64_t{0};
    ASSIGN_OR_RETURN(const bool erased_space, storage::EraseEmptySpace(tree_, txn, space));
    if (!erased_space) return std::uint64_t{0};
    txn.Erase(Table::kUsers, storage::keys::User(id));
    return std::uint64_t{1};
  };
  return storage::CommitBlocking(store_, {DirectoryKey(), storage::SpaceKey(space)}, finish);
}

}  // namespace cairn::auth
