// App passwords: one secret per device, shown once, stored as HMAC-SHA256 under an instance key.
//
//   ASSIGN_OR_RETURN(NewAppPassword made, app_passwords.Create(user, "Alice's phone", {}));
//   ... show made.secret; nothing can read it again ...
//
// Thread-safe. Every call may block. Changes are transactions under the directory key, durable when
// they return.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/precondition.h"
#include "auth/secrets.h"
#include "base/clock.h"
#include "storage/records.pb.h"

namespace cairn::auth {

inline constexpr std::size_t kAppPasswordLength = 25;  // characters of [A-Za-z0-9]: 148 bits
inline constexpr std::size_t kMaxAppPasswords = 1000;  // per user
inline constexpr std::size_t kMaxTokenName = 120;      // bytes

struct TokenOptions {
  std::int64_t expires = 0;    // seconds since 1970; 0 = never
  bool no_files = false;       // may not reach files
  bool one_time = false;       // opens nothing but its exchange for a lasting one
  std::int64_t renewable = 0;  // seconds since 1970: until then the expired token stays listed
};

struct NewAppPassword {
  std::string secret;  // xxxxx-xxxxx-xxxxx-xxxxx-xxxxx
  storage::Token token;
};

class AppPasswords {
 public:
  AppPasswords(storage::KvStore& store, const Clock& clock, Random& random)
      : store_(store), clock_(clock), secrets_(store, random) {}

  // kNotFound: no such user; kInvalidArgument: the name; kTooLarge: the user has kMaxAppPasswords.
  Result<NewAppPassword> Create(UserId user, std::string_view name, const TokenOptions& options,
                                const Precondition& allowed = {});
  // In the order they were made.
  Result<std::vector<storage::Token>> List(const storage::KvView& view, UserId user) const;
  // Ends the app password from the next request on. kNotFound: the user has no such token.
  Result<void> Delete(UserId user, TokenId token);

  // A new secret for the token, the old one opens nothing any more; name, scope and expiry stay. A
  // one-time token becomes a lasting one. kNotFound: the user has no such token.
  Result<NewAppPassword> Rotate(UserId user, TokenId token);

  // The key of a secret in Table::kTokens; nullopt while the instance has no app password at all.
  Result<std::optional<std::string>> KeyOf(std::string_view secret) const {
    return secrets_.FindKeyOf(secret);
  }

  // ---- remote wipe: the token opens nothing any more, and the device that asks about it is told
  // to erase its data

  // All app passwords of the user, or one. kNotFound: no such user or token.
  Result<void> OrderWipe(UserId user, std::optional<TokenId> token);
  // The token of `secret` if a wipe is ordered for it.
  Result<std::optional<storage::Token>> ToBeWiped(const storage::KvView& view,
                                                  std::string_view secret) const;
  // The device has erased its data: the token goes. The token that was there, nullopt: none that
  // was to be wiped.
  Result<std::optional<storage::Token>> WipeDone(std::string_view secret);

  // Background job: deletes up to `limit` tokens that have expired for good; returns how many.
  Result<std::size_t> ExpireStep(std::size_t limit);

 private:
  storage::KvStore& store_;
  const Clock& clock_;
  Secrets secrets_;
};

// ---- for transactions that change more than app passwords (needs the directory key)

// An app password's text: kAppPasswordLength characters in groups of five.
std::string DrawAppPassword(const Secrets& secrets);
// Adds a token with the row `key` (Secrets::KeyOf its secret); the caller stores `owner`. Errors as
// AppPasswords::Create.
Result<storage::Token> AddToken(storage::KvTxn& txn, storage::User& owner, std::string_view key,
                                std::string_view name, const TokenOptions& options,
                                std::int64_t now_seconds);
// The key of a token of the user in Table::kTokens; nullopt: he has no such token.
Result<std::optional<std::string>> TokenKey(const storage::KvView& view, UserId user,
                                            TokenId token);
// Gives the token another secret: the row moves from `old_key` to `key`, the old secret opens
// nothing any more. The caller has changed in `token` what else shall be different.
void RekeyToken(storage::KvTxn& txn, std::string_view old_key, std::string_view key,
                storage::Token& token);
// Erases one token of the user; nothing when he has no such token.
Result<void> EraseToken(storage::KvTxn& txn, UserId user, TokenId token);
// Erases all app passwords of a user.
Result<void> EraseTokens(storage::KvTxn& txn, UserId user);

}  // namespace cairn::auth
