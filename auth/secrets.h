// Secrets that are handed out once and kept as HMAC-SHA-256 under a key of the instance: app
// passwords, cookies, the tokens of login flows. Who reads the store learns none of them.
//
// Thread-safe. Every call but Draw may block.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "storage/kv_store.h"

namespace cairn::auth {

inline constexpr std::size_t kSecretLength = 64;  // characters of [A-Za-z0-9]: 381 bits

class Secrets {
 public:
  Secrets(storage::KvStore& store, Random& random) : store_(store), random_(random) {}

  // `length` characters of [A-Za-z0-9]; each is worth 5.95 bits.
  std::string Draw(std::size_t length = kSecretLength) const;

  // The key of the row of a secret that is about to be kept. Makes the instance's key at first use.
  Result<std::string> KeyOf(std::string_view secret);
  // The key that the row of a given secret would have; nullopt while nothing was ever kept.
  Result<std::optional<std::string>> FindKeyOf(std::string_view secret) const;

 private:
  Result<std::optional<std::string>> InstanceKey() const;
  Result<std::string> EnsureInstanceKey();

  storage::KvStore& store_;
  Random& random_;
  mutable std::mutex mu_;
  mutable std::string instance_key_;  // guarded by mu_; empty until it was read once
};

}  // namespace cairn::auth
