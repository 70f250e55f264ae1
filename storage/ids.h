// Sources of ids and etags. Thread-safe.
//
// Etags: a 64-bit random number drawn at each start plus a 64-bit counter: never time, content or a
// store sequence, so that none can repeat after a crash, a restore or a VM rollback. File ids:
// dense from 1, in blocks of 1,000 whose upper bound is durable before the first id of the block is
// used.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/random.h"
#include "storage/kv_store.h"

namespace cairn::storage {

struct Etag {
  std::uint64_t start = 0;
  std::uint64_t count = 0;
  bool operator==(const Etag&) const = default;
  // 32 lower-case hex digits, without quotes.
  std::string Text() const;
};

class EtagSource {
 public:
  explicit EtagSource(Random& random) : start_(random.Uint64()) {}
  Etag Next() { return {start_, next_.fetch_add(1, std::memory_order_relaxed)}; }

 private:
  const std::uint64_t start_;
  std::atomic<std::uint64_t> next_{1};
};

// A durable counter (keys::kFileIds and its like).
class IdSource {
 public:
  static constexpr std::uint64_t kBlock = 1000;
  IdSource(KvStore& store, std::string_view counter_name) : store_(store), name_(counter_name) {}

  // Makes at least `count` ids available without I/O. Blocking: commits and waits for the gate when
  // the block is used up. Call it before taking writer keys (it takes the directory key).
  Result<void> Reserve(std::uint64_t count);
  // True when Reserve has nothing to do. Never blocks.
  bool Has(std::uint64_t count) const;
  // The next id. kBusy when Reserve was not called for enough: the transaction is to be tried
  // again.
  Result<std::uint64_t> Next();

 private:
  Result<void> ReserveLocked(std::uint64_t count);
  KvStore& store_;
  const std::string name_;
  std::mutex reserve_mu_;  // one reservation at a time
  mutable std::mutex mu_;
  std::uint64_t next_ = 0;  // guarded by mu_
  std::uint64_t end_ = 0;   // guarded by mu_; exclusive
};

}  // namespace cairn::storage
