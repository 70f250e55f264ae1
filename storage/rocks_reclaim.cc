// Space of erased rows. RocksDB's own compactions come with what is written: a family from which
// only is erased keeps its dead rows below tombstones that nothing pushes down.
#include <algorithm>
#include <string>

#include "storage/rocks_db.h"

namespace cairn::storage {
namespace {

// What stands in a family, erased rows and tombstones included.
struct Standing {
  std::uint64_t rows = 0;
  std::uint64_t tombstones = 0;
  std::uint64_t bytes = 0;

  // Each tombstone stands for one row that it hides.
  std::uint64_t dead() const { return std::min(tombstones, rows); }
  std::uint64_t dead_bytes() const { return rows == 0 ? 0 : bytes / rows * dead(); }
};

std::uint64_t PropertyOf(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                         const std::string& name) {
  std::uint64_t value = 0;
  return db.GetIntProperty(family, name, &value) ? value : 0;
}

// Both kinds of what is not yet in a table.
std::uint64_t InMemory(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
                       const std::string& name) {
  return PropertyOf(db, family, "rocksdb." + name + "-active-mem-table") +
         PropertyOf(db, family, "rocksdb." + name + "-imm-mem-tables");
}

}  // namespace

Result<std::uint64_t> RocksDb::Reclaim(Family family, double dead_share,
                                       std::uint64_t least_bytes) {
  rocksdb::ColumnFamilyHandle* handle = handles_[1 + static_cast<std::size_t>(family)];
  rocksdb::TablePropertiesCollection tables;
  const rocksdb::Status known = db_->GetPropertiesOfAllTables(handle, &tables);
  if (!known.ok()) return ToError(known, "properties");
  Standing standing;
  std::uint64_t entries = InMemory(*db_, handle, "num-entries");
  standing.tombstones = InMemory(*db_, handle, "num-deletes");
  standing.bytes = PropertyOf(*db_, handle, "rocksdb.cur-size-all-mem-tables");
  for (const auto& [name, table] : tables) {
    entries += table->num_entries;
    standing.tombstones += table->num_deletions;
    standing.bytes += table->data_size;
  }
  standing.rows = entries - std::min(standing.tombstones, entries);
  const auto limit = dead_share * static_cast<double>(standing.rows);
  if (standing.dead() == 0 || static_cast<double>(standing.dead()) <= limit ||
      standing.dead_bytes() < least_bytes)
    return std::uint64_t{0};

  RETURN_IF_ERROR(faults_.CheckMayWrite());
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  const rocksdb::Status done = db_->CompactRange(options, handle, nullptr, nullptr);
  if (!done.ok()) return ToError(done, "compaction");
  const std::uint64_t now = PropertyOf(*db_, handle, "rocksdb.total-sst-files-size");
  return standing.bytes - std::min(standing.bytes, now);
}

}  // namespace cairn::storage
