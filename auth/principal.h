// Who a request acts for. Immutable; made by the Authenticator only, once per request, never
// cached: what it says was read from the records in the view of that request.
#pragma once

#include <string>

#include "base/ids.h"
#include "storage/policies.h"

namespace cairn::auth {

struct Principal {
  storage::Caller caller;     // caller.user_name is the canonical spelling: the DAV path segment
  std::string display_name;   // never empty: the user name when none is set
  bool admin = false;         // a member of the group "admin"
  bool app_password = false;  // false: the login password itself was given
  bool one_time = false;      // an app password that may only be exchanged for a lasting one
  SpaceId home{};
  // Encryption adds the KeyHandle here: authentication is where the user's keys are unsealed.
};

}  // namespace cairn::auth
