// The one authorisation function: who is live, and who may do what with a node, be it his own or
// shared with him.
//
// Thread-safe, stateless. Blocking: reads records from the view it is given. What cannot be read
// grants nothing.
#pragma once

#include "auth/access_control.h"

namespace cairn::shares {

class Access final : public storage::AccessPolicy {
 public:
  explicit Access(const Clock& clock) : clock_(clock), own_(clock) {}

  // As auth::AccessControl; of who came by a link, whether that is what it was.
  Result<void> CheckLive(const storage::KvView& view, const storage::Caller& caller) const override;
  // For the owner of the space as auth::AccessControl. For others what shares grant: by the way
  // that the chain was reached, chain.start, or by any when it was found by id. By a link: what it
  // grants, at its node and below. Of a deletion: who has a trash link to it may read it. The same
  // for all members of a collection that are of one kind.
  storage::Permissions For(const storage::KvView& view, const storage::Caller& caller,
                           const storage::Chain& chain) const override;

 private:
  Result<storage::Permissions> Granted(const storage::KvView& view, const storage::Caller& caller,
                                       const storage::Chain& chain) const;

  const Clock& clock_;
  const auth::AccessControl own_;
};

}  // namespace cairn::shares
