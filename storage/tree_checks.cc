#include "storage/tree_checks.h"

#include <algorithm>
#include <utility>

#include "storage/records.h"

namespace cairn::storage {
namespace {

bool Contains(const Chain& chain, FileId id) {
  return std::any_of(chain.entries.begin(), chain.entries.end(),
                     [&](const Entry& entry) { return entry.id() == id; });
}

// Collections may be moved deeper than kMaxDepth; longer ways than this are a broken record.
constexpr std::size_t kMaxWay = 64 * 1024;

// Where a path begins: the root of its space, or what is mounted.
Result<Chain> BeginningOf(const KvView& view, const TreePath& path) {
  if (path.start != FileId{}) {
    ASSIGN_OR_RETURN(Chain chain, ChainTo(view, path.start));
    // Whoever has the key of the space may rely on it.
    if (chain.root().node.root() != ROOT_FILES || chain.space() != path.home)
      return Fail(ErrorCode::kNotFound, "what is mounted went away");
    chain.start = chain.depth();
    chain.mount = path.mount;
    return chain;
  }
  Entry root{.parent = FileId{}, .key = keys::RootName(path.home, 'f'), .node = {}};
  ASSIGN_OR_RETURN(std::optional<Node> node,
                   ReadRecord<Node>(view, Table::kEntries, keys::Entry(root.parent, root.key)));
  if (!node.has_value())
    return Fail(ErrorCode::kNotFound, "no space " + std::to_string(Raw(path.home)));
  root.node = std::move(*node);
  return Chain{.entries = {std::move(root)}};
}

Error TooDeep() {
  return Fail(ErrorCode::kInvalidArgument, "deeper than " + std::to_string(kMaxDepth) + " levels");
}

}  // namespace

Result<Chain> ChainTo(const KvView& view, FileId id) {
  Chain chain;
  for (FileId at = id; chain.entries.size() < kMaxWay;) {
    ASSIGN_OR_RETURN(const auto place, ReadRecord<NodePlace>(view, Table::kNodes, keys::Node(at)));
    if (!place.has_value() && at == id)
      return Fail(ErrorCode::kNotFound, "no node " + std::to_string(Raw(id)));
    if (!place.has_value()) break;
    Entry entry{.parent = FileId{place->parent()}, .key = place->key(), .node = {}};
    ASSIGN_OR_RETURN(auto node,
                     ReadRecord<Node>(view, Table::kEntries, keys::Entry(entry.parent, entry.key)));
    if (!node.has_value() || FileId{node->id()} != at) break;
    entry.node = std::move(*node);
    at = entry.parent;
    chain.entries.push_back(std::move(entry));
    if (Raw(at) != 0) continue;
    std::reverse(chain.entries.begin(), chain.entries.end());
    return chain;
  }
  return Fail(ErrorCode::kCorruption,
              "the way up from node " + std::to_string(Raw(id)) + " is broken");
}

Result<Way> FindWay(const KvView& view, const TreePath& path) {
  Way way;
  way.keys.reserve(path.segments.size());
  for (const std::string& segment : path.segments) {
    ASSIGN_OR_RETURN(std::string key, CheckName(segment));
    way.keys.push_back(std::move(key));
  }
  ASSIGN_OR_RETURN(way.chain, BeginningOf(view, path));
  way.chain.entries.reserve(way.chain.entries.size() + way.keys.size());
  for (const std::string& key : way.keys) {
    if (!way.chain.leaf().is_collection()) break;
    const FileId parent = way.chain.leaf().id();
    ASSIGN_OR_RETURN(std::optional<Node> child,
                     ReadRecord<Node>(view, Table::kEntries, keys::Entry(parent, key)));
    if (!child.has_value()) break;
    way.chain.entries.push_back(Entry{.parent = parent, .key = key, .node = std::move(*child)});
  }
  return way;
}

Error Incomplete(const Way& way) {
  if (!way.chain.leaf().is_collection())
    return Fail(ErrorCode::kNotACollection, "a segment of the path is a file");
  if (way.missing() == 1) return Fail(ErrorCode::kNotFound, "nothing at this path");
  return Fail(ErrorCode::kParentMissing, "a parent of this path does not exist");
}

Chain ParentChain(const Chain& chain) {
  CAIRN_CHECK(chain.depth() > 0);
  return Chain{{chain.entries.begin(), chain.entries.end() - 1}, chain.start, chain.mount};
}

SeenParent ParentOn(const Way& way) {
  // Of the collections on the way the last one above the path's own place.
  const std::size_t above = way.chain.start + std::min(way.found() + 1, way.keys.size());
  CAIRN_CHECK(above > 0);
  return {way.chain.entries[above - 1].id()};
}

Result<void> TreeChecks::Live() const { return policies_.access.CheckLive(view_, context_.caller); }

Result<Chain> TreeChecks::Existing(const TreePath& path) const {
  ASSIGN_OR_RETURN(Way way, FindWay(view_, path));
  if (!way.complete()) return Fail(ErrorCode::kNotFound, "nothing at this path");
  return std::move(way.chain);
}

Result<TreeChecks::Place> TreeChecks::FindPlace(const TreePath& path, Parents parents) const {
  CAIRN_CHECK(!path.is_root());
  ASSIGN_OR_RETURN(Way way, FindWay(view_, path));
  Place place;
  if (way.complete()) {
    place.parent = ParentChain(way.chain);
    RETURN_IF_ERROR(StillSeen(place.parent));
    place.keys.push_back(way.chain.leaf().key);
    place.occupant = std::move(way.chain);
    return place;
  }
  const bool reachable = way.missing() == 1 || parents == Parents::kMayBeMade;
  if (!way.chain.leaf().is_collection() || !reachable) {
    // Why there is no such place is known only to those who may look.
    RETURN_IF_ERROR(Require(way.chain, Permission::kRead));
    return Incomplete(way);
  }
  if (way.chain.start + way.keys.size() > kMaxDepth) return TooDeep();
  place.keys.assign(way.keys.begin() + static_cast<std::ptrdiff_t>(way.found()), way.keys.end());
  for (const std::string& key : place.keys) RETURN_IF_ERROR(CheckNewName(key));
  place.parent = std::move(way.chain);
  RETURN_IF_ERROR(StillSeen(place.parent));
  return place;
}

Result<void> TreeChecks::StillSeen(const Chain& parent) const {
  const auto& seen = context_.parent;
  if (!seen.has_value()) return {};
  if (Contains(parent, seen->id)) return {};
  RETURN_IF_ERROR(Require(parent, Permission::kRead));
  return Fail(ErrorCode::kParentMissing, "another collection stands there now");
}

Result<void> TreeChecks::Require(const Chain& chain, Permission needed) const {
  const Permissions granted = For(chain);
  if (Allows(granted, needed)) return {};
  if (!Allows(granted, Permission::kRead))
    return Fail(ErrorCode::kNotFound, "the caller may not see this");
  return Fail(ErrorCode::kForbidden, "the caller may not do this here");
}

Result<void> TreeChecks::CheckPrecondition(const Entry* target) const {
  return context_.precondition == nullptr ? Result<void>()
                                          : context_.precondition->Check(view_, target);
}

Result<void> TreeChecks::Unlocked(const Chain& chain) const {
  return locks_.CheckWrite(view_, context_.caller, chain, context_.lock_tokens);
}

Result<void> TreeChecks::MembersUnlocked(const Chain& collection) const {
  return locks_.CheckMembers(view_, context_.caller, collection, context_.lock_tokens);
}

Result<void> TreeChecks::TreeUnlocked(const Chain& chain) const {
  RETURN_IF_ERROR(locks_.CheckTree(view_, context_.caller, chain, context_.lock_tokens));
  return MembersUnlocked(ParentChain(chain));
}

Result<Space> TreeChecks::SpaceOf(const Chain& chain) const {
  ASSIGN_OR_RETURN(auto space,
                   ReadRecord<Space>(view_, Table::kSpaces, keys::Space(chain.space())));
  if (!space.has_value()) return Fail(ErrorCode::kCorruption, "a root without its space");
  return std::move(*space);
}

Result<void> TreeChecks::Charge(const Chain& chain, std::int64_t bytes) const {
  if (bytes == 0) return {};
  ASSIGN_OR_RETURN(const Space space, SpaceOf(chain));
  return policies_.quota.Charge(space, chain.root().node.below().bytes(), bytes, context_.reserved);
}

Result<void> TreeChecks::ChargeNewFile(const Chain& parent, std::uint64_t bytes) const {
  if (bytes > 0) return Charge(parent, static_cast<std::int64_t>(bytes));
  ASSIGN_OR_RETURN(const Space space, SpaceOf(parent));
  if (policies_.quota.LimitOf(space) == std::uint64_t{0})
    return Fail(ErrorCode::kTooLarge, "Insufficient space");
  return {};
}

Result<std::unique_ptr<QuotaHold>> TreeChecks::Hold(const Chain& chain, std::int64_t bytes) const {
  if (bytes <= 0) return std::unique_ptr<QuotaHold>();
  ASSIGN_OR_RETURN(const Space space, SpaceOf(chain));
  return policies_.quota.Hold(space, chain.root().node.below().bytes(),
                              static_cast<std::uint64_t>(bytes));
}

Result<TreeChecks::PutPlace> TreeChecks::CheckPut(const TreePath& path, Parents parents) const {
  RETURN_IF_ERROR(Live());
  PutPlace put;
  if (path.is_root()) {
    ASSIGN_OR_RETURN(const Chain root, Existing(path));
    RETURN_IF_ERROR(Require(root, Permission::kRead));
    return Fail(ErrorCode::kIsACollection, "the root is a collection");
  }
  ASSIGN_OR_RETURN(put.place, FindPlace(path, parents));
  put.existing = std::move(put.place.occupant);
  if (put.existing.has_value()) {
    RETURN_IF_ERROR(Require(*put.existing, Permission::kUpdate));
    if (put.existing->leaf().is_collection())
      return Fail(ErrorCode::kIsACollection, "a collection stands there");
    RETURN_IF_ERROR(CheckPrecondition(&put.existing->leaf()));
    RETURN_IF_ERROR(Unlocked(*put.existing));
  } else {
    RETURN_IF_ERROR(Require(put.place.parent, Permission::kCreate));
    RETURN_IF_ERROR(CheckPrecondition(nullptr));
    RETURN_IF_ERROR(MembersUnlocked(put.place.parent));
  }
  return put;
}

Result<TreeChecks::Transfer> TreeChecks::CheckTransfer(const TreePath& from, const TreePath& to,
                                                       bool overwrite, Verb verb) const {
  RETURN_IF_ERROR(Live());
  Transfer transfer;
  ASSIGN_OR_RETURN(transfer.source, Existing(from));
  RETURN_IF_ERROR(Require(transfer.source, Permission::kRead));
  if (to.is_root()) return Fail(ErrorCode::kForbidden, "the root cannot be overwritten");
  if (from.is_root() && verb == Verb::kMove)
    return Fail(ErrorCode::kForbidden, "the root cannot be moved");
  if (to.is_mount()) return Fail(ErrorCode::kForbidden, "a mount cannot be overwritten");
  if (from.is_mount() && verb == Verb::kMove)
    return Fail(ErrorCode::kForbidden, "a mount is not moved by its path");
  ASSIGN_OR_RETURN(transfer.place, FindPlace(to, Parents::kMustExist));
  RETURN_IF_ERROR(CheckPaths(to, transfer, verb));
  RETURN_IF_ERROR(CheckTransferRights(transfer, verb));
  RETURN_IF_ERROR(CheckPrecondition(&transfer.source.leaf()));
  if (!overwrite && transfer.place.occupant.has_value() && !transfer.same_entry) {
    return Fail(ErrorCode::kPreconditionFailed, "the target exists and may not be overwritten");
  }
  RETURN_IF_ERROR(CheckTransferLocks(transfer, verb));
  return transfer;
}

Result<void> TreeChecks::Reread(const TreePath& from, const TreePath& to,
                                Transfer& transfer) const {
  ASSIGN_OR_RETURN(transfer.source, Existing(from));
  ASSIGN_OR_RETURN(transfer.place, FindPlace(to, Parents::kMustExist));
  return {};
}

Result<void> TreeChecks::CheckPaths(const TreePath& to, Transfer& transfer, Verb verb) const {
  const Entry& source = transfer.source.leaf();
  const auto& occupant = transfer.place.occupant;
  transfer.same_parent = source.parent == transfer.place.parent.leaf().id();
  if (occupant.has_value() && occupant->leaf().id() == source.id()) {
    if (verb == Verb::kCopy || source.name() == to.segments.back()) {
      return Fail(ErrorCode::kForbidden, "source and target are the same");
    }
    transfer.same_entry = true;
    return {};
  }
  if (Contains(transfer.place.parent, source.id()))
    return Fail(ErrorCode::kConflict, "the target lies below the source");
  if (occupant.has_value() && Contains(transfer.source, occupant->leaf().id())) {
    return Fail(ErrorCode::kConflict, "the source lies below the target that it would replace");
  }
  return {};
}

Result<void> TreeChecks::CheckTransferRights(const Transfer& transfer, Verb verb) const {
  // A rename in place is a change of the node; every other move takes it out of one collection into
  // another.
  const bool rename = verb == Verb::kMove && transfer.same_parent &&
                      Allows(For(transfer.source), Permission::kUpdate);
  // Neither a copy nor a move to elsewhere gives out bytes that the caller may not have.
  const bool leaves = transfer.source.space() != transfer.place.parent.space();
  if ((verb == Verb::kCopy || leaves) && (For(transfer.source) & kWithheld) != 0)
    return Fail(ErrorCode::kForbidden, "the share does not give out the bytes");
  if (!rename) {
    if (verb == Verb::kMove) RETURN_IF_ERROR(Require(transfer.source, Permission::kDelete));
    RETURN_IF_ERROR(Require(transfer.place.parent, Permission::kCreate));
  }
  if (!transfer.place.occupant.has_value() || transfer.same_entry) return {};
  // Replacing a file is what an update does; replacing a collection removes what is in it.
  const Chain& occupant = *transfer.place.occupant;
  if (!occupant.leaf().is_collection() && Allows(For(occupant), Permission::kUpdate)) return {};
  return Require(occupant, Permission::kDelete);
}

Result<void> TreeChecks::CheckTransferLocks(const Transfer& transfer, Verb verb) const {
  if (verb == Verb::kMove) RETURN_IF_ERROR(TreeUnlocked(transfer.source));
  if (transfer.same_entry) return {};
  if (transfer.place.occupant.has_value()) return TreeUnlocked(*transfer.place.occupant);
  return MembersUnlocked(transfer.place.parent);
}

}  // namespace cairn::storage
