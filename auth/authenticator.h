// Turns the Authorization header of a request, or what was typed into the login form, into a
// Principal.
//
//   auto fast = authenticator.CheckFast(attempt, *view);    // on the read pool, microseconds
//   if (!fast) ... authenticator.CheckSlow(attempt, *view)  // on the slow pool: Argon2id
//
// Basic takes the login password or an app password of that user, Bearer an app password alone.
// With a second factor the login password opens the login form alone (T-05).
// Nothing is remembered as a "yes": each check reads the user's and the token's records in `view`.
// All refusals are one kUnauthenticated, so that nobody learns what exists, or kThrottled when
// nothing was looked at (auth/throttle.h); kForbidden is never answered here. Errors of the store
// (kIo, kCorruption ...) are no refusals: clients must not see 401 for them.
//
// What opens a door without a hash, an app password or a login that is known, is never throttled.
//
// Thread-safe. All checks read records; only CheckSlow and CheckForm hash, and write the throttle.
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
#include "auth/second_factor.h"
#include "auth/throttle.h"
#include "auth/users.h"
#include "base/clock.h"
#include "base/random.h"

namespace cairn::auth {

struct AuthenticatorOptions {
  std::size_t remembered_logins = 10'000;
  std::size_t remembered_refusals = 10'000;
};

// One request at a door.
struct Attempt {
  std::string authorization;  // the header's value
  std::string remote = {};    // the client's address; empty: this machine, not counted
  bool one_time_too = false;  // the door that exchanges one-time app passwords
};

class Authenticator {
 public:
  Authenticator(storage::KvStore& store, const Users& users, const AppPasswords& app_passwords,
                Throttle& throttle, const SecondFactors& second_factors, const Clock& clock,
                Random& random, const AuthenticatorOptions& options = {});

  // nullopt: only the login password can be meant, and its hash must be computed: CheckSlow.
  std::optional<Result<Principal>> CheckFast(const Attempt& attempt, const storage::KvView& view);
  // Whatever CheckFast would say, else the login password. As slow for unknown users as for a wrong
  // password (T-23).
  Result<Principal> CheckSlow(const Attempt& attempt, const storage::KvView& view);
  // The login form, and wherever else a password is asked for: the login password alone. Whether a
  // second factor is to follow is the caller's question.
  Result<Principal> CheckForm(std::string_view login, std::string_view password,
                              std::string_view remote, const storage::KvView& view);

  // The times of use that wait to be written: Flush is a background job.
  LastUsed& last_used() { return last_used_; }
  std::size_t remembered() const { return logins_.size() + refusals_.size(); }

 private:
  struct Credentials {
    std::string login;  // as given; empty: a bearer of the secret
    std::string secret;
    std::string cache_key;
    bool one_time_too = false;
    bool form = false;  // the second factor is asked for elsewhere
  };
  std::optional<Credentials> Parse(const Attempt& attempt) const;
  std::optional<Credentials> Make(std::string_view login, std::string_view secret) const;
  std::optional<Result<Principal>> CheckKnown(const Credentials& given,
                                              const storage::KvView& view);
  std::optional<Result<Principal>> CheckToken(const Credentials& given,
                                              const storage::KvView& view);
  std::optional<Result<Principal>> CheckRefused(const Credentials& given,
                                                const storage::KvView& view);
  Result<Principal> CheckPassword(const Credentials& given, std::string_view remote,
                                  const storage::KvView& view);
  Result<Principal> Admit(const Credentials& given, const KnownLogin& login, Principal principal,
                          const storage::KvView& view);
  Result<Principal> RefuseBearer(const Credentials& given, std::string_view remote);
  Result<std::optional<Principal>> PrincipalOf(const storage::KvView& view, const KnownLogin& login,
                                               const Credentials& given);
  // Every decision about a credential passes here, the good and the bad ones.
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
  Throttle& throttle_;
  const SecondFactors& second_factors_;
  std::mutex dummy_mu_;
  std::string dummy_hash_;  // guarded by dummy_mu_; made at first use
};

}  // namespace cairn::auth
