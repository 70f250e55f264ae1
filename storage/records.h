// Records in and out of the store: the messages of storage/records.proto as values.
//
//   ASSIGN_OR_RETURN(std::optional<Space> space, ReadRecord<Space>(view, Table::kSpaces,
//   keys::Space(id))); WriteRecord(txn, Table::kSpaces, keys::Space(id), *space);
//
// Equal records give equal bytes. Fields that this version does not know survive a rewrite.
// Thread-safe.
#pragma once

#include <google/protobuf/message_lite.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "storage/kv_store.h"
#include "storage/records.pb.h"

namespace cairn::storage {

std::string Serialize(const google::protobuf::MessageLite& record);

// False when `bytes` are not such a record.
bool ParseInto(std::string_view bytes, google::protobuf::MessageLite& record);
Error BadRecord(const google::protobuf::MessageLite& record);

// kCorruption: not such a record.
template <class T>
Result<T> Parse(std::string_view bytes) {
  T record;
  if (!ParseInto(bytes, record)) return BadRecord(record);
  return record;
}

// nullopt when there is none; kCorruption: there is something else.
template <class T>
Result<std::optional<T>> ReadRecord(const KvView& view, Table table, std::string_view key) {
  ASSIGN_OR_RETURN(std::optional<std::string> bytes, view.Get(table, key));
  if (!bytes.has_value()) return std::optional<T>();
  ASSIGN_OR_RETURN(T record, Parse<T>(*bytes));
  return std::optional<T>(std::move(record));
}

inline void WriteRecord(KvTxn& txn, Table table, std::string_view key,
                        const google::protobuf::MessageLite& record) {
  txn.Put(table, key, Serialize(record));
}

// See KvTxn::PutBlind.
inline void WriteRecordBlind(KvTxn& txn, Table table, std::string_view key,
                             const google::protobuf::MessageLite& record) {
  txn.PutBlind(table, key, Serialize(record));
}

}  // namespace cairn::storage
