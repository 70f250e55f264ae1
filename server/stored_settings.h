// Settings that config:system:set has changed: they live in the data directory, beside what they
// are about. Thread-safe; changes block until they are durable.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "storage/kv_store.h"

namespace cairn::server {

class StoredSettings {
 public:
  explicit StoredSettings(storage::KvStore& store) : store_(store) {}

  Result<std::map<std::string, std::string>> All() const;
  Result<void> Set(std::string_view key, std::string_view value);
  Result<void> Remove(std::string_view key);

 private:
  storage::KvStore& store_;
};

}  // namespace cairn::server
