// Trash links: what somebody has deleted in a space that is not his shows in his own trash, too.
// The thing itself lies in its owner's trash. A link lasts as long as that very deletion does: rows
// that say more mean nothing.
//
// Thread-safe, no state. Blocking.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/kv_store.h"
#include "storage/node.h"

namespace cairn::storage {

// The key of the link that a member of a trash root names, as keys::TrashName.
std::string LinkKey(const Entry& member);
// The link that `user` has to the deletion at or above the end of `chain`. nullopt: none.
Result<std::optional<TrashLink>> LinkTo(const KvView& view, UserId user, const Chain& chain);

// A link with the deletion that it leads to.
struct LinkedDeletion {
  TrashLink link;
  Chain chain;  // the owner's trash root and its member
};
// The link of this key (as keys::TrashName); nullopt: there is none, or it has ended.
Result<std::optional<LinkedDeletion>> FollowLink(const KvView& view, UserId user,
                                                 std::string_view key);

}  // namespace cairn::storage
