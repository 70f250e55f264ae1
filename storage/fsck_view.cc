#include "storage/fsck_view.h"

#include <utility>

namespace cairn::storage {
namespace {

constexpr std::size_t kPageRows = 1000;
constexpr std::size_t kPageBytes = 4 << 20;

}  // namespace

template <class Read>
auto FsckView::Fresh(Read read) -> decltype(read()) {
  auto result = read();
  if (result.has_value() || !Is(result.error(), ErrorCode::kCancelled)) return result;
  view_ = store_.Published();
  return read();
}

Result<std::optional<std::string>> FsckView::Get(Table table, std::string_view key) {
  return Fresh([&] { return view_->Get(table, key); });
}

Result<std::vector<std::optional<std::string>>> FsckView::MultiGet(
    Table table, std::span<const std::string> keys) {
  return Fresh([&] { return view_->MultiGet(table, keys); });
}

Result<std::vector<Row>> FsckView::Page(Table table, std::string_view prefix,
                                        std::string_view after, std::size_t limit) {
  std::vector<Row> rows;
  std::size_t bytes = 0;
  const auto visit = [&](std::string_view key, std::string_view value) {
    rows.push_back({std::string(key), std::string(value)});
    bytes += key.size() + value.size();
    // Two at least: a key that is just the prefix is no place to go on from.
    return rows.size() < 2 || (rows.size() < limit && bytes < kPageBytes);
  };
  RETURN_IF_ERROR(Fresh([&] {
    rows.clear();
    bytes = 0;
    return view_->Scan(table, prefix, after, visit);
  }));
  return rows;
}

Result<const Row*> TableCursor::Peek() {
  if (at_ < page_.size()) return &page_[at_];
  if (ended_) return static_cast<const Row*>(nullptr);
  ASSIGN_OR_RETURN(page_, view_.Page(table_, prefix_, after_, kPageRows));
  at_ = 0;
  ended_ = page_.empty();
  if (ended_) return static_cast<const Row*>(nullptr);
  after_ = page_.back().key;
  ended_ = after_.empty();  // the prefix itself, and nothing behind it
  return &page_.front();
}

}  // namespace cairn::storage
