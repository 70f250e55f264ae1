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

// What one share of the node chain.entries[at] grants now to whoever it is meant for; 0: nothing.
Result<storage::Permissions> Granted(const storage::KvView& view, const storage::Share& share,
                                     const storage::Chain& chain, std::size_t at,
                                     std::int64_t now_seconds);

// What somebody who came by a public link may do with the node at the end of the chain. 0: nothing,
// as it is neither the link's node nor below it, or the link is not what it was when he came.
Result<storage::Permissions> LinkRights(const storage::KvView& view, const storage::Caller& caller,
                                        const storage::Chain& chain, std::int64_t now_seconds);
// What a trash link to the deletion at or above the end of the chain lets its user do: reading,
// with the bytes or without, as he had it when he deleted it.
Result<storage::Permissions> TrashLinkRights(const storage::KvView& view, UserId user,
                                             const storage::Chain& chain);
// kUnauthenticated: the link is gone, over, or has another password by now.
Result<void> CheckLink(const storage::KvView& view, const storage::Caller& caller,
                       std::int64_t now_seconds);

}  // namespace cairn::shares
