#include "storage/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "base/log.h"
#include "storage/records.h"
#include "storage/schema.h"

namespace cairn::storage {
namespace {

// A file descriptor that closes itself.
struct Fd {
  explicit Fd(int opened) : fd(opened) {}
  ~Fd() {
    if (fd >= 0) ::close(fd);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int fd;
};

Error FromErrno(const std::filesystem::path& path, int error = errno) {
  const ErrorCode code = error == ENOSPC || error == EDQUOT ? ErrorCode::kDiskFull
                         : error == EACCES || error == EPERM || error == EROFS
                             ? ErrorCode::kForbidden
                         : error == ENOENT ? ErrorCode::kNotFound
                                           : ErrorCode::kIo;
  return Fail(code, path.string() + ": " + std::strerror(error));
}

Result<void> SyncDirectory(const std::filesystem::path& directory) {
  const Fd opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.fd < 0 || ::fsync(opened.fd) != 0) return FromErrno(directory);
  return {};
}

std::uint64_t FreeBytes(const std::filesystem::path& directory) {
  struct statvfs info {};
  if (::statvfs(directory.c_str(), &info) != 0) return 0;
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace

Result<void> PrepareDirectory(const std::filesystem::path& directory, bool create) {
  struct stat info {};
  if (::stat(directory.c_str(), &info) != 0) {
    if (errno != ENOENT || !create) return FromErrno(directory);
    if (::mkdir(directory.c_str(), 0700) != 0) return FromErrno(directory);
    const auto parent = std::filesystem::absolute(directory).lexically_normal().parent_path();
    return SyncDirectory(parent);
  }
  if (!S_ISDIR(info.st_mode)) {
    return Fail(ErrorCode::kInvalidArgument, directory.string() + " is not a directory");
  }
  const bool ours = ::access((directory / "format").c_str(), F_OK) == 0;
  if (ours && (info.st_mode & 0027) != 0) {
    return Fail(ErrorCode::kForbidden,
                directory.string() + " is open to others: chmod 0700 it first");
  }
  return {};
}

Result<std::optional<FormatRecord>> ReadFormatFile(const std::filesystem::path& directory) {
  const auto path = directory / "format";
  const Fd opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.fd < 0) {
    if (errno == ENOENT) return std::optional<FormatRecord>();
    return FromErrno(path);
  }
  std::string bytes(4096, '\0');
  const ssize_t got = ::read(opened.fd, bytes.data(), bytes.size());
  if (got < 0) return FromErrno(path);
  bytes.resize(static_cast<std::size_t>(got));
  ASSIGN_OR_RETURN(FormatRecord record, Parse<FormatRecord>(bytes));
  RETURN_IF_ERROR(CheckReadable(record));
  return std::optional<FormatRecord>(std::move(record));
}

Result<void> CheckReadable(const FormatRecord& record) {
  if (record.format() == 0 || record.oldest_reader() == 0) {
    return Fail(ErrorCode::kCorruption, "the format record is damaged");
  }
  if (record.oldest_reader() <= kFormat) return {};
  return Fail(ErrorCode::kUnsupported,
              "this data directory has format " + std::to_string(record.format()) +
                  ", written by " + record.written_by() + "; this version reads up to format " +
                  std::to_string(kFormat));
}

Result<void> WriteFormatFile(const std::filesystem::path& directory, const FormatRecord& record,
                             DiskOps& ops) {
  const auto temporary = directory / "format.new";
  const std::string bytes = Serialize(record);
  const OwnedFd top(ops, ops.OpenTop(directory.c_str()));
  if (top.get() < 0) return FromErrno(directory, -top.get());
  {
    const OwnedFd file(ops, ops.Open(top.get(), "format.new", O_WRONLY | O_CREAT | O_TRUNC, 0600));
    if (file.get() < 0) return FromErrno(temporary, -file.get());
    const ssize_t written = ops.Write(file.get(), bytes.data(), bytes.size(), 0);
    if (written < 0) return FromErrno(temporary, static_cast<int>(-written));
    if (static_cast<std::size_t>(written) != bytes.size()) {
      return Fail(ErrorCode::kDiskFull, temporary.string() + ": short write");
    }
    if (const int synced = ops.SyncFile(file.get()); synced < 0)
      return FromErrno(temporary, -synced);
  }
  if (const int moved = ops.Replace(top.get(), "format.new", "format"); moved < 0)
    return FromErrno(temporary, -moved);
  if (const int synced = ops.SyncDirectory(top.get()); synced < 0)
    return FromErrno(directory, -synced);
  return {};
}

Result<void> ClaimDirectory(const std::filesystem::path& directory) {
  constexpr std::array<std::string_view, 4> kHarmless = {"LOCK", "format.new", "lost+found",
                                                         "ballast"};
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (std::find(kHarmless.begin(), kHarmless.end(), name) != kHarmless.end()) continue;
    return Fail(ErrorCode::kInvalidArgument,
                directory.string() + " is not empty and has no format record: it contains " + name);
  }
  if (error) return Fail(ErrorCode::kIo, directory.string() + ": " + error.message());
  if (::chmod(directory.c_str(), 0700) != 0) return FromErrno(directory);
  return {};
}

Result<void> MakePrivateDirectory(const std::filesystem::path& directory, const std::string& name,
                                  DiskOps& ops) {
  const OwnedFd top(ops, ops.OpenTop(directory.c_str()));
  if (top.get() < 0) return FromErrno(directory, -top.get());
  if (const int made = ops.MakeDirectory(top.get(), name.c_str(), 0700); made < 0)
    return made == -EEXIST ? Result<void>() : FromErrno(directory / name, -made);
  if (const int synced = ops.SyncDirectory(top.get()); synced < 0)
    return FromErrno(directory, -synced);
  return {};
}

Result<std::shared_ptr<void>> LockDirectory(const std::filesystem::path& directory,
                                            bool read_only) {
  const auto path = directory / "LOCK";
  const int flags = read_only ? O_RDONLY : O_RDWR | O_CREAT;
  auto opened = std::make_shared<Fd>(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (opened->fd < 0) {
    if (read_only && errno == ENOENT) return std::shared_ptr<void>();
    return FromErrno(path);
  }
  if (::flock(opened->fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return FromErrno(path);
    return Fail(ErrorCode::kBusy, directory.string() + " is in use by another process");
  }
  return std::shared_ptr<void>(std::move(opened));
}

void ReleaseBallastIfFull(const std::filesystem::path& directory) {
  const auto path = directory / "ballast";
  if (FreeBytes(directory) >= kBallastBytes || ::unlink(path.c_str()) != 0) return;
  log::warn("the disk of {} is full: released the ballast of {} bytes", directory.string(),
            kBallastBytes);
}

void MakeBallast(const std::filesystem::path& directory, std::uint64_t reserve) {
  const auto path = directory / "ballast";
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && static_cast<std::uint64_t>(info.st_size) == kBallastBytes)
    return;
  if (FreeBytes(directory) < reserve + 2 * kBallastBytes) return;
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  // Blocks that are allocated, not a hole: only they give space back.
  const int error =
      file.fd < 0 ? errno : ::posix_fallocate(file.fd, 0, static_cast<off_t>(kBallastBytes));
  if (error == 0) return;
  ::unlink(path.c_str());
  log::warn("cannot make the ballast {}: {}", path.string(), std::strerror(error));
}

}  // namespace cairn::storage
