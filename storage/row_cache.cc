#include "storage/row_cache.h"

namespace cairn::storage {

void RowCache::EndWrite(CommitSeq seq) {
  const auto at = static_cast<std::uint64_t>(seq);
  std::uint64_t before = changed_.load();
  while (before < at && !changed_.compare_exchange_weak(before, at)) {
  }
  writers_.fetch_sub(1);
}

std::optional<RowCache::Row> RowCache::Find(const std::string& full_key, CommitSeq view) const {
  const std::lock_guard lock(mu_);
  const auto found = rows_.find(full_key);
  if (found == rows_.end()) return std::nullopt;
  // After the look at the row, which may be newer than the view.
  if (writers_.load() != 0) return std::nullopt;
  const CommitSeq changed{changed_.load()};
  if (view < changed || found->second.seq < changed) return std::nullopt;
  return found->second.row;
}

void RowCache::Insert(const std::string& full_key, CommitSeq view, const Row& row) {
  const std::lock_guard lock(mu_);
  if (rows_.size() >= kMaxRows) rows_.clear();
  Known& known = rows_[full_key];
  if (known.seq <= view) known = {view, row};
}

}  // namespace cairn::storage
