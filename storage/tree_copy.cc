// COPY: of one node, and of a collection with everything below it, built aside and attached once.
#include <algorithm>
#include <utility>
#include <vector>

#include "storage/commit.h"
#include "storage/file_tree.h"
#include "storage/properties.h"
#include "storage/records.h"
#include "storage/staged_copy.h"
#include "storage/tree_checks.h"
#include "storage/tree_editor.h"
#include "storage/tree_height.h"

namespace cairn::storage {

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

// One running COPY of a collection.
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
        staged_(tree, store, context, to.home) {}

  // What the copy would be refused for now. False: there is nothing below the source, CopyOne does
  // it.
  Result<bool> Begin() {
    const TreeChecks checks(tree_.policies_, tree_.locks_, staged_.view(), context_);
    ASSIGN_OR_RETURN(const auto transfer,
                     checks.CheckTransfer(from_, to_, options_.overwrite, TreeChecks::Verb::kCopy));
    source_ = transfer.source.leaf().node;
    if (!source_.collection() || !options_.members) return false;
    RETURN_IF_ERROR(CheckHeight(staged_.view(), source_, transfer.place.parent.depth() + 1));
    const std::int64_t growth = Growth(transfer);
    RETURN_IF_ERROR(checks.Charge(transfer.place.parent, growth));
    ASSIGN_OR_RETURN(const Page members, tree_.List(staged_.view(), FileId{source_.id()}, {}, 1));
    if (members.entries.empty()) return false;
    ASSIGN_OR_RETURN(hold_, checks.Hold(transfer.place.parent, growth));
    held_bytes_ = hold_ != nullptr ? static_cast<std::uint64_t>(growth) : 0;
    return true;
  }

  Result<WriteOutcome> Run() {
    RETURN_IF_ERROR(staged_.Build(source_));
    RETURN_IF_ERROR(tree_.ReserveIds(to_));
    auto body = [&](KvTxn& txn) { return Attach(txn); };
    std::vector<WriterKey> keys{StagingKey(to_.home), SpaceKey(to_.home)};
    if (context_.home != SpaceId{}) keys.push_back(SpaceKey(context_.home));
    return CommitBlocking(store_, std::move(keys), body);
  }

 private:
  std::int64_t Growth(const TreeChecks::Transfer& transfer) const {
    const auto& occupant = transfer.place.occupant;
    return static_cast<std::int64_t>(source_.below().bytes()) -
           static_cast<std::int64_t>(occupant.has_value() ? occupant->leaf().recursive_size() : 0);
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
    ASSIGN_OR_RETURN(Node staged, staged_.Take(txn));

    const auto& occupant = transfer.place.occupant;
    if (occupant.has_value()) RETURN_IF_ERROR(editor.Remove(*occupant, false));
    staged.set_name(to_.segments.back());
    const Chain& parent = transfer.place.parent;
    Chain made = parent;
    made.entries.push_back(editor.Add(parent, transfer.place.keys.back(), std::move(staged), 0));
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
  StagedCopy staged_;
  Node source_;
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
    std::vector<WriterKey> keys{SpaceKey(from.home), SpaceKey(to.home)};
    if (context.home != SpaceId{}) keys.push_back(SpaceKey(context.home));
    auto copied = CommitBlocking(store, std::move(keys), body);
    // It got members since it was looked at.
    const bool changed = copied.has_error() && Is(copied.error(), ErrorCode::kIsACollection);
    if (!changed || !again) return copied;
    again = false;
  }
}

}  // namespace cairn::storage
