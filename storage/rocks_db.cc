#include "storage/rocks_db.h"

#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>
#include <rocksdb/wal_filter.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "base/log.h"
#include "storage/ignored_reads.h"

namespace cairn::storage {
namespace {

constexpr std::array<const char*, 4> kFamilyNames = {"default", "meta", "inline", "log"};

// RocksDB's warnings go to Cairn's log; no LOG files, so that a read-only open writes nothing at
// all.
class RocksLog final : public rocksdb::Logger {
 public:
  RocksLog() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list args) override {
    Logv(rocksdb::InfoLogLevel::WARN_LEVEL, format, args);
  }
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list args) override {
    if (level < rocksdb::InfoLogLevel::WARN_LEVEL || level == rocksdb::InfoLogLevel::HEADER_LEVEL)
      return;
    std::array<char, 1024> line{};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    std::vsnprintf(line.data(), line.size(), format, args);
#pragma GCC diagnostic pop
    std::string_view text(line.data());
    while (text.ends_with('\n')) text.remove_suffix(1);
    log::warn("rocksdb: {}", text);
  }
};

rocksdb::DBOptions DatabaseOptions(const RocksOptions& options) {
  rocksdb::DBOptions db;
  if (options.env != nullptr) db.env = options.env;
  db.info_log = std::make_shared<RocksLog>();
  db.create_if_missing = options.create && !options.read_only;
  db.create_missing_column_families = true;
  db.paranoid_checks = true;
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // 7.8.3 together with SyncWAL raises false alarms.
  db.track_and_verify_wals_in_manifest = false;
  db.recycle_log_file_num = 0;
  db.manual_wal_flush = false;
  db.allow_2pc = false;
  db.enable_pipelined_write = false;
  db.unordered_write = false;
  db.two_write_queues = false;
  // The writers of one space come one after another anyway, and only then are insert hints used.
  db.allow_concurrent_memtable_write = false;
  db.allow_mmap_writes = false;
  // The destructor of the store has synced the log: the next start replays it.
  db.avoid_flush_during_shutdown = true;
  db.avoid_flush_during_recovery = false;
  db.max_total_wal_size = 256u << 20;
  db.db_write_buffer_size = options.write_buffer_bytes;
  db.max_background_jobs = 2;
  db.bytes_per_sync = 1u << 20;
  db.max_open_files = 512;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> Families(const RocksOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Index and filter blocks count against the cache, so that it caps all of it.
  table.cache_index_and_filter_blocks = true;
  // Held by each open table, so that a look-up does not go through the cache three times.
  table.metadata_cache_options.unpartitioned_pinning = rocksdb::PinningTier::kAll;
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  rocksdb::ColumnFamilyOptions base;
  base.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  base.write_buffer_size = std::max<std::uint64_t>(options.write_buffer_bytes / 2, 64u << 10);
  base.level_compaction_dynamic_level_bytes = true;
  // In most tables (contents, refs, events, nodes) the next key follows the last one: remember
  // where that was, per table.
  base.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));

  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const char* name : kFamilyNames) families.emplace_back(name, base);
  // Small contents are often compressed already. They stand in plain tables, not in RocksDB's blob
  // files: values have at most 1 MiB, and ordinary compaction gives the space of deleted ones back
  // without settings of its own.
  families[2].options.compression = rocksdb::kNoCompression;
  // Queues leave runs of deleted keys that every scan from the front would wade through.
  for (const std::size_t queue : {std::size_t{2}, std::size_t{3}}) {
    families[queue].options.table_properties_collector_factories.push_back(
        rocksdb::NewCompactOnDeletionCollectorFactory(4096, 2048, 0.5));
  }
  return families;
}

// The first eight bytes of a batch are its sequence number, little-endian.
std::uint64_t SequenceOf(const rocksdb::WriteBatch& batch) {
  return ReadLittle64(std::string_view(batch.Data()).substr(0, 8));
}

bool IsNoSpace(const rocksdb::Status& status) {
  return status.IsNoSpace() || status.subcode() == rocksdb::Status::kNoSpace;
}

// RocksDB has no code for it. The moment's trouble, not the disk's.
bool IsTooManyOpen(const rocksdb::Status& status) {
  return status.IsIOError() && status.ToString().find("Too many open files") != std::string::npos;
}

}  // namespace

// Stops the replay at the first gap. Without it 7.8.3 opens "OK" with a hole where a log file that
// was not synced is missing or short and the one after it survived.
class RocksDb::Replay final : public rocksdb::WalFilter {
 public:
  // The replay may begin at or below `flushed` + 1; nullopt: look at the first record and replay
  // nothing.
  explicit Replay(std::optional<std::uint64_t> flushed) : probing_(!flushed.has_value()) {
    if (flushed.has_value()) next_ = *flushed + 1;
  }

  WalProcessingOption LogRecordFound(unsigned long long log, const std::string& file,
                                     const rocksdb::WriteBatch& batch,
                                     rocksdb::WriteBatch* /*changed*/,
                                     bool* /*is_changed*/) override {
    if (probing_ || stopped_) return WalProcessingOption::kStopReplay;
    const std::uint64_t first = SequenceOf(batch);
    if (first > next_) {
      stopped_ = true;
      log::warn("replay stops at a gap before sequence {} (expected {}) in log {} {}", first, next_,
                log, file);
      return WalProcessingOption::kStopReplay;
    }
    next_ = std::max(next_, first + batch.Count());
    return WalProcessingOption::kContinueProcessing;
  }
  const char* Name() const override { return "cairn.StopAtGap"; }

 private:
  const bool probing_;
  std::uint64_t next_ = 0;
  bool stopped_ = false;
};

// What RocksDB's own threads run into.
class RocksDb::Listener final : public rocksdb::EventListener {
 public:
  explicit Listener(RocksDb& owner) : owner_(owner) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    if (status == nullptr || status->ok() || status->IsShutdownInProgress()) return;
    IgnoredReads::End();
    owner_.stopped_ = true;
    if (IsNoSpace(*status)) {
      static_cast<void>(owner_.faults_.OnWriteError(ENOSPC, status->ToString()));
    } else if (IsTooManyOpen(*status) && status->severity() < rocksdb::Status::kFatalError) {
      log::warn("rocksdb: {}", status->ToString());  // the next commit lets it go on
    } else {
      owner_.faults_.Break("rocksdb: " + status->ToString());
    }
  }
  // The store says itself when to go on (RocksDb::Resume): RocksDB's own attempts would come every
  // 5 seconds.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* automatic) override {
    *automatic = false;
  }

 private:
  RocksDb& owner_;
};

RocksDb::~RocksDb() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle);
  }
  const rocksdb::Status closed = db_->Close();
  if (!closed.ok()) log::warn("closing the metadata store: {}", closed.ToString());
}

Error RocksDb::ToError(const rocksdb::Status& status, std::string_view what) {
  const std::string text = std::string(what) + ": " + status.ToString();
  if (IsNoSpace(status)) {
    stopped_ = true;
    return faults_.OnWriteError(ENOSPC, text);
  }
  if (status.IsIncomplete() || status.IsBusy() || status.IsShutdownInProgress() ||
      IsTooManyOpen(status)) {
    return Fail(ErrorCode::kBusy, text);
  }
  if (status.IsCorruption()) {
    faults_.Break(text);
    return Fail(ErrorCode::kCorruption, text);
  }
  if (status.IsIOError()) faults_.Break(text);
  return Fail(ErrorCode::kIo, text);
}

// RocksDB begins a new log only with tables to write. Without any it would go on in the log that
// the full disk has cut off, and trip over it: then a new start is the way on.
Result<void> RocksDb::Resume() {
  std::uint64_t rows = 0;
  for (const char* kind :
       {"rocksdb.num-entries-active-mem-table", "rocksdb.num-entries-imm-mem-tables"}) {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      std::uint64_t some = 0;
      if (db_->GetIntProperty(handle, kind, &some)) rows += some;
    }
  }
  if (rows == 0) {
    faults_.Break("the log was cut off by a full disk before anything else was in it");
    return Fail(ErrorCode::kIo, "the log cannot be gone on with");
  }
  const rocksdb::Status status = db_->Resume();
  if (!status.ok()) return ToError(status, "resume");
  stopped_ = false;
  return {};
}

Result<void> RocksDb::OpenWith(const RocksOptions& options, bool read_only, bool default_only,
                               std::shared_ptr<Replay> replay) {
  replay_ = std::move(replay);
  rocksdb::DBOptions settings = DatabaseOptions(options);
  settings.wal_filter = replay_.get();
  settings.listeners.push_back(std::make_shared<Listener>(*this));
  std::vector<rocksdb::ColumnFamilyDescriptor> families = Families(options);
  if (default_only) families.resize(1);
  if (read_only) {
    settings.skip_checking_sst_file_sizes_on_db_open = true;
    settings.skip_stats_update_on_db_open = true;
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const std::string path = options.path.string();
  const rocksdb::Status status =
      read_only ? rocksdb::DB::OpenForReadOnly(settings, path, families, &handles, &db)
                : rocksdb::DB::Open(settings, path, families, &handles, &db);
  if (!status.ok()) {
    const std::string text = path + ": " + status.ToString();
    if (IsNoSpace(status)) return Fail(ErrorCode::kDiskFull, text);
    if (status.IsCorruption() || status.IsInvalidArgument())
      return Fail(ErrorCode::kCorruption, text);
    if (text.find("/LOCK") != std::string::npos) return Fail(ErrorCode::kBusy, text);
    return Fail(ErrorCode::kIo, text);
  }
  db_.reset(db);
  std::copy(handles.begin(), handles.end(), handles_.begin());
  return {};
}

// Finds out what a start would recover, and changes nothing. `flushed`: what the tables alone hold.
Result<void> RocksDb::Probe(const RocksOptions& options, Faults& faults, std::uint64_t& flushed) {
  {
    RocksDb tables(faults);
    RETURN_IF_ERROR(tables.OpenWith(options, true, true, std::make_shared<Replay>(std::nullopt)));
    flushed = tables.db_->GetLatestSequenceNumber();
  }
  const auto wanted = static_cast<std::uint64_t>(options.must_reach);
  if (wanted <= flushed) return {};
  RocksDb all(faults);
  RETURN_IF_ERROR(all.OpenWith(options, true, false, std::make_shared<Replay>(flushed)));
  const std::uint64_t recovered = all.db_->GetLatestSequenceNumber();
  if (recovered >= wanted) return {};
  return Fail(ErrorCode::kCorruption, "acknowledged writes are missing: commit " +
                                          std::to_string(wanted) + " was acknowledged, only " +
                                          std::to_string(recovered) + " is there");
}

Result<std::shared_ptr<RocksDb>> RocksDb::Open(const RocksOptions& options, Faults& faults) {
  rocksdb::Env* env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  std::uint64_t flushed = 0;
  if (env->FileExists((options.path / "CURRENT").string()).ok()) {
    RETURN_IF_ERROR(Probe(options, faults, flushed));
  } else if (!options.create || options.read_only) {
    return Fail(ErrorCode::kNotFound, "no metadata store in " + options.path.string());
  } else if (options.must_reach > CommitSeq{}) {
    return Fail(ErrorCode::kCorruption,
                "the metadata store " + options.path.string() + " is missing");
  }
  if (!options.read_only) {
    const rocksdb::Status made = env->CreateDirIfMissing(options.path.string());
    if (!made.ok())
      return Fail(IsNoSpace(made) ? ErrorCode::kDiskFull : ErrorCode::kIo, made.ToString());
  }
  std::shared_ptr<RocksDb> opened(new RocksDb(faults));
  RETURN_IF_ERROR(
      opened->OpenWith(options, options.read_only, false, std::make_shared<Replay>(flushed)));
  opened->hold_ = options.hold;
  return opened;
}

}  // namespace cairn::storage
