#include "tests/support/tree_model.h"

namespace cairn::support {

TreeModel::Code TreeModel::NoPlace(const std::string& path) const {
  if (IsFolder(Parent(path))) return std::nullopt;
  for (std::string above = Parent(path);; above = Parent(above)) {
    if (!Has(above)) continue;
    return items_.at(above).folder ? ErrorCode::kParentMissing : ErrorCode::kNotACollection;
  }
}

TreeModel::Code TreeModel::Mkdir(const std::string& path) {
  if (path.empty()) return ErrorCode::kAlreadyExists;
  if (const Code no = NoPlace(path)) return no;
  if (Has(path)) return ErrorCode::kAlreadyExists;
  items_[path].folder = true;
  return std::nullopt;
}

TreeModel::Code TreeModel::Put(const std::string& path, const std::string& text) {
  if (IsFolder(path)) return ErrorCode::kIsACollection;
  if (const Code no = NoPlace(path)) return no;
  items_[path].text = text;
  return std::nullopt;
}

TreeModel::Code TreeModel::Remove(const std::string& path) {
  if (!Has(path)) return ErrorCode::kNotFound;
  if (path.empty()) return ErrorCode::kForbidden;
  Erase(path);
  return std::nullopt;
}

TreeModel::Code TreeModel::Transfer(const std::string& from, const std::string& to, bool overwrite,
                                    bool move) {
  if (!Has(from)) return ErrorCode::kNotFound;
  if (to.empty() || (from.empty() && move)) return ErrorCode::kForbidden;
  if (const Code no = NoPlace(to)) return no;
  if (from == to) return ErrorCode::kForbidden;
  if (Below(to, from) || Below(from, to)) return ErrorCode::kConflict;
  if (Has(to) && !overwrite) return ErrorCode::kPreconditionFailed;
  std::map<std::string, Item> carried;
  for (const auto& [path, item] : items_) {
    if (path == from || Below(path, from)) carried[to + path.substr(from.size())] = item;
  }
  Erase(to);
  if (move) Erase(from);
  items_.merge(carried);
  return std::nullopt;
}

void TreeModel::Erase(const std::string& top) {
  std::erase_if(items_, [&](const auto& row) { return row.first == top || Below(row.first, top); });
}

}  // namespace cairn::support
