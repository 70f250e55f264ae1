// A power-loss model for a data directory: RocksDB and the blob files write through it, and what
// was not synced when the power fails may be lost, of both together.
//
//   CrashFs fs(live);                                  // over the directory `live`
//   ... open a store with fs.env() and fs.disk(), write, note fs.step() when something was
//   acknowledged ...
//   fs.CrashAt(step, choice, after);                   // what a power cut at that step leaves, as
//   the directory `after`
//
// tests/support/crash_log.h says what survives. Steps of both halves are in one order. Syncs do not
// reach the real disk, which makes them fast. Thread-safe.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "storage/disk_ops.h"
#include "tests/support/crash_log.h"

namespace rocksdb {
class Env;
}

namespace cairn {

class CrashDisk;
class CrashEnv;

class CrashFs {
 public:
  using Pending = PendingChange;
  using Choice = CrashChoice;

  // `live` exists; what is in it counts as synced.
  explicit CrashFs(const std::filesystem::path& live);
  ~CrashFs();

  rocksdb::Env* env();
  storage::DiskOps& disk();
  // Number of recorded operations so far: the place of "now" in the order of things.
  std::size_t step() const { return log_.step(); }
  // What is left after a power cut right after the first `step` operations.
  DiskImage ImageAt(std::size_t step, const Choice& choice) const {
    return log_.ImageAt(step, choice);
  }
  // The same, as the directory `after` (made new). Returns how many pending operations were asked
  // about.
  std::size_t CrashAt(std::size_t step, const Choice& choice,
                      const std::filesystem::path& after) const;

  // Faults, until set back. RocksDB's log files only.
  void FailSyncs(bool fail);
  void FillDisk(bool full);  // appends fail with ENOSPC
  // Syncs of log files wait until set back.
  void HoldSyncs(bool hold);
  // Syncs of log files so far.
  std::size_t log_syncs() const;

  static bool None(const Pending&) { return false; }
  static bool All(const Pending&) { return true; }
  static bool NewestFileOnly(const Pending& pending) { return pending.newest; }

 private:
  CrashLog log_;
  std::unique_ptr<CrashDisk> disk_;
  std::shared_ptr<CrashEnv> files_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace cairn
