// The system calls that write to a data directory outside the metadata store, one virtual function
// each, so that tests can fail the N-th call, record their order and cut the power between them.
// Every function returns what the call returns, or -errno. Thread-safe; blocking.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace cairn::storage {

class DiskOps {
 public:
  virtual ~DiskOps() = default;

  // Opens a directory wherever its path leads: links on the way to a data directory are the
  // operator's business.
  virtual int OpenTop(const char* path);
  // Opens `path` below the directory `at`: no symbolic link is followed, nothing outside `at` is
  // reached (openat2 with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS). O_CLOEXEC is added.
  virtual int Open(int at, const char* path, int flags, mode_t mode);
  virtual int Close(int fd);
  virtual ssize_t Write(int fd, const char* data, std::size_t size, std::uint64_t offset);
  virtual ssize_t Read(int fd, char* data, std::size_t size, std::uint64_t offset);
  // As Read, but only what is in memory: -EAGAIN when the disk would have to be asked. Never
  // blocks.
  virtual ssize_t ReadNow(int fd, char* data, std::size_t size, std::uint64_t offset);
  // Starts writing the range to the disk; waits for nothing.
  virtual int StartWriteback(int fd, std::uint64_t offset, std::uint64_t size);
  virtual int SyncFile(int fd);       // fdatasync: data and size
  virtual int SyncDirectory(int fd);  // fsync
  virtual int Unlink(int at, const char* path);
  // Moves a file; -EEXIST when the target exists.
  virtual int Rename(int from_at, const char* from, int to_at, const char* to);
  // Moves a file over the one that is there, if any; both in the directory `at`.
  virtual int Replace(int at, const char* from, const char* to);
  virtual int MakeDirectory(int at, const char* path, mode_t mode);
  virtual int Stat(int fd, struct stat& out);
};

// A file descriptor that is closed when it goes. Negative = none.
class OwnedFd {
 public:
  OwnedFd() = default;
  OwnedFd(DiskOps& ops, int fd) : ops_(&ops), fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : ops_(other.ops_), fd_(std::exchange(other.fd_, -1)) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept;
  ~OwnedFd();
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  DiskOps* ops_ = nullptr;
  int fd_ = -1;
};

}  // namespace cairn::storage
