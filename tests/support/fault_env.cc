#include "tests/support/fault_env.h"

#include <cstring>
#include <filesystem>
#include <utility>

namespace cairn {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;
using Call = FaultFs::Call;

std::string LastOf(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

// As RocksDB's own file system says it.
IOStatus StatusOf(int error, const std::string& name) {
  if (error == 0) return IOStatus::OK();
  if (error == ENOSPC) return IOStatus::NoSpace(name, std::strerror(error));
  return IOStatus::IOError(name, std::strerror(error));
}

}  // namespace

// A file that is written.
class FaultEnv::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(std::unique_ptr<rocksdb::FSWritableFile> file, FaultFs& fs, std::string name)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)), fs_(fs), name_(std::move(name)) {}

  // A short write is not RocksDB's business: its file system writes the rest itself.
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const FaultFs::Verdict verdict = fs_.Judge(Call::kWrite, name_);
    if (verdict.error == 0) return target()->Append(data, options, debug);
    if (verdict.half) {
      const IOStatus half = target()->Append({data.data(), data.size() / 2}, options, debug);
      if (!half.ok()) return half;
    }
    return StatusOf(verdict.error, name_);
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const FaultFs::Verdict verdict = fs_.Judge(Call::kSync, name_);
    return verdict.error == 0 ? target()->Sync(options, debug) : StatusOf(verdict.error, name_);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }

 private:
  FaultFs& fs_;
  const std::string name_;
};

class FaultEnv::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(std::unique_ptr<rocksdb::FSDirectory> directory, FaultFs& fs)
      : rocksdb::FSDirectoryWrapper(std::move(directory)), fs_(fs) {}
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    const FaultFs::Verdict verdict = fs_.Judge(Call::kSync, "meta");
    return verdict.error == 0 ? rocksdb::FSDirectoryWrapper::Fsync(options, debug)
                              : StatusOf(verdict.error, "meta");
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  FaultFs& fs_;
};

IOStatus FaultEnv::NewWritableFile(const std::string& path, const FileOptions& options,
                                   std::unique_ptr<rocksdb::FSWritableFile>* out,
                                   IODebugContext* debug) {
  const std::string name = LastOf(path);
  const FaultFs::Verdict verdict = fs_.Judge(Call::kMake, name);
  if (verdict.error != 0) return StatusOf(verdict.error, name);
  std::unique_ptr<rocksdb::FSWritableFile> file;
  const IOStatus done = target()->NewWritableFile(path, options, &file, debug);
  if (done.ok()) *out = std::make_unique<File>(std::move(file), fs_, name);
  return done;
}

IOStatus FaultEnv::NewRandomAccessFile(const std::string& path, const FileOptions& options,
                                       std::unique_ptr<rocksdb::FSRandomAccessFile>* out,
                                       IODebugContext* debug) {
  const std::string name = LastOf(path);
  const FaultFs::Verdict verdict = fs_.Judge(Call::kOpen, name);
  if (verdict.error != 0) return StatusOf(verdict.error, name);
  return target()->NewRandomAccessFile(path, options, out, debug);
}

IOStatus FaultEnv::NewDirectory(const std::string& path, const IOOptions& options,
                                std::unique_ptr<rocksdb::FSDirectory>* out, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  const IOStatus done = target()->NewDirectory(path, options, &directory, debug);
  if (done.ok()) *out = std::make_unique<Directory>(std::move(directory), fs_);
  return done;
}

IOStatus FaultEnv::RenameFile(const std::string& from, const std::string& to,
                              const IOOptions& options, IODebugContext* debug) {
  const FaultFs::Verdict verdict = fs_.Judge(Call::kMake, LastOf(to));
  if (verdict.error != 0) return StatusOf(verdict.error, LastOf(to));
  return target()->RenameFile(from, to, options, debug);
}

IOStatus FaultEnv::DeleteFile(const std::string& path, const IOOptions& options,
                              IODebugContext* debug) {
  const FaultFs::Verdict verdict = fs_.Judge(Call::kRemove, LastOf(path));
  if (verdict.error != 0) return StatusOf(verdict.error, LastOf(path));
  return target()->DeleteFile(path, options, debug);
}

}  // namespace cairn
