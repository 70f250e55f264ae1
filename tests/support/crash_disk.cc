#include "tests/support/crash_disk.h"

#include <fcntl.h>

#include <utility>

#include "base/error.h"

namespace cairn {

CrashDisk::CrashDisk(const std::filesystem::path& live, CrashLog& log)
    : live_(std::filesystem::canonical(live)), log_(log) {}

std::string CrashDisk::NameOf(int directory) const {
  const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(directory));
  const std::string name = path.lexically_relative(live_).string();
  CAIRN_CHECK(!name.starts_with(".."));
  return name == "." ? std::string() : name;
}

std::string CrashDisk::NameOf(int directory, const char* path) const {
  const std::string parent = NameOf(directory);
  return parent.empty() ? path : parent + "/" + path;
}

CrashLog::File CrashDisk::FileOf(int fd) const {
  const std::lock_guard lock(mu_);
  const auto found = written_.find(fd);
  CAIRN_CHECK(found != written_.end());
  return found->second;
}

int CrashDisk::Open(int at, const char* path, int flags, mode_t mode) {
  const int fd = DiskOps::Open(at, path, flags, mode);
  if (fd < 0 || (flags & O_ACCMODE) == O_RDONLY) return fd;
  const std::string name = NameOf(at, path);
  const auto known = log_.Find(name);
  const CrashLog::File file = known ? *known : log_.Created(name);
  if (known && (flags & O_TRUNC) != 0) log_.Truncated(file, 0);
  const std::lock_guard lock(mu_);
  written_[fd] = file;
  return fd;
}

int CrashDisk::Close(int fd) {
  {
    const std::lock_guard lock(mu_);
    written_.erase(fd);
  }
  return DiskOps::Close(fd);
}

ssize_t CrashDisk::Write(int fd, const char* data, std::size_t size, std::uint64_t offset) {
  const ssize_t put = DiskOps::Write(fd, data, size, offset);
  if (put > 0) log_.Wrote(FileOf(fd), offset, {data, static_cast<std::size_t>(put)});
  return put;
}

int CrashDisk::SyncFile(int fd) {
  log_.Synced(FileOf(fd), log_.step());
  return 0;
}

int CrashDisk::SyncDirectory(int fd) {
  log_.SyncedDirectory(NameOf(fd));
  return 0;
}

int CrashDisk::Unlink(int at, const char* path) {
  const int done = DiskOps::Unlink(at, path);
  if (done == 0) log_.Removed(NameOf(at, path));
  return done;
}

int CrashDisk::Rename(int from_at, const char* from, int to_at, const char* to) {
  const int done = DiskOps::Rename(from_at, from, to_at, to);
  if (done == 0) log_.Renamed(NameOf(from_at, from), NameOf(to_at, to));
  return done;
}

int CrashDisk::Replace(int at, const char* from, const char* to) {
  const int done = DiskOps::Replace(at, from, to);
  if (done == 0) log_.Renamed(NameOf(at, from), NameOf(at, to));
  return done;
}

int CrashDisk::MakeDirectory(int at, const char* path, mode_t mode) {
  const int done = DiskOps::MakeDirectory(at, path, mode);
  if (done == 0) log_.MadeDirectory(NameOf(at, path));
  return done;
}

}  // namespace cairn
