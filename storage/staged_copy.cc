#include "storage/staged_copy.h"

#include <mutex>
#include <utility>
#include <vector>

#include "storage/commit.h"
#include "storage/records.h"
#include "storage/tree_editor.h"
#include "storage/tree_height.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kNodesPerStep = 1000;
constexpr int kIdAttempts = 100;

void WriteStaged(KvTxn& txn, FileId parent, std::string_view key, const Node& node) {
  NodePlace place;
  place.set_parent(Raw(parent));
  place.set_key(std::string(key));
  WriteRecordBlind(txn, Table::kEntries, keys::Entry(parent, key), node);
  WriteRecordBlind(txn, Table::kNodes, keys::Node(FileId{node.id()}), place);
}

}  // namespace

StagedCopy::StagedCopy(FileTree& tree, KvStore& store, const WriteContext& context, SpaceId space)
    : tree_(tree),
      store_(store),
      context_(context),
      space_(space),
      lease_(tree.contents_.leases().Take()),  // before the view that it protects
      view_(store.Published()) {}

StagedCopy::~StagedCopy() {
  const std::lock_guard lock(tree_.copies_mu_);
  tree_.copies_.erase(top_);
}

Result<void> StagedCopy::Build(const Node& source) {
  source_ = source;
  RETURN_IF_ERROR(MakeTop());
  return CopyMembers();
}

// A collection's etag changes with everything below it.
bool StagedCopy::IsOf(const Node& node) const {
  return top_ != FileId{} && node.id() == source_.id() &&
         node.etag_start() == source_.etag_start() && node.etag_count() == source_.etag_count();
}

Result<Node> StagedCopy::Take(KvTxn& txn) const {
  const std::string key = keys::Entry(staging_, HiddenKey(top_));
  ASSIGN_OR_RETURN(auto node, ReadRecord<Node>(txn, Table::kEntries, key));
  if (!node.has_value()) return Fail(ErrorCode::kCorruption, "a staged copy is gone");
  txn.Erase(Table::kEntries, key);
  return std::move(*node);
}

Result<FileId> StagedCopy::NextId() {
  for (int attempt = 0;; ++attempt) {
    auto id = tree_.ids_.Next();
    if (id.has_value()) return FileId{*id};
    if (!Is(id.error(), ErrorCode::kBusy) || attempt == kIdAttempts) return std::move(id).error();
    RETURN_IF_ERROR(tree_.ids_.Reserve(kNodesPerStep));
  }
}

// The copy of `source`, with the sums that it will have when all below it is copied.
Result<Node> StagedCopy::Copy(KvTxn& txn, FileId id, const Node& source, std::string_view name) {
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

Result<void> StagedCopy::MakeTop() {
  ASSIGN_OR_RETURN(const FileId top, NextId());
  {
    const std::lock_guard lock(tree_.copies_mu_);
    tree_.copies_.insert(top);
  }
  top_ = top;
  RETURN_IF_ERROR(tree_.ReserveIds({.home = space_, .segments = {}}));
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(tree_.policies_.access.CheckLive(txn, context_.caller));
    TreeEditor editor(tree_, txn, context_.caller);
    ASSIGN_OR_RETURN(staging_, editor.HiddenRoot(space_, ROOT_STAGING));
    ASSIGN_OR_RETURN(const Node node, Copy(txn, top_, source_, HiddenKey(top_)));
    WriteStaged(txn, staging_, HiddenKey(top_), node);
    return editor.Finish();
  };
  return CommitBlocking(store_, {StagingKey(space_), SpaceKey(space_)}, body);
}

Result<void> StagedCopy::CopyMembers() {
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
Result<void> StagedCopy::Flush(std::span<const Item> items) {
  if (items.empty()) return {};
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(tree_.policies_.access.CheckLive(txn, context_.caller));
    for (const Item& item : items) {
      ASSIGN_OR_RETURN(const Node node, Copy(txn, item.id, item.source.node, item.source.name()));
      WriteStaged(txn, item.parent, item.source.key, node);
    }
    return {};
  };
  auto flushed = CommitBlocking(store_, {StagingKey(space_)}, body);
  if (!flushed.has_error() || !Is(flushed.error(), ErrorCode::kTooLarge) || items.size() == 1)
    return flushed;
  const std::size_t half = items.size() / 2;
  RETURN_IF_ERROR(Flush(items.first(half)));
  return Flush(items.subspan(half));
}

}  // namespace cairn::storage
