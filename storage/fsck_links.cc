// What refers to nodes by id: back pointers, locks, properties, favourites, spaces, and the bounds
// of the counters.
#include <algorithm>
#include <utility>

#include "storage/fsck_run.h"

namespace cairn::storage {
namespace {

constexpr std::string_view kFavoriteMarker{"\0favorite", 9};  // namespace "", NUL, name

}  // namespace

Result<void> FsckRun::CheckLocks() {
  TableCursor rows(view_, Table::kLocks, {});
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) return {};
    Lock lock;
    if (row->key.size() <= 8 || !ParseInto(row->value, lock) ||
        lock.token() != std::string_view(row->key).substr(8)) {
      Find(FindingKind::kBadRecord, "the lock row " + ToHex(row->key) + " cannot be read");
    }
    if (row->key.size() >= 8) ++lock_rows_[FileId{ReadBig64(row->key)}];
  }
}

Result<void> FsckRun::CheckProperties() {
  TableCursor rows(view_, Table::kProps, {});
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) return {};
    const std::string_view key = row->key;
    if (key.size() < 17) {
      Find(FindingKind::kBadRecord, "the property row " + ToHex(key) + " has no name");
      continue;
    }
    const FileId node{ReadBig64(key)};
    const UserId user{ReadBig64(key.substr(8))};
    with_props_.Add(node);
    if (Raw(user) != 0) {
      ASSIGN_OR_RETURN(const auto favorite,
                       view_.Get(Table::kFavorites, keys::Favorite(user, node)));
      if (key.substr(16) != kFavoriteMarker || !favorite) {
        Find(FindingKind::kReferenceWithoutHolder, "the marker of a favourite of user " +
                                                       std::to_string(Raw(user)) + " on " +
                                                       NodeText(node) + " has no favourite");
      }
      continue;
    }
    Property property;
    if (key.substr(16).find('\0') == std::string_view::npos || !ParseInto(row->value, property)) {
      Find(FindingKind::kBadRecord, "a property of " + NodeText(node) + " cannot be read");
    }
  }
}

Result<void> FsckRun::CheckFavorites() {
  TableCursor rows(view_, Table::kFavorites, {});
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) return {};
    if (row->key.size() != 16) {
      Find(FindingKind::kBadRecord, "the favourite row " + ToHex(row->key) + " cannot be read");
      continue;
    }
    const std::uint64_t user = ReadBig64(row->key);
    const FileId node{ReadBig64(std::string_view(row->key).substr(8))};
    ASSIGN_OR_RETURN(
        const auto marker,
        view_.Get(Table::kProps, keys::Prop(node, user, {}, kFavoriteMarker.substr(1))));
    if (!marker) {
      Find(FindingKind::kReferenceWithoutHolder, "the favourite of user " + std::to_string(user) +
                                                     " on " + NodeText(node) +
                                                     " has no marker on the node");
    }
  }
}

Result<void> FsckRun::CheckAttachedNodes() {
  for (const auto& [id, rows] : lock_rows_) {
    if (visited_.Has(id)) continue;
    ASSIGN_OR_RETURN(const auto place, view_.Get(Table::kNodes, keys::Node(id)));
    if (!place)
      Find(FindingKind::kReferenceWithoutHolder,
           "locks on " + NodeText(id) + ", which does not exist", true);
  }
  std::vector<FileId> lost;
  with_props_.ForEach([&](FileId id) {
    if (!visited_.Has(id) && lost.size() < kMaxFindingsPerKind) lost.push_back(id);
  });
  for (const FileId id : lost) {
    ASSIGN_OR_RETURN(const auto place, view_.Get(Table::kNodes, keys::Node(id)));
    if (!place)
      Find(FindingKind::kReferenceWithoutHolder,
           "properties of " + NodeText(id) + ", which does not exist");
  }
  return {};
}

Result<void> FsckRun::CheckSpaces() {
  TableCursor users(view_, Table::kUsers, {});
  bool users_exist = false;
  for (;; users.Next()) {
    ASSIGN_OR_RETURN(const Row* row, users.Peek());
    if (row == nullptr) break;
    users_exist = true;
    User user;
    if (row->key.size() != 8 || !ParseInto(row->value, user) || user.id() != ReadBig64(row->key)) {
      Find(FindingKind::kBadRecord, "the user row " + ToHex(row->key) + " cannot be read");
      continue;
    }
    highest_user_ = std::max(highest_user_, user.id());
    ASSIGN_OR_RETURN(const auto space,
                     view_.Record<Space>(Table::kSpaces, keys::Space(SpaceId{user.space()})));
    if (space ? space->owner() == user.id() : user.deleted()) continue;
    Find(FindingKind::kSpaceWithoutOwner,
         "user " + std::to_string(user.id()) + " names space " + std::to_string(user.space()) +
             (space ? ", which is another's" : ", which does not exist"));
  }
  TableCursor spaces(view_, Table::kSpaces, {});
  for (;; spaces.Next()) {
    ASSIGN_OR_RETURN(const Row* row, spaces.Peek());
    if (row == nullptr) break;
    ++report_.spaces;
    Space space;
    if (row->key.size() != 8 || !ParseInto(row->value, space) ||
        space.id() != ReadBig64(row->key)) {
      Find(FindingKind::kBadRecord, "the space row " + ToHex(row->key) + " cannot be read");
      continue;
    }
    highest_space_ = std::max(highest_space_, space.id());
    RETURN_IF_ERROR(CheckOwner(space, users_exist));
    RETURN_IF_ERROR(CheckRootsOf(space));
  }
  for (const auto& [id, root] : roots_) {
    Find(FindingKind::kUnreachableNode, "the root " + NodeText(id) + " of space " +
                                            std::to_string(Raw(root.space)) +
                                            " is not one that the space names");
  }
  return {};
}

Result<void> FsckRun::CheckOwner(const Space& space, bool users_exist) {
  bool owned = space.owner() != 0;
  if (owned && users_exist) {
    ASSIGN_OR_RETURN(const auto user, view_.Get(Table::kUsers, keys::User(UserId{space.owner()})));
    owned = user.has_value();
  }
  if (!owned) {
    Find(FindingKind::kSpaceWithoutOwner, "space " + std::to_string(space.id()) +
                                              ": its owner, user " + std::to_string(space.owner()) +
                                              ", does not exist");
  }
  return {};
}

// Takes the roots that `space` names out of those that the walk found.
Result<void> FsckRun::CheckRootsOf(const Space& space) {
  const std::pair<RootKind, std::uint64_t> named[] = {{ROOT_FILES, space.files_root()},
                                                      {ROOT_TRASH, space.trash_root()},
                                                      {ROOT_STAGING, space.staging_root()},
                                                      {ROOT_PURGE, space.purge_root()}};
  for (const auto& [kind, id] : named) {
    if (id == 0 && kind != ROOT_FILES) continue;
    const auto found = roots_.find(FileId{id});
    if (found != roots_.end() && found->second.kind == kind &&
        Raw(found->second.space) == space.id()) {
      roots_.erase(found);
      continue;
    }
    Find(FindingKind::kNodeWithoutEntry, "space " + std::to_string(space.id()) +
                                             " names the root " + NodeText(FileId{id}) +
                                             ", which is not there");
  }
  return {};
}

Result<void> FsckRun::CheckNodes() {
  TableCursor rows(view_, Table::kNodes, {});
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) return {};
    NodePlace place;
    if (row->key.size() != 8 || !ParseInto(row->value, place)) {
      Find(FindingKind::kBadRecord, "the back pointer " + ToHex(row->key) + " cannot be read");
      continue;
    }
    const FileId id{ReadBig64(row->key)};
    highest_node_ = std::max(highest_node_, Raw(id));
    if (!visited_.Has(id)) RETURN_IF_ERROR(CheckUnreached(id, place));
  }
}

// Names the cause once: the node whose entry is missing, or the cycle. What hangs below such a node
// is not named again; an entry below a parent that does not exist is CheckEntryParents'.
Result<void> FsckRun::CheckUnreached(FileId id, const NodePlace& place) {
  ASSIGN_OR_RETURN(const auto row,
                   view_.Get(Table::kEntries, keys::Entry(FileId{place.parent()}, place.key())));
  Node node;
  if (!row || (ParseInto(*row, node) && node.id() != Raw(id))) {
    Find(FindingKind::kNodeWithoutEntry,
         NodeText(id) + " is not where its back pointer says: below node " +
             std::to_string(place.parent()) + " as " + Printable(place.key()));
    return {};
  }
  FileId lowest = id;
  NodePlace at = place;
  for (std::size_t step = 0; step <= 2 * kMaxDepth; ++step) {
    const FileId parent{at.parent()};
    if (parent == id) {
      if (lowest == id)
        Find(FindingKind::kUnreachableNode,
             NodeText(id) + " is in a cycle of folders: " + Printable(node.name()));
      return {};
    }
    lowest = std::min(lowest, parent);
    ASSIGN_OR_RETURN(const auto above, view_.Record<NodePlace>(Table::kNodes, keys::Node(parent)));
    if (!above) return {};
    at = *above;
  }
  return {};
}

Result<void> FsckRun::CheckEntryParents() {
  TableCursor rows(view_, Table::kEntries, {});
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) return {};
    if (row->key.size() < 8) {
      Find(FindingKind::kBadRecord, "the entry " + ToHex(row->key) + " has no parent");
      continue;
    }
    const FileId parent{ReadBig64(row->key)};
    if (Raw(parent) == 0 || collections_.Has(parent)) continue;
    Node node;
    const std::string what =
        Printable(std::string_view(row->key).substr(8)) +
        (ParseInto(row->value, node) ? " (" + NodeText(FileId{node.id()}) + ")" : std::string());
    if (visited_.Has(parent)) {
      Find(FindingKind::kDanglingParent,
           what + " stands below " + NodeText(parent) + ", which is a file");
      continue;
    }
    ASSIGN_OR_RETURN(const auto place, view_.Get(Table::kNodes, keys::Node(parent)));
    if (!place)
      Find(FindingKind::kDanglingParent,
           what + " stands below " + NodeText(parent) + ", which does not exist");
  }
}

Result<void> FsckRun::CheckBounds() {
  RETURN_IF_ERROR(CheckBound(keys::kFileIds, highest_node_, true, "file"));
  RETURN_IF_ERROR(CheckBound(keys::kSpaceIds, highest_space_, false, "space"));
  RETURN_IF_ERROR(CheckBound(keys::kUserIds, highest_user_, false, "user"));
  return CheckBound(keys::kShareIds, highest_share_, false, "share");
}

Result<void> FsckRun::CheckBound(std::string_view counter, std::uint64_t highest, bool needed,
                                 const std::string& what) {
  if (highest == 0) return {};
  ASSIGN_OR_RETURN(const auto row, view_.Record<CounterRecord>(Table::kSystem, counter));
  if (!row && !needed) return {};  // ids that were given by hand
  if (row && highest < row->next_block()) return {};
  Find(FindingKind::kIdAboveBound,
       what + " id " + std::to_string(highest) + " is in use, but the durable bound is " +
           std::to_string(row ? row->next_block() : 0) + ": it could be given away again");
  return {};
}

Result<std::string> FsckRun::PathOf(FileId id) {
  std::string path;
  FileId at = id;
  for (std::size_t step = 0; step <= kMaxDepth + 1; ++step) {
    ASSIGN_OR_RETURN(const auto place, view_.Record<NodePlace>(Table::kNodes, keys::Node(at)));
    if (!place) break;
    ASSIGN_OR_RETURN(
        const auto node,
        view_.Record<Node>(Table::kEntries, keys::Entry(FileId{place->parent()}, place->key())));
    if (!node) break;
    if (place->parent() == 0) {
      return RootText(*node) + path + " (" + NodeText(id) + ")";
    }
    path = "/" + Printable(node->name()) + path;
    at = FileId{place->parent()};
  }
  return "?" + path + " (" + NodeText(id) + ")";
}

}  // namespace cairn::storage
