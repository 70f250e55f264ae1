// COPY: of one node, and of a collection with everything below it, built aside and attached once.
#include <algorithm>
#include <utility>
#include <vector>

#include "storage/commit.h"
#include "storage/file_tree.h"
#include "storage/properties.h"
#include "storage/records.h"
#include "storage/tree_checks.h"
#include "storage/tree_editor.h"
#include "storage/tree_height.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kNodesPerStep = 1000;
constexpr int kIdAttempts = 100;

}  // namespace

Result<Node> FileTree::CopyNode(KvTxn& txn, FileId id, const Node& source, std::string_view name) {
  const std::int64_t now = std::max<std::int64_t>(1, clock_.NowSeconds());
  const Etag etag =
      source.collection() ? etags_.Next() : Etag{source.etag_start(), source.etag_count()};
  Node node;
  node.set_id(Raw(id));
  node.set_name(std::string(name));
  node.set_collection(source.collection());
  node.set_etag_start(etag.start);
  node.set_etag_count(etag.count);
  node.set_mtime(source.mtime());
  node.set_created(source.created());
  if (!source.collection()) {
    node.set_uploaded(now);
    node.set_became_current(now);
    node.set_size(source.size());
    node.set_checksums(source.checksums());
    node.set_content(source.content());
  }
  if ((source.flags() & kHasProperties) != 0) {
    ASSIGN_OR_RETURN(const bool any, CopyProperties(txn, FileId{source.id()}, id));
    if (any) node.set_flags(kHasProperties);
  }
  return node;
}

// One running COPY of a collection. The staged copy belongs to this object until it is attached;
// when the object goes without that, it belongs to PurgeStep.
class CollectionCopy {
 public:
  CollectionCopy(FileTree& tree, KvStore& store, const WriteContext& context, const TreePath& from,
                 const TreePath& to, const CopyOptions& options)
      : tree_(tree),
        store_(store),
        context_(context),
        from_(from),
        to_(to),
        options_(options),
        lease_(tree.contents_.leases().Take()),  // before the view that it protects
        view_(store.Published()) {}
  CollectionCopy(const CollectionCopy&) = delete;
  CollectionCopy& operator=(const CollectionCopy&) = delete;
  ~CollectionCopy() {
    const std::lock_guard lock(tree_.copies_mu_);
    tree_.copies_.erase(top_);
  }

  // What the copy would be refused for now. False: there is nothing below the source, CopyOne does
  // it.
  Result<bool> Begin() {
    const TreeChecks checks(tree_.policies_, tree_.locks_, *view_, context_);
    ASSIGN_OR_RETURN(const auto transfer,
                     checks.CheckTransfer(from_, to_, options_.overwrite, TreeChecks::Verb::kCopy));
    source_ = transfer.source.leaf().node;
    if (!source_.collection() || !options_.members) return false;
    RETURN_IF_ERROR(CheckHeight(*view_, source_, transfer.place.parent.depth() + 1));
    const std::int64_t growth = Growth(transfer);
    RETURN_IF_ERROR(checks.Charge(transfer.place.parent, growth));
    ASSIGN_OR_RETURN(const Page members, tree_.List(*view_, FileId{source_.id()}, {}, 1));
    if (members.entries.empty()) return false;
    ASSIGN_OR_RETURN(hold_, checks.Hold(transfer.place.parent, growth));
    held_bytes_ = hold_ != nullptr ? static_cast<std::uint64_t>(growth) : 0;
    return true;
  }

  Result<WriteOutcome> Run() {
    RETURN_IF_ERROR(MakeTop());
    RETURN_IF_ERROR(CopyMembers());
    RETURN_IF_ERROR(tree_.ReserveIds(to_));
    auto body = [&](KvTxn& txn) { return Attach(txn); };
    return CommitBlocking(store_, {StagingKey(to_.home), SpaceKey(to_.home)}, body);
  }

 private:
  struct Item {
    FileId id;
    FileId parent;
    Entry source;
  };
  // A collection whose members after `after` are to be copied below `target`.
  struct Open {
    FileId source;
    FileId target;
    std::string after;
  };

  std::int64_t Growth(const TreeChecks::Transfer& transfer) const {
    const auto& occupant = transfer.place.occupant;
    return static_cast<std::int64_t>(source_.below().bytes()) -
           static_cast<std::int64_t>(occupant.has_value() ? occupant->leaf().recursive_size() : 0);
  }

  Result<FileId> NextId() {
    for (int attempt = 0;; ++attempt) {
      auto id = tree_.ids_.Next();
      if (id.has_value()) return FileId{*id};
      if (!Is(id.error(), ErrorCode::kBusy) || attempt == kIdAttempts) return std::move(id).error();
      RETURN_IF_ERROR(tree_.ids_.Reserve(kNodesPerStep));
    }
  }

  // The copy of `source`, with the sums that it will have when all below it is copied.
  Result<Node> Copy(KvTxn& txn, FileId id, const Node& source, std::string_view name) {
    ASSIGN_OR_RETURN(Node node, tree_.CopyNode(txn, id, source, name));
    tree_.contents_.AddRefLeased(txn, ContentOf(node), HolderKind::kNode, keys::Node(id));
    if (source.collection()) {
      Aggregates& below = *node.mutable_below();
      below.set_bytes(source.below().bytes());
      below.set_files(source.below().files());
      below.set_folders(source.below().folders());
      node.set_direct_files(source.direct_files());
      node.set_direct_folders(source.direct_folders());
      node.set_height(HeightBound(source));
    }
    return node;
  }

  static void Write(KvTxn& txn, FileId parent, std::string_view key, const Node& node) {
    NodePlace place;
    place.set_parent(Raw(parent));
    place.set_key(std::string(key));
    WriteRecordBlind(txn, Table::kEntries, keys::Entry(parent, key), node);
    WriteRecordBlind(txn, Table::kNodes, keys::Node(FileId{node.id()}), place);
  }

  Result<void> MakeTop() {
    ASSIGN_OR_RETURN(const FileId top, NextId());
    {
      const std::lock_guard lock(tree_.copies_mu_);
      tree_.copies_.insert(top);
    }
    top_ = top;
    RETURN_IF_ERROR(tree_.ReserveIds(to_));
    auto body = [&](KvTxn& txn) -> Result<void> {
      RETURN_IF_ERROR(tree_.policies_.access.CheckLive(txn, context_.caller));
      TreeEditor editor(tree_, txn, context_.caller);
      ASSIGN_OR_RETURN(staging_, editor.HiddenRoot(to_.home, ROOT_STAGING));
      ASSIGN_OR_RETURN(const Node node, Copy(txn, top_, source_, HiddenKey(top_)));
      Write(txn, staging_, HiddenKey(top_), node);
      return editor.Finish();
    };
    return CommitBlocking(store_, {StagingKey(to_.home), SpaceKey(to_.home)}, body);
  }

  Result<void> CopyMembers() {
    std::vector<Open> open{{FileId{source_.id()}, top_, {}}};
    std::vector<Item> batch;
    Weight done;
    while (!open.empty()) {
      Open next = std::move(open.back());
      open.pop_back();
      ASSIGN_OR_RETURN(Page page, tree_.List(*view_, next.source, next.after, kNodesPerStep));
      if (page.more) open.push_back({next.source, next.target, page.entries.back().key});
      for (Entry& entry : page.entries) {
        ASSIGN_OR_RETURN(const FileId id, NextId());
        (entry.is_collection() ? done.folders : done.files) += 1;
        if (!entry.is_collection()) done.bytes += static_cast<std::int64_t>(entry.node.size());
        if (entry.is_collection()) open.push_back({entry.id(), id, {}});
        batch.push_back({id, next.target, std::move(entry)});
        if (batch.size() == kNodesPerStep) {
          RETURN_IF_ERROR(Flush(batch));
          batch.clear();
        }
      }
    }
    RETURN_IF_ERROR(Flush(batch));
    const Weight sums = WeightOf(source_, 0);
    if (done.bytes != sums.bytes || done.files != sums.files || done.folders + 1 != sums.folders) {
      return Fail(ErrorCode::kCorruption,
                  "the sums of node " + std::to_string(source_.id()) + " are wrong");
    }
    return {};
  }

  // Nodes with many properties may be more than one transaction takes: then in two halves.
  Result<void> Flush(std::span<const Item> items) {
    if (items.empty()) return {};
    auto body = [&](KvTxn& txn) -> Result<void> {
      RETURN_IF_ERROR(tree_.policies_.access.CheckLive(txn, context_.caller));
      for (const Item& item : items) {
        ASSIGN_OR_RETURN(const Node node, Copy(txn, item.id, item.source.node, item.source.name()));
        Write(txn, item.parent, item.source.key, node);
      }
      return {};
    };
    auto flushed = CommitBlocking(store_, {StagingKey(to_.home)}, body);
    if (!flushed.has_error() || !Is(flushed.error(), ErrorCode::kTooLarge) || items.size() == 1)
      return flushed;
    const std::size_t half = items.size() / 2;
    RETURN_IF_ERROR(Flush(items.first(half)));
    return Flush(items.subspan(half));
  }

  Result<WriteOutcome> Attach(KvTxn& txn) {
    WriteContext context = context_;
    context.reserved = hold_ != nullptr ? held_bytes_ : 0;
    const TreeChecks checks(tree_.policies_, tree_.locks_, txn, context);
    ASSIGN_OR_RETURN(auto transfer,
                     checks.CheckTransfer(from_, to_, options_.overwrite, TreeChecks::Verb::kCopy));
    if (transfer.source.leaf().node.id() != source_.id())
      return Fail(ErrorCode::kNotFound, "the source went away");
    TreeEditor editor(tree_, txn, context_.caller);
    RETURN_IF_ERROR(editor.EndLocks(checks, from_, to_, transfer, TreeChecks::Verb::kCopy));
    RETURN_IF_ERROR(checks.Charge(transfer.place.parent, Growth(transfer)));
    const std::string staged_key = keys::Entry(staging_, HiddenKey(top_));
    ASSIGN_OR_RETURN(auto staged, ReadRecord<Node>(txn, Table::kEntries, staged_key));
    if (!staged.has_value()) return Fail(ErrorCode::kCorruption, "a staged copy is gone");

    const auto& occupant = transfer.place.occupant;
    if (occupant.has_value()) RETURN_IF_ERROR(editor.Remove(*occupant, false));
    txn.Erase(Table::kEntries, staged_key);
    staged->set_name(to_.segments.back());
    const Chain& parent = transfer.place.parent;
    Chain made = parent;
    made.entries.push_back(editor.Add(parent, transfer.place.keys.back(), std::move(*staged), 0));
    RETURN_IF_ERROR(editor.Record(made.space(), {.type = EventType::kCopied,
                                                 .node = made.leaf().node,
                                                 .parents = parent.entries,
                                                 .old_path = PathText(transfer.source),
                                                 .new_path = PathText(made),
                                                 .old_name = transfer.source.leaf().name(),
                                                 .new_name = made.leaf().name()}));
    RETURN_IF_ERROR(editor.Finish());
    hold_.reset();  // whoever has the key next finds the bytes in the tree
    WriteOutcome outcome;
    outcome.created = !occupant.has_value();
    outcome.permissions = checks.For(made);
    outcome.entry = std::move(made.leaf());
    return outcome;
  }

  FileTree& tree_;
  KvStore& store_;
  const WriteContext& context_;
  const TreePath& from_;
  const TreePath& to_;
  const CopyOptions& options_;
  const ReadLease lease_;
  const std::shared_ptr<const KvView> view_;
  Node source_;
  FileId staging_{};
  FileId top_{};
  std::unique_ptr<QuotaHold> hold_;  // until the copy is charged for
  std::uint64_t held_bytes_ = 0;
};

Result<WriteOutcome> FileTree::CopyCollection(KvStore& store, const WriteContext& context,
                                              const TreePath& from, const TreePath& to,
                                              const CopyOptions& options) {
  for (bool again = true;;) {
    CollectionCopy copy(*this, store, context, from, to, options);
    ASSIGN_OR_RETURN(const bool has_members, copy.Begin());
    if (has_members) return copy.Run();
    RETURN_IF_ERROR(ReserveIds(to));
    auto body = [&](KvTxn& txn) { return CopyOne(txn, context, from, to, options); };
    auto copied = CommitBlocking(store, {SpaceKey(from.home), SpaceKey(to.home)}, body);
    // It got members since it was looked at.
    const bool changed = copied.has_error() && Is(copied.error(), ErrorCode::kIsACollection);
    if (!changed || !again) return copied;
    again = false;
  }
}

}  // namespace cairn::storage
