// The system calls of the blob store, one virtual function each, so that tests can fail the N-th
// call and record their order. Every function returns what the call returns, or -errno.
// Thread-safe; blocking.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace cairn::storage {

class DiskOps {
 public:
  virtual ~DiskOps() = default;

  // Opens `path` below the directory `at`: no symbolic link is followed, nothing outside `at` is
  // reached (openat2 with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS). O_CLOEXEC is added.
  virtual int Open(int at, const char* path, int flags, mode_t mode);
  virtual int Close(int fd);
  virtual ssize_t Write(int fd, const char* data, std::size_t size, std::uint64_t offset);
  virtual ssize_t Read(int fd, char* data, std::size_t size, std::uint64_t offset);
  // Starts writing the range to the disk; waits for nothing.
  virtual int StartWriteback(int fd, std::uint64_t offset, std::uint64_t size);
  virtual int SyncFile(int fd);       // fdatasync: data and size
  virtual int SyncDirectory(int fd);  // fsync
  virtual int Unlink(int at, const char* path);
  // Moves a file; -EEXIST when the target exists.
  virtual int Rename(int from_at, const char* from, int to_at, const char* to);
  virtual int MakeDirectory(int at, const char* path, mode_t mode);
  virtual int Stat(int fd, struct stat& out);
};

}  // namespace cairn::storage
