#include "storage/disk_ops.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

namespace cairn::storage {
namespace {

template <class T>
T OrErrno(T value) {
  return value < 0 ? static_cast<T>(-errno) : value;
}

// Where the kernel (before 5.6) or a sandbox has no openat2: one component after the other, none a
// link.
int OpenStepwise(int at, const char* path, int flags, mode_t mode) {
  const std::string whole(path);
  const std::size_t slash = whole.find('/');
  if (slash == std::string::npos) return OrErrno(::openat(at, path, flags | O_NOFOLLOW, mode));
  const int parent =
      ::openat(at, whole.substr(0, slash).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (parent < 0) return -errno;
  const int fd = OpenStepwise(parent, path + slash + 1, flags, mode);
  ::close(parent);
  return fd;
}

}  // namespace

int DiskOps::OpenTop(const char* path) {
  return OrErrno(::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

int DiskOps::Open(int at, const char* path, int flags, mode_t mode) {
  flags |= O_CLOEXEC;
  open_how how{};
  how.flags = static_cast<unsigned long long>(flags);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  const long fd = ::syscall(SYS_openat2, at, path, &how, sizeof how);
  if (fd >= 0) return static_cast<int>(fd);
  if (errno == ENOSYS || errno == EPERM) return OpenStepwise(at, path, flags, mode);
  return -errno;
}

int DiskOps::Close(int fd) { return OrErrno(::close(fd)); }

ssize_t DiskOps::Write(int fd, const char* data, std::size_t size, std::uint64_t offset) {
  return OrErrno(::pwrite(fd, data, size, static_cast<off_t>(offset)));
}

ssize_t DiskOps::Read(int fd, char* data, std::size_t size, std::uint64_t offset) {
  return OrErrno(::pread(fd, data, size, static_cast<off_t>(offset)));
}

ssize_t DiskOps::ReadNow(int fd, char* data, std::size_t size, std::uint64_t offset) {
  const iovec room{data, size};
  return OrErrno(::preadv2(fd, &room, 1, static_cast<off_t>(offset), RWF_NOWAIT));
}

int DiskOps::StartWriteback(int fd, std::uint64_t offset, std::uint64_t size) {
  return OrErrno(::sync_file_range(fd, static_cast<off_t>(offset), static_cast<off_t>(size),
                                   SYNC_FILE_RANGE_WRITE));
}

int DiskOps::SyncFile(int fd) { return OrErrno(::fdatasync(fd)); }
int DiskOps::SyncDirectory(int fd) { return OrErrno(::fsync(fd)); }
int DiskOps::Unlink(int at, const char* path) { return OrErrno(::unlinkat(at, path, 0)); }

int DiskOps::Rename(int from_at, const char* from, int to_at, const char* to) {
  return OrErrno(::renameat2(from_at, from, to_at, to, RENAME_NOREPLACE));
}

int DiskOps::Replace(int at, const char* from, const char* to) {
  return OrErrno(::renameat(at, from, at, to));
}

int DiskOps::MakeDirectory(int at, const char* path, mode_t mode) {
  return OrErrno(::mkdirat(at, path, mode));
}
int DiskOps::Stat(int fd, struct stat& out) { return OrErrno(::fstat(fd, &out)); }

OwnedFd& OwnedFd::operator=(OwnedFd&& other) noexcept {
  std::swap(ops_, other.ops_);
  std::swap(fd_, other.fd_);
  return *this;
}

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) ops_->Close(fd_);
}

}  // namespace cairn::storage
