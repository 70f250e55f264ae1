// Sub-admins: who looks after the members of a group without being an administrator. The rows go
// with their user and with their group.
//
// Thread-safe. Every call may block. Changes are transactions under the directory key, durable when
// they return.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/precondition.h"
#include "storage/kv_store.h"

namespace cairn::auth {

class GroupAdmins {
 public:
  explicit GroupAdmins(storage::KvStore& store) : store_(store) {}

  // Names of the groups that `user` is sub-admin of, in byte order.
  Result<std::vector<std::string>> OfUser(const storage::KvView& view, UserId user) const;
  // By id, those after `after` (0 = from the first), at most `limit`.
  Result<std::vector<UserId>> OfGroup(const storage::KvView& view, std::string_view group,
                                      UserId after, std::size_t limit) const;
  Result<bool> IsAdminOf(const storage::KvView& view, UserId user, std::string_view group) const;

  // kNotFound: no such group or user; kForbidden: "admin" has none. Already one is success.
  Result<void> Add(std::string_view group, UserId user, const Precondition& allowed = {});
  // kNotFound: he is none.
  Result<void> Remove(std::string_view group, UserId user, const Precondition& allowed = {});

 private:
  storage::KvStore& store_;
};

// ---- for transactions that change more (needs the directory key)

// Makes `user` sub-admin of a group that exists.
void PutGroupAdmin(storage::KvTxn& txn, std::string_view group, UserId user);
// Erases all rows of a user.
Result<void> EraseGroupAdmins(storage::KvTxn& txn, UserId user);
// Names of the groups that `user` is sub-admin of, in byte order: one pass over the table.
Result<std::vector<std::string>> AdministeredBy(const storage::KvView& view, UserId user);

}  // namespace cairn::auth
