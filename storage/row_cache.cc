#include "storage/row_cache.h"

namespace cairn::storage {

std::optional<RowCache::Row> RowCache::Find(const std::string& full_key, CommitSeq view) const {
  const std::lock_guard lock(mu_);
  const auto found = rows_.find(full_key);
  if (found == rows_.end()) return std::nullopt;
  // After the look at the row, which may be newer than the view.
  const auto changed = mark_.StateOf(view);
  if (!changed || found->second.seq < CommitSeq{*changed}) return std::nullopt;
  return found->second.row;
}

void RowCache::Insert(const std::string& full_key, CommitSeq view, const Row& row) {
  const std::lock_guard lock(mu_);
  if (rows_.size() >= kMaxRows) rows_.clear();
  Known& known = rows_[full_key];
  if (known.seq <= view) known = {view, row};
}

}  // namespace cairn::storage
