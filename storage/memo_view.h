// A view that remembers the space records it was asked for: one decision asks for them several
// times, a listing once per child. For views that do not change, and for the checks of a
// transaction that come before its writes.
//
// Not thread-safe. Blocks as the view underneath.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "storage/kv_store.h"

namespace cairn::storage {

class MemoView final : public KvView {
 public:
  explicit MemoView(std::shared_ptr<const KvView> view) : held_(std::move(view)), view_(*held_) {}
  // `view` outlives this.
  explicit MemoView(const KvView& view) : view_(view) {}

  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    if (table != Table::kSpaces) return view_.Get(table, key);
    if (const auto known = spaces_.find(key); known != spaces_.end()) return known->second;
    auto got = view_.Get(table, key);
    if (got.has_value()) spaces_.emplace(key, *got);
    return got;
  }
  Result<std::vector<std::optional<std::string>>> MultiGet(
      Table table, std::span<const std::string> keys) const override {
    return view_.MultiGet(table, keys);
  }
  Result<void> Scan(Table table, std::string_view prefix, std::string_view after,
                    Visit visit) const override {
    return view_.Scan(table, prefix, after, visit);
  }
  std::uint64_t gets() const override { return view_.gets(); }
  std::optional<std::uint64_t> sharing_state() const override { return view_.sharing_state(); }
  bool memory_only() const override { return view_.memory_only(); }
  Error Miss() const override { return view_.Miss(); }
  bool missed() const override { return view_.missed(); }

 private:
  const std::shared_ptr<const KvView> held_;
  const KvView& view_;
  mutable std::map<std::string, std::optional<std::string>, std::less<>> spaces_;
};

}  // namespace cairn::storage
