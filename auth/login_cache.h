// What credentials turned out to be, so that a password is hashed once and not at every request. An
// entry is a hint, never a "yes": the records are read again at each use. Keyed by an HMAC, so that
// no secret stays in memory.
//
// Bounded: the entry that was used longest ago goes first. Thread-safe; never blocks on I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/ids.h"

namespace cairn::auth {

struct KnownLogin {
  UserId user{};              // 0: there was no such user (refusals only)
  std::string token_key;      // empty: the login password
  std::uint64_t version = 0;  // of the token's record, or of the user's for the login password
};

class LoginCache {
 public:
  explicit LoginCache(std::size_t capacity) : capacity_(capacity) {}

  std::optional<KnownLogin> Find(const std::string& key);
  void Insert(const std::string& key, KnownLogin login);
  void Erase(const std::string& key);
  std::size_t size() const;

 private:
  struct Slot {
    std::string key;
    KnownLogin login;
  };
  const std::size_t capacity_;
  mutable std::mutex mu_;
  std::list<Slot> slots_;  // guarded by mu_; used last first
  std::unordered_map<std::string, std::list<Slot>::iterator> index_;  // guarded by mu_
};

}  // namespace cairn::auth
