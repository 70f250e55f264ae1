// What shares let somebody do with a node: evaluated anew at each access, never stored. A share
// grants what it says, as far as its maker may still do that himself, while it is not over and its
// recipient has accepted it. So taking a right away takes it from everybody further down at once
// (T-26), and nothing outlives the node, the share or the sharer's own right.
//
// Blocking; thread-safe, no state.
#pragma once

#include <cstdint>

#include "storage/node.h"
#include "storage/policies.h"

namespace cairn::shares {

// Neither in the trash nor being built or taken apart.
inline bool IsLive(const storage::Chain& chain) {
  return chain.root().node.root() == storage::ROOT_FILES;
}

// What the user may do with the node chain.entries[at] because it is shared with him, itself and
// not something above it. 0: nothing.
Result<storage::Permissions> SharedRights(const storage::KvView& view, UserId user,
                                          const storage::Chain& chain, std::size_t at,
                                          std::int64_t now_seconds);

// The same because it or anything above it is shared with him: for access by id, where no path says
// which way he came.
Result<storage::Permissions> RightsFromAbove(const storage::KvView& view, UserId user,
                                             const storage::Chain& chain, std::int64_t now_seconds);

// What one share grants now to whoever it is meant for; 0: nothing. `chain` leads to its node.
Result<storage::Permissions> Granted(const storage::KvView& view, const storage::Share& share,
                                     const storage::Chain& chain, std::int64_t now_seconds);

// A file has no members, and deleting it is its folder's affair.
storage::Permissions MaskFor(const storage::Node& node, storage::Permissions permissions);

}  // namespace cairn::shares
