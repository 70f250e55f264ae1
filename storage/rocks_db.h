// An open RocksDB database with Cairn's fixed settings. Internal to the RocksDB store: the only
// header of Cairn that includes RocksDB's.
#pragma once

#include <rocksdb/db.h>

#include <array>
#include <atomic>
#include <memory>
#include <string_view>

#include "storage/rocks_kv.h"
#include "storage/row_cache.h"
#include "storage/schema.h"

namespace cairn::storage {

// Closes the database when it goes. Everything in it outlives the database.
class RocksDb {
 public:
  // See RocksKv::Open. Replays the log up to the first gap.
  static Result<std::shared_ptr<RocksDb>> Open(const RocksOptions& options, Faults& faults);
  ~RocksDb();
  RocksDb(const RocksDb&) = delete;
  RocksDb& operator=(const RocksDb&) = delete;

  rocksdb::DB& db() { return *db_; }
  RowCache& rows() { return rows_; }
  ChangeMark& sharing() { return sharing_; }  // of the tables that DecidesViews names
  rocksdb::ColumnFamilyHandle* FamilyFor(Table table) const {
    return handles_[1 + static_cast<std::size_t>(FamilyOf(table))];
  }
  // See KvStore::Reclaim.
  Result<std::uint64_t> Reclaim(Family family, double dead_share, std::uint64_t least_bytes);
  // The error to hand up for a status that is not OK. Corruption and failed reads are storage
  // faults.
  Error ToError(const rocksdb::Status& status, std::string_view what);
  // The disk was full: RocksDB has stopped writing until it is told to go on.
  bool stopped() const { return stopped_; }
  // Lets RocksDB write again; kDiskFull when there still is no room.
  Result<void> Resume();

 private:
  class Listener;
  class Replay;
  static constexpr std::size_t kFamilies = 4;  // default, meta, inline, log

  explicit RocksDb(Faults& faults) : faults_(faults) {}
  Result<void> OpenWith(const RocksOptions& options, bool read_only, bool default_only,
                        std::shared_ptr<Replay> replay);
  static Result<void> Probe(const RocksOptions& options, Faults& faults, std::uint64_t& flushed);

  Faults& faults_;
  std::shared_ptr<void> hold_;
  std::shared_ptr<Replay> replay_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> handles_{};
  std::atomic<bool> stopped_{false};
  RowCache rows_;
  ChangeMark sharing_;
};

}  // namespace cairn::storage
