// A power-loss model for RocksDB: a file system that remembers what was written but not synced.
//
//   CrashFs fs(live);                                  // runs over the directory `live`
//   ... open a store with fs.env(), write, note fs.step() when something was acknowledged ...
//   fs.CrashAt(step, choice, after);                   // what a power cut at that step leaves, as
//   the directory `after`
//
// The model is POSIX at its worst: a file's bytes are safe once it was synced, a name (create,
// rename, delete) once its directory was synced, and of everything else any subset survives. A lost
// write before a surviving one reads as zeros. Syncs do not reach the real disk, which makes them
// fast. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace rocksdb {
class Env;
}

namespace cairn {

class CrashFs {
 public:
  // An unsynced write or change of a name, as CrashAt asks about it.
  struct Pending {
    std::string file;      // the name in its directory under which it was last known
    bool is_name = false;  // create, rename or delete; false: a write
    std::size_t index =
        0;  // among the pending ones of this file (of this directory, for names), from 0
    std::size_t count = 0;  // how many there are
    bool newest =
        false;  // of the file created last among those with pending writes; true for every name
  };
  // True: it survived the power cut.
  using Choice = std::function<bool(const Pending&)>;

  explicit CrashFs(std::filesystem::path live);
  ~CrashFs();

  rocksdb::Env* env();
  // Number of recorded operations so far: the place of "now" in the order of things.
  std::size_t step() const;
  // Builds `after` (made new) as it is after a power cut right after the first `step` operations.
  // Returns how many pending operations were asked about.
  std::size_t CrashAt(std::size_t step, const Choice& choice,
                      const std::filesystem::path& after) const;

  // Faults, until set back. Log files only.
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
  class Files;
  std::shared_ptr<Files> files_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace cairn
