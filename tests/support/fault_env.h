// RocksDB's side of FaultFs: see tests/support/fault_fs.h.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

#include "tests/support/fault_fs.h"

namespace cairn {

class FaultEnv final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultEnv(FaultFs& fs)
      : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()), fs_(fs) {}
  const char* Name() const override { return "FaultEnv"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* out,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* out,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* out,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  class File;
  class Directory;
  FaultFs& fs_;
};

}  // namespace cairn
