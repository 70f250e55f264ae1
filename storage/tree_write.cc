// The writes of FileTree that are one transaction.
#include <algorithm>
#include <utility>

#include "storage/file_tree.h"
#include "storage/properties.h"
#include "storage/same_bytes.h"
#include "storage/tree_checks.h"
#include "storage/tree_editor.h"
#include "storage/tree_height.h"

namespace cairn::storage {
namespace {

constexpr std::int64_t kLastSecond =
    253'402'300'799;  // of the year 9999: later dates have no HTTP form
constexpr std::size_t kMaxChecksumBytes = 1024;

bool Storable(std::int64_t seconds) { return seconds > 0 && seconds <= kLastSecond; }

TreeChecks::Parents ParentsFor(const PutOptions& options) {
  return options.make_parents ? TreeChecks::Parents::kMayBeMade : TreeChecks::Parents::kMustExist;
}

// The collections that are missing above the last segment; afterwards `place.parent` is the parent
// of the last one.
Result<void> MakeParents(TreeEditor& editor, TreeChecks::Place& place, const TreePath& path) {
  const std::size_t first = path.segments.size() - place.keys.size();
  for (std::size_t i = 0; i + 1 < place.keys.size(); ++i) {
    RETURN_IF_ERROR(editor.Descend(place.parent, place.keys[i], path.segments[first + i]));
    const Entry& made = place.parent.leaf();
    const Chain above = ParentChain(place.parent);
    RETURN_IF_ERROR(editor.Record(above.space(), {.type = EventType::kCreated,
                                                  .node = made.node,
                                                  .parents = above.entries,
                                                  .old_path = {},
                                                  .new_path = PathText(place.parent),
                                                  .old_name = {},
                                                  .new_name = made.name()}));
  }
  return {};
}

void SetTimes(Node& node, const PutOptions& options, std::int64_t now) {
  node.set_mtime(options.mtime && Storable(*options.mtime) ? *options.mtime : now);
  if (options.created && Storable(*options.created)) node.set_created(*options.created);
}

// Whose bytes these are, and since when.
void SetOrigin(Node& node, const PutOptions& options, const Caller& caller, std::int64_t now) {
  node.set_became_current(now);
  node.set_author(Raw(options.author.value_or(caller.user)));
  if (options.label.has_value()) {
    node.set_label(*options.label);
  } else {
    node.clear_label();
  }
}

std::int64_t GrowthOf(std::uint64_t after, std::uint64_t before) {
  return static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before);
}

// The chain to an entry below `parent`.
Chain With(const Chain& parent, Entry leaf) {
  Chain chain = parent;
  chain.entries.push_back(std::move(leaf));
  return chain;
}

WriteOutcome Outcome(const TreeChecks& checks, Chain chain, bool created) {
  WriteOutcome outcome;
  outcome.created = created;
  outcome.permissions = checks.For(chain);
  outcome.entry = std::move(chain.leaf());
  return outcome;
}

void Refresh(Node& node, EtagSource& etags) {
  const Etag etag = etags.Next();
  node.set_etag_start(etag.start);
  node.set_etag_count(etag.count);
}

}  // namespace

Result<WriteOutcome> FileTree::MakeCollection(KvTxn& txn, const WriteContext& context,
                                              const TreePath& path, const PutOptions& options) {
  const TreeChecks checks(policies_, locks_, txn, context);
  RETURN_IF_ERROR(checks.Live());
  if (path.is_root()) {
    ASSIGN_OR_RETURN(const Chain root, checks.Existing(path));
    RETURN_IF_ERROR(checks.Require(root, Permission::kRead));
    return Fail(ErrorCode::kAlreadyExists, "the root");
  }
  ASSIGN_OR_RETURN(auto place, checks.FindPlace(path, ParentsFor(options)));
  if (place.occupant.has_value() && Allows(checks.For(*place.occupant), Permission::kRead)) {
    return Fail(ErrorCode::kAlreadyExists, "something stands there");
  }
  RETURN_IF_ERROR(checks.Require(place.parent, Permission::kCreate));
  if (place.occupant.has_value()) return Fail(ErrorCode::kAlreadyExists, "something stands there");
  RETURN_IF_ERROR(checks.CheckPrecondition(nullptr));
  RETURN_IF_ERROR(checks.MembersUnlocked(place.parent));
  RETURN_IF_ERROR(checks.ChargeNewCollection(place.parent));

  TreeEditor editor(*this, txn, context.caller);
  RETURN_IF_ERROR(MakeParents(editor, place, path));
  ASSIGN_OR_RETURN(Node node, editor.NewNode(path.segments.back(), true));
  SetTimes(node, options, editor.now());
  Chain made = With(place.parent, editor.Add(place.parent, place.keys.back(), std::move(node), 0));
  RETURN_IF_ERROR(editor.Record(made.space(), {.type = EventType::kCreated,
                                               .node = made.leaf().node,
                                               .parents = place.parent.entries,
                                               .old_path = {},
                                               .new_path = PathText(made),
                                               .old_name = {},
                                               .new_name = made.leaf().name()}));
  RETURN_IF_ERROR(editor.Finish());
  return Outcome(checks, std::move(made), true);
}

Result<void> FileTree::SwapContent(KvTxn& txn, const Chain& chain, Node& node,
                                   const NewContent& content, bool attach_new, bool same_bytes) {
  const std::string holder = keys::Node(FileId{node.id()});
  const std::string id = content.id.empty() ? std::string() : std::string(content.id.view());
  if (!node.content().empty() && node.content() != id) {
    const auto old = ContentId::FromBytes(node.content());
    if (!old.has_value()) return Fail(ErrorCode::kCorruption, "a node with a broken content id");
    bool captured = false;
    if (!same_bytes) {
      ASSIGN_OR_RETURN(captured, policies_.versions.Capture(txn, contents_, chain, node));
    }
    if (!captured) RETURN_IF_ERROR(contents_.DropRef(txn, *old, HolderKind::kNode, holder));
  }
  if (attach_new) {
    contents_.Attach(txn, content, HolderKind::kNode, holder);
  } else if (node.content() != id) {
    RETURN_IF_ERROR(contents_.AddRef(txn, content.id, HolderKind::kNode, holder));
  }
  node.set_content(id);
  node.set_size(content.size());
  return {};
}

Result<WriteOutcome> FileTree::Put(KvTxn& txn, const WriteContext& context, const TreePath& path,
                                   const NewContent& content, const PutOptions& options,
                                   bool attach_new) {
  if (options.checksums.size() > kMaxChecksumBytes)
    return Fail(ErrorCode::kInvalidArgument, "checksums too long");
  const TreeChecks checks(policies_, locks_, txn, context);
  ASSIGN_OR_RETURN(auto put, checks.CheckPut(path, ParentsFor(options)));
  const bool created = !put.existing.has_value();
  if (created) {
    RETURN_IF_ERROR(checks.ChargeNewFile(put.place.parent, content.size()));
  } else {
    RETURN_IF_ERROR(
        checks.Charge(*put.existing, GrowthOf(content.size(), put.existing->leaf().node.size())));
  }

  TreeEditor editor(*this, txn, context.caller);
  Node node;
  if (created) {
    RETURN_IF_ERROR(MakeParents(editor, put.place, path));
    ASSIGN_OR_RETURN(node, editor.NewNode(path.segments.back(), false));
  } else {
    node = put.existing->leaf().node;
    Refresh(node, etags_);
  }
  bool same_bytes = false;
  if (!created) {
    ASSIGN_OR_RETURN(same_bytes, SameBytes(txn, node, content, options));
  }
  RETURN_IF_ERROR(SwapContent(txn, created ? put.place.parent : *put.existing, node, content,
                              attach_new, same_bytes));
  SetTimes(node, options, editor.now());
  node.set_uploaded(editor.now());
  node.set_checksums(options.checksums);
  if (!same_bytes) SetOrigin(node, options, context.caller, editor.now());
  Chain chain;
  if (created) {
    chain = With(put.place.parent,
                 editor.Add(put.place.parent, put.place.keys.back(), std::move(node), 0));
  } else {
    editor.Rewrite(*put.existing, node);
    chain = std::move(*put.existing);
    chain.leaf().node = std::move(node);
  }
  RETURN_IF_ERROR(
      editor.Record(chain.space(), {.type = created ? EventType::kCreated : EventType::kChanged,
                                    .node = chain.leaf().node,
                                    .parents = std::span(chain.entries).first(chain.depth()),
                                    .old_path = created ? std::string() : PathText(chain),
                                    .new_path = PathText(chain),
                                    .old_name = created ? std::string() : chain.leaf().name(),
                                    .new_name = chain.leaf().name()}));
  RETURN_IF_ERROR(editor.Finish());
  return Outcome(checks, std::move(chain), created);
}

Result<WriteOutcome> FileTree::CopyOne(KvTxn& txn, const WriteContext& context,
                                       const TreePath& from, const TreePath& to,
                                       const CopyOptions& options) {
  const TreeChecks checks(policies_, locks_, txn, context);
  ASSIGN_OR_RETURN(auto transfer,
                   checks.CheckTransfer(from, to, options.overwrite, TreeChecks::Verb::kCopy));
  TreeEditor editor(*this, txn, context.caller);
  RETURN_IF_ERROR(editor.EndLocks(checks, from, to, transfer, TreeChecks::Verb::kCopy));
  const Node& source = transfer.source.leaf().node;
  if (!source.collection() && transfer.place.occupant.has_value() &&
      !transfer.place.occupant->leaf().is_collection()) {
    return CopyOnto(txn, context, checks, editor, transfer.source, *transfer.place.occupant);
  }
  if (source.collection() && options.members) {
    ASSIGN_OR_RETURN(const Page members, List(txn, FileId{source.id()}, {}, 1));
    if (!members.entries.empty())
      return Fail(ErrorCode::kIsACollection, "a collection with members");
  }
  const auto& occupant = transfer.place.occupant;
  const std::uint64_t freed = occupant.has_value() ? occupant->leaf().recursive_size() : 0;
  RETURN_IF_ERROR(checks.Charge(transfer.place.parent, GrowthOf(source.size(), freed)));

  ASSIGN_OR_RETURN(const std::uint64_t id, ids_.Next());
  ASSIGN_OR_RETURN(Node node, CopyNode(txn, FileId{id}, source, to.segments.back()));
  RETURN_IF_ERROR(
      contents_.AddRef(txn, ContentOf(node), HolderKind::kNode, keys::Node(FileId{id})));
  if (occupant.has_value()) RETURN_IF_ERROR(editor.Remove(*occupant, false));
  Chain made =
      With(transfer.place.parent,
           editor.Add(transfer.place.parent, transfer.place.keys.back(), std::move(node), 0));
  RETURN_IF_ERROR(editor.Record(made.space(), {.type = EventType::kCopied,
                                               .node = made.leaf().node,
                                               .parents = transfer.place.parent.entries,
                                               .old_path = PathText(transfer.source),
                                               .new_path = PathText(made),
                                               .old_name = transfer.source.leaf().name(),
                                               .new_name = made.leaf().name()}));
  RETURN_IF_ERROR(editor.Finish());
  return Outcome(checks, std::move(made), !occupant.has_value());
}

// COPY of a file onto a file: the target stays itself, with other bytes; what it had becomes a
// version.
Result<WriteOutcome> FileTree::CopyOnto(KvTxn& txn, const WriteContext& context,
                                        const TreeChecks& checks, TreeEditor& editor,
                                        const Chain& from, const Chain& target) {
  const Node& source = from.leaf().node;
  const Node& old = target.leaf().node;
  RETURN_IF_ERROR(checks.Charge(target, GrowthOf(source.size(), old.size())));
  Node node = old;
  const PutOptions as_source{.mtime = source.mtime(),
                             .created = source.created(),
                             .checksums = source.checksums(),
                             .author = UserId{source.author()}};
  NewContent content;
  content.id = ContentOf(source);
  content.record.set_kind(CONTENT_BLOB);  // whatever it is: only a new one would be written
  content.record.set_size(source.size());
  ASSIGN_OR_RETURN(const bool same_bytes, SameBytes(txn, old, content, as_source));
  RETURN_IF_ERROR(SwapContent(txn, target, node, content, false, same_bytes));
  SetTimes(node, as_source, editor.now());
  node.set_uploaded(editor.now());
  node.set_checksums(source.checksums());
  if (!same_bytes) SetOrigin(node, as_source, context.caller, editor.now());
  node.set_etag_start(source.etag_start());
  node.set_etag_count(source.etag_count());
  if (((source.flags() | node.flags()) & kHasProperties) != 0) {
    ASSIGN_OR_RETURN(const bool any, CopyProperties(txn, FileId{source.id()}, FileId{node.id()}));
    node.set_flags((node.flags() & ~std::uint32_t{kHasProperties}) | (any ? kHasProperties : 0u));
  }
  editor.Rewrite(target, node);
  Chain made = target;
  made.leaf().node = std::move(node);
  RETURN_IF_ERROR(
      editor.Record(made.space(), {.type = EventType::kCopied,
                                   .node = made.leaf().node,
                                   .parents = std::span(made.entries).first(made.depth()),
                                   .old_path = PathText(from),
                                   .new_path = PathText(made),
                                   .old_name = from.leaf().name(),
                                   .new_name = made.leaf().name()}));
  RETURN_IF_ERROR(editor.Finish());
  return Outcome(checks, std::move(made), false);
}

Result<WriteOutcome> FileTree::Remove(KvTxn& txn, const WriteContext& context, const TreePath& path,
                                      bool skip_trash) {
  const TreeChecks checks(policies_, locks_, txn, context);
  RETURN_IF_ERROR(checks.Live());
  ASSIGN_OR_RETURN(Chain chain, checks.Existing(path));
  RETURN_IF_ERROR(checks.Require(chain, Permission::kRead));
  if (path.is_root() || path.is_mount())
    return Fail(ErrorCode::kForbidden, "the root cannot be removed");
  RETURN_IF_ERROR(checks.Require(chain, Permission::kDelete));
  RETURN_IF_ERROR(checks.CheckPrecondition(&chain.leaf()));
  RETURN_IF_ERROR(checks.TreeUnlocked(chain));
  WriteOutcome outcome = Outcome(checks, chain, false);

  TreeEditor editor(*this, txn, context.caller);
  ASSIGN_OR_RETURN(const bool outdated, editor.EndLocks(chain));
  if (outdated) {
    ASSIGN_OR_RETURN(chain, checks.Existing(path));
  }
  RETURN_IF_ERROR(editor.Remove(chain, skip_trash));
  RETURN_IF_ERROR(editor.Finish());
  return outcome;
}

namespace {

Result<void> CheckChange(const AttributeChange& change) {
  const auto unknown_or_storable = [](const std::optional<std::int64_t>& time) {
    return !time.has_value() || *time == 0 || Storable(*time);
  };
  if (change.mtime.has_value() && !Storable(*change.mtime))
    return Fail(ErrorCode::kInvalidArgument, "mtime");
  if (!unknown_or_storable(change.created))
    return Fail(ErrorCode::kInvalidArgument, "creation time");
  if (!unknown_or_storable(change.uploaded))
    return Fail(ErrorCode::kInvalidArgument, "upload time");
  if (change.checksums.has_value() && change.checksums->size() > kMaxChecksumBytes) {
    return Fail(ErrorCode::kInvalidArgument, "checksums too long");
  }
  return {};
}

}  // namespace

Result<WriteOutcome> FileTree::SetAttributes(KvTxn& txn, const WriteContext& context,
                                             const TreePath& path, const AttributeChange& change) {
  const TreeChecks checks(policies_, locks_, txn, context);
  RETURN_IF_ERROR(checks.Live());
  ASSIGN_OR_RETURN(Chain chain, checks.Existing(path));
  RETURN_IF_ERROR(checks.Require(chain, Permission::kUpdate));
  RETURN_IF_ERROR(checks.CheckPrecondition(&chain.leaf()));
  RETURN_IF_ERROR(checks.Unlocked(chain));
  RETURN_IF_ERROR(CheckChange(change));

  Node node = chain.leaf().node;
  const std::int64_t mtime = change.mtime.value_or(node.mtime());
  const bool touched = mtime != node.mtime();
  node.set_mtime(mtime);
  node.set_created(change.created.value_or(node.created()));
  node.set_uploaded(change.uploaded.value_or(node.uploaded()));
  node.set_checksums(change.checksums.value_or(node.checksums()));
  const Node& old = chain.leaf().node;
  const bool changed = touched || node.created() != old.created() ||
                       node.uploaded() != old.uploaded() || node.checksums() != old.checksums();
  if (!changed) return Outcome(checks, std::move(chain), false);
  if (touched && !node.collection()) Refresh(node, etags_);

  TreeEditor editor(*this, txn, context.caller);
  editor.Rewrite(chain, node);
  chain.leaf().node = std::move(node);
  const std::string text = PathText(chain);
  RETURN_IF_ERROR(
      editor.Record(chain.space(), {.type = EventType::kChanged,
                                    .node = chain.leaf().node,
                                    .parents = std::span(chain.entries).first(chain.depth()),
                                    .old_path = text,
                                    .new_path = text,
                                    .old_name = chain.leaf().name(),
                                    .new_name = chain.leaf().name()}));
  RETURN_IF_ERROR(editor.Finish());
  return Outcome(checks, std::move(chain), false);
}

}  // namespace cairn::storage
