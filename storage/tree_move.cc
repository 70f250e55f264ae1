// MOVE: of one node with everything below it, in one transaction; and what it leaves behind where
// that is not the mover's.
#include <utility>
#include <vector>

#include "storage/commit.h"
#include "storage/file_tree.h"
#include "storage/staged_copy.h"
#include "storage/tree_checks.h"
#include "storage/tree_editor.h"
#include "storage/tree_height.h"

namespace cairn::storage {
namespace {

constexpr int kBuildAttempts = 5;

// The log of each space that the move touches says it.
Result<void> RecordMove(TreeEditor& editor, const Chain& source, const Chain& target) {
  const TreeEditor::Occurrence what{.type = EventType::kMoved,
                                    .node = target.leaf().node,
                                    .parents = std::span(target.entries).first(target.depth()),
                                    .old_path = PathText(source),
                                    .new_path = PathText(target),
                                    .old_name = source.leaf().name(),
                                    .new_name = target.leaf().name()};
  RETURN_IF_ERROR(editor.Record(target.space(), what));
  if (source.space() == target.space()) return {};
  return editor.Record(source.space(), what);
}

}  // namespace

// The owner of `source` keeps in his trash what another takes away: the same bytes under another
// id, without the versions, which stay with the node.
Result<void> FileTree::LeaveCopy(KvTxn& txn, const Caller& caller, TreeEditor& editor,
                                 const Chain& source, const StagedCopy* aside) {
  ASSIGN_OR_RETURN(const auto space, FindSpace(txn, source.space()));
  if (!space.has_value()) return Fail(ErrorCode::kCorruption, "a root without its space");
  if (caller.user == UserId{space->owner()}) return {};
  Chain left = source;
  left.leaf().node.mutable_below()->set_version_bytes(0);
  Node how;
  ASSIGN_OR_RETURN(const auto key, policies_.trash.Take(txn, caller, left, {.moves = true}, how));
  if (!key.has_value()) return {};
  const Node& node = source.leaf().node;
  bool with_members = false;
  if (node.collection()) {
    ASSIGN_OR_RETURN(const Page members, List(txn, FileId{node.id()}, {}, 1));
    with_members = !members.entries.empty();
  }
  if (with_members && (aside == nullptr || !aside->IsOf(node)))
    return Fail(ErrorCode::kIsACollection, "a collection with members");
  Node copy;
  if (with_members) {
    ASSIGN_OR_RETURN(copy, aside->Take(txn));
  } else {
    ASSIGN_OR_RETURN(const std::uint64_t id, ids_.Next());
    ASSIGN_OR_RETURN(copy, CopyNode(txn, FileId{id}, node, node.name()));
    RETURN_IF_ERROR(
        contents_.AddRef(txn, ContentOf(copy), HolderKind::kNode, keys::Node(FileId{id})));
  }
  copy.set_name(node.name());
  *copy.mutable_trash() = how.trash();
  return editor.AddToTrash(source.space(), *key, std::move(copy));
}

Result<WriteOutcome> FileTree::Move(KvTxn& txn, const WriteContext& context, const TreePath& from,
                                    const TreePath& to, const MoveOptions& options) {
  return MoveIn(txn, context, from, to, options, nullptr);
}

Result<WriteOutcome> FileTree::MoveIn(KvTxn& txn, const WriteContext& context, const TreePath& from,
                                      const TreePath& to, const MoveOptions& options,
                                      const StagedCopy* aside) {
  const TreeChecks checks(policies_, locks_, txn, context);
  ASSIGN_OR_RETURN(auto transfer,
                   checks.CheckTransfer(from, to, options.overwrite, TreeChecks::Verb::kMove));
  const std::size_t depth = transfer.place.parent.depth() + 1;
  if (depth > transfer.source.depth())
    RETURN_IF_ERROR(CheckHeight(txn, transfer.source.leaf().node, depth));
  TreeEditor editor(*this, txn, context.caller);
  RETURN_IF_ERROR(editor.EndLocks(checks, from, to, transfer, TreeChecks::Verb::kMove));
  const auto& occupant = transfer.place.occupant;
  const bool replaces = occupant.has_value() && !transfer.same_entry;
  if (transfer.source.space() != transfer.place.parent.space()) {
    const std::uint64_t freed = replaces ? occupant->leaf().recursive_size() : 0;
    RETURN_IF_ERROR(checks.Charge(
        transfer.place.parent, static_cast<std::int64_t>(transfer.source.leaf().recursive_size()) -
                                   static_cast<std::int64_t>(freed)));
  }
  if (transfer.source.space() != transfer.place.parent.space())
    RETURN_IF_ERROR(LeaveCopy(txn, context.caller, editor, transfer.source, aside));
  if (replaces) RETURN_IF_ERROR(editor.Remove(*occupant, false));
  Node node = transfer.source.leaf().node;
  node.set_name(to.segments.back());
  editor.Detach(transfer.source, 0);
  Chain moved = transfer.place.parent;
  moved.entries.push_back(
      editor.Add(transfer.place.parent, transfer.place.keys.back(), std::move(node), 0));
  RETURN_IF_ERROR(RecordMove(editor, transfer.source, moved));
  RETURN_IF_ERROR(editor.Finish());
  WriteOutcome outcome;
  outcome.created = !replaces;
  outcome.permissions = checks.For(moved);
  outcome.entry = std::move(moved.leaf());
  return outcome;
}

Result<WriteOutcome> FileTree::MoveAway(KvStore& store, const WriteContext& context,
                                        const TreePath& from, const TreePath& to,
                                        const MoveOptions& options) {
  for (int attempt = 0; attempt < kBuildAttempts; ++attempt) {
    StagedCopy aside(*this, store, context, from.home);
    if (attempt > 0) {  // the first one finds out whether a copy is to be left at all
      const TreeChecks checks(policies_, locks_, aside.view(), context);
      ASSIGN_OR_RETURN(const auto transfer,
                       checks.CheckTransfer(from, to, options.overwrite, TreeChecks::Verb::kMove));
      const Node& source = transfer.source.leaf().node;
      if (source.collection()) RETURN_IF_ERROR(aside.Build(source));
    }
    RETURN_IF_ERROR(ReserveIds(to));
    auto body = [&](KvTxn& txn) { return MoveIn(txn, context, from, to, options, &aside); };
    std::vector<WriterKey> keys{StagingKey(from.home), SpaceKey(from.home), SpaceKey(to.home),
                                SpaceKey(context.home)};
    auto moved = CommitBlocking(store, std::move(keys), body);
    // It has members, or something below it has changed since they were copied.
    const bool changed = moved.has_error() && Is(moved.error(), ErrorCode::kIsACollection);
    if (!changed) return moved;
  }
  return Fail(ErrorCode::kBusy, "what is moved changes too fast");
}

}  // namespace cairn::storage
