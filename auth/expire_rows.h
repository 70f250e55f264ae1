// What background jobs of auth do step by step: erase the records of a table that are over. A
// record that cannot be read is fsck's to report; it never lets anybody in, and it stays.
#pragma once

#include <string>
#include <vector>

#include "storage/commit.h"
#include "storage/records.h"

namespace cairn::auth {

// Erases up to `limit` records, chosen on the published state and asked again in one transaction
// under the directory key; returns how many were chosen. `is_over(record)`; `erase(txn, key,
// record)` takes away the row and what hangs on it. Blocking; durable when it returns.
template <class Record, class IsOver, class Erase>
Result<std::size_t> ExpireRows(storage::KvStore& store, storage::Table table, std::size_t limit,
                               const IsOver& is_over, const Erase& erase) {
  std::vector<std::string> keys;
  auto collect = [&](std::string_view key, std::string_view value) {
    Record record;
    if (storage::ParseInto(value, record) && is_over(record)) keys.emplace_back(key);
    return keys.size() < limit;
  };
  RETURN_IF_ERROR(store.Published()->Scan(table, {}, {}, collect));
  if (keys.empty()) return std::size_t{0};
  auto body = [&](storage::KvTxn& txn) -> Result<void> {
    for (const std::string& key : keys) {
      ASSIGN_OR_RETURN(const auto record, storage::ReadRecord<Record>(txn, table, key));
      if (record && is_over(*record)) erase(txn, key, *record);
    }
    return {};
  };
  RETURN_IF_ERROR(storage::CommitBlocking(store, {storage::DirectoryKey()}, body));
  return keys.size();
}

}  // namespace cairn::auth
