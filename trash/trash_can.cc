#include "trash/trash_can.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"
#include "storage/records.h"
#include "storage/tree_editor.h"
#include "trash/expiry_rule.h"

namespace cairn::trash {
namespace {

using storage::KvView;
using storage::Node;
using storage::Table;
namespace keys = storage::keys;

// Whose trash it is: his deletions, and his links to those in the trash of others.
struct Keeper {
  UserId user{};
  FileId root{};  // 0: his trash was never used
};

// A key that nothing in the trash has: the name with the time of deletion, raised by ever longer
// steps while it is taken.
Result<std::string> FreeKey(const KvView& view, const Keeper& keeper, std::int64_t now,
                            std::string_view name) {
  for (std::int64_t step = 0;; step = std::max<std::int64_t>(1, 2 * step)) {
    now += step;
    std::string key = keys::TrashName(now, name);
    ASSIGN_OR_RETURN(const auto link,
                     view.Get(Table::kTrashLinks, keys::TrashLink(keeper.user, key)));
    if (link.has_value()) continue;
    if (keeper.root == FileId{}) return key;
    ASSIGN_OR_RETURN(const auto taken, view.Get(Table::kEntries, keys::Entry(keeper.root, key)));
    if (!taken.has_value()) return key;
  }
}

Result<Keeper> KeeperOf(const KvView& view, UserId user) {
  Keeper keeper{.user = user};
  ASSIGN_OR_RETURN(const auto record,
                   storage::ReadRecord<storage::User>(view, Table::kUsers, keys::User(user)));
  if (!record.has_value()) return keeper;
  ASSIGN_OR_RETURN(const auto space,
                   storage::ReadRecord<storage::Space>(view, Table::kSpaces,
                                                       keys::Space(SpaceId{record->space()})));
  if (space.has_value()) keeper.root = FileId{space->trash_root()};
  return keeper;
}

// "a/b/shr/c.txt": where the caller has seen it.
std::string SeenPath(const storage::Chain& chain) {
  std::string path = chain.mount;
  for (std::size_t i = chain.start + 1; i < chain.entries.size(); ++i)
    path += "/" + chain.entries[i].name();
  return path;
}

// Who has deleted in another's space finds it in his own trash, too.
Result<void> AddLink(storage::KvTxn& txn, UserId user, const storage::Chain& chain,
                     const storage::Removal& how, storage::TrashInfo& info) {
  ASSIGN_OR_RETURN(const Keeper keeper, KeeperOf(txn, user));
  ASSIGN_OR_RETURN(const std::string key, FreeKey(txn, keeper, info.deleted(), chain.leaf().key));
  info.set_link(static_cast<std::int64_t>(ReadBig64(key)));
  storage::TrashLink link;
  link.set_node(Raw(chain.leaf().id()));
  link.set_path(SeenPath(chain));
  link.set_mount(Raw(chain.entries[chain.start].id()));
  link.set_no_download((how.rights & storage::kWithheld) != 0);
  storage::WriteRecord(txn, Table::kTrashLinks, keys::TrashLink(user, key), link);
  return {};
}

std::uint64_t TrashBytes(const std::optional<Node>& root) {
  return root.has_value() ? root->below().bytes() + root->below().version_bytes() : 0;
}

}  // namespace

Result<std::optional<std::string>> Can::Take(storage::KvTxn& txn, const storage::Caller& caller,
                                             const storage::Chain& chain,
                                             const storage::Removal& how, Node& node) {
  const std::optional<std::string> purge;
  if (chain.root().node.root() != storage::ROOT_FILES) return purge;
  const storage::Entry& leaf = chain.leaf();
  ASSIGN_OR_RETURN(const auto space, storage::ReadRecord<storage::Space>(
                                         txn, Table::kSpaces, keys::Space(chain.space())));
  if (!space.has_value()) return Fail(ErrorCode::kCorruption, "a root without its space");
  const UserId owner{space->owner()};
  // Only the owner may do without what he would lose.
  if (how.skip && caller.user == owner) return purge;

  const std::uint64_t used = chain.root().node.below().bytes();
  const Room room = keeping_.RoomIn(*space, used - std::min(used, leaf.recursive_size()));
  const Retention retention = keeping_.retention();
  const std::uint64_t bytes = leaf.recursive_size() + leaf.node.below().version_bytes();
  if (!FitsAlone(bytes, room, retention)) {
    log::info("trash of space {}: node {} is purged at once: {} bytes, {} fit", Raw(chain.space()),
              Raw(leaf.id()), bytes, TrashLimit(room));
    return purge;
  }
  const FileId root_id{space->trash_root()};
  std::optional<Node> root;
  if (Raw(root_id) != 0) {
    ASSIGN_OR_RETURN(
        root, storage::ReadRecord<Node>(txn, Table::kEntries,
                                        keys::Entry(FileId{}, keys::RootName(chain.space(), 't'))));
  }
  if (NeedsExpiry(TrashBytes(root) + bytes, room, retention)) keeping_.crowded(chain.space());

  const std::int64_t now = std::max<std::int64_t>(1, clock_.NowSeconds());
  storage::TrashInfo& info = *node.mutable_trash();
  info.set_deleted(now);
  info.set_deleted_by(Raw(caller.user));
  info.set_path(storage::PathText(chain));
  info.set_parent(Raw(leaf.parent));
  const bool of_another = caller.user != owner && caller.user != UserId{};
  if (of_another && !how.moves) RETURN_IF_ERROR(AddLink(txn, caller.user, chain, how, info));
  ASSIGN_OR_RETURN(std::string key, FreeKey(txn, {owner, root_id}, now, leaf.key));
  return std::optional<std::string>(std::move(key));
}

}  // namespace cairn::trash
