// An ordered key-value store with snapshots, one writer per key and a durability gate.
//
//   ASSIGN_OR_RETURN(WriterGuard guard, store.writers().AcquireBlocking({SpaceKey(space)},
//   deadline)); auto txn = store.Begin(guard);
//   ... txn->Get / Put / Erase ...                      // sees the latest state and its own writes
//   ASSIGN_OR_RETURN(CommitSeq seq, txn->Commit());     // visible to later transactions, not yet
//   durable RETURN_IF_ERROR(store.gate().WaitFor(seq));         // durable and published: now reply
//
// Published() is what a power cut cannot take back; every read outside a write transaction uses it.
// A reply computed inside a transaction, refusals too, waits for the gate up to LatestSeq() (see
// storage/commit.h).
//
// Thread-safe. Every call may block, except where it says not.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/function_ref.h"
#include "storage/schema.h"
#include "storage/sync_gate.h"
#include "storage/writer_keys.h"

namespace cairn::storage {

// A consistent state. Has a lease of 15 minutes: past it every call fails with kCancelled.
class KvView {
 public:
  virtual ~KvView() = default;

  virtual Result<std::optional<std::string>> Get(Table table, std::string_view key) const = 0;

  // One answer per key, in the order asked.
  virtual Result<std::vector<std::optional<std::string>>> MultiGet(
      Table table, std::span<const std::string> keys) const = 0;

  // Visits keys that begin with `prefix` and are greater than `prefix + after` (all of them when
  // `after` is empty and the key is not exactly the prefix, which is visited first), in byte order,
  // until `visit` returns false. `visit` gets the key without `prefix`; both views end with the
  // call. No iterator outlives the call: page by passing the last key.
  using Visit = FunctionRef<bool(std::string_view rest, std::string_view value)>;
  virtual Result<void> Scan(Table table, std::string_view prefix, std::string_view after,
                            Visit visit) const = 0;

  // Number of Get and MultiGet look-ups so far, for tests that forbid per-child look-ups.
  virtual std::uint64_t gets() const = 0;

  // Names the state of the tables that DecidesViews names: two views with the same answer have the
  // same rows there. nullopt: not known at this moment. Never blocks.
  virtual std::optional<std::uint64_t> sharing_state() const { return std::nullopt; }

  // True for a view that never waits for a disk (KvStore::PublishedInMemory, storage/hot_read.h).
  virtual bool memory_only() const { return false; }
  // For whoever would have to wait for a disk on behalf of such a view: makes missed() true.
  virtual Error Miss() const { return Fail(ErrorCode::kBusy, "not in memory"); }
  // True once something was not in memory: whatever was computed on this view counts for nothing.
  virtual bool missed() const { return false; }
};

// One atomic change under the writer keys of its guard. Not thread-safe. Dropping it changes
// nothing.
class KvTxn : public KvView {
 public:
  virtual void Put(Table table, std::string_view key, std::string_view value) = 0;
  // As Put, for a row that this transaction does not look at again: its own reads need not see it.
  virtual void PutBlind(Table table, std::string_view key, std::string_view value) {
    Put(table, key, value);
  }
  virtual void Erase(Table table, std::string_view key) = 0;
  // Appends to the log without sync. kBusy: the store wants writers to slow down, try again;
  // kDiskFull, kTooLarge (over 4 MiB). The transaction is over either way.
  virtual Result<CommitSeq> Commit() = 0;
  // True once Put or Erase was called.
  virtual bool dirty() const = 0;
};

class KvStore {
 public:
  virtual ~KvStore() = default;

  // Never blocks.
  virtual std::shared_ptr<const KvView> Published() const = 0;
  // The same state, but a call that would have to wait for a disk fails with kBusy and makes the
  // view missed(). Neither this nor any call on the view blocks: an I/O thread may use it.
  virtual std::shared_ptr<const KvView> PublishedInMemory() const = 0;
  // `guard` must outlive the transaction.
  virtual std::unique_ptr<KvTxn> Begin(const WriterGuard& guard) = 0;
  // The latest commit, durable or not: what a reply computed from a transaction's reads waits for.
  // Never blocks.
  virtual CommitSeq LatestSeq() const = 0;

  // Gives back the space of erased rows of a family once they are more than `dead_share` of what
  // stands there and at least `least_bytes`; returns how many bytes. Blocks for as long as writing
  // the rest of the family anew takes.
  virtual Result<std::uint64_t> Reclaim(Family family, double dead_share,
                                        std::uint64_t least_bytes) = 0;

  virtual SyncGate& gate() = 0;
  virtual WriterKeys& writers() = 0;
};

}  // namespace cairn::storage
