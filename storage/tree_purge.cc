// Purging: what was detached, and copies that were never attached, is erased in bounded steps under
// the staging key.
//
// A step starts at the top each time and keeps nothing between steps, so a crash costs nothing. The
// sums of collections that are being purged are not kept: nobody reads them, and the whole tree
// goes.
#include <set>
#include <utility>
#include <vector>

#include "storage/commit.h"
#include "storage/file_tree.h"
#include "storage/tree_editor.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kPurgePage = 256;

class Purger {
 public:
  Purger(FileTree& tree, KvTxn& txn, std::size_t limit)
      : tree_(tree), txn_(txn), editor_(tree, txn, nobody_), limit_(limit) {}

  std::uint64_t erased() const { return erased_; }

  // Erases what hangs below `root`, but for the members in `spared`, until the limit is reached.
  Result<void> Below(FileId root, const std::set<FileId>& spared) {
    std::string after;
    for (bool more = true; more && erased_ < limit_;) {
      ASSIGN_OR_RETURN(const Page page, tree_.List(txn_, root, after, kPurgePage));
      for (const Entry& entry : page.entries) {
        if (erased_ == limit_) return {};
        after = entry.key;
        if (!spared.contains(entry.id())) RETURN_IF_ERROR(Tree(entry));
      }
      more = page.more;
    }
    return {};
  }

 private:
  struct Level {
    Entry entry;
    std::string after;  // members up to here are erased
  };

  // Members before their collection, so that what is left after a step still hangs together.
  Result<void> Tree(const Entry& top) {
    if (!top.is_collection()) return Erase(top);
    std::vector<Level> levels;
    std::set<FileId> open = {top.id()};
    levels.push_back({top, {}});
    while (!levels.empty() && erased_ < limit_) {
      const std::size_t deepest = levels.size() - 1;
      ASSIGN_OR_RETURN(Page page, tree_.List(txn_, levels[deepest].entry.id(),
                                             levels[deepest].after, kPurgePage));
      if (page.entries.empty()) {
        RETURN_IF_ERROR(Erase(levels[deepest].entry));
        open.erase(levels[deepest].entry.id());
        levels.pop_back();
        continue;
      }
      for (Entry& entry : page.entries) {
        if (erased_ == limit_) return {};
        levels[deepest].after = entry.key;
        if (entry.is_collection()) {
          if (!open.insert(entry.id()).second)
            return Fail(ErrorCode::kCorruption, "a folder lies below itself");
          levels.push_back({std::move(entry), {}});
          break;
        }
        RETURN_IF_ERROR(Erase(entry));
      }
    }
    return {};
  }

  Result<void> Erase(const Entry& entry) {
    txn_.Erase(Table::kEntries, keys::Entry(entry.parent, entry.key));
    ++erased_;
    return editor_.EraseNode(entry.node);
  }

  FileTree& tree_;
  KvTxn& txn_;
  const Caller nobody_;
  TreeEditor editor_;
  const std::size_t limit_;
  std::uint64_t erased_ = 0;
};

}  // namespace

Result<std::uint64_t> FileTree::PurgeIn(KvTxn& txn, SpaceId id, std::size_t limit) {
  ASSIGN_OR_RETURN(const auto space, FindSpace(txn, id));
  if (!space.has_value()) return std::uint64_t{0};
  Purger purger(*this, txn, limit);
  if (space->purge_root() != 0) RETURN_IF_ERROR(purger.Below(FileId{space->purge_root()}, {}));
  if (space->staging_root() != 0) {
    std::set<FileId> running;
    {
      const std::lock_guard lock(copies_mu_);
      running = copies_;
    }
    RETURN_IF_ERROR(purger.Below(FileId{space->staging_root()}, running));
  }
  return purger.erased();
}

Result<std::uint64_t> FileTree::PurgeStep(KvStore& store, SpaceId id, std::size_t limit) {
  const auto view = store.Published();
  ASSIGN_OR_RETURN(const auto space, FindSpace(*view, id));
  if (limit == 0 || !space.has_value()) return std::uint64_t{0};
  bool any = false;
  for (const std::uint64_t root : {space->purge_root(), space->staging_root()}) {
    if (root == 0) continue;
    ASSIGN_OR_RETURN(const Page page, List(*view, FileId{root}, {}, 1));
    any = any || !page.entries.empty();
  }
  if (!any) return std::uint64_t{0};
  for (;; limit /= 2) {
    auto body = [&](KvTxn& txn) { return PurgeIn(txn, id, limit); };
    auto erased = CommitBlocking(store, {StagingKey(id)}, body);
    // Nodes with many properties: fewer of them at a time.
    const bool too_large = erased.has_error() && Is(erased.error(), ErrorCode::kTooLarge);
    if (!too_large || limit == 1) return erased;
  }
}

}  // namespace cairn::storage
