// The one authorisation function: who is live, and who may do what with a node.
//
// Thread-safe, stateless. Blocking: reads records from the view it is given.
#pragma once

#include "base/clock.h"
#include "storage/policies.h"

namespace cairn::auth {

class AccessControl final : public storage::AccessPolicy {
 public:
  explicit AccessControl(const Clock& clock) : clock_(clock) {}

  // kUnauthenticated as FindLive; kForbidden: the app password may not reach files.
  Result<void> CheckLive(const storage::KvView& view, const storage::Caller& caller) const override;

  // Files: everything for the space's owner, except deleting the root; nothing for others. Trash:
  // the owner may read and delete. Nothing elsewhere.
  storage::Permissions For(const storage::KvView& view, const storage::Caller& caller,
                           const storage::Chain& chain) const override;

 private:
  const Clock& clock_;
};

}  // namespace cairn::auth
