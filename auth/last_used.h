// "Last used" times of users and app passwords: noted in memory at each login, written by a
// background job, and at most once per kStep for each record. What a crash loses is a time, nothing
// else.
//
// Thread-safe. Note never blocks on I/O; Flush does.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "storage/kv_store.h"

namespace cairn::auth {

class LastUsed {
 public:
  static constexpr std::int64_t kStep = 300;  // seconds
  static constexpr std::size_t kMaxPending =
      100'000;  // notes that are held; further ones are dropped

  explicit LastUsed(storage::KvStore& store) : store_(store) {}

  // `user_before`, `token_before`: the times in the records that were just read. `token_key` may be
  // empty.
  void Note(UserId user, std::int64_t user_before, std::string_view token_key,
            std::int64_t token_before, std::int64_t now_seconds);

  // The login of `user` that is noted and not written yet.
  std::optional<std::int64_t> Of(UserId user) const;

  // Writes up to `limit` notes in one transaction; returns how many there were. Records that are
  // gone stay gone.
  Result<std::size_t> Flush(std::size_t limit);

 private:
  struct Notes {
    std::map<UserId, std::int64_t> users;
    std::map<std::string, std::int64_t> tokens;
  };
  Notes Take(std::size_t limit);

  storage::KvStore& store_;
  mutable std::mutex mu_;
  Notes notes_;  // guarded by mu_
};

}  // namespace cairn::auth
