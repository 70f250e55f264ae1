// Rows that nearly every request reads and hardly anything changes (users, tokens, second factors),
// kept beside the database and never out of date: a row counts for a view only if no commit has
// touched these tables between the state it was read from and the state of the view.
//
//   cache.BeginWrite(); ... write ...; cache.EndWrite(seq);     // a commit that touches them
//   if (auto row = cache.Find(key, view_seq)) ...               // a read
//   cache.Insert(key, view_seq, row);                           // what the database said instead
//
// Why that is enough: whatever the view or the row's state contains was committed before that state
// was taken, so its BeginWrite came before Find looks at writers_ and changed_, which it does last.
// Either its EndWrite came too, then changed_ tells; or it did not, then writers_ does.
// Thread-safe; never blocks on I/O.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "storage/schema.h"
#include "storage/sync_gate.h"

namespace cairn::storage {

class RowCache {
 public:
  static constexpr std::size_t kMaxRows = 20'000;

  using Row = std::optional<std::string>;  // nullopt: there is none

  static bool Keeps(Table table) {
    return table == Table::kUsers || table == Table::kTokens || table == Table::kSecondFactors;
  }

  void BeginWrite() { writers_.fetch_add(1); }
  // `seq`: the store's latest commit, at or after the one that was written.
  void EndWrite(CommitSeq seq);

  // nullopt: not known for this state.
  std::optional<Row> Find(const std::string& full_key, CommitSeq view) const;
  void Insert(const std::string& full_key, CommitSeq view, const Row& row);

 private:
  struct Known {
    CommitSeq seq;
    Row row;
  };
  std::atomic<std::uint32_t> writers_{0};
  std::atomic<std::uint64_t> changed_{0};
  mutable std::mutex mu_;
  std::unordered_map<std::string, Known> rows_;  // guarded by mu_
};

}  // namespace cairn::storage
