// What was done to a directory, in one order, and what a power cut leaves of it.
//
// The model is POSIX nearly at its worst: a file's bytes are safe once the file was synced, a name
// (create, rename, delete, mkdir) once its directory was synced, and of everything else any subset
// survives. A lost write before a surviving one reads as zeros; a write is not torn. What every
// journalling file system gives, and RocksDB relies on when it replaces CURRENT: a rename survives
// whole or not at all, is safe once one of its two directories was synced, and does not overtake
// earlier changes of names there.
// Names are relative to the directory, "a/b"; the directory itself is "". Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

// An unsynced write or change of a name, as a power cut asks about it.
struct PendingChange {
  std::string file;       // the name under which it was last known
  bool is_name = false;   // create, rename, delete, mkdir; false: a write
  std::size_t index = 0;  // among the pending ones of this file (of its directory, for names)
  std::size_t count = 0;  // how many there are
  bool newest = false;    // of the file created last among those with pending writes, or a name
};
// True: it survived the power cut.
using CrashChoice = std::function<bool(const PendingChange&)>;

// The content of a directory.
struct DiskImage {
  std::map<std::string, std::string> files;
  std::set<std::string> directories;
  std::size_t asked = 0;  // how many pending changes there were

  // Makes `directory` anew, for the owner alone.
  void Write(const std::filesystem::path& directory) const;
  // Equal for equal content.
  std::uint64_t Digest() const;
};

class CrashLog {
 public:
  using File = std::size_t;

  // What is in `live` already counts as synced.
  explicit CrashLog(const std::filesystem::path& live);

  // How many changes and syncs there were so far: the place of "now" in the order of things.
  std::size_t step() const;
  // What is left when the power fails right after the first `step` of them.
  DiskImage ImageAt(std::size_t step, const CrashChoice& choice) const;

  // The file that has this name now.
  std::optional<File> Find(const std::string& name) const;
  File Created(const std::string& name);  // an empty file
  void Wrote(File file, std::uint64_t offset, std::string_view data);
  void Truncated(File file, std::uint64_t size);
  void Renamed(const std::string& from, const std::string& to);
  void Removed(const std::string& name);
  void MadeDirectory(const std::string& name);
  // The sync covers the first `up_to` steps: those that were taken when it began.
  void Synced(File file, std::size_t up_to);
  void SyncedDirectory(const std::string& name);

 private:
  struct Event;
  class Replay;
  void Adopt(const std::filesystem::path& live);
  void Record(Event event);  // needs mu_

  mutable std::mutex mu_;
  std::vector<std::shared_ptr<const Event>> events_;  // guarded by mu_
  std::map<std::string, File> names_;                 // guarded by mu_
  File next_file_ = 1;                                // guarded by mu_
};

}  // namespace cairn
