// A transaction that counts what it is told to write.
#pragma once

#include <compare>
#include <cstdint>

#include "storage/kv_store.h"

namespace cairn::support {

struct Counts {
  std::uint64_t puts = 0;
  std::uint64_t erases = 0;
  std::uint64_t bytes = 0;  // of keys and values put
  auto operator<=>(const Counts&) const = default;
};

class CountingTxn final : public storage::KvTxn {
 public:
  CountingTxn(storage::KvTxn& txn, Counts& counts) : txn_(txn), counts_(counts) {}
  Result<std::optional<std::string>> Get(storage::Table table,
                                         std::string_view key) const override {
    return txn_.Get(table, key);
  }
  Result<std::vector<std::optional<std::string>>> MultiGet(
      storage::Table table, std::span<const std::string> keys) const override {
    return txn_.MultiGet(table, keys);
  }
  Result<void> Scan(storage::Table table, std::string_view prefix, std::string_view after,
                    Visit visit) const override {
    return txn_.Scan(table, prefix, after, visit);
  }
  std::uint64_t gets() const override { return txn_.gets(); }
  void Put(storage::Table table, std::string_view key, std::string_view value) override {
    ++counts_.puts;
    counts_.bytes += key.size() + value.size();
    txn_.Put(table, key, value);
  }
  void Erase(storage::Table table, std::string_view key) override {
    ++counts_.erases;
    txn_.Erase(table, key);
  }
  Result<storage::CommitSeq> Commit() override { return txn_.Commit(); }
  bool dirty() const override { return txn_.dirty(); }

 private:
  storage::KvTxn& txn_;
  Counts& counts_;
};

}  // namespace cairn::support
