// The trash of a space: what is in it, and the ways out.
//
// A member of the trash shows as "NAME.d<stamp>": its name and the second of its deletion, which is
// raised until no other member has both. What hangs below a deleted collection keeps its names.
// Through a trash link (trash/links.h) the caller reaches what he has deleted in another's space.
// Needs the space key where a transaction is given. Thread-safe. Blocking.
#pragma once

#include <string>
#include <vector>

#include "storage/file_tree.h"

namespace cairn::trash {

struct TrashPath {
  SpaceId space{};
  std::vector<std::string> segments;  // none: the trash itself
  // Of the owner whom a trash link leads to (SpaceOf): a change that may go there has its key, too.
  SpaceId linked{};
};

// "a.txt.d1763690000" of a member of the trash root.
std::string ExposedName(const storage::Entry& member);
// Where it was, below the files root: that of the member for what hangs below it.
std::string OriginalLocation(const storage::Chain& chain);

// The chain from the trash root. kNotFound, also for a trash that was never used.
Result<storage::Chain> Resolve(const storage::KvView& view, const TrashPath& path);
// Resolve for a reader, by his trash links too: liveness and permission. What the caller may not
// see is kNotFound. What a link leads to looks as ShowAsLinked says.
Result<storage::Chain> ResolveFor(const storage::FileTree& tree, const storage::KvView& view,
                                  const storage::Caller& caller, const TrashPath& path);

// Whose trash the path leads to: path.space, unless it goes through a link of the caller.
Result<SpaceId> SpaceOf(const storage::KvView& view, const storage::Caller& caller,
                        const TrashPath& path);

// Puts it back where it was: into the collection of that path, or of that id if it is elsewhere
// now; if both are gone, and for what hangs below a deleted collection, into the root. A taken name
// gets a number. Id, etag, versions, properties stay. kNotFound, kQuotaExceeded, kLocked. Through a
// link it goes back to its owner, where the caller may add it: into its old folder, else into what
// is shared with him; kForbidden: into neither any more.
Result<storage::WriteOutcome> Restore(storage::FileTree& tree, storage::KvTxn& txn,
                                      const storage::WriteContext& context, const TrashPath& path);
// Puts it at `to`; what stands there goes to the trash, or is kPreconditionFailed without
// `overwrite`. Further as FileTree::Move. kForbidden: what a link leads to.
Result<storage::WriteOutcome> MoveOut(storage::FileTree& tree, storage::KvTxn& txn,
                                      const storage::WriteContext& context, const TrashPath& path,
                                      const storage::TreePath& to, bool overwrite);
// Takes it away for good; what hangs below is purged in steps. Of a link nothing but the link goes.
// kNotFound; kForbidden: the trash itself, see Empty; what is below a link.
Result<void> Purge(storage::FileTree& tree, storage::KvTxn& txn,
                   const storage::WriteContext& context, const TrashPath& path);
// Everything of the space's own goes, in one step whatever there is; for links see DropLinks.
// False: there was nothing.
Result<bool> Empty(storage::FileTree& tree, storage::KvTxn& txn,
                   const storage::WriteContext& context, SpaceId space);

}  // namespace cairn::trash
