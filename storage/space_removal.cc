#include "storage/space_removal.h"

#include <array>
#include <utility>

#include "storage/records.h"
#include "storage/tree_editor.h"

namespace cairn::storage {

namespace {

struct Root {
  std::string key;  // in Table::kEntries
  Node node;
};

// nullopt: the space has no such root (0).
Result<std::optional<Root>> LoadRoot(const KvView& view, std::uint64_t id) {
  if (id == 0) return std::optional<Root>();
  ASSIGN_OR_RETURN(const auto place,
                   ReadRecord<NodePlace>(view, Table::kNodes, keys::Node(FileId{id})));
  if (!place) return Fail(ErrorCode::kCorruption, "a root without its place");
  Root root{keys::Entry(FileId{place->parent()}, place->key()), {}};
  ASSIGN_OR_RETURN(auto node, ReadRecord<Node>(view, Table::kEntries, root.key));
  if (!node || node->id() != id) return Fail(ErrorCode::kCorruption, "a root without its entry");
  root.node = std::move(*node);
  return std::optional(std::move(root));
}

// Whether anything hangs below the root or is noted for it (properties, locks).
Result<bool> IsBare(const KvView& view, const std::optional<Root>& root) {
  if (!root) return true;
  bool members = false;
  auto stop = [&](std::string_view, std::string_view) {
    members = true;
    return false;
  };
  RETURN_IF_ERROR(view.Scan(Table::kEntries, keys::EntryPrefix(FileId{root->node.id()}), {}, stop));
  return !members && root->node.flags() == 0;
}

// Makes the root a member of the purge root. It keeps its flags: they tell the purge which rows to
// take along.
void MoveBelow(KvTxn& txn, FileId purge_root, Root root) {
  const FileId id{root.node.id()};
  const std::string name = HiddenKey(id);
  txn.Erase(Table::kEntries, root.key);
  root.node.set_name(name);
  root.node.set_root(ROOT_NONE);
  root.node.set_space(0);
  NodePlace place;
  place.set_parent(Raw(purge_root));
  place.set_key(name);
  WriteRecord(txn, Table::kEntries, keys::Entry(purge_root, name), root.node);
  WriteRecord(txn, Table::kNodes, keys::Node(id), place);
}

Result<Space> LoadSpace(const KvView& view, SpaceId id) {
  ASSIGN_OR_RETURN(auto space, ReadRecord<Space>(view, Table::kSpaces, keys::Space(id)));
  if (!space) return Fail(ErrorCode::kNotFound, "no space " + std::to_string(Raw(id)));
  return std::move(*space);
}

// The space as it is now, with a purge root.
Result<Space> WithPurgeRoot(FileTree& tree, KvTxn& txn, Space space) {
  Caller owner;
  owner.user = UserId{space.owner()};
  TreeEditor editor(tree, txn, owner);
  RETURN_IF_ERROR(editor.HiddenRoot(SpaceId{space.id()}, ROOT_PURGE));
  RETURN_IF_ERROR(editor.Finish());
  return LoadSpace(txn, SpaceId{space.id()});
}

}  // namespace

Result<bool> EmptySpace(FileTree& tree, KvTxn& txn, SpaceId id) {
  ASSIGN_OR_RETURN(Space space, LoadSpace(txn, id));
  ASSIGN_OR_RETURN(auto files, LoadRoot(txn, space.files_root()));
  ASSIGN_OR_RETURN(const bool bare_files, IsBare(txn, files));
  ASSIGN_OR_RETURN(const bool had_trash, EmptyTrash(tree, txn, id));
  if (bare_files) return had_trash;
  ASSIGN_OR_RETURN(space, WithPurgeRoot(tree, txn, std::move(space)));
  MoveBelow(txn, FileId{space.purge_root()}, std::move(*files));
  ASSIGN_OR_RETURN(const FileId fresh, tree.MakeRoot(txn, id, ROOT_FILES));
  space.set_files_root(Raw(fresh));
  WriteRecord(txn, Table::kSpaces, keys::Space(id), space);
  return true;
}

Result<bool> EmptyTrash(FileTree& tree, KvTxn& txn, SpaceId id) {
  ASSIGN_OR_RETURN(Space space, LoadSpace(txn, id));
  ASSIGN_OR_RETURN(auto trash, LoadRoot(txn, space.trash_root()));
  ASSIGN_OR_RETURN(const bool bare, IsBare(txn, trash));
  if (bare) return false;
  ASSIGN_OR_RETURN(space, WithPurgeRoot(tree, txn, std::move(space)));
  MoveBelow(txn, FileId{space.purge_root()}, std::move(*trash));
  space.set_trash_root(0);
  WriteRecord(txn, Table::kSpaces, keys::Space(id), space);
  return true;
}

Result<bool> EraseEmptySpace(FileTree& tree, KvTxn& txn, SpaceId id) {
  ASSIGN_OR_RETURN(const auto space, tree.FindSpace(txn, id));
  if (!space) return true;
  const std::array<std::uint64_t, 4> ids = {space->files_root(), space->trash_root(),
                                            space->staging_root(), space->purge_root()};
  std::vector<Root> roots;
  for (const std::uint64_t root_id : ids) {
    ASSIGN_OR_RETURN(auto root, LoadRoot(txn, root_id));
    ASSIGN_OR_RETURN(const bool bare, IsBare(txn, root));
    if (!bare) return false;
    if (root) roots.push_back(std::move(*root));
  }
  for (const Root& root : roots) {
    txn.Erase(Table::kEntries, root.key);
    txn.Erase(Table::kNodes, keys::Node(FileId{root.node.id()}));
  }
  txn.Erase(Table::kSpaces, keys::Space(id));
  return true;
}

}  // namespace cairn::storage
