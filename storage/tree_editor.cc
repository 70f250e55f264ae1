#include "storage/tree_editor.h"

#include <algorithm>
#include <utility>

#include "storage/properties.h"
#include "storage/records.h"
#include "storage/tree_height.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kLocksPerRound = 100;

std::uint64_t Sum(std::uint64_t value, std::int64_t change) {
  if (change >= 0) return value + static_cast<std::uint64_t>(change);
  const std::uint64_t less = std::uint64_t{0} - static_cast<std::uint64_t>(change);
  return value > less ? value - less : 0;
}

std::int64_t Signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }

char RootLetter(RootKind kind) {
  switch (kind) {
    case ROOT_FILES:
      return 'f';
    case ROOT_TRASH:
      return 't';
    case ROOT_STAGING:
      return 's';
    default:
      return 'p';
  }
}

}  // namespace

Weight WeightOf(const Node& node, std::uint64_t own_locks) {
  const Aggregates& below = node.below();
  const bool collection = node.collection();
  return {.bytes = Signed(collection ? below.bytes() : node.size()),
          .version_bytes = Signed(below.version_bytes()),
          .files = collection ? Signed(below.files()) : 1,
          .folders = collection ? Signed(below.folders()) + 1 : 0,
          .locks = Signed(below.locks() + own_locks),
          .shares = Signed(below.shares()) + ((node.flags() & kHasShares) != 0 ? 1 : 0)};
}

Weight operator-(const Weight& a, const Weight& b) {
  return {.bytes = a.bytes - b.bytes,
          .version_bytes = a.version_bytes - b.version_bytes,
          .files = a.files - b.files,
          .folders = a.folders - b.folders,
          .locks = a.locks - b.locks,
          .shares = a.shares - b.shares};
}

void AddWeight(Aggregates& sums, const Weight& weight) {
  sums.set_bytes(Sum(sums.bytes(), weight.bytes));
  sums.set_version_bytes(Sum(sums.version_bytes(), weight.version_bytes));
  sums.set_files(Sum(sums.files(), weight.files));
  sums.set_folders(Sum(sums.folders(), weight.folders));
  sums.set_locks(Sum(sums.locks(), weight.locks));
  sums.set_shares(Sum(sums.shares(), weight.shares));
}

std::string HiddenKey(FileId id) { return ToHex(Big64(Raw(id))); }

std::string PathText(const Chain& chain) {
  std::string text;
  for (std::size_t i = 1; i < chain.entries.size(); ++i) {
    if (i > 1) text += '/';
    text += chain.entries[i].name();
  }
  return text;
}

TreeEditor::TreeEditor(FileTree& tree, KvTxn& txn, const Caller& caller)
    : tree_(tree),
      txn_(txn),
      caller_(caller),
      now_(std::max<std::int64_t>(1, tree.clock().NowSeconds())) {}

Result<Node> TreeEditor::NewNode(std::string_view name, bool collection) {
  ASSIGN_OR_RETURN(const std::uint64_t id, tree_.ids().Next());
  const Etag etag = tree_.etags().Next();
  Node node;
  node.set_id(id);
  node.set_name(std::string(name));
  node.set_collection(collection);
  node.set_etag_start(etag.start);
  node.set_etag_count(etag.count);
  node.set_mtime(now_);
  return node;
}

Entry TreeEditor::Add(const Chain& parent, std::string_view key, Node node,
                      std::uint64_t own_locks) {
  const bool collection = node.collection();
  Carry(parent.entries, WeightOf(node, own_locks), collection ? 0 : 1, collection ? 1 : 0,
        HeightBound(node) + 1);
  Entry entry{.parent = parent.leaf().id(), .key = std::string(key), .node = std::move(node)};
  NodePlace place;
  place.set_parent(Raw(entry.parent));
  place.set_key(entry.key);
  WriteRecord(txn_, Table::kEntries, keys::Entry(entry.parent, entry.key), entry.node);
  WriteRecord(txn_, Table::kNodes, keys::Node(entry.id()), place);
  return entry;
}

Result<void> TreeEditor::Descend(Chain& chain, std::string_view key, std::string_view name) {
  ASSIGN_OR_RETURN(Node node, NewNode(name, true));
  Entry entry = Add(chain, key, std::move(node), 0);
  ancestors_.emplace(entry.id(), entry);
  chain.entries.push_back(std::move(entry));
  return {};
}

void TreeEditor::Detach(const Chain& chain, std::uint64_t own_locks) {
  const Entry& leaf = chain.leaf();
  const std::span<const Entry> above = std::span(chain.entries).first(chain.depth());
  const Weight none;
  Carry(above, none - WeightOf(leaf.node, own_locks), leaf.is_collection() ? 0 : -1,
        leaf.is_collection() ? -1 : 0);
  txn_.Erase(Table::kEntries, keys::Entry(leaf.parent, leaf.key));
  ancestors_.erase(leaf.id());
}

void TreeEditor::Rewrite(const Chain& chain, const Node& changed) {
  const Entry& leaf = chain.leaf();
  const std::span<const Entry> above = std::span(chain.entries).first(chain.depth());
  Carry(above, WeightOf(changed, 0) - WeightOf(leaf.node, 0), 0, 0);
  WriteRecord(txn_, Table::kEntries, keys::Entry(leaf.parent, leaf.key), changed);
}

Result<void> TreeEditor::Remove(const Chain& chain, bool skip_trash) {
  const Entry& leaf = chain.leaf();
  const std::string path = PathText(chain);
  RETURN_IF_ERROR(Record(chain.space(), {.type = EventType::kDeleted,
                                         .node = leaf.node,
                                         .parents = std::span(chain.entries).first(chain.depth()),
                                         .old_path = path,
                                         .new_path = {},
                                         .old_name = leaf.name(),
                                         .new_name = {}}));
  Node trashed = leaf.node;
  Removal how{.skip = skip_trash};
  if (chain.start > 0) how.rights = tree_.policies().access.For(txn_, caller_, chain);
  ASSIGN_OR_RETURN(const auto trash_key,
                   tree_.policies().trash.Take(txn_, caller_, chain, how, trashed));
  std::uint64_t own_locks = 0;
  if ((leaf.node.flags() & kHasLocks) != 0) {
    ASSIGN_OR_RETURN(own_locks, tree_.locks().EraseAll(txn_, leaf.id()));
  }
  Detach(chain, own_locks);
  if (trash_key.has_value()) return AddToTrash(chain.space(), *trash_key, std::move(trashed));
  return Purge(chain);
}

Result<void> TreeEditor::Discard(const Chain& chain) {
  Detach(chain, 0);
  return Purge(chain);
}

Result<void> TreeEditor::Purge(const Chain& chain) {
  const Entry& leaf = chain.leaf();
  if (leaf.is_collection()) {
    // Asked of the entries, not of the counts: a wrong count must not leave members without a
    // parent.
    ASSIGN_OR_RETURN(const Page members, tree_.List(txn_, leaf.id(), {}, 1));
    if (!members.entries.empty()) return ToPurge(chain);
  }
  return EraseNode(leaf.node);
}

Result<void> TreeEditor::AddToTrash(SpaceId space, std::string_view key, Node node) {
  ASSIGN_OR_RETURN(const FileId root_id, HiddenRoot(space, ROOT_TRASH));
  Entry root{.parent = FileId{}, .key = keys::RootName(space, RootLetter(ROOT_TRASH)), .node = {}};
  ASSIGN_OR_RETURN(auto record,
                   ReadRecord<Node>(txn_, Table::kEntries, keys::Entry(root.parent, root.key)));
  if (!record.has_value() || FileId{record->id()} != root_id)
    return Fail(ErrorCode::kCorruption, "no trash root");
  root.node = std::move(*record);
  node.set_flags(node.flags() & ~std::uint32_t{kHasLocks});
  const Chain parent{{std::move(root)}};
  Add(parent, key, std::move(node), 0);
  return {};
}

// The purge root keeps no sums: its members are taken apart under another writer key
// (storage/tree_purge.cc).
Result<void> TreeEditor::ToPurge(const Chain& chain) {
  ASSIGN_OR_RETURN(const FileId root, HiddenRoot(chain.space(), ROOT_PURGE));
  Node node = chain.leaf().node;
  const std::string key = HiddenKey(FileId{node.id()});
  node.set_name(key);
  node.clear_trash();
  node.set_flags(node.flags() & ~std::uint32_t{kHasLocks});
  NodePlace place;
  place.set_parent(Raw(root));
  place.set_key(key);
  WriteRecord(txn_, Table::kEntries, keys::Entry(root, key), node);
  WriteRecord(txn_, Table::kNodes, keys::Node(FileId{node.id()}), place);
  return {};
}

Result<void> TreeEditor::EraseNode(const Node& node) {
  const FileId id{node.id()};
  txn_.Erase(Table::kNodes, keys::Node(id));
  if (!node.content().empty()) {
    const auto content = ContentId::FromBytes(node.content());
    if (!content.has_value())
      return Fail(ErrorCode::kCorruption, "a node with a broken content id");
    RETURN_IF_ERROR(tree_.contents().DropRef(txn_, *content, HolderKind::kNode, keys::Node(id)));
  }
  if ((node.flags() & kHasVersions) != 0)
    RETURN_IF_ERROR(tree_.policies().versions.Erase(txn_, tree_.contents(), node));
  if ((node.flags() & kHasProperties) != 0) RETURN_IF_ERROR(EraseProperties(txn_, id));
  if ((node.flags() & kHasLocks) != 0) RETURN_IF_ERROR(tree_.locks().EraseAll(txn_, id));
  return {};
}

Result<bool> TreeEditor::EndLocks(const Chain& chain) {
  const std::uint32_t locked = kHasLocks;
  bool any = false;
  if ((chain.leaf().node.flags() & locked) != 0) {
    ASSIGN_OR_RETURN(const std::uint64_t rows, tree_.locks().EraseAll(txn_, chain.leaf().id()));
    RETURN_IF_ERROR(tree_.AdjustFlags(txn_, chain, 0, locked, -Signed(rows), false));
    any = true;
  }
  for (Entry leaf = chain.leaf();;) {
    ASSIGN_OR_RETURN(const auto held, tree_.locks().Below(txn_, leaf, kLocksPerRound));
    if (held.empty()) return any;
    any = true;
    for (const HeldLock& lock : held) {
      ASSIGN_OR_RETURN(const std::uint64_t rows, tree_.locks().EraseAll(txn_, lock.root));
      if (rows == 0) continue;  // another lock of the same node
      ASSIGN_OR_RETURN(const Chain way, tree_.ChainOf(txn_, lock.root));
      RETURN_IF_ERROR(tree_.AdjustFlags(txn_, way, 0, locked, -Signed(rows), false));
    }
    ASSIGN_OR_RETURN(const auto again,
                     ReadRecord<Node>(txn_, Table::kEntries, keys::Entry(leaf.parent, leaf.key)));
    if (!again.has_value()) return Fail(ErrorCode::kCorruption, "a node without its entry");
    leaf.node = *again;
  }
}

Result<void> TreeEditor::EndLocks(const TreeChecks& checks, const TreePath& from,
                                  const TreePath& to, TreeChecks::Transfer& transfer,
                                  TreeChecks::Verb verb) {
  if (verb == TreeChecks::Verb::kMove) {
    ASSIGN_OR_RETURN(const bool outdated, EndLocks(transfer.source));
    if (outdated) RETURN_IF_ERROR(checks.Reread(from, to, transfer));
  }
  if (!transfer.place.occupant.has_value() || transfer.same_entry) return {};
  ASSIGN_OR_RETURN(const bool outdated, EndLocks(*transfer.place.occupant));
  return outdated ? checks.Reread(from, to, transfer) : Result<void>();
}

Result<void> TreeEditor::Record(SpaceId space_id, const Occurrence& what) {
  ASSIGN_OR_RETURN(Space* const space, SpaceRecord(space_id));
  Event event;
  event.set_type(static_cast<std::uint32_t>(what.type));
  event.set_actor(Raw(caller_.user));
  event.set_token_name(caller_.token_name);
  event.set_node(what.node.id());
  for (const Entry& parent : what.parents) event.add_parents(Raw(parent.id()));
  event.set_old_path(what.old_path);
  event.set_new_path(what.new_path);
  event.set_old_name(what.old_name);
  event.set_new_name(what.new_name);
  event.set_size(what.node.collection() ? what.node.below().bytes() : what.node.size());
  event.set_at(tree_.clock().NowMillis());
  event.add_audiences(space->owner());
  event.set_collection(what.node.collection());
  space->set_event_seq(space->event_seq() + 1);
  WriteRecord(txn_, Table::kEvents, keys::Event(space_id, space->event_seq()), event);
  return {};
}

Result<FileId> TreeEditor::HiddenRoot(SpaceId space_id, RootKind kind) {
  ASSIGN_OR_RETURN(Space* const space, SpaceRecord(space_id));
  const std::uint64_t known = kind == ROOT_TRASH     ? space->trash_root()
                              : kind == ROOT_STAGING ? space->staging_root()
                                                     : space->purge_root();
  if (known != 0) return FileId{known};
  ASSIGN_OR_RETURN(const FileId id, tree_.MakeRoot(txn_, space_id, kind));
  switch (kind) {
    case ROOT_TRASH:
      space->set_trash_root(Raw(id));
      break;
    case ROOT_STAGING:
      space->set_staging_root(Raw(id));
      break;
    default:
      space->set_purge_root(Raw(id));
      break;
  }
  return id;
}

Result<void> TreeEditor::Finish() {
  if (!ancestors_.empty()) {
    const Etag etag = tree_.etags().Next();
    for (auto& [id, entry] : ancestors_) {
      entry.node.set_etag_start(etag.start);
      entry.node.set_etag_count(etag.count);
      entry.node.set_mtime(now_);
      WriteRecord(txn_, Table::kEntries, keys::Entry(entry.parent, entry.key), entry.node);
    }
  }
  for (const auto& [id, space] : spaces_) WriteRecord(txn_, Table::kSpaces, keys::Space(id), space);
  ancestors_.clear();
  spaces_.clear();
  return {};
}

void TreeEditor::Carry(std::span<const Entry> ancestors, const Weight& weight, std::int64_t files,
                       std::int64_t folders, std::uint64_t levels) {
  for (std::size_t i = 0; i < ancestors.size(); ++i) {
    Node& node = ancestors_.try_emplace(ancestors[i].id(), ancestors[i]).first->second.node;
    if (levels > 0)
      node.set_height(std::max(HeightBound(node), levels + (ancestors.size() - 1 - i)));
    AddWeight(*node.mutable_below(), weight);
    if (i + 1 < ancestors.size()) continue;
    node.set_direct_files(Sum(node.direct_files(), files));
    node.set_direct_folders(Sum(node.direct_folders(), folders));
  }
}

Result<Space*> TreeEditor::SpaceRecord(SpaceId id) {
  const auto found = spaces_.find(id);
  if (found != spaces_.end()) return &found->second;
  ASSIGN_OR_RETURN(auto space, ReadRecord<Space>(txn_, Table::kSpaces, keys::Space(id)));
  if (!space.has_value()) return Fail(ErrorCode::kCorruption, "a root without its space");
  return &spaces_.emplace(id, std::move(*space)).first->second;
}

}  // namespace cairn::storage
