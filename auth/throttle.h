// One limiter for every door (promises G1 to G5). An attempt is taken before the secret is looked
// at, so that a hundred guesses at once cost a hundred; what proves good is given back. The counts
// are rows, so that a restart does not forget them; while a full disk takes no rows, they are in
// memory, so that whoever reads can still log in.
//
//   RETURN_IF_ERROR(throttle.TakeLogin(source, account));   // kThrottled: nothing is checked
//   ... hash ... if (good) throttle.LoginWasGood(source, account);
//
// A rule grants a burst at once and then one attempt per interval, each subject by itself: the row
// holds the moment when everything tried so far is paid off. Nothing sleeps here.
//
// There is one of a store, so that what is counted in memory is counted together.
// Thread-safe. Every call may block; changes are transactions under the directory key, durable when
// they return.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "storage/kv_store.h"
#include "storage/records.pb.h"

namespace cairn::auth {

// The letter is the first byte of the row's key: it never changes.
enum class ThrottleRule : char {
  kLogin = 'p',         // wrong passwords from one source: 10, then 30 an hour (G1)
  kAccount = 'a',       // wrong passwords in a row for one account: 100, whatever the time (G2)
  kTokenMiss = 't',     // unknown tokens from one source: 60, then 60 an hour (G5)
  kSecondFactor = 's',  // codes for one account: 5, then one in 2 minutes: 10 in any 10 (G4)
  kFlowStart = 'f',     // login flows that one source begins: 60, then 120 an hour
  kPeople = 'q',        // searches for other people by one user: 120, then one a second (T-35)
  kLink = 'l',          // wrong passwords of one link from one source: 10, then 20 an hour (G3)
};

class Throttle {
 public:
  Throttle(storage::KvStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  // ---- passwords. `source`: conf::SourceOf the client's address, empty = not counted. `account`:
  // AccountSubject.

  // kThrottled with Error.retry_after: refuse, and do not look at the password.
  Result<void> TakeLogin(std::string_view source, std::string_view account);
  // The attempt costs nothing, and the account's failures are forgotten.
  Result<void> LoginWasGood(std::string_view source, std::string_view account);

  // ---- everything else: a subject of the rule

  Result<void> Take(ThrottleRule rule, std::string_view subject);
  // What was taken costs nothing: the secret was right.
  Result<void> GiveBack(ThrottleRule rule, std::string_view subject);

  // ---- administration

  // Attempts of `subject` that are not paid off yet; of an account, its failures.
  Result<std::uint32_t> Attempts(ThrottleRule rule, std::string_view subject) const;
  Result<void> Reset(ThrottleRule rule, std::string_view subject);
  // Background job: erases up to `limit` rows that no longer hold anybody back; returns how many.
  Result<std::size_t> ExpireStep(std::size_t limit);

 private:
  struct Subject {
    ThrottleRule rule;
    std::string_view subject;
  };
  Result<void> TakeSpare(std::span<const Subject> what, std::int64_t now);
  void PayBackSpare(ThrottleRule rule, std::string_view subject);

  storage::KvStore& store_;
  const Clock& clock_;
  // What was tried while the disk was full and the store took no row: reading goes on then, and so
  // must logging in, and counting.
  std::mutex spare_mu_;
  std::map<std::string, storage::Throttle> spare_;  // guarded by spare_mu_; by row key
};

// What failures of an account are counted under. Names that nobody has are counted alike, so that
// they cannot be told apart (T-23).
std::string AccountSubject(UserId user);                // an existing account
std::string AccountSubject(std::string_view any_name);  // a name without an account

}  // namespace cairn::auth
