// A share as one who has to do with it sees it. Whoever has nothing to do with it cannot tell it
// from one that does not exist.
//
// Blocking; thread-safe, no state.
#pragma once

#include <optional>
#include <vector>

#include "shares/share_rows.h"
#include "storage/node.h"
#include "storage/policies.h"

namespace cairn::shares {

struct SeenShare {
  storage::Share share;
  storage::Chain chain;  // to its node, which is live
  UserId owner{};        // of what is shared
  bool mine = false;     // the viewer has made it or owns what is shared: his to change and to end

  // ---- of a recipient
  storage::ShareAcceptance acceptance = storage::SHARE_ACCEPTED;
  storage::Permissions granted = 0;  // what he may do by it now, once he has accepted it
};

// What `user` sees of a share. nullopt: nothing, as he has nothing to do with it, it is over, it
// grants its recipient nothing, or its maker may not see the node any more.
Result<std::optional<SeenShare>> See(const storage::KvView& view, UserId user, storage::Share share,
                                     std::int64_t now_seconds);
// The same by its id.
Result<std::optional<SeenShare>> SeeById(const storage::KvView& view, UserId user, ShareId id,
                                         std::int64_t now_seconds);

// Those of `shares` that the user has made or that are of his own files, in the same order.
Result<std::vector<SeenShare>> MineOf(const storage::KvView& view, UserId user,
                                      std::vector<storage::Share> shares, std::int64_t now_seconds);
// What is shared with him and that he has made this of, by id.
Result<std::vector<SeenShare>> ReceivedAs(const storage::KvView& view, UserId user,
                                          storage::ShareAcceptance acceptance,
                                          std::int64_t now_seconds);

}  // namespace cairn::shares
