#include "tests/support/crash_env.h"

#include <thread>
#include <utility>

namespace cairn {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

bool IsLog(std::string_view name) { return name.ends_with(".log"); }

}  // namespace

// A file that is written.
class CrashEnv::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(std::unique_ptr<rocksdb::FSWritableFile> file, CrashEnv& env, CrashLog::File id,
       std::string name)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)),
        env_(env),
        id_(id),
        name_(std::move(name)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus room = env_.BeforeAppend(name_);
    if (!room.ok()) return room;
    const IOStatus done = target()->Append(data, options, debug);
    if (done.ok()) {
      env_.log_.Wrote(id_, size_, {data.data(), data.size()});
      size_ += data.size();
    }
    return done;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const Slice&, std::uint64_t, const IOOptions&,
                            IODebugContext*) override {
    return IOStatus::NotSupported("CrashEnv: positioned append");
  }
  IOStatus PositionedAppend(const Slice&, std::uint64_t, const IOOptions&,
                            const rocksdb::DataVerificationInfo&, IODebugContext*) override {
    return IOStatus::NotSupported("CrashEnv: positioned append");
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus done = target()->Truncate(size, options, debug);
    if (done.ok() && size != size_) {
      env_.log_.Truncated(id_, size);
      size_ = size;
    }
    return done;
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return env_.Sync(id_, name_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return env_.Sync(id_, name_); }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  CrashEnv& env_;
  const CrashLog::File id_;
  const std::string name_;
  std::uint64_t size_ = 0;
};

class CrashEnv::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(std::unique_ptr<rocksdb::FSDirectory> directory, CrashEnv& env, std::string name)
      : rocksdb::FSDirectoryWrapper(std::move(directory)), env_(env), name_(std::move(name)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    env_.log_.SyncedDirectory(name_);
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  CrashEnv& env_;
  const std::string name_;
};

CrashEnv::CrashEnv(std::filesystem::path live, CrashLog& log)
    : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()),
      live_(std::move(live)),
      log_(log) {}

std::string CrashEnv::Relative(const std::string& path) const {
  const std::string name = std::filesystem::path(path).lexically_relative(live_).string();
  return name == "." ? std::string() : name;
}

std::size_t CrashEnv::log_syncs() const {
  const std::lock_guard lock(mu_);
  return log_syncs_;
}

void CrashEnv::Set(bool& flag, bool value) {
  {
    const std::lock_guard lock(mu_);
    flag = value;
  }
  released_.notify_all();
}

IOStatus CrashEnv::BeforeAppend(const std::string& name) {
  const std::lock_guard lock(mu_);
  if (full_ && IsLog(name)) return IOStatus::NoSpace("CrashEnv: full");
  return IOStatus::OK();
}

IOStatus CrashEnv::Sync(CrashLog::File file, const std::string& name) {
  const std::size_t up_to = log_.step();  // what is appended from now on may miss this sync
  std::this_thread::yield();              // others may append now
  if (IsLog(name)) {
    std::unique_lock lock(mu_);
    released_.wait(lock, [&] { return !hold_syncs_; });
    ++log_syncs_;
    if (fail_syncs_) return IOStatus::IOError("CrashEnv: sync failed");
  }
  log_.Synced(file, up_to);
  return IOStatus::OK();
}

IOStatus CrashEnv::NewWritableFile(const std::string& path, const FileOptions& options,
                                   std::unique_ptr<rocksdb::FSWritableFile>* out,
                                   IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  const IOStatus done = target()->NewWritableFile(path, options, &file, debug);
  if (!done.ok()) return done;
  const std::string name = Relative(path);
  const CrashLog::File id = log_.Created(name);
  *out = std::make_unique<File>(std::move(file), *this, id, name);
  return done;
}

IOStatus CrashEnv::ReopenWritableFile(const std::string&, const FileOptions&,
                                      std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("CrashEnv: reopen");
}

IOStatus CrashEnv::ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                                     std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("CrashEnv: reuse");
}

IOStatus CrashEnv::NewDirectory(const std::string& path, const IOOptions& options,
                                std::unique_ptr<rocksdb::FSDirectory>* out, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  const IOStatus done = target()->NewDirectory(path, options, &directory, debug);
  if (done.ok()) *out = std::make_unique<Directory>(std::move(directory), *this, Relative(path));
  return done;
}

IOStatus CrashEnv::DeleteFile(const std::string& path, const IOOptions& options,
                              IODebugContext* debug) {
  const IOStatus done = target()->DeleteFile(path, options, debug);
  if (done.ok()) log_.Removed(Relative(path));
  return done;
}

IOStatus CrashEnv::RenameFile(const std::string& from, const std::string& to,
                              const IOOptions& options, IODebugContext* debug) {
  const IOStatus done = target()->RenameFile(from, to, options, debug);
  if (done.ok()) log_.Renamed(Relative(from), Relative(to));
  return done;
}

IOStatus CrashEnv::LinkFile(const std::string&, const std::string&, const IOOptions&,
                            IODebugContext*) {
  return IOStatus::NotSupported("CrashEnv: link");
}

IOStatus CrashEnv::CreateDir(const std::string& path, const IOOptions& options,
                             IODebugContext* debug) {
  const IOStatus done = target()->CreateDir(path, options, debug);
  if (done.ok()) log_.MadeDirectory(Relative(path));
  return done;
}

IOStatus CrashEnv::CreateDirIfMissing(const std::string& path, const IOOptions& options,
                                      IODebugContext* debug) {
  if (std::filesystem::is_directory(path)) return IOStatus::OK();
  return CreateDir(path, options, debug);
}

}  // namespace cairn
