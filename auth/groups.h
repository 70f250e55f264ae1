// Groups and who is in them. The members of "admin" are the administrators; it always exists and
// stays.
//
// Thread-safe. Every call may block. Changes are transactions under the directory key, durable when
// they return.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/precondition.h"
#include "base/function_ref.h"
#include "storage/kv_store.h"
#include "storage/records.pb.h"

namespace cairn::auth {

inline constexpr std::size_t kMaxGroupDisplayName = 255;  // bytes

struct MemberCount {
  std::size_t all = 0;
  std::size_t disabled = 0;
};

struct GroupSearch {
  std::string_view text = {};  // empty: all
  std::size_t offset = 0;
  std::size_t limit = 0;
};
using GroupFilter = FunctionRef<bool(const storage::Group&)>;

class Groups {
 public:
  explicit Groups(storage::KvStore& store) : store_(store) {}

  Result<std::optional<storage::Group>> Find(const storage::KvView& view,
                                             std::string_view name) const;
  // In byte order of names, those after `after`, at most `limit`.
  Result<std::vector<storage::Group>> List(const storage::KvView& view, std::string_view after,
                                           std::size_t limit) const;
  // The page that `offset` and `limit` cut from the groups of which the name or the display name
  // has `text` in it, in any letter case, and that `wanted` takes: in byte order of names.
  Result<std::vector<storage::Group>> Search(const storage::KvView& view, const GroupSearch& search,
                                             GroupFilter wanted) const;
  // By id, those after `after` (0 = from the first), at most `limit`.
  Result<std::vector<UserId>> Members(const storage::KvView& view, std::string_view group,
                                      UserId after, std::size_t limit) const;
  // Names of the groups that `user` is in, in byte order.
  Result<std::vector<std::string>> Of(const storage::KvView& view, UserId user) const;

  // One for each of `groups`. Reads all users and the rows of these groups.
  Result<std::vector<MemberCount>> Count(const storage::KvView& view,
                                         std::span<const storage::Group> groups) const;

  // kAlreadyExists, kInvalidName; kInvalidArgument: the display name (empty = the name).
  Result<void> Create(std::string_view name, std::string_view display_name = {},
                      const Precondition& allowed = {});
  // kNotFound, kInvalidArgument.
  Result<void> SetDisplayName(std::string_view name, std::string_view display_name,
                              const Precondition& allowed = {});
  // With its memberships and sub-admins. kNotFound; kForbidden: "admin".
  Result<void> Remove(std::string_view name, const Precondition& allowed = {});
  // kNotFound: no such group or user. Already a member is success.
  Result<void> AddMember(std::string_view group, UserId user, const Precondition& allowed = {});
  // kNotFound. Not a member is success.
  Result<void> RemoveMember(std::string_view group, UserId user, const Precondition& allowed = {});

 private:
  storage::KvStore& store_;
};

// ---- for transactions that change more than a group (needs the directory key)

// Makes the group when it does not exist. kInvalidName.
Result<void> EnsureGroup(storage::KvTxn& txn, std::string_view name);
// Changes the membership row and, for "admin", the flag in `user`, which the caller stores. The
// group exists.
void SetMembership(storage::KvTxn& txn, std::string_view group, storage::User& user, bool member);
// Names of all groups that have a row for `user`.
Result<std::vector<std::string>> GroupsOf(const storage::KvView& view, UserId user);

// ---- rows of Table::kGroupMembers and Table::kGroupAdmins

std::string GroupRowKey(std::string_view group, UserId user);
// User ids in the rows of one group, in order, those after `after`, at most `limit`.
Result<std::vector<UserId>> UsersInRowsOf(const storage::KvView& view, storage::Table table,
                                          std::string_view group, UserId after, std::size_t limit);
// Who is in one of `groups` at least: a set to search in. At most `limit` users.
Result<std::set<UserId>> MembersOf(const storage::KvView& view, std::span<const std::string> groups,
                                   std::size_t limit);
// For each of `users` the groups that have a row for him, in byte order: one pass over the table.
Result<std::map<UserId, std::vector<std::string>>> GroupRowsOf(const storage::KvView& view,
                                                               storage::Table table,
                                                               std::span<const UserId> users);

}  // namespace cairn::auth
