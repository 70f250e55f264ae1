// The namespace: nodes in spaces, reached by the path a user sees.
//
// Reading functions take any view. Writing functions take a transaction under the space's writer
// key and do everything again that a first look may have done: path, liveness of user and token,
// permissions, locks, preconditions, quota, name. They change memory only through the transaction;
// the caller commits it (storage/commit.h) and answers after the gate. Cost of a write: O(depth).
//
// Invariants (fsck and the model test check them):
//  1. `entries` and `nodes` are inverse; an id stands in exactly one place.
//  2. The aggregates of a collection are the sums over its children; direct counts are exact. (Not
//     at and below staging and purge roots: that is being built or taken apart.)
//  3. A collection's etag changes exactly when something below it changed; a file's when its
//     content or its mtime did.
//  4. No two entries of one parent have names with equal NFC.
//  5. Every content has at least one reference row or a candidate; every reference names a content.
//
// Ids: MakeCollection, Put, CopyOne and Remove (its first purge of a space) use file ids. Call
// ReserveIds before taking the writer keys; without it they may answer kBusy.
// Depth: a path to something new has at most kMaxDepth segments, what a moved or copied collection
// brings along below itself included (storage/tree_height.h).
// Thread-safe. Blocking.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string_view>

#include "base/clock.h"
#include "storage/content_store.h"
#include "storage/lock_table.h"
#include "storage/tree_types.h"

namespace cairn::storage {

class StagedCopy;
class TreeChecks;
class TreeEditor;

class FileTree {
 public:
  FileTree(ContentStore& contents, LockTable& locks, const TreePolicies& policies, IdSource& ids,
           EtagSource& etags, Clock& clock);

  // ---- spaces

  // A new space with an empty files root. Needs the directory key.
  Result<Space> CreateSpace(KvTxn& txn, UserId owner, SpaceId id);
  Result<std::optional<Space>> FindSpace(const KvView& view, SpaceId id) const;

  // ---- reading

  // The chain to `path`. kNotFound: its last segment is missing; kParentMissing: an earlier one is;
  // kNotACollection: an earlier one is a file; kInvalidName: no such name can exist.
  Result<Chain> Resolve(const KvView& view, const TreePath& path) const;
  // Resolve, then liveness and `needed` permission of the caller on the leaf. A node that the
  // caller may not read is kNotFound.
  Result<Chain> ResolveFor(const KvView& view, const Caller& caller, const TreePath& path,
                           Permission needed) const;
  // As much of the path as exists (at least the root), for checks before a body is read.
  Result<Chain> ResolvePrefix(const KvView& view, const TreePath& path) const;
  // The chain to a node by id; kNotFound unless it is live: the chain ends in a files root.
  Result<Chain> ResolveId(const KvView& view, FileId id) const;
  // The same whatever root it ends in: live, in the trash, being purged. kNotFound: no such node.
  Result<Chain> ChainOf(const KvView& view, FileId id) const;
  // Children after `after` in key order, at most `limit`: one range scan, no look-up per child.
  Result<Page> List(const KvView& view, FileId parent, std::string_view after,
                    std::size_t limit) const;

  // What a write to `path` would be refused for now, before its body is read: liveness, permission,
  // parent, name, locks, precondition, quota for `grows_by` bytes. The transaction decides again;
  // what is returned goes into its WriteContext::parent.
  Result<SeenParent> CheckPut(const KvView& view, const WriteContext& context, const TreePath& path,
                              std::uint64_t grows_by, bool make_parents) const;
  // The same for a write without such a look. kNotFound: no such space; kInvalidName. `path` is not
  // the root.
  Result<SeenParent> SeeParent(const KvView& view, const TreePath& path) const;

  // Makes the ids available that one write to `path` uses. Before the keys; mostly without I/O.
  Result<void> ReserveIds(const TreePath& path);
  // True when ReserveIds has nothing to do. Never blocks.
  bool HasIds(const TreePath& path) const;

  // ---- writing (needs the space key of path.home; two spaces: both)

  // kAlreadyExists, kParentMissing, kNotACollection (the parent is a file).
  Result<WriteOutcome> MakeCollection(KvTxn& txn, const WriteContext& context, const TreePath& path,
                                      const PutOptions& options);
  // Creates the file or replaces its content. kIsACollection, kParentMissing, kNotACollection. An
  // mtime that cannot be a file's (<= 0, or after the year 9999) is not stored: server time
  // instead. `attach_new`: false when the content's records exist already (uploads): the node gets
  // a reference of its own, the caller drops his in the same transaction.
  Result<WriteOutcome> Put(KvTxn& txn, const WriteContext& context, const TreePath& path,
                           const NewContent& content, const PutOptions& options,
                           bool attach_new = true);
  // Renames or moves; the node keeps id, etag, mtime. An existing target is removed first (trash
  // policy). kConflict: into its own subtree; kForbidden: onto itself, or the root. What leaves a
  // space that is not the caller's leaves a copy in its trash, if that has room; kIsACollection: a
  // collection with members, see MoveAway.
  Result<WriteOutcome> Move(KvTxn& txn, const WriteContext& context, const TreePath& from,
                            const TreePath& to, const MoveOptions& options);
  // Copies a file, or a collection alone (members == false): new id, same content; a file's
  // copy has its etag and mtime, whatever it replaces. A file that is copied onto keeps its id, and
  // its old content becomes a version. Dead properties come along, locks and favourites do not.
  // kIsACollection: a collection with members, see CopyCollection. kForbidden, kConflict: as Move.
  Result<WriteOutcome> CopyOne(KvTxn& txn, const WriteContext& context, const TreePath& from,
                               const TreePath& to, const CopyOptions& options);
  // Removes the node: one O(depth) detach; what hangs below is purged later in steps. `skip_trash`:
  // X-NC-Skip-Trashbin. kForbidden for the root.
  Result<WriteOutcome> Remove(KvTxn& txn, const WriteContext& context, const TreePath& path,
                              bool skip_trash);
  // kNotFound. A changed mtime gives a file a fresh etag; what is above gets one at any change.
  Result<WriteOutcome> SetAttributes(KvTxn& txn, const WriteContext& context, const TreePath& path,
                                     const AttributeChange& change);

  // ---- big changes, built aside (storage/tree_copy.cc, tree_move.cc, tree_purge.cc)

  // COPY of a collection with its members as they were when it began: builds under the staging root
  // in steps of 1,000 nodes (takes the staging key itself), then attaches with one transaction
  // under the space key. Anything else is CopyOne'd. Blocking until durable. Takes all keys itself.
  Result<WriteOutcome> CopyCollection(KvStore& store, const WriteContext& context,
                                      const TreePath& from, const TreePath& to,
                                      const CopyOptions& options);
  // MOVE of anything out of a space that is not the caller's: what its owner would lose is copied
  // aside first, and is in his trash with the same commit. kBusy: it changes faster than that.
  // Blocking until durable. Takes all keys itself.
  Result<WriteOutcome> MoveAway(KvStore& store, const WriteContext& context, const TreePath& from,
                                const TreePath& to, const MoveOptions& options);
  // One purge step of a space: erases up to `limit` nodes under its purge root and of staging
  // copies that nobody in this process is building. Returns how many; 0 = done. Takes its keys
  // itself. Blocking until durable.
  Result<std::uint64_t> PurgeStep(KvStore& store, SpaceId space, std::size_t limit);

  // ---- seams for lock_table, properties, shares

  // Re-writes the node at the end of the chain with changed flag bits and carries `locks_delta` up
  // the chain, without touching etags unless `touch` is set: then everything above the node gets a
  // fresh one, the node itself never. `chain` is what the transaction sees.
  Result<void> AdjustFlags(KvTxn& txn, const Chain& chain, std::uint32_t set, std::uint32_t clear,
                           std::int64_t locks_delta, bool touch);
  // Writes `changed` in place of the leaf and carries the difference of their sums up the chain, no
  // etag touched: for what no listing shows, such as the bytes of versions.
  void RewriteQuietly(KvTxn& txn, const Chain& chain, const Node& changed);
  const TreePolicies& policies() const { return policies_; }
  ContentStore& contents() { return contents_; }
  LockTable& locks() { return locks_; }
  const LockTable& locks() const { return locks_; }
  EtagSource& etags() { return etags_; }
  IdSource& ids() { return ids_; }
  Clock& clock() { return clock_; }

 private:
  friend class TreeEditor;
  friend class CollectionCopy;
  friend class StagedCopy;
  friend Result<bool> EmptySpace(FileTree&, KvTxn&, SpaceId);  // storage/space_removal.h

  Result<FileId> MakeRoot(KvTxn& txn, SpaceId space, RootKind kind);
  // A node like `source` alone, with its dead properties. The reference to its content is the
  // caller's to add.
  Result<Node> CopyNode(KvTxn& txn, FileId id, const Node& source, std::string_view name);
  Result<std::uint64_t> PurgeIn(KvTxn& txn, SpaceId space, std::size_t limit);
  // Another content takes the place of the one that `node` has, the changed record of the file at
  // the end of `chain` (of its parent when it is new); the old one's reference goes to the version
  // keeper or is dropped.
  Result<void> SwapContent(KvTxn& txn, const Chain& chain, Node& node, const NewContent& content,
                           bool attach_new, bool same_bytes);
  // `aside`: a copy of the source, if it has members.
  Result<WriteOutcome> MoveIn(KvTxn& txn, const WriteContext& context, const TreePath& from,
                              const TreePath& to, const MoveOptions& options,
                              const StagedCopy* aside);
  Result<void> LeaveCopy(KvTxn& txn, const Caller& caller, TreeEditor& editor, const Chain& source,
                         const StagedCopy* aside);
  Result<WriteOutcome> CopyOnto(KvTxn& txn, const WriteContext& context, const TreeChecks& checks,
                                TreeEditor& editor, const Chain& from, const Chain& target);

  ContentStore& contents_;
  LockTable& locks_;
  const TreePolicies policies_;
  IdSource& ids_;
  EtagSource& etags_;
  Clock& clock_;
  std::mutex copies_mu_;
  std::set<FileId> copies_;  // guarded by copies_mu_; being built under staging roots
};

}  // namespace cairn::storage
