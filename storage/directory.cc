// OpenDirectory and OpenMemory: from a path to the stores, in the order that leaves a refused
// directory as it was.
#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/unicode.h"
#include "storage/commit.h"
#include "storage/data_directory.h"
#include "storage/engine.h"
#include "storage/local_blob_store.h"
#include "storage/memory_blob_store.h"
#include "storage/memory_kv.h"
#include "storage/records.h"
#include "storage/rocks_kv.h"

namespace cairn::storage {
namespace {

constexpr std::string_view kCounterPrefix = "counter/";
// Further than any id that a lost commit may have handed out.
constexpr std::uint64_t kJumpAfterLoss = std::uint64_t{1} << 20;

FormatRecord NewFormat(Random& random) {
  FormatRecord record;
  record.set_format(kFormat);
  record.set_oldest_reader(kOldestReader);
  record.set_written_by("cairn " CAIRN_VERSION);
  record.set_unicode(std::string(UnicodeVersion()));
  record.set_instance_id("oc" + random.Text(10, "abcdefghijklmnopqrstuvwxyz0123456789"));
  return record;
}

Result<void> WriteRecordDurably(KvStore& kv, std::string_view name, const FormatRecord& record) {
  auto write = [&](KvTxn& txn) -> Result<void> {
    WriteRecord(txn, Table::kSystem, name, record);
    return {};
  };
  return CommitBlocking(kv, {DirectoryKey()}, write);
}

// One durable transaction: clients look before they delete, and no id that a lost commit gave away
// comes again.
Result<FormatRecord> AcceptLoss(KvStore& kv, FormatRecord record, Random& random) {
  record.set_data_fingerprint(ToHex(random.Bytes(16)));
  auto jump = [&](KvTxn& txn) -> Result<void> {
    std::vector<std::pair<std::string, CounterRecord>> counters;
    bool good = true;
    auto visit = [&](std::string_view rest, std::string_view value) {
      CounterRecord counter;
      good = ParseInto(value, counter);
      counter.set_next_block(std::max<std::uint64_t>(counter.next_block(), 1) + kJumpAfterLoss);
      counters.emplace_back(std::string(kCounterPrefix).append(rest), std::move(counter));
      return good;
    };
    RETURN_IF_ERROR(txn.Scan(Table::kSystem, kCounterPrefix, {}, visit));
    if (!good) return BadRecord(CounterRecord());
    // A counter whose first block is lost has no row, but its ids are out there all the same.
    for (const std::string_view name : {keys::kFileIds, keys::kSpaceIds, keys::kUserIds}) {
      const auto same = [&](const auto& counter) { return counter.first == name; };
      if (std::any_of(counters.begin(), counters.end(), same)) continue;
      CounterRecord counter;
      counter.set_next_block(1 + kJumpAfterLoss);
      counters.emplace_back(name, std::move(counter));
    }
    for (const auto& [name, counter] : counters) WriteRecord(txn, Table::kSystem, name, counter);
    WriteRecord(txn, Table::kSystem, keys::kFormat, record);
    return {};
  };
  RETURN_IF_ERROR(CommitBlocking(kv, {DirectoryKey()}, jump));
  log::warn("accepted the loss of acknowledged writes: new data fingerprint {}",
            record.data_fingerprint());
  return record;
}

// Name keys are NFC of another Unicode version: a character that was unassigned then may have a
// normal form now.
Result<void> RecheckNames(const KvView& view) {
  const std::size_t parent_size = Big64(0).size();
  std::uint64_t changed = 0;
  std::string after;
  while (true) {
    std::string last;
    std::size_t seen = 0;
    auto visit = [&](std::string_view key, std::string_view) {
      last.assign(key);
      if (key.size() > parent_size && ReadBig64(key) != 0) {
        const std::string_view name = key.substr(parent_size);
        const auto normal = Nfc(name);
        if (normal.has_value() && *normal != name) ++changed;
      }
      return ++seen < 10'000;
    };
    RETURN_IF_ERROR(view.Scan(Table::kEntries, {}, after, visit));
    if (seen < 10'000) break;
    after = last;
  }
  if (changed == 0) return {};
  return Fail(ErrorCode::kUnsupported, std::to_string(changed) +
                                           " names have another normal form in Unicode " +
                                           std::string(UnicodeVersion()));
}

// The store's own format record: written when the directory is new, checked otherwise.
Result<FormatRecord> Settle(KvStore& kv, const FormatRecord& file, const EngineOptions& options,
                            Random& random) {
  const auto view = kv.Published();
  ASSIGN_OR_RETURN(auto found, ReadRecord<FormatRecord>(*view, Table::kSystem, keys::kFormat));
  if (!found.has_value()) {
    // A crash came between the format file and the first commit.
    if (options.read_only)
      return Fail(ErrorCode::kNotFound, "the data directory was never finished");
    RETURN_IF_ERROR(WriteRecordDurably(kv, keys::kFormat, file));
    found = file;
  }
  RETURN_IF_ERROR(CheckReadable(*found));
  if (found->instance_id() != file.instance_id()) {
    return Fail(ErrorCode::kCorruption, "the format file is that of " + file.instance_id() +
                                            ", the store that of " + found->instance_id());
  }
  if (found->unicode() != UnicodeVersion()) {
    RETURN_IF_ERROR(RecheckNames(*view));
    if (!options.read_only) {
      found->set_unicode(std::string(UnicodeVersion()));
      RETURN_IF_ERROR(WriteRecordDurably(kv, keys::kFormat, *found));
    }
  }
  if (options.accept_loss) return AcceptLoss(kv, std::move(*found), random);
  return std::move(*found);
}

// The format record of an existing data directory, or of one that is made now. Nothing is written
// to a directory that is refused for its format or content.
Result<FormatRecord> OpenFormat(const EngineOptions& options, Random& random, DiskOps& disk,
                                std::shared_ptr<void>& directory_lock) {
  const bool create = options.create && !options.read_only;
  RETURN_IF_ERROR(PrepareDirectory(options.directory, create));
  ASSIGN_OR_RETURN(const auto before, ReadFormatFile(options.directory));
  if (!before.has_value() && !create) {
    return Fail(ErrorCode::kNotFound, options.directory.string() + " is not a data directory");
  }
  if (!before.has_value()) RETURN_IF_ERROR(ClaimDirectory(options.directory));
  ASSIGN_OR_RETURN(directory_lock, LockDirectory(options.directory, options.read_only));
  ASSIGN_OR_RETURN(auto format,
                   ReadFormatFile(options.directory));  // now it cannot change any more
  if (format.has_value()) return std::move(*format);
  FormatRecord made = NewFormat(random);
  RETURN_IF_ERROR(WriteFormatFile(options.directory, made, disk));
  return made;
}

}  // namespace

Result<Backend> OpenDirectory(const EngineOptions& options, Clock&, Random& random) {
  if (options.read_only && options.accept_loss) {
    return Fail(ErrorCode::kInvalidArgument, "a loss cannot be accepted without writing");
  }
  Backend backend;
  DiskOps real_disk;
  DiskOps& disk = options.disk != nullptr ? *options.disk : real_disk;
  ASSIGN_OR_RETURN(const FormatRecord format,
                   OpenFormat(options, random, disk, backend.directory_lock));
  if (!options.read_only) ReleaseBallastIfFull(options.directory);
  backend.faults = std::make_unique<Faults>(options.directory.string(), options.reserve_bytes,
                                            options.on_broken);

  ASSIGN_OR_RETURN(std::shared_ptr<Watermark> watermark,
                   Watermark::Open(options.directory / "acknowledged", options.witness_path,
                                   format.instance_id(), options.disk));
  const CommitSeq acknowledged = watermark->at_open();
  if (acknowledged != CommitSeq{} &&
      !std::filesystem::exists(options.directory / "meta" / "CURRENT")) {
    // Never made anew, whatever loss was accepted: the collector would take every blob for garbage.
    return Fail(ErrorCode::kCorruption,
                "the metadata store of " + options.directory.string() + " is missing");
  }
  RocksOptions rocks;
  rocks.path = options.directory / "meta";
  rocks.block_cache_bytes = options.block_cache_bytes;
  rocks.write_buffer_bytes = options.write_buffer_bytes;
  rocks.env = options.env;
  rocks.create = acknowledged == CommitSeq{};
  rocks.read_only = options.read_only;
  rocks.must_reach = options.accept_loss ? CommitSeq{} : acknowledged;
  rocks.watermark = options.read_only ? nullptr : watermark;
  rocks.hold = backend.directory_lock;
  if (rocks.create && !options.read_only)
    RETURN_IF_ERROR(MakePrivateDirectory(options.directory, "meta", disk));
  ASSIGN_OR_RETURN(backend.kv, RocksKv::Open(rocks, *backend.faults));
  if (backend.kv->gate().passed() < rocks.must_reach) {
    return Fail(ErrorCode::kCorruption, "acknowledged writes are missing");
  }
  ASSIGN_OR_RETURN(const FormatRecord settled, Settle(*backend.kv, format, options, random));
  if (options.accept_loss) watermark->Flush();
  backend.identity = {settled.instance_id(), settled.data_fingerprint()};
  ASSIGN_OR_RETURN(backend.blobs, LocalBlobStore::Open(options.directory, *backend.faults, random,
                                                       options.read_only, options.disk));
  if (!options.read_only) {
    if (options.ballast) MakeBallast(options.directory, options.reserve_bytes);
    backend.faults->Refresh();
  }
  return backend;
}

Backend OpenMemory(Clock&, Random& random) {
  Backend backend;
  backend.faults = std::make_unique<Faults>("", 0, nullptr);
  backend.kv = std::make_unique<MemoryKv>();
  backend.blobs = std::make_unique<MemoryBlobStore>(random);
  const FormatRecord format = NewFormat(random);
  const auto written = WriteRecordDurably(*backend.kv, keys::kFormat, format);
  CAIRN_CHECK(written.has_value());
  backend.identity = {format.instance_id(), {}};
  return backend;
}

}  // namespace cairn::storage
