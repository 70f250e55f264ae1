// Turns the Authorization header of a request into a Principal.
//
//   auto fast = authenticator.CheckFast(header, *view);                 // on the read pool,
//   microseconds if (!fast) { ... authenticator.CheckSlow(header, *view) ... }       // on the slow
//   pool: Argon2id
//
// Nothing is remembered as a "yes": each check reads the user's and the token's records in `view`.
// All refusals are one kUnauthenticated, so that nobody learns what exists; kForbidden is never
// answered here. Errors of the store (kIo, kCorruption ...) are no refusals: clients must not see
// 401 for them.
//
// Thread-safe. Both checks read records; only CheckSlow hashes.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "auth/app_passwords.h"
#include "auth/last_used.h"
#include "auth/login_cache.h"
#include "auth/principal.h"
#include "auth/users.h"
#include "base/clock.h"
#include "base/random.h"

namespace cairn::auth {

struct AuthenticatorOptions {
  std::size_t remembered_logins = 10'000;
  std::size_t remembered_refusals = 10'000;
};

class Authenticator {
 public:
  Authenticator(storage::KvStore& store, const Users& users, const AppPasswords& app_passwords,
                const Clock& clock, Random& random, const AuthenticatorOptions& options = {});

  // nullopt: only the login password can be meant, and its hash must be computed: CheckSlow.
  std::optional<Result<Principal>> CheckFast(std::string_view authorization,
                                             const storage::KvView& view);
  // Whatever CheckFast would say, else the login password. As slow for unknown users as for a wrong
  // password (T-23).
  Result<Principal> CheckSlow(std::string_view authorization, const storage::KvView& view);

  // The times of use that wait to be written: Flush is a background job.
  LastUsed& last_used() { return last_used_; }
  std::size_t remembered() const { return logins_.size() + refusals_.size(); }

 private:
  struct Credentials {
    std::string login;  // as given
    std::string secret;
    std::string cache_key;
  };
  std::optional<Credentials> Parse(std::string_view authorization) const;
  std::optional<Result<Principal>> CheckKnown(const Credentials& given,
                                              const storage::KvView& view);
  std::optional<Result<Principal>> CheckToken(const Credentials& given,
                                              const storage::KvView& view);
  std::optional<Result<Principal>> CheckRefused(const Credentials& given,
                                                const storage::KvView& view);
  Result<Principal> CheckPassword(const Credentials& given, const storage::KvView& view);
  Result<std::optional<Principal>> PrincipalOf(const storage::KvView& view,
                                               const KnownLogin& login);
  // Every decision about a credential passes here, the good and the bad ones: what throttling
  // counts.
  Result<Principal> Conclude(const Credentials& given, const KnownLogin& login,
                             std::optional<Principal> principal);
  const std::string& DummyHash();

  const Users& users_;
  const AppPasswords& app_passwords_;
  const Clock& clock_;
  const std::string process_key_;  // keys the cache; drawn at each start
  LoginCache logins_;
  LoginCache refusals_;
  LastUsed last_used_;
  std::mutex dummy_mu_;
  std::string dummy_hash_;  // guarded by dummy_mu_; made at first use
};

}  // namespace cairn::auth
