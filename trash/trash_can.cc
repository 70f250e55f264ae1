#include "trash/trash_can.h"

#include <algorithm>
#include <utility>

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

// A key below the trash root that nothing has: the name with the time of deletion, raised by ever
// longer steps while it is taken.
Result<std::string> FreeKey(const KvView& view, FileId root, std::int64_t now,
                            std::string_view name) {
  for (std::int64_t step = 0;; step = std::max<std::int64_t>(1, 2 * step)) {
    now += step;
    std::string key = keys::TrashName(now, name);
    ASSIGN_OR_RETURN(const auto taken, view.Get(Table::kEntries, keys::Entry(root, key)));
    if (!taken.has_value()) return key;
  }
}

std::uint64_t TrashBytes(const std::optional<Node>& root) {
  return root.has_value() ? root->below().bytes() + root->below().version_bytes() : 0;
}

}  // namespace

Result<std::optional<std::string>> Can::Take(storage::KvTxn& txn, const storage::Caller& caller,
                                             const storage::Chain& chain, bool skip, Node& node) {
  const std::optional<std::string> purge;
  if (skip || chain.root().node.root() != storage::ROOT_FILES) return purge;
  const storage::Entry& leaf = chain.leaf();
  ASSIGN_OR_RETURN(const auto space, storage::ReadRecord<storage::Space>(
                                         txn, Table::kSpaces, keys::Space(chain.space())));
  if (!space.has_value()) return Fail(ErrorCode::kCorruption, "a root without its space");

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
  ASSIGN_OR_RETURN(std::string key, FreeKey(txn, root_id, now, leaf.key));
  return std::optional<std::string>(std::move(key));
}

}  // namespace cairn::trash
