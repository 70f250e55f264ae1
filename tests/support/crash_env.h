// RocksDB's file system over a directory: everything goes to the real one, without syncs, and into
// a CrashLog. See tests/support/crash_fs.h.
#pragma once

#include <rocksdb/file_system.h>

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "tests/support/crash_log.h"

namespace cairn {

class CrashEnv final : public rocksdb::FileSystemWrapper {
 public:
  // Records files below `live`.
  CrashEnv(std::filesystem::path live, CrashLog& log);
  const char* Name() const override { return "CrashEnv"; }

  // Faults of log files; see CrashFs.
  void FailSyncs(bool fail) { Set(fail_syncs_, fail); }
  void FillDisk(bool full) { Set(full_, full); }
  void HoldSyncs(bool hold) { Set(hold_syncs_, hold); }
  std::size_t log_syncs() const;

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* out,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* out,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* out,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* out,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDir(const std::string& path, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& path, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* debug) override;

 private:
  class File;
  class Directory;
  std::string Relative(const std::string& path) const;
  rocksdb::IOStatus BeforeAppend(const std::string& name);
  rocksdb::IOStatus Sync(CrashLog::File file, const std::string& name);
  void Set(bool& flag, bool value);

  const std::filesystem::path live_;
  CrashLog& log_;
  mutable std::mutex mu_;
  std::condition_variable released_;
  bool fail_syncs_ = false;    // guarded by mu_
  bool full_ = false;          // guarded by mu_
  bool hold_syncs_ = false;    // guarded by mu_
  std::size_t log_syncs_ = 0;  // guarded by mu_
};

}  // namespace cairn
