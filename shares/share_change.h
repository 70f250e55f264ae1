// What the changes of shares have in common. Internal to this folder. Blocking; no state.
#pragma once

#include <optional>

#include "shares/mount_names.h"
#include "shares/shares.h"

namespace cairn::shares {

inline ShareOutcome Refused(Refusal why) { return {.refused = why}; }

// nullopt: there is no such live node.
Result<std::optional<storage::Chain>> LiveChain(const storage::KvView& view, FileId node);
Result<UserId> OwnerOf(const storage::KvView& view, const storage::Chain& chain);

// What something is called that comes into a folder of his own of the user who has `mounts`, where
// neither a node nor a mount has that name. Errors: as FindFreeName.
Result<FreeName> FreeNameIn(const storage::KvView& view, const Mounts& mounts, FileId folder,
                            std::string_view wanted);

// The share goes; its node forgets that it was shared when it was the last. `space`: whose key is
// held; nullopt: the node was gone. kBusy: the node is in another by now.
Result<void> EndShare(storage::FileTree& tree, storage::KvTxn& txn, std::optional<SpaceId> space,
                      const storage::Share& share);

// kTooLarge: a text is too long.
Result<void> CheckTexts(const ShareAttributes& set);
// All that is said but the permissions and the day.
void ApplyTexts(const ShareAttributes& set, storage::Share& share);
std::optional<Refusal> RefusalOf(DayProblem problem);

}  // namespace cairn::shares
