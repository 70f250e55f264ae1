// The KvStore on RocksDB: one database, one sync thread, published snapshots.
//
// A commit appends its batch to the write-ahead log without sync. The sync thread takes a snapshot,
// runs one SyncWAL, publishes that snapshot and passes the gate: a lone writer causes one sync for
// each commit, writers side by side share. A failed sync is a storage fault (storage/faults.h): the
// gate never passes again.
//
// A start replays the log up to the first damaged record or the first gap in sequence numbers, so
// what is there afterwards is always a prefix of the commits.
//
// Thread-safe. Views and transactions must not outlive the store.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "storage/faults.h"
#include "storage/kv_store.h"
#include "storage/store_tallies.h"
#include "storage/view_lease.h"
#include "storage/watermark.h"

namespace rocksdb {
class Env;
}

namespace cairn::storage {

struct RocksOptions {
  std::filesystem::path path;
  std::uint64_t block_cache_bytes = 64u << 20;
  std::uint64_t write_buffer_bytes = 64u << 20;  // of all column families together
  bool create = true;                            // make a database when there is none
  bool read_only = false;  // nothing is written; sees the write-ahead log's content too
  CommitSeq must_reach{};  // kCorruption when less is recovered; nothing was changed then
  std::shared_ptr<Watermark> watermark;  // optional: learns what is durable
  std::shared_ptr<void> hold;            // optional: kept until the database is closed
  std::chrono::milliseconds view_lease = kViewLease;
  rocksdb::Env* env = nullptr;  // tests: another file system; must outlive the store
};

class RocksKv final : public KvStore {
 public:
  // kNotFound: no database and not to be created; kBusy: another process has it open; kCorruption:
  // see must_reach, or a damaged file; kIo.
  static Result<std::unique_ptr<RocksKv>> Open(const RocksOptions& options, Faults& faults);
  // Syncs what was committed, then closes. Whoever still waits at the gate gets kBusy.
  ~RocksKv() override;

  std::shared_ptr<const KvView> Published() const override;
  std::shared_ptr<const KvView> PublishedInMemory() const override;
  std::unique_ptr<KvTxn> Begin(const WriterGuard& guard) override;
  CommitSeq LatestSeq() const override;
  Result<std::uint64_t> Reclaim(Family family, double dead_share,
                                std::uint64_t least_bytes) override;
  SyncGate& gate() override { return gate_; }
  WriterKeys& writers() override { return writers_; }

  // Sync cycles so far.
  std::uint64_t syncs() const;
  // What was counted since the start.
  const StoreTallies& tallies() const;
  // What the store takes on disk and in memory, for metrics; `property` is RocksDB's name. 0 if
  // unknown.
  std::uint64_t Property(std::string_view property) const;

 private:
  class View;
  class Txn;
  class Syncer;
  struct Snapshot;
  struct State;
  explicit RocksKv(std::unique_ptr<State> state);

  const std::unique_ptr<State> state_;
  SyncGate gate_;
  WriterKeys writers_;
  std::unique_ptr<Syncer> syncer_;  // null when read-only
};

}  // namespace cairn::storage
