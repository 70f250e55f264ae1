// A view that remembers the space records it was asked for: whoever decides about the permissions
// of each child of a listing reads the space's record once, not once per child. The view underneath
// never changes, so neither does this.
//
// Not thread-safe. Blocks as the view underneath.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "storage/kv_store.h"

namespace cairn::dav {

class MemoView final : public storage::KvView {
 public:
  explicit MemoView(std::shared_ptr<const storage::KvView> view) : view_(std::move(view)) {}

  Result<std::optional<std::string>> Get(storage::Table table,
                                         std::string_view key) const override {
    if (table != storage::Table::kSpaces) return view_->Get(table, key);
    if (const auto known = spaces_.find(key); known != spaces_.end()) return known->second;
    auto got = view_->Get(table, key);
    if (got.has_value()) spaces_.emplace(key, *got);
    return got;
  }
  Result<std::vector<std::optional<std::string>>> MultiGet(
      storage::Table table, std::span<const std::string> keys) const override {
    return view_->MultiGet(table, keys);
  }
  Result<void> Scan(storage::Table table, std::string_view prefix, std::string_view after,
                    Visit visit) const override {
    return view_->Scan(table, prefix, after, visit);
  }
  std::uint64_t gets() const override { return view_->gets(); }

 private:
  const std::shared_ptr<const storage::KvView> view_;
  mutable std::map<std::string, std::optional<std::string>, std::less<>> spaces_;
};

}  // namespace cairn::dav
