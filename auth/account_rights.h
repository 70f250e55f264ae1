// The one answer to "who may look after which accounts and groups": administrators all of them,
// sub-admins the members of their groups unless those are administrators.
//
// Thread-safe, no state. May block: reads records in the view it is given. A transaction that
// changes an account asks again in its own view.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "storage/policies.h"
#include "storage/records.pb.h"

namespace cairn::auth {

struct AccountRights {
  bool admin = false;
  std::vector<std::string> groups = {};  // that the user is sub-admin of, in byte order

  bool SubAdminOrMore() const { return admin || !groups.empty(); }
  // The group and who is in it. Sub-admins of "admin" do not exist.
  bool Governs(std::string_view group) const;
};

// kUnauthenticated as FindLive.
Result<AccountRights> RightsOf(const storage::KvView& view, const storage::Caller& caller,
                               const Clock& clock);

// Whether `rights` reach the account of somebody else.
Result<bool> MayLookAfter(const storage::KvView& view, const AccountRights& rights,
                          const storage::User& other);

}  // namespace cairn::auth
