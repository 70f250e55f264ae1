// How a check of hours reads a store whose views have a lease of minutes: a view that has run out
// is replaced by a new one, and rows are read a page at a time. Right only while nobody writes:
// fsck has the data directory alone.
//
//   TableCursor rows(view, Table::kNodes, {});
//   for (;;) { ASSIGN_OR_RETURN(const Row* row, rows.Peek()); if (!row) break; ...; rows.Next(); }
//
// Not thread-safe. Blocking.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/kv_store.h"
#include "storage/records.h"

namespace cairn::storage {

struct Row {
  std::string key;  // without the prefix
  std::string value;
};

class FsckView {
 public:
  explicit FsckView(KvStore& store) : store_(store), view_(store.Published()) {}

  Result<std::optional<std::string>> Get(Table table, std::string_view key);
  Result<std::vector<std::optional<std::string>>> MultiGet(Table table,
                                                           std::span<const std::string> keys);
  // The next rows after `after`, about `limit` of them, fewer when they are big; none at the end.
  Result<std::vector<Row>> Page(Table table, std::string_view prefix, std::string_view after,
                                std::size_t limit);
  // nullopt for no row and for one that cannot be read: whoever owns the table reports the latter.
  template <class T>
  Result<std::optional<T>> Record(Table table, std::string_view key) {
    ASSIGN_OR_RETURN(const auto bytes, Get(table, key));
    T record;
    if (!bytes || !ParseInto(*bytes, record)) return std::optional<T>();
    return std::optional<T>(std::move(record));
  }

 private:
  template <class Read>
  auto Fresh(Read read) -> decltype(read());
  KvStore& store_;
  std::shared_ptr<const KvView> view_;
};

// The rows of a table, or of a key prefix in it, in key order.
class TableCursor {
 public:
  TableCursor(FsckView& view, Table table, std::string prefix)
      : view_(view), table_(table), prefix_(std::move(prefix)) {}
  // The current row, valid until Next; null at the end.
  Result<const Row*> Peek();
  void Next() { ++at_; }

 private:
  FsckView& view_;
  const Table table_;
  const std::string prefix_;
  std::vector<Row> page_;
  std::size_t at_ = 0;
  std::string after_;
  bool ended_ = false;
};

}  // namespace cairn::storage
