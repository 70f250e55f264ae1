#include "server/stored_settings.h"

#include "storage/commit.h"
#include "storage/schema.h"

namespace cairn::server {

using storage::Table;

namespace {

std::string Row(std::string_view key) {
  return std::string(storage::keys::kSettingPrefix).append(key);
}

}  // namespace

Result<std::map<std::string, std::string>> StoredSettings::All() const {
  std::map<std::string, std::string> all;
  auto visit = [&](std::string_view key, std::string_view value) {
    all.emplace(key, value);
    return true;
  };
  RETURN_IF_ERROR(
      store_.Published()->Scan(Table::kSystem, storage::keys::kSettingPrefix, {}, visit));
  return all;
}

Result<void> StoredSettings::Set(std::string_view key, std::string_view value) {
  auto body = [&](storage::KvTxn& txn) -> Result<void> {
    txn.Put(Table::kSystem, Row(key), value);
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<void> StoredSettings::Remove(std::string_view key) {
  auto body = [&](storage::KvTxn& txn) -> Result<void> {
    txn.Erase(Table::kSystem, Row(key));
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

}  // namespace cairn::server
