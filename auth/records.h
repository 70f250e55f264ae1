// The records that every part of auth reads. kCorruption: a record that does not parse.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/records.h"

namespace cairn::auth {

// nullopt too for an account that is deleted and only waits for its files to be purged.
inline Result<std::optional<storage::User>> LoadUser(const storage::KvView& view, UserId id) {
  ASSIGN_OR_RETURN(auto user, storage::ReadRecord<storage::User>(view, storage::Table::kUsers,
                                                                 storage::keys::User(id)));
  if (user && user->deleted()) user.reset();
  return user;
}

// What people read: the display name; the name when none is set.
inline const std::string& ShownName(const storage::User& user) {
  return user.display_name().empty() ? user.name() : user.display_name();
}
inline const std::string& ShownName(const storage::Group& group) {
  return group.display_name().empty() ? group.name() : group.display_name();
}

inline void StoreUser(storage::KvTxn& txn, const storage::User& user) {
  storage::WriteRecord(txn, storage::Table::kUsers, storage::keys::User(UserId{user.id()}), user);
}

inline Result<std::optional<storage::Token>> LoadToken(const storage::KvView& view,
                                                       std::string_view key) {
  return storage::ReadRecord<storage::Token>(view, storage::Table::kTokens, key);
}

// The next value of a dense counter of Table::kSystem, from 1 on. Its bound is durable in the same
// transaction as what uses the value.
inline Result<std::uint64_t> NextId(storage::KvTxn& txn, std::string_view counter) {
  ASSIGN_OR_RETURN(auto record, storage::ReadRecord<storage::CounterRecord>(
                                    txn, storage::Table::kSystem, counter));
  if (!record) record.emplace();
  const std::uint64_t id = record->next_block() == 0 ? 1 : record->next_block();
  record->set_next_block(id + 1);
  storage::WriteRecord(txn, storage::Table::kSystem, counter, *record);
  return id;
}

}  // namespace cairn::auth
