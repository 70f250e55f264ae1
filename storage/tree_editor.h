// One change of the tree inside a transaction: members come and go, and every collection above them
// gets its sums, its mtime and one fresh etag when Finish writes it, once, however many members
// changed. Internal to the tree.
//
//   TreeEditor editor(tree, txn, caller);
//   RETURN_IF_ERROR(editor.Remove(occupant, skip_trash));
//   ASSIGN_OR_RETURN(Entry added, editor.Add(parent, key, std::move(node), 0));
//   RETURN_IF_ERROR(editor.Finish());                            // without it the change is half
//   done
//
// The chains handed in are what the transaction sees when the editor is made: resolve first, then
// edit. An editor checks nothing (storage/tree_checks.h does). Not thread-safe. Blocking.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/file_tree.h"
#include "storage/tree_checks.h"

namespace cairn::storage {

// What a node with everything below it adds to the collections above it.
struct Weight {
  std::int64_t bytes = 0;
  std::int64_t version_bytes = 0;
  std::int64_t files = 0;
  std::int64_t folders = 0;
  std::int64_t locks = 0;
  std::int64_t shares = 0;
};
Weight WeightOf(const Node& node, std::uint64_t own_locks);
Weight operator-(const Weight& a, const Weight& b);
// Adds `weight` to `sums`; a sum that would fall below 0 stays 0.
void AddWeight(Aggregates& sums, const Weight& weight);

// The name key of a member of a purge or staging root.
std::string HiddenKey(FileId id);

class TreeEditor {
 public:
  TreeEditor(FileTree& tree, KvTxn& txn, const Caller& caller);

  // A node with a fresh id and etag and the server's time. kBusy: see FileTree::ReserveIds.
  Result<Node> NewNode(std::string_view name, bool collection);

  // Puts `node` below the leaf of `parent`.
  Entry Add(const Chain& parent, std::string_view key, Node node, std::uint64_t own_locks);
  // Makes a collection below the leaf of `chain` and appends it; further members may be added below
  // it.
  Result<void> Descend(Chain& chain, std::string_view key, std::string_view name);
  // Takes the leaf out of its collection; where it goes is the caller's affair.
  void Detach(const Chain& chain, std::uint64_t own_locks);
  // Writes the changed leaf back to its place.
  void Rewrite(const Chain& chain, const Node& changed);
  // Takes the leaf away: to the trash, or to be purged. Its locks and those below must be gone or
  // not matter.
  Result<void> Remove(const Chain& chain, bool skip_trash);
  // Takes the leaf away for good, without a word in the event log: erased now, or purged in steps
  // when anything is below it.
  Result<void> Discard(const Chain& chain);
  // Puts `node`, which stands nowhere, into the trash of a space, under a key that TrashCan::Take
  // has given.
  Result<void> AddToTrash(SpaceId space, std::string_view key, Node node);
  // Erases what belongs to one node and nothing else: references, versions, properties, locks, its
  // place. Not its entry.
  Result<void> EraseNode(const Node& node);

  // Ends the locks of the leaf and of all below it: a lock does not move with a resource (RFC 4918
  // section 7.5). Before any edit, as chains read earlier are outdated after it: true tells the
  // caller to resolve again. Preconditions are not to be asked again then: they may name the locks
  // that were ended.
  Result<bool> EndLocks(const Chain& chain);
  // The same for everything that a MOVE or COPY takes out of its place; reads the chains anew.
  Result<void> EndLocks(const TreeChecks& checks, const TreePath& from, const TreePath& to,
                        TreeChecks::Transfer& transfer, TreeChecks::Verb verb);

  struct Occurrence {
    EventType type;
    const Node& node;
    std::span<const Entry> parents;  // root first, at the time of the event
    std::string old_path, new_path;  // below the root of the space
    std::string old_name, new_name;
  };
  // Appends to the event log of `space`.
  Result<void> Record(SpaceId space, const Occurrence& what);

  // The hidden root of a space, made when it is first needed.
  Result<FileId> HiddenRoot(SpaceId space, RootKind kind);

  Result<void> Finish();

  std::int64_t now() const { return now_; }

 private:
  // `levels`: that the last of the ancestors has below itself because of it; 0: not more.
  void Carry(std::span<const Entry> ancestors, const Weight& weight, std::int64_t files,
             std::int64_t folders, std::uint64_t levels = 0);
  Result<Space*> SpaceRecord(SpaceId id);
  // What Discard does with a leaf that is detached.
  Result<void> Purge(const Chain& chain);
  Result<void> ToPurge(const Chain& chain);

  FileTree& tree_;
  KvTxn& txn_;
  const Caller& caller_;
  const std::int64_t now_;             // seconds
  std::map<FileId, Entry> ancestors_;  // collections that Finish writes
  std::map<SpaceId, Space> spaces_;    // written by Finish
};

// "a/b/c" below the root of the chain.
std::string PathText(const Chain& chain);

}  // namespace cairn::storage
