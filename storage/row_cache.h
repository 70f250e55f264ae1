// Rows that nearly every request reads and hardly anything changes (users, tokens, second factors),
// kept beside the database and never out of date: a row counts for a view only if no commit has
// touched these tables between the state it was read from and the state of the view.
//
//   cache.BeginWrite(); ... write ...; cache.EndWrite(seq);     // a commit that touches them
//   if (auto row = cache.Find(key, view_seq)) ...               // a read
//   cache.Insert(key, view_seq, row);                           // what the database said instead
//
// Why that is enough: storage/change_mark.h, which Find asks last.
// Thread-safe; never blocks on I/O.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "storage/change_mark.h"
#include "storage/schema.h"

namespace cairn::storage {

class RowCache {
 public:
  static constexpr std::size_t kMaxRows = 20'000;

  using Row = std::optional<std::string>;  // nullopt: there is none

  static bool Keeps(Table table) {
    return table == Table::kUsers || table == Table::kTokens || table == Table::kSecondFactors;
  }

  void BeginWrite() { mark_.BeginWrite(); }
  // `seq`: the store's latest commit, at or after the one that was written.
  void EndWrite(CommitSeq seq) { mark_.EndWrite(seq); }

  // nullopt: not known for this state.
  std::optional<Row> Find(const std::string& full_key, CommitSeq view) const;
  void Insert(const std::string& full_key, CommitSeq view, const Row& row);

 private:
  struct Known {
    CommitSeq seq;
    Row row;
  };
  ChangeMark mark_;
  mutable std::mutex mu_;
  std::unordered_map<std::string, Known> rows_;  // guarded by mu_
};

}  // namespace cairn::storage
