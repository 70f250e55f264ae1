// Everything that a write is refused for, in one order: liveness, path, permission, precondition,
// locks, quota. FileTree asks it twice: on a view before a body is read, and on the transaction
// that writes. Internal to the tree.
//
// Not thread-safe; lives as long as one operation. Blocking.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/file_tree.h"
#include "storage/memo_view.h"

namespace cairn::storage {

// Where a path leads: as much of the way as exists, and the rest.
struct Way {
  Chain chain;                    // never empty: at least the root
  std::vector<std::string> keys;  // NFC keys of all segments
  std::size_t found() const { return chain.depth() - chain.start; }  // of `keys`
  bool complete() const { return keys.size() == found(); }
  std::size_t missing() const { return keys.size() - found(); }
};

// The way to `path`. kNotFound: no such space, or what is mounted is not in it any more;
// kInvalidName: a segment that no node can have.
Result<Way> FindWay(const KvView& view, const TreePath& path);
// The chain to a node by id, whatever root it ends in. kNotFound: no such node.
Result<Chain> ChainTo(const KvView& view, FileId id);
// The error for a way that is not complete: kNotFound, kParentMissing or kNotACollection (see
// FileTree::Resolve).
Error Incomplete(const Way& way);
// The chain without its leaf. The leaf is not a root.
Chain ParentChain(const Chain& chain);
// What a write to the end of `way` holds on to. The path is not the root.
SeenParent ParentOn(const Way& way);

class TreeChecks {
 public:
  TreeChecks(const TreePolicies& policies, const LockTable& locks, const KvView& view,
             const WriteContext& context)
      : policies_(policies), locks_(locks), view_(view), context_(context) {}

  // kUnauthenticated.
  Result<void> Live() const;

  // The chain to a node that has to be there. Whatever is missing: kNotFound.
  Result<Chain> Existing(const TreePath& path) const;

  // Where a node is to be put. The parent is there, is a collection and takes members from the
  // caller.
  struct Place {
    Chain parent;
    std::optional<Chain> occupant;  // what stands there now
    std::vector<std::string>
        keys;  // of the segments below `parent`: one, or several with `make_parents`
  };
  enum class Parents { kMustExist, kMayBeMade };
  // Existence only: kParentMissing (also: WriteContext::parent does not stand there any more),
  // kNotACollection; kNotFound when the caller may not see why; kInvalidArgument: too deep;
  // kInvalidName: no new node may be named so. `path` is not the root.
  Result<Place> FindPlace(const TreePath& path, Parents parents) const;

  // kNotFound when the caller may not even read the leaf, else kForbidden.
  Result<void> Require(const Chain& chain, Permission needed) const;
  Permissions For(const Chain& chain) const {
    return policies_.access.For(view_, context_.caller, chain);
  }

  Result<void> CheckPrecondition(const Entry* target) const;

  // kLocked: the leaf alone; its members; the leaf with everything below, to leave its parent.
  Result<void> Unlocked(const Chain& chain) const;
  Result<void> MembersUnlocked(const Chain& collection) const;
  Result<void> TreeUnlocked(const Chain& chain) const;

  // kQuotaExceeded. `chain` is any chain of the space.
  Result<void> Charge(const Chain& chain, std::int64_t bytes) const;
  // The same for a file that is not there yet; kTooLarge: an empty one where nothing may be kept.
  Result<void> ChargeNewFile(const Chain& parent, std::uint64_t bytes) const;
  // The same for a collection: a little room must be left, though it takes none.
  Result<void> ChargeNewCollection(const Chain& parent) const { return Charge(parent, 4096); }

  // Reserves what a write that takes its time will be charged for. Null: nothing.
  Result<std::unique_ptr<QuotaHold>> Hold(const Chain& chain, std::int64_t bytes) const;

  // What a PUT to the path is refused for, but for quota. kIsACollection.
  struct PutPlace {
    std::optional<Chain> existing;  // the file to be replaced; else:
    Place place;
  };
  Result<PutPlace> CheckPut(const TreePath& path, Parents parents) const;

  // What a MOVE or COPY is refused for, but for quota.
  enum class Verb { kMove, kCopy };
  struct Transfer {
    Chain source;
    Place place;
    bool same_parent = false;
    bool same_entry = false;  // only the spelling of the name changes
  };
  Result<Transfer> CheckTransfer(const TreePath& from, const TreePath& to, bool overwrite,
                                 Verb verb) const;
  // Reads the chains anew; nothing is checked again.
  Result<void> Reread(const TreePath& from, const TreePath& to, Transfer& transfer) const;

 private:
  Result<Space> SpaceOf(const Chain& chain) const;
  // The collection that the write was begun for is on the way to its parent, or is it.
  Result<void> StillSeen(const Chain& parent) const;
  Result<void> CheckPaths(const TreePath& to, Transfer& transfer, Verb verb) const;
  Result<void> CheckTransferRights(const Transfer& transfer, Verb verb) const;
  Result<void> CheckTransferLocks(const Transfer& transfer, Verb verb) const;

  const TreePolicies& policies_;
  const LockTable& locks_;
  const MemoView view_;
  const WriteContext& context_;
};

}  // namespace cairn::storage
