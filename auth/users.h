// The accounts of one instance. Each function that changes something is one transaction under the
// directory key and returns when the change is durable. Every change that must end logins raises
// User.version.
//
// Thread-safe. Every call may block; those that take a password hash it first, outside transactions
// and locks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/password_hash.h"
#include "auth/precondition.h"
#include "auth/quota_text.h"
#include "base/clock.h"
#include "base/function_ref.h"
#include "storage/file_tree.h"
#include "storage/kv_store.h"

namespace cairn::auth {

struct NewUser {
  std::string name;
  std::string password = {};      // empty = the login password is never right; app passwords only
  std::string display_name = {};  // empty = the name
  std::string email = {};
  std::vector<std::string> groups = {};              // made when they do not exist
  std::vector<std::string> sub_admin_of = {};        // groups that exist
  std::map<std::string, std::string> settings = {};  // "app/key" -> value
  std::string quota = {};                            // as SetQuota takes it; empty = the default
};

// A page in the order of folded names. `more`: call again with `last`.
struct UserPage {
  std::vector<storage::User> users;
  std::string last;
  bool more = false;
};

inline constexpr std::size_t kMaxDisplayName = 128;        // bytes
inline constexpr std::size_t kMaxUserRecord = 256 * 1024;  // bytes, with all settings
inline constexpr std::size_t kMaxSettingKey = 128;         // bytes of app and of key
inline constexpr std::size_t kMaxSettingValue = 16 * 1024;
inline constexpr std::size_t kMaxGroupsPerUser = 1000;

class Users {
 public:
  Users(storage::KvStore& store, storage::FileTree& tree, const Clock& clock,
        PasswordCost cost = {})
      : store_(store), tree_(tree), clock_(clock), cost_(cost) {}

  // ---- reading

  Result<std::optional<storage::User>> Find(const storage::KvView& view, UserId id) const;
  // Any letter case; the record has the canonical spelling.
  Result<std::optional<storage::User>> FindByName(const storage::KvView& view,
                                                  std::string_view name) const;
  // What people type at a login: the name, or the e-mail address if it is that of one user only.
  Result<std::optional<storage::User>> FindByLogin(const storage::KvView& view,
                                                   std::string_view login) const;
  Result<UserPage> List(const storage::KvView& view, std::string_view after,
                        std::size_t limit) const;
  // "app/key" -> value; nullopt: not set.
  static std::optional<std::string> Setting(const storage::User& user, std::string_view app,
                                            std::string_view key);

  // ---- changing. kNotFound: no such user. kInvalidArgument, kInvalidName: with a message for
  // people.

  // The account and its home space. kAlreadyExists: the name, in any letter case.
  Result<storage::User> Create(const NewUser& request, const Precondition& allowed = {});
  // Ends logins with the old password; app passwords go on.
  Result<void> SetPassword(UserId id, std::string_view password, const Precondition& allowed = {});
  // Disabled: no credential of the user is accepted, from the next request on.
  Result<void> SetDisabled(UserId id, bool disabled, const Precondition& allowed = {});
  // Empty = the name.
  Result<void> SetDisplayName(UserId id, std::string_view display_name,
                              const Precondition& allowed = {});
  // Empty = none.
  Result<void> SetEmail(UserId id, std::string_view email, const Precondition& allowed = {});
  // Membership of the group "admin".
  Result<void> SetAdmin(UserId id, bool admin);
  // nullopt removes the setting.
  Result<void> SetSetting(UserId id, std::string_view app, std::string_view key,
                          std::optional<std::string> value, const Precondition& allowed = {});
  // The space's quota, and the text as setting "files/quota" ("default" removes it).
  Result<void> SetQuota(UserId id, std::string_view text, const Precondition& allowed = {});

  // The account is gone at once: no login, the name is free again, files are out of reach. What it
  // held is purged by PurgeStep.
  Result<void> Delete(UserId id, const Precondition& allowed = {});
  // Background job: one bounded step for each deleted account, about `limit` rows each. Returns how
  // many rows went; 0 = nothing to do now.
  Result<std::uint64_t> PurgeStep(std::size_t limit);

  const PasswordCost& cost() const { return cost_; }

 private:
  using Change = FunctionRef<Result<void>(storage::KvTxn&, storage::User&)>;
  Result<void> Update(UserId id, const Precondition& allowed, Change change);
  Result<std::uint64_t> PurgeAccount(const storage::User& user, std::size_t limit);

  storage::KvStore& store_;
  storage::FileTree& tree_;
  const Clock& clock_;
  const PasswordCost cost_;
};

}  // namespace cairn::auth
