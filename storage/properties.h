// Dead properties (any namespace, one value per node) and favourites (per user). Thread-safe.
// Blocking.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/file_tree.h"

namespace cairn::storage {

struct PropertyName {
  std::string ns;
  std::string name;
  auto operator<=>(const PropertyName&) const = default;
};

struct StoredProperty {
  PropertyName name;
  Property value;
};

inline constexpr std::size_t kMaxPropertiesPerNode = 200;
inline constexpr std::size_t kMaxPropertyBytes = 64 * 1024;  // one value
inline constexpr std::size_t kMaxPropertyBytesPerNode =
    1024 * 1024;  // names and values of one node

// All dead properties of one node. Call only when the node's kHasProperties bit is set.
Result<std::vector<StoredProperty>> ReadProperties(const KvView& view, FileId node);
// Which of `nodes` are favourites of `user`: one batched look-up.
Result<std::vector<bool>> ReadFavorites(const KvView& view, UserId user,
                                        std::span<const FileId> nodes);
// The favourites of `user` after `after` (0 = from the start), at most `limit`, by id.
Result<std::vector<FileId>> ListFavorites(const KvView& view, UserId user, FileId after,
                                          std::size_t limit);

struct PropertyChange {
  PropertyName name;
  std::optional<Property> value;  // absent = remove
};
// One PROPPATCH: all or nothing. Liveness, permission (update), locks and precondition are checked
// first. kTooLarge: a cap; kInvalidArgument: an impossible name. `favorite`: set or clear for the
// caller; a patch of nothing else needs to read only, and no lock forbids it. Dead properties and
// favourites change no etag; attributes as FileTree::SetAttributes says.
struct PropertiesPatch {
  std::vector<PropertyChange> dead;
  std::optional<bool> favorite;
  AttributeChange attributes;
};
Result<WriteOutcome> PatchProperties(FileTree& tree, KvTxn& txn, const WriteContext& context,
                                     const TreePath& path, const PropertiesPatch& patch);

// COPY takes dead properties along: those of `from` take the place of those of `to`. Returns
// whether `to` has any rows now, favourites too.
Result<bool> CopyProperties(KvTxn& txn, FileId from, FileId to);
// Removes every row of a node that goes away: properties and favourites of all users.
Result<void> EraseProperties(KvTxn& txn, FileId node);

}  // namespace cairn::storage
