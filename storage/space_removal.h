// Taking a space away when its owner is gone: detach everything at once, purge in steps, erase what
// is left.
//
//   EmptySpace(tree, txn, space)              // O(1): nothing in it is live any more
//   tree.PurgeStep(store, space, limit) ...   // until it returns 0
//   EraseEmptySpace(tree, txn, space)
//
// Blocking. All need the space key; EraseEmptySpace the directory key too.
#pragma once

#include "storage/file_tree.h"

namespace cairn::storage {

// Ids that EmptySpace and EmptyTrash may use: reserve them first (IdSource::Reserve).
inline constexpr std::uint64_t kIdsForEmptying = 4;

// Moves the files root and the trash root with all that hangs below them under the purge root and
// puts an empty files root in their place. False: the space was empty already and nothing is
// changed. kNotFound: no such space.
Result<bool> EmptySpace(FileTree& tree, KvTxn& txn, SpaceId space);

// The same for the trash alone. False: nothing was in it.
Result<bool> EmptyTrash(FileTree& tree, KvTxn& txn, SpaceId space);

// Erases the space and its roots. False: something still hangs below one of them and nothing is
// changed.
Result<bool> EraseEmptySpace(FileTree& tree, KvTxn& txn, SpaceId space);

}  // namespace cairn::storage
