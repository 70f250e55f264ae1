#include "tests/support/fault_fs.h"

#include <rocksdb/env.h>

#include <cerrno>
#include <filesystem>
#include <map>

#include "tests/support/fault_env.h"

namespace cairn {
namespace {

constexpr std::string_view kWatermark = "acknowledged";

bool Changes(FaultFs::Call call) {
  return call != FaultFs::Call::kOpen && call != FaultFs::Call::kRead;
}

// What a full disk refuses. A sync may be the first to say so where space is given out late.
bool NeedsSpace(FaultFs::Call call) {
  return call == FaultFs::Call::kMake || call == FaultFs::Call::kWrite ||
         call == FaultFs::Call::kSync;
}

// Written by RocksDB's own threads.
bool OfTables(std::string_view name) {
  return name.ends_with(".sst") || name.ends_with(".dbtmp") || name.starts_with("MANIFEST") ||
         name.starts_with("OPTIONS") || name == "CURRENT" || name == "meta";
}

std::string_view NameOf(FaultFs::Call call) {
  constexpr std::string_view kNames[] = {"open", "make", "write", "sync", "remove", "read"};
  return kNames[static_cast<std::size_t>(call)];
}

}  // namespace

// The system calls of the blob store and its neighbours.
class FaultFs::Disk final : public storage::DiskOps {
 public:
  explicit Disk(FaultFs& fs) : fs_(fs) {}

  int Open(int at, const char* path, int flags, mode_t mode) override {
    const std::string name(path);
    const bool makes = (flags & 0100) != 0;  // O_CREAT
    const Verdict verdict = fs_.Judge(makes ? Call::kMake : Call::kOpen, name);
    if (verdict.error != 0) return -verdict.error;
    const int fd = DiskOps::Open(at, path, flags, mode);
    const std::lock_guard lock(mu_);
    if (fd >= 0) names_[fd] = name;
    return fd;
  }
  int Close(int fd) override {
    {
      const std::lock_guard lock(mu_);
      names_.erase(fd);
    }
    return DiskOps::Close(fd);
  }
  ssize_t Write(int fd, const char* data, std::size_t size, std::uint64_t offset) override {
    const Verdict verdict = fs_.Judge(Call::kWrite, Name(fd));
    if (verdict.half && size > 1) return DiskOps::Write(fd, data, size / 2, offset);
    if (verdict.error != 0) return -verdict.error;
    return DiskOps::Write(fd, data, size, offset);
  }
  ssize_t Read(int fd, char* data, std::size_t size, std::uint64_t offset) override {
    const Verdict verdict = fs_.Judge(Call::kRead, Name(fd));
    return verdict.error != 0 ? -verdict.error : DiskOps::Read(fd, data, size, offset);
  }
  // Nothing is in memory: what can fail is Read.
  ssize_t ReadNow(int, char*, std::size_t, std::uint64_t) override { return -EAGAIN; }
  int SyncFile(int fd) override {
    const Verdict verdict = fs_.Judge(Call::kSync, Name(fd));
    return verdict.error != 0 ? -verdict.error : DiskOps::SyncFile(fd);
  }
  int SyncDirectory(int fd) override {
    const Verdict verdict = fs_.Judge(Call::kSync, Name(fd));
    return verdict.error != 0 ? -verdict.error : DiskOps::SyncDirectory(fd);
  }
  int Unlink(int at, const char* path) override {
    const Verdict verdict = fs_.Judge(Call::kRemove, path);
    return verdict.error != 0 ? -verdict.error : DiskOps::Unlink(at, path);
  }
  int Replace(int at, const char* from, const char* to) override {
    const Verdict verdict = fs_.Judge(Call::kMake, to);
    return verdict.error != 0 ? -verdict.error : DiskOps::Replace(at, from, to);
  }
  int MakeDirectory(int at, const char* path, mode_t mode) override {
    const Verdict verdict = fs_.Judge(Call::kMake, path);
    return verdict.error != 0 ? -verdict.error : DiskOps::MakeDirectory(at, path, mode);
  }

 private:
  std::string Name(int fd) const {
    const std::lock_guard lock(mu_);
    const auto found = names_.find(fd);
    return found == names_.end() ? std::string("a directory") : found->second;
  }

  FaultFs& fs_;
  mutable std::mutex mu_;
  std::map<int, std::string> names_;  // guarded by mu_; by descriptor
};

FaultFs::FaultFs()
    : disk_(std::make_unique<Disk>(*this)),
      env_(rocksdb::NewCompositeEnv(std::make_shared<FaultEnv>(*this))) {}
FaultFs::~FaultFs() = default;

rocksdb::Env* FaultFs::env() { return env_.get(); }
storage::DiskOps& FaultFs::disk() { return *disk_; }

void FaultFs::Arm(Kind kind, std::size_t number) {
  const std::lock_guard lock(mu_);
  kind_ = kind;
  left_ = number;
  lasts_ = false;
  failed_.clear();
}

bool FaultFs::Disarm() {
  const std::lock_guard lock(mu_);
  left_ = 0;
  lasts_ = false;
  return !failed_.empty();
}

std::string FaultFs::failed() const {
  const std::lock_guard lock(mu_);
  return failed_;
}

void FaultFs::Die() {
  const std::lock_guard lock(mu_);
  dead_ = true;
}

bool FaultFs::Hits(Call call) const {
  switch (kind_) {
    case Kind::kIoError:
      return true;
    case Kind::kNoSpace:
      return NeedsSpace(call);
    case Kind::kShortWrite:
      return call == Call::kWrite;
    case Kind::kTooManyOpen:
      return call == Call::kOpen || call == Call::kMake;
  }
  return false;
}

FaultFs::Verdict FaultFs::Judge(Call call, std::string_view name) {
  const std::lock_guard lock(mu_);
  if (name == kWatermark) return {};
  if (dead_ && Changes(call) && !OfTables(name)) return {.error = EIO, .half = false};
  if (!Hits(call) || (kind_ == Kind::kTooManyOpen && OfTables(name))) return {};
  const bool now = left_ == 1 && !OfTables(name);
  if (left_ > 0 && !OfTables(name)) --left_;
  if (!now && !lasts_) return {};
  if (now) failed_ = std::string(NameOf(call)) + " " + std::string(name);
  switch (kind_) {
    case Kind::kIoError:
      return {.error = EIO, .half = false};
    case Kind::kNoSpace:
      lasts_ = true;
      return {.error = ENOSPC, .half = now && call == Call::kWrite};
    case Kind::kShortWrite:
      return {.error = 0, .half = true};
    case Kind::kTooManyOpen:
      lasts_ = true;
      return {.error = EMFILE, .half = false};
  }
  return {};
}

}  // namespace cairn
