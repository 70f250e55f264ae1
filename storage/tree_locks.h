// LOCK and UNLOCK as one change of tree and lock table. Needs the space key. A lock never changes a
// file's etag.
#pragma once

#include "storage/file_tree.h"

namespace cairn::storage {

struct LockOutcome {
  HeldLock held;
  Entry entry;
  bool created = false;  // the URL was unmapped: an empty file was made (RFC 4918 section 7.3)
};

// kParentMissing, kLocked, kForbidden.
Result<LockOutcome> TakeLock(FileTree& tree, KvTxn& txn, const WriteContext& context,
                             const TreePath& path, const LockTable::Request& request);
// kPreconditionFailed: the submitted token is not that of a lock on or above.
Result<LockOutcome> RefreshLock(FileTree& tree, KvTxn& txn, const WriteContext& context,
                                const TreePath& path, std::string_view token,
                                std::optional<std::int64_t> timeout);
// kNotFound: no lock with this token covers the path (RFC 4918: 409); kForbidden.
Result<LockOutcome> ReleaseLock(FileTree& tree, KvTxn& txn, const WriteContext& context,
                                const TreePath& path, std::string_view token);
// Background job: removes up to `limit` expired rows and corrects the counts above them. Returns
// how many.
Result<std::uint64_t> ExpireLocks(FileTree& tree, KvStore& store, std::size_t limit);

}  // namespace cairn::storage
