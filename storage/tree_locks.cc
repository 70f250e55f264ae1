#include "storage/tree_locks.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "storage/commit.h"
#include "storage/records.h"

namespace cairn::storage {
namespace {

constexpr std::uint32_t kLockedBit = kHasLocks;
constexpr std::size_t kScanRows = 1000;      // rows looked at between two looks at the limit
constexpr std::size_t kNodesPerCommit = 50;  // a commit rewrites up to this many chains

// The part of `chain` that ends in the node at `index`.
Chain Prefix(const Chain& chain, std::size_t index) {
  return Chain{
      {chain.entries.begin(), chain.entries.begin() + static_cast<std::ptrdiff_t>(index) + 1}};
}

// The expired rows of `txn` for `node`, erased; and whether a row is left.
struct Cleared {
  std::int64_t erased = 0;
  bool left = false;
};
Result<Cleared> EraseExpired(KvTxn& txn, FileId node, std::int64_t now) {
  Cleared cleared;
  std::vector<std::string> dead;
  const auto visit = [&](std::string_view token, std::string_view value) {
    HeldLock held;
    // A row that cannot be read locks nobody out for ever: it goes like an expired one.
    const bool readable = ParseInto(value, held.lock);
    if (!readable || held.expired(now)) {
      dead.push_back(keys::Lock(node, token));
    } else {
      cleared.left = true;
    }
    return true;
  };
  RETURN_IF_ERROR(txn.Scan(Table::kLocks, keys::LockPrefix(node), {}, visit));
  for (const std::string& row : dead) txn.Erase(Table::kLocks, row);
  cleared.erased = static_cast<std::int64_t>(dead.size());
  return cleared;
}

// Expired rows by node, at most `limit` rows, the lowest node ids first.
Result<std::map<FileId, std::uint64_t>> FindExpired(const KvView& view, std::int64_t now,
                                                    std::size_t limit) {
  std::map<FileId, std::uint64_t> found;
  std::string after;
  std::size_t rows = 0;
  for (bool more = true; more && rows < limit;) {
    std::size_t looked_at = 0;
    const auto visit = [&](std::string_view key, std::string_view value) {
      after = key;
      HeldLock held;
      const bool readable = ParseInto(value, held.lock);
      if (key.size() > 8 && (!readable || held.expired(now))) {
        ++found[FileId{ReadBig64(key)}];
        ++rows;
      }
      return rows < limit && ++looked_at < kScanRows;
    };
    RETURN_IF_ERROR(view.Scan(Table::kLocks, {}, after, visit));
    more = looked_at >= kScanRows;
  }
  return found;
}

// Clears `nodes`, all of them in `space` when they were looked up, in one transaction.
Result<std::uint64_t> ExpireIn(FileTree& tree, KvStore& store, SpaceId space,
                               std::span<const FileId> nodes) {
  std::uint64_t count = 0;
  auto body = [&](KvTxn& txn) -> Result<void> {
    count = 0;
    for (const FileId node : nodes) {
      const auto chain = tree.ChainOf(txn, node);
      if (chain.has_error()) {
        if (Is(chain.error(), ErrorCode::kNotFound)) continue;  // purged meanwhile, with its rows
        return chain.error();
      }
      if (chain->space() != space) continue;  // moved meanwhile: the next call finds it there
      ASSIGN_OR_RETURN(const Cleared cleared, EraseExpired(txn, node, tree.locks().now()));
      if (cleared.erased == 0) continue;
      RETURN_IF_ERROR(
          tree.AdjustFlags(txn, *chain, 0, cleared.left ? 0 : kLockedBit, -cleared.erased, false));
      count += static_cast<std::uint64_t>(cleared.erased);
    }
    return {};
  };
  RETURN_IF_ERROR(CommitBlocking(store, {StagingKey(space), SpaceKey(space)}, body));
  return count;
}

// Rows of nodes that are gone: an id never comes back, so nobody else writes them.
Result<std::uint64_t> ExpireOrphans(FileTree& tree, KvStore& store, std::span<const FileId> nodes) {
  std::uint64_t count = 0;
  auto body = [&](KvTxn& txn) -> Result<void> {
    count = 0;
    for (const FileId node : nodes) {
      ASSIGN_OR_RETURN(const std::uint64_t erased, tree.locks().EraseAll(txn, node));
      count += erased;
    }
    return {};
  };
  RETURN_IF_ERROR(CommitBlocking(store, {DirectoryKey()}, body));
  return count;
}

// An empty file where nothing was (RFC 4918 section 7.3). FileTree::Put checks everything, the
// parent's locks too.
Result<void> MakeEmptyFile(FileTree& tree, KvTxn& txn, const WriteContext& context,
                           const TreePath& path) {
  const NewContent empty;
  const PutOptions options;
  ASSIGN_OR_RETURN(const WriteOutcome made, tree.Put(txn, context, path, empty, options));
  CAIRN_CHECK(made.created);
  return {};
}

}  // namespace

Result<LockOutcome> TakeLock(FileTree& tree, KvTxn& txn, const WriteContext& context,
                             const TreePath& path, const LockTable::Request& request) {
  LockOutcome outcome;
  auto found = tree.ResolveFor(txn, context.caller, path, Permission::kUpdate);
  if (found.has_error()) {
    if (!Is(found.error(), ErrorCode::kNotFound)) return std::move(found).error();
    // There may be something that the caller cannot see: that is not to be emptied.
    if (tree.Resolve(txn, path).has_value()) return std::move(found).error();
    RETURN_IF_ERROR(MakeEmptyFile(tree, txn, context, path));
    outcome.created = true;
    found = tree.Resolve(txn, path);
    if (found.has_error()) return std::move(found).error();
  } else if (context.precondition != nullptr) {
    RETURN_IF_ERROR(context.precondition->Check(txn, &found->leaf()));
  }
  Chain chain = std::move(*found);
  ASSIGN_OR_RETURN(outcome.held.lock, tree.locks().Create(txn, context.caller, chain, request));
  outcome.held.root = chain.leaf().id();
  outcome.held.chain_index = chain.entries.size() - 1;
  RETURN_IF_ERROR(tree.AdjustFlags(txn, chain, kLockedBit, 0, 1, false));
  outcome.entry = std::move(chain.leaf());
  outcome.entry.node.set_flags(outcome.entry.node.flags() | kLockedBit);
  return outcome;
}

Result<LockOutcome> RefreshLock(FileTree& tree, KvTxn& txn, const WriteContext& context,
                                const TreePath& path, std::string_view token,
                                std::optional<std::int64_t> timeout) {
  ASSIGN_OR_RETURN(Chain chain, tree.ResolveFor(txn, context.caller, path, Permission::kUpdate));
  if (context.precondition != nullptr)
    RETURN_IF_ERROR(context.precondition->Check(txn, &chain.leaf()));
  LockOutcome outcome;
  ASSIGN_OR_RETURN(outcome.held, tree.locks().Refresh(txn, context.caller, chain, token, timeout));
  outcome.entry = std::move(chain.leaf());
  return outcome;
}

Result<LockOutcome> ReleaseLock(FileTree& tree, KvTxn& txn, const WriteContext& context,
                                const TreePath& path, std::string_view token) {
  ASSIGN_OR_RETURN(Chain chain, tree.ResolveFor(txn, context.caller, path, Permission::kUpdate));
  if (context.precondition != nullptr)
    RETURN_IF_ERROR(context.precondition->Check(txn, &chain.leaf()));
  LockOutcome outcome;
  ASSIGN_OR_RETURN(outcome.held, tree.locks().Remove(txn, context.caller, chain, token));
  const Chain locked = Prefix(chain, outcome.held.chain_index);
  // Expired rows of the node go at this occasion, so that its flag does not outlive its last lock.
  ASSIGN_OR_RETURN(const Cleared cleared, EraseExpired(txn, outcome.held.root, tree.locks().now()));
  RETURN_IF_ERROR(
      tree.AdjustFlags(txn, locked, 0, cleared.left ? 0 : kLockedBit, -1 - cleared.erased, false));
  outcome.entry = std::move(chain.leaf());
  if (outcome.held.root == outcome.entry.id() && !cleared.left) {
    outcome.entry.node.set_flags(outcome.entry.node.flags() & ~kLockedBit);
  }
  return outcome;
}

Result<std::uint64_t> ExpireLocks(FileTree& tree, KvStore& store, std::size_t limit) {
  const auto view = store.Published();
  ASSIGN_OR_RETURN(const auto expired, FindExpired(*view, tree.locks().now(), limit));
  std::map<SpaceId, std::vector<FileId>> by_space;
  std::vector<FileId> orphans;
  for (const auto& [node, rows] : expired) {
    const auto chain = tree.ChainOf(*view, node);
    if (chain.has_value()) {
      by_space[chain->space()].push_back(node);
    } else if (Is(chain.error(), ErrorCode::kNotFound)) {
      orphans.push_back(node);
    } else if (!Is(chain.error(), ErrorCode::kCorruption)) {
      return chain.error();
    }  // else: one broken node must not keep every other lock alive; fsck names it
  }
  std::uint64_t count = 0;
  for (const auto& [space, nodes] : by_space) {
    for (std::size_t at = 0; at < nodes.size(); at += kNodesPerCommit) {
      const auto some = std::span(nodes).subspan(at, std::min(kNodesPerCommit, nodes.size() - at));
      ASSIGN_OR_RETURN(const std::uint64_t done, ExpireIn(tree, store, space, some));
      count += done;
    }
  }
  if (!orphans.empty()) {
    ASSIGN_OR_RETURN(const std::uint64_t done, ExpireOrphans(tree, store, orphans));
    count += done;
  }
  return count;
}

}  // namespace cairn::storage
