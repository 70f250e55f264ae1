#include "storage/properties.h"

#include <utility>

#include "storage/records.h"

namespace cairn::storage {
namespace {

// The marker of a favourite among the properties of a node: (node, user, "", "favorite").
constexpr std::string_view kFavoriteName = "favorite";

std::string DeadPrefix(FileId node) { return keys::Prop(node, 0, {}, {}).substr(0, 16); }

Result<void> CheckChange(FileId node, const PropertyChange& change) {
  const PropertyName& name = change.name;
  if (name.name.empty() || name.name.find('\0') != std::string::npos ||
      name.ns.find('\0') != std::string::npos) {
    return Fail(ErrorCode::kInvalidArgument, "a property needs a name without NUL");
  }
  if (keys::Prop(node, 0, name.ns, name.name).size() + 1 > kMaxKeySize) {
    return Fail(ErrorCode::kTooLarge, "the name of a property is too long");
  }
  if (change.value && change.value->value().size() > kMaxPropertyBytes) {
    return Fail(ErrorCode::kTooLarge, "the value of a property is too long");
  }
  return {};
}

// Rows and bytes of the dead properties that `txn` sees.
Result<void> CheckCaps(const KvTxn& txn, FileId node) {
  std::size_t rows = 0;
  std::size_t bytes = 0;
  const auto visit = [&](std::string_view name, std::string_view value) {
    ++rows;
    bytes += name.size() + value.size();
    return true;
  };
  RETURN_IF_ERROR(txn.Scan(Table::kProps, DeadPrefix(node), {}, visit));
  if (rows > kMaxPropertiesPerNode || bytes > kMaxPropertyBytesPerNode) {
    return Fail(ErrorCode::kTooLarge, "too many properties on node " + std::to_string(Raw(node)));
  }
  return {};
}

Result<void> ChangeDead(KvTxn& txn, FileId node, const std::vector<PropertyChange>& changes) {
  for (const PropertyChange& change : changes) {
    RETURN_IF_ERROR(CheckChange(node, change));
    const std::string key = keys::Prop(node, 0, change.name.ns, change.name.name);
    if (change.value) {
      WriteRecord(txn, Table::kProps, key, *change.value);
    } else {
      txn.Erase(Table::kProps, key);
    }
  }
  return changes.empty() ? Result<void>() : CheckCaps(txn, node);
}

void ChangeFavorite(KvTxn& txn, UserId user, FileId node, bool favorite) {
  const std::string row = keys::Favorite(user, node);
  const std::string marker = keys::Prop(node, Raw(user), {}, kFavoriteName);
  if (favorite) {
    txn.Put(Table::kFavorites, row, {});
    txn.Put(Table::kProps, marker, {});
  } else {
    txn.Erase(Table::kFavorites, row);
    txn.Erase(Table::kProps, marker);
  }
}

Result<bool> HasRows(const KvView& view, FileId node) {
  bool any = false;
  const auto visit = [&](std::string_view, std::string_view) {
    any = true;
    return false;
  };
  RETURN_IF_ERROR(view.Scan(Table::kProps, keys::PropPrefix(node), {}, visit));
  return any;
}

// Makes the flag bit of the leaf say whether it has rows. The tree is written only when the bit
// changes.
Result<void> SetFlag(FileTree& tree, KvTxn& txn, const Chain& chain) {
  ASSIGN_OR_RETURN(const bool any, HasRows(txn, chain.leaf().id()));
  const bool flagged = (chain.leaf().node.flags() & kHasProperties) != 0;
  if (any == flagged) return {};
  constexpr std::uint32_t kBit = kHasProperties;
  return tree.AdjustFlags(txn, chain, any ? kBit : 0, any ? 0 : kBit, 0, false);
}

bool Empty(const AttributeChange& change) {
  return !change.mtime && !change.created && !change.uploaded && !change.checksums;
}

}  // namespace

Result<std::vector<StoredProperty>> ReadProperties(const KvView& view, FileId node) {
  std::vector<StoredProperty> found;
  bool broken = false;
  const auto visit = [&](std::string_view name, std::string_view value) {
    const std::size_t end = name.find('\0');
    StoredProperty property;
    broken = end == std::string_view::npos || !ParseInto(value, property.value);
    if (broken) return false;
    property.name = {std::string(name.substr(0, end)), std::string(name.substr(end + 1))};
    found.push_back(std::move(property));
    return true;
  };
  RETURN_IF_ERROR(view.Scan(Table::kProps, DeadPrefix(node), {}, visit));
  if (broken) return Fail(ErrorCode::kCorruption, "property of node " + std::to_string(Raw(node)));
  return found;
}

Result<std::vector<bool>> ReadFavorites(const KvView& view, UserId user,
                                        std::span<const FileId> nodes) {
  std::vector<std::string> rows;
  rows.reserve(nodes.size());
  for (const FileId node : nodes) rows.push_back(keys::Favorite(user, node));
  ASSIGN_OR_RETURN(const auto values, view.MultiGet(Table::kFavorites, rows));
  std::vector<bool> favorites;
  favorites.reserve(values.size());
  for (const auto& value : values) favorites.push_back(value.has_value());
  return favorites;
}

Result<std::vector<FileId>> ListFavorites(const KvView& view, UserId user, FileId after,
                                          std::size_t limit) {
  std::vector<FileId> found;
  if (limit == 0) return found;
  const auto visit = [&](std::string_view node, std::string_view) {
    if (node.size() == 8) found.push_back(FileId{ReadBig64(node)});
    return found.size() < limit;
  };
  const std::string start = Raw(after) == 0 ? std::string() : Big64(Raw(after));
  RETURN_IF_ERROR(view.Scan(Table::kFavorites, Big64(Raw(user)), start, visit));
  return found;
}

Result<WriteOutcome> PatchProperties(FileTree& tree, KvTxn& txn, const WriteContext& context,
                                     const TreePath& path, const PropertiesPatch& patch) {
  const Caller& caller = context.caller;
  if (patch.favorite && caller.user == UserId{})
    return Fail(ErrorCode::kForbidden, "only users have favourites");
  // A favourite belongs to its user, not to the resource: reading it is enough, and nobody's lock
  // forbids it.
  const bool changes_resource = !patch.dead.empty() || !Empty(patch.attributes);
  ASSIGN_OR_RETURN(Chain chain,
                   tree.ResolveFor(txn, caller, path,
                                   changes_resource ? Permission::kUpdate : Permission::kRead));
  if (changes_resource)
    RETURN_IF_ERROR(tree.locks().CheckWrite(txn, caller, chain, context.lock_tokens));
  if (context.precondition != nullptr)
    RETURN_IF_ERROR(context.precondition->Check(txn, &chain.leaf()));
  const FileId node = chain.leaf().id();
  RETURN_IF_ERROR(ChangeDead(txn, node, patch.dead));
  if (patch.favorite) ChangeFavorite(txn, caller.user, node, *patch.favorite);
  RETURN_IF_ERROR(SetFlag(tree, txn, chain));
  // Last: it may change the etag that its own check of the precondition looks at.
  if (!Empty(patch.attributes)) return tree.SetAttributes(txn, context, path, patch.attributes);
  ASSIGN_OR_RETURN(chain, tree.Resolve(txn, path));
  WriteOutcome outcome;
  outcome.permissions = tree.policies().access.For(txn, caller, chain);
  outcome.entry = std::move(chain.leaf());
  return outcome;
}

Result<bool> CopyProperties(KvTxn& txn, FileId from, FileId to) {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto visit = [&](std::string_view name, std::string_view value) {
    rows.emplace_back(name, value);
    return true;
  };
  const std::string prefix = DeadPrefix(to);
  RETURN_IF_ERROR(txn.Scan(Table::kProps, prefix, {}, visit));
  for (const auto& [name, value] : rows) txn.Erase(Table::kProps, prefix + name);
  rows.clear();
  RETURN_IF_ERROR(txn.Scan(Table::kProps, DeadPrefix(from), {}, visit));
  for (const auto& [name, value] : rows) txn.Put(Table::kProps, prefix + name, value);
  return HasRows(txn, to);
}

Result<void> EraseProperties(KvTxn& txn, FileId node) {
  std::vector<std::string> rows;
  const auto visit = [&](std::string_view rest, std::string_view) {
    rows.emplace_back(rest);
    return true;
  };
  RETURN_IF_ERROR(txn.Scan(Table::kProps, keys::PropPrefix(node), {}, visit));
  for (const std::string& rest : rows) {
    txn.Erase(Table::kProps, keys::PropPrefix(node) + rest);
    const std::uint64_t user = rest.size() >= 8 ? ReadBig64(rest) : 0;
    if (user != 0) txn.Erase(Table::kFavorites, keys::Favorite(UserId{user}, node));
  }
  return {};
}

}  // namespace cairn::storage
