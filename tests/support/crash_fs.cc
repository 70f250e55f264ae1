#include "tests/support/crash_fs.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "base/error.h"

namespace cairn {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

enum class Op { kCreate, kAppend, kTruncate, kSync, kRename, kDelete, kSyncDirectory };

struct Event {
  Op op;
  std::size_t file = 0;      // create, append, truncate, sync
  std::string name{};        // create, rename (from), delete
  std::string other{};       // rename (to)
  std::string data{};        // append
  std::uint64_t offset = 0;  // append; truncate: the new size
  std::size_t up_to = 0;     // sync: covers the events before this one
};

bool IsLog(std::string_view name) { return name.ends_with(".log"); }

// What the replay of the events knows about one file.
struct FileState {
  std::string durable;
  std::vector<std::pair<std::size_t, const Event*>> pending;  // with their positions
  std::string name;

  static void Apply(const Event& event, std::string& content) {
    if (event.op == Op::kTruncate) {
      content.resize(event.offset, '\0');
      return;
    }
    const std::size_t end = event.offset + event.data.size();
    if (content.size() < end) content.resize(end, '\0');
    content.replace(event.offset, event.data.size(), event.data);
  }
  void Sync(std::size_t up_to) {
    auto first_kept = pending.begin();
    for (; first_kept != pending.end() && first_kept->first < up_to; ++first_kept) {
      Apply(*first_kept->second, durable);
    }
    pending.erase(pending.begin(), first_kept);
  }
};

struct DirectoryState {
  std::map<std::string, std::size_t> durable;  // name -> file
  std::vector<std::pair<std::size_t, const Event*>> pending;

  static void Apply(const Event& event, std::map<std::string, std::size_t>& names) {
    if (event.op == Op::kCreate) {
      names[event.name] = event.file;
    } else if (event.op == Op::kDelete) {
      names.erase(event.name);
    } else if (const auto from = names.find(event.name); from != names.end()) {
      names[event.other] = from->second;
      names.erase(event.name);
    }
  }
  void Sync(std::size_t up_to) {
    auto first_kept = pending.begin();
    for (; first_kept != pending.end() && first_kept->first < up_to; ++first_kept) {
      Apply(*first_kept->second, durable);
    }
    pending.erase(pending.begin(), first_kept);
  }
};

}  // namespace

class CrashFs::Files final : public rocksdb::FileSystemWrapper {
 public:
  explicit Files(std::filesystem::path live)
      : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()), live_(std::move(live)) {
    Adopt();
  }
  const char* Name() const override { return "CrashFs"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* out,
                           IODebugContext* debug) override;
  IOStatus ReopenWritableFile(const std::string&, const FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("CrashFs: reopen");
  }
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("CrashFs: reuse");
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* out, IODebugContext* debug) override;
  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* debug) override {
    const std::lock_guard lock(mu_);
    const IOStatus done = target()->DeleteFile(path, options, debug);
    if (done.ok()) Record({.op = Op::kDelete, .name = Relative(path)});
    return done;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    const std::lock_guard lock(mu_);
    const IOStatus done = target()->RenameFile(from, to, options, debug);
    if (!done.ok()) return done;
    const auto file = open_.find(Relative(from));
    if (file != open_.end()) {
      open_[Relative(to)] = file->second;
      open_.erase(Relative(from));
    }
    Record({.op = Op::kRename, .name = Relative(from), .other = Relative(to)});
    return done;
  }
  IOStatus LinkFile(const std::string&, const std::string&, const IOOptions&,
                    IODebugContext*) override {
    return IOStatus::NotSupported("CrashFs: link");
  }

  // For the files it opened.
  IOStatus BeforeAppend(const std::string& name) {
    const std::lock_guard lock(mu_);
    if (full_ && IsLog(name)) return IOStatus::NoSpace("CrashFs: full");
    return IOStatus::OK();
  }
  void Appended(std::size_t file, std::uint64_t offset, const Slice& data) {
    const std::lock_guard lock(mu_);
    Record({.op = Op::kAppend, .file = file, .data = data.ToString(), .offset = offset});
  }
  void Truncated(std::size_t file, std::uint64_t size) {
    const std::lock_guard lock(mu_);
    Record({.op = Op::kTruncate, .file = file, .offset = size});
  }
  IOStatus Sync(std::size_t file, const std::string& name) {
    std::unique_lock lock(mu_);
    const std::size_t up_to = events_.size();  // what is appended from now on may miss this sync
    if (IsLog(name)) {
      released_.wait(lock, [&] { return !hold_syncs_; });
      ++log_syncs_;
      if (fail_syncs_) return IOStatus::IOError("CrashFs: sync failed");
    }
    Record({.op = Op::kSync, .file = file, .up_to = up_to});
    return IOStatus::OK();
  }
  void SyncedDirectory() {
    const std::lock_guard lock(mu_);
    Record({.op = Op::kSyncDirectory, .up_to = events_.size()});
  }

  std::size_t CrashAt(std::size_t step, const Choice& choice, const std::filesystem::path& after);

  std::size_t step() {
    const std::lock_guard lock(mu_);
    return events_.size();
  }
  std::size_t log_syncs() {
    const std::lock_guard lock(mu_);
    return log_syncs_;
  }
  void Set(bool Files::*flag, bool value) {
    {
      const std::lock_guard lock(mu_);
      this->*flag = value;
    }
    released_.notify_all();
  }
  bool fail_syncs_ = false;  // guarded by mu_
  bool full_ = false;        // guarded by mu_
  bool hold_syncs_ = false;  // guarded by mu_

 private:
  // What is in the directory already counts as synced.
  void Adopt();
  void Record(Event event) {
    events_.push_back(std::make_shared<const Event>(std::move(event)));
  }  // needs mu_
  std::string Relative(const std::string& path) const {
    return std::filesystem::path(path).lexically_relative(live_).string();
  }

  const std::filesystem::path live_;
  std::mutex mu_;
  std::condition_variable released_;
  std::vector<std::shared_ptr<const Event>> events_;  // guarded by mu_
  std::map<std::string, std::size_t> open_;           // guarded by mu_; name -> file
  std::size_t files_ = 0;                             // guarded by mu_
  std::size_t log_syncs_ = 0;                         // guarded by mu_
};

namespace {

// A file that is written: everything goes to the real one, and into the record.
template <class Files>
class RecordedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  RecordedFile(std::unique_ptr<rocksdb::FSWritableFile> file, Files& files, std::size_t id,
               std::string name)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)),
        files_(files),
        id_(id),
        name_(std::move(name)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus room = files_.BeforeAppend(name_);
    if (!room.ok()) return room;
    const IOStatus done = target()->Append(data, options, debug);
    if (done.ok()) {
      files_.Appended(id_, size_, data);
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
    return IOStatus::NotSupported("CrashFs: positioned append");
  }
  IOStatus PositionedAppend(const Slice&, std::uint64_t, const IOOptions&,
                            const rocksdb::DataVerificationInfo&, IODebugContext*) override {
    return IOStatus::NotSupported("CrashFs: positioned append");
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus done = target()->Truncate(size, options, debug);
    if (done.ok() && size != size_) {
      files_.Truncated(id_, size);
      size_ = size;
    }
    return done;
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return files_.Sync(id_, name_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return files_.Sync(id_, name_); }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  Files& files_;
  const std::size_t id_;
  const std::string name_;
  std::uint64_t size_ = 0;
};

template <class Files>
class RecordedDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  RecordedDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, Files& files)
      : rocksdb::FSDirectoryWrapper(std::move(directory)), files_(files) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    files_.SyncedDirectory();
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  Files& files_;
};

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

void CrashFs::Files::Adopt() {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(live_)) {
    if (!entry.is_regular_file()) continue;
    const std::string name = Relative(entry.path().string());
    const std::size_t file = files_++;
    open_[name] = file;
    Record({.op = Op::kCreate, .file = file, .name = name});
    Record({.op = Op::kAppend, .file = file, .data = ReadAll(entry.path())});
    Record({.op = Op::kSync, .file = file, .up_to = events_.size()});
  }
  Record({.op = Op::kSyncDirectory, .up_to = events_.size()});
}

IOStatus CrashFs::Files::NewWritableFile(const std::string& path, const FileOptions& options,
                                         std::unique_ptr<rocksdb::FSWritableFile>* out,
                                         IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  const std::lock_guard lock(mu_);
  const IOStatus done = target()->NewWritableFile(path, options, &file, debug);
  if (!done.ok()) return done;
  const std::size_t id = files_++;
  open_[Relative(path)] = id;
  Record({.op = Op::kCreate, .file = id, .name = Relative(path)});
  *out = std::make_unique<RecordedFile<Files>>(std::move(file), *this, id, Relative(path));
  return done;
}

IOStatus CrashFs::Files::NewDirectory(const std::string& path, const IOOptions& options,
                                      std::unique_ptr<rocksdb::FSDirectory>* out,
                                      IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  const IOStatus done = target()->NewDirectory(path, options, &directory, debug);
  if (done.ok()) *out = std::make_unique<RecordedDirectory<Files>>(std::move(directory), *this);
  return done;
}

std::size_t CrashFs::Files::CrashAt(std::size_t step, const Choice& choice,
                                    const std::filesystem::path& after) {
  std::vector<std::shared_ptr<const Event>> events;
  {
    const std::lock_guard lock(mu_);
    CAIRN_CHECK(step <= events_.size());
    events.assign(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(step));
  }
  std::map<std::size_t, FileState> files;
  DirectoryState names;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = *events[i];
    switch (event.op) {
      case Op::kAppend:
      case Op::kTruncate:
        files[event.file].pending.emplace_back(i, &event);
        break;
      case Op::kSync:
        files[event.file].Sync(event.up_to);
        break;
      case Op::kSyncDirectory:
        names.Sync(event.up_to);
        break;
      case Op::kCreate:
        files[event.file].name = event.name;
        [[fallthrough]];
      case Op::kRename:
      case Op::kDelete:
        names.pending.emplace_back(i, &event);
        break;
    }
  }

  std::size_t asked = 0;
  std::optional<std::size_t> newest;
  for (const auto& [id, file] : files) {
    if (!file.pending.empty()) newest = id;
  }
  for (std::size_t i = 0; i < names.pending.size(); ++i, ++asked) {
    const Event& event = *names.pending[i].second;
    if (choice({event.name, true, i, names.pending.size(), true}))
      DirectoryState::Apply(event, names.durable);
  }
  std::filesystem::remove_all(after);
  std::filesystem::create_directories(after);
  for (const auto& [name, id] : names.durable) {
    FileState& file = files[id];
    for (std::size_t i = 0; i < file.pending.size(); ++i, ++asked) {
      const Pending pending{name, false, i, file.pending.size(), newest == id};
      if (choice(pending)) FileState::Apply(*file.pending[i].second, file.durable);
    }
    std::filesystem::create_directories((after / name).parent_path());
    std::ofstream(after / name, std::ios::binary) << file.durable;
  }
  return asked;
}

CrashFs::CrashFs(std::filesystem::path live)
    : files_(std::make_shared<Files>(std::move(live))), env_(rocksdb::NewCompositeEnv(files_)) {}
CrashFs::~CrashFs() = default;

rocksdb::Env* CrashFs::env() { return env_.get(); }
std::size_t CrashFs::step() const { return files_->step(); }
std::size_t CrashFs::log_syncs() const { return files_->log_syncs(); }
std::size_t CrashFs::CrashAt(std::size_t step, const Choice& choice,
                             const std::filesystem::path& after) const {
  return files_->CrashAt(step, choice, after);
}
void CrashFs::FailSyncs(bool fail) { files_->Set(&Files::fail_syncs_, fail); }
void CrashFs::FillDisk(bool full) { files_->Set(&Files::full_, full); }
void CrashFs::HoldSyncs(bool hold) { files_->Set(&Files::hold_syncs_, hold); }

}  // namespace cairn
