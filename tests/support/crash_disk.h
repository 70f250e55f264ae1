// The system calls of the blob store and its neighbours over a directory: everything goes to the
// real one, without syncs, and into a CrashLog. See tests/support/crash_fs.h.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "storage/disk_ops.h"
#include "tests/support/crash_log.h"

namespace cairn {

class CrashDisk final : public storage::DiskOps {
 public:
  // Records files below `live`, which exists.
  CrashDisk(const std::filesystem::path& live, CrashLog& log);

  int Open(int at, const char* path, int flags, mode_t mode) override;
  int Close(int fd) override;
  ssize_t Write(int fd, const char* data, std::size_t size, std::uint64_t offset) override;
  // Begins something and promises nothing: not recorded.
  int StartWriteback(int, std::uint64_t, std::uint64_t) override { return 0; }
  int SyncFile(int fd) override;
  int SyncDirectory(int fd) override;
  int Unlink(int at, const char* path) override;
  int Rename(int from_at, const char* from, int to_at, const char* to) override;
  int Replace(int at, const char* from, const char* to) override;
  int MakeDirectory(int at, const char* path, mode_t mode) override;

 private:
  std::string NameOf(int directory) const;
  std::string NameOf(int directory, const char* path) const;
  CrashLog::File FileOf(int fd) const;

  const std::filesystem::path live_;  // without symbolic links
  CrashLog& log_;
  mutable std::mutex mu_;
  std::map<int, CrashLog::File> written_;  // guarded by mu_; by descriptor
};

}  // namespace cairn
