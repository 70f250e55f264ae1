// Whether what a request was let in with still holds: the one answer, asked at its start and again
// in the transaction of every change.
//
// Thread-safe, no state. May block: reads records in the view it is given.
#pragma once

#include <optional>

#include "auth/precondition.h"
#include "base/clock.h"
#include "storage/policies.h"
#include "storage/records.pb.h"

namespace cairn::auth {

struct LiveCaller {
  storage::User user;
  std::optional<storage::Token> token;  // the app password in use
};

// kUnauthenticated: the user is gone or disabled, or the credential that was checked is not valid
// any more: for a login password the user's version has changed, for an app password its record is
// gone, expired or changed. An app password outlives a change of the login password.
Result<LiveCaller> FindLive(const storage::KvView& view, const storage::Caller& caller,
                            const Clock& clock);

// The same, for transactions.
Precondition StillLive(const storage::Caller& caller, const Clock& clock);

}  // namespace cairn::auth
