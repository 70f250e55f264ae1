// App passwords: one secret per device, shown once, stored as HMAC-SHA256 under an instance key.
//
//   ASSIGN_OR_RETURN(NewAppPassword made, app_passwords.Create(user, "Alice's phone", {}));
//   ... show made.secret; nothing can read it again ...
//
// Thread-safe. Every call may block. Changes are transactions under the directory key, durable when
// they return.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "storage/kv_store.h"
#include "storage/records.pb.h"

namespace cairn::auth {

inline constexpr std::size_t kAppPasswordLength = 72;  // characters of [A-Za-z0-9]: 428 bits
inline constexpr std::size_t kMaxAppPasswords = 1000;  // per user
inline constexpr std::size_t kMaxTokenName = 120;      // bytes

struct TokenOptions {
  std::int64_t expires = 0;  // seconds since 1970; 0 = never
  bool no_files = false;     // may not reach files
};

struct NewAppPassword {
  std::string secret;
  storage::Token token;
};

class AppPasswords {
 public:
  AppPasswords(storage::KvStore& store, const Clock& clock, Random& random)
      : store_(store), clock_(clock), random_(random) {}

  // kNotFound: no such user; kInvalidArgument: the name; kTooLarge: the user has kMaxAppPasswords.
  Result<NewAppPassword> Create(UserId user, std::string_view name, const TokenOptions& options);
  // In the order they were made.
  Result<std::vector<storage::Token>> List(const storage::KvView& view, UserId user) const;
  // Ends the app password from the next request on. kNotFound: the user has no such token.
  Result<void> Delete(UserId user, TokenId token);

  // The key of a secret in Table::kTokens; nullopt while the instance has no app password at all.
  Result<std::optional<std::string>> KeyOf(std::string_view secret) const;

  // Background job: deletes up to `limit` expired tokens; returns how many.
  Result<std::size_t> ExpireStep(std::size_t limit);

 private:
  Result<std::optional<std::string>> InstanceKey() const;
  Result<std::string> EnsureInstanceKey();

  storage::KvStore& store_;
  const Clock& clock_;
  Random& random_;
  mutable std::mutex mu_;
  mutable std::string instance_key_;  // guarded by mu_; empty until it was read once
};

// Erases all app passwords of a user (needs the directory key).
Result<void> EraseTokens(storage::KvTxn& txn, UserId user);

}  // namespace cairn::auth
