// The second factor: time-based codes (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds, one step to
// either side) and ten backup codes. Each code is good once, whichever it is, also when it comes
// twice at the same time. What cannot be read opens nothing (T-03).
//
//   ASSIGN_OR_RETURN(bool required, factors.IsRequired(view, user));
//   if (required) ... ask for a code, then factors.Check(user, code) ...
//
// Thread-safe. Every call may block. Changes are transactions under the directory key, durable when
// they return.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/precondition.h"
#include "auth/secrets.h"
#include "auth/throttle.h"
#include "base/clock.h"
#include "storage/records.pb.h"

namespace cairn::auth {

inline constexpr std::size_t kBackupCodes = 10;

struct SecondFactorState {
  bool totp = false;
  std::size_t backup_codes = 0;  // not used yet
  bool enforced = false;         // by the policy
  // A code is asked for at the login.
  bool required() const { return totp || enforced; }
};

class SecondFactors {
 public:
  SecondFactors(storage::KvStore& store, Throttle& throttle, const Clock& clock, Random& random)
      : store_(store),
        clock_(clock),
        random_(random),
        secrets_(store, random),
        throttle_(throttle) {}

  Result<SecondFactorState> StateOf(const storage::KvView& view, UserId user) const;
  Result<bool> IsRequired(const storage::KvView& view, UserId user) const;

  // Takes a code of either kind. kUnauthenticated: it is wrong, used, or there is none;
  // kThrottled: ten were tried within ten minutes (G4).
  Result<void> Check(UserId user, std::string_view code);

  // ---- enrolment, by somebody who is logged in

  // A fresh secret, in base 32 as applications take it; it counts once a code has confirmed it.
  // kConflict: codes are on already.
  Result<std::string> BeginTotp(UserId user, const Precondition& allowed = {});
  // From now on codes are asked for. kUnauthenticated: the code is wrong; kConflict: not begun.
  Result<void> ConfirmTotp(UserId user, std::string_view code, const Precondition& allowed = {});
  // Codes and backup codes are off.
  Result<void> TurnOff(UserId user, const Precondition& allowed = {});
  // Ten new ones; the old ones are good no more. Shown once.
  Result<std::vector<std::string>> NewBackupCodes(UserId user, const Precondition& allowed = {});

  // ---- policy
  Result<storage::SecondFactorPolicy> Policy(const storage::KvView& view) const;
  Result<void> SetPolicy(const storage::SecondFactorPolicy& policy);

 private:
  Result<bool> TakeTotp(storage::SecondFactor& factor, std::string_view code) const;

  storage::KvStore& store_;
  const Clock& clock_;
  Random& random_;
  Secrets secrets_;
  Throttle& throttle_;
};

// What an application's camera reads.
std::string TotpUri(std::string_view user_name, std::string_view base32_secret);

// Erases what belongs to a user (needs the directory key).
void EraseSecondFactor(storage::KvTxn& txn, UserId user);

}  // namespace cairn::auth
