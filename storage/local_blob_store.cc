#include "storage/local_blob_store.h"

#include <dirent.h>
#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/log.h"
#include "storage/blob_encoder.h"
#include "storage/verified_reader.h"

namespace cairn::storage {
namespace {

constexpr std::uint64_t kWritebackStep = 8u << 20;
constexpr std::uint64_t kRefreshStep =
    64u << 20;  // the free space is looked at this often while one blob grows

std::string ShardName(const BlobId& id) { return id.Hex().substr(0, 2); }
std::string FilePath(const BlobId& id) {
  const std::string hex = id.Hex();
  return hex.substr(0, 2) + "/" + hex;
}

std::string ShardName(int number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {kDigits[static_cast<std::size_t>(number >> 4)],
          kDigits[static_cast<std::size_t>(number & 15)]};
}

Error ReadFailed(int code, std::string_view what) {
  return Fail(ErrorCode::kIo, std::string(what) + ": " + std::strerror(code));
}

// Too many open files is the moment's trouble, not the disk's.
Error OpenFailed(int code, std::string_view what) {
  if (code == EMFILE || code == ENFILE) return Fail(ErrorCode::kBusy, "too many open files");
  return ReadFailed(code, what);
}

Error ReadOnly() { return Fail(ErrorCode::kForbidden, "the data directory is open read-only"); }

class FileRaw final : public RawBlob {
 public:
  FileRaw(DiskOps& ops, OwnedFd fd, std::uint64_t size)
      : ops_(ops), fd_(std::move(fd)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  Result<void> Read(std::uint64_t offset, std::span<char> room) override {
    while (!room.empty()) {
      const ssize_t got = ops_.Read(fd_.get(), room.data(), room.size(), offset);
      if (got == -EINTR) continue;
      if (got < 0) return ReadFailed(static_cast<int>(-got), "read of a blob");
      if (got == 0) return Fail(ErrorCode::kCorruption, "the blob ends too early");
      room = room.subspan(static_cast<std::size_t>(got));
      offset += static_cast<std::uint64_t>(got);
    }
    return {};
  }
  bool ReadNow(std::uint64_t offset, std::span<char> room) override {
    const ssize_t got = ops_.ReadNow(fd_.get(), room.data(), room.size(), offset);
    return got >= 0 && static_cast<std::size_t>(got) == room.size();
  }

 private:
  DiskOps& ops_;
  const OwnedFd fd_;
  const std::uint64_t size_;
};

}  // namespace

// ---- writing

class LocalBlobStore::Writer final : public BlobWriter {
 public:
  Writer(LocalBlobStore& store, const BlobId& blob, const ContentId& content, OwnedFd fd)
      : store_(store), fd_(std::move(fd)), encoder_(blob, content) {}

  ~Writer() override {
    if (done_) return;
    const int removed = store_.ops_.Unlink(store_.blobs_.get(), FilePath(id()).c_str());
    if (removed < 0 && removed != -ENOENT) {
      log::warn("blob {}: unfinished and not removed: {}", id().Hex(), std::strerror(-removed));
    }
    store_.Finished(id());
  }

  const BlobId& id() const override { return encoder_.blob(); }
  std::uint64_t length() const override { return encoder_.length(); }

  Result<void> Append(Bytes data) override {
    RETURN_IF_ERROR(store_.faults_.CheckMayGrow());
    auto sink = [this](std::string_view bytes) { return Write(bytes); };
    return encoder_.Append(data, sink);
  }

  Result<void> Finish() override {
    auto sink = [this](std::string_view bytes) { return Write(bytes); };
    RETURN_IF_ERROR(encoder_.Finish(sink));
    const std::string name = "blob " + id().Hex();
    if (const int synced = store_.ops_.SyncFile(fd_.get()); synced < 0)
      return store_.faults_.OnSyncError(-synced, name);
    if (const int closed = store_.ops_.Close(fd_.Release()); closed < 0 && closed != -EINTR)
      return store_.faults_.OnSyncError(-closed, name);
    RETURN_IF_ERROR(store_.SyncDirectory(store_.blobs_.get(), ShardName(id()).c_str()));
    done_ = true;
    store_.Finished(id());
    if (written_ >= kWritebackStep) store_.faults_.Refresh();
    return {};
  }

 private:
  Result<void> Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t put = store_.ops_.Write(fd_.get(), bytes.data(), bytes.size(), written_);
      if (put == -EINTR) continue;
      if (put <= 0)
        return store_.faults_.OnWriteError(put == 0 ? EIO : static_cast<int>(-put),
                                           "write of a blob");
      written_ += static_cast<std::uint64_t>(put);
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    if (written_ - started_ >= kWritebackStep) {
      // Only a hint: what fails here fails again in fdatasync, which counts.
      store_.ops_.StartWriteback(fd_.get(), started_, written_ - started_);
      if (written_ / kRefreshStep != started_ / kRefreshStep) store_.faults_.Refresh();
      started_ = written_;
    }
    return {};
  }

  LocalBlobStore& store_;
  OwnedFd fd_;
  BlobEncoder encoder_;
  std::uint64_t written_ = 0;
  std::uint64_t started_ = 0;  // write-back was started up to here
  bool done_ = false;
};

// ---- opening

LocalBlobStore::LocalBlobStore(std::filesystem::path data_dir, Faults& faults, Random& random,
                               bool read_only, DiskOps* ops)
    : data_dir_(std::move(data_dir)),
      faults_(faults),
      random_(random),
      read_only_(read_only),
      ops_(ops != nullptr ? *ops : real_ops_) {}

Result<std::unique_ptr<LocalBlobStore>> LocalBlobStore::Open(std::filesystem::path data_dir,
                                                             Faults& faults, Random& random,
                                                             bool read_only, DiskOps* ops) {
  std::unique_ptr<LocalBlobStore> store(
      new LocalBlobStore(std::move(data_dir), faults, random, read_only, ops));
  RETURN_IF_ERROR(store->OpenDirectories());
  return store;
}

Result<void> LocalBlobStore::OpenDirectories() {
  const int top = ops_.OpenTop(data_dir_.c_str());
  if (top < 0) return ReadFailed(-top, "open of " + data_dir_.string());
  const OwnedFd data(ops_, top);
  if (!read_only_) {
    RETURN_IF_ERROR(MakeDirectory(top, "blobs"));
    RETURN_IF_ERROR(MakeDirectory(top, "quarantine"));
  }
  ASSIGN_OR_RETURN(blobs_, OpenDirectory(top, "blobs"));
  if (read_only_) return {};
  ASSIGN_OR_RETURN(quarantine_, OpenDirectory(top, "quarantine"));
  for (int number = 0; number < 256; ++number) {
    RETURN_IF_ERROR(MakeDirectory(blobs_.get(), ShardName(number).c_str()));
  }
  RETURN_IF_ERROR(SyncDirectory(blobs_.get(), "."));
  return SyncDirectory(top, ".");
}

Result<OwnedFd> LocalBlobStore::OpenDirectory(int at, const char* path) {
  const int fd = ops_.Open(at, path, O_RDONLY | O_DIRECTORY, 0);
  if (fd < 0) return OpenFailed(-fd, "open of directory " + std::string(path));
  return OwnedFd(ops_, fd);
}

Result<void> LocalBlobStore::MakeDirectory(int at, const char* path) {
  const int made = ops_.MakeDirectory(at, path, 0700);
  if (made < 0 && made != -EEXIST) return faults_.OnWriteError(-made, "mkdir " + std::string(path));
  return {};
}

Result<void> LocalBlobStore::SyncDirectory(int at, const char* path) {
  ASSIGN_OR_RETURN(const OwnedFd directory, OpenDirectory(at, path));
  if (const int synced = ops_.SyncDirectory(directory.get()); synced < 0)
    return faults_.OnSyncError(-synced, "directory " + std::string(path));
  return {};
}

// ---- the store

Result<std::unique_ptr<BlobWriter>> LocalBlobStore::Create(const ContentId& content) {
  if (read_only_) return ReadOnly();
  RETURN_IF_ERROR(faults_.CheckMayGrow());
  const BlobId id = random_.NewBlobId();
  {
    std::lock_guard lock(mu_);
    unfinished_.insert(id);
  }
  const int fd = ops_.Open(blobs_.get(), FilePath(id).c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (fd < 0) {
    Finished(id);
    if (fd == -EMFILE || fd == -ENFILE) return OpenFailed(-fd, "create of a blob");
    return faults_.OnWriteError(-fd, "create of blob " + id.Hex());
  }
  return std::unique_ptr<BlobWriter>(
      std::make_unique<Writer>(*this, id, content, OwnedFd(ops_, fd)));
}

Result<std::unique_ptr<BlobReader>> LocalBlobStore::Open(const BlobId& id) {
  const int raw = ops_.Open(blobs_.get(), FilePath(id).c_str(), O_RDONLY | O_NONBLOCK, 0);
  if (raw == -ENOENT) return Fail(ErrorCode::kNotFound, "no blob " + id.Hex());
  if (raw < 0) return OpenFailed(-raw, "open of blob " + id.Hex());
  OwnedFd fd(ops_, raw);
  struct stat about {};
  if (const int known = ops_.Stat(fd.get(), about); known < 0)
    return ReadFailed(-known, "stat of blob " + id.Hex());
  if (!S_ISREG(about.st_mode))
    return Fail(ErrorCode::kCorruption, "blob " + id.Hex() + " is not a file");
  return VerifiedReader::Open(
      std::make_unique<FileRaw>(ops_, std::move(fd), static_cast<std::uint64_t>(about.st_size)),
      id);
}

Result<void> LocalBlobStore::Remove(const BlobId& id) {
  if (read_only_) return ReadOnly();
  const int removed = ops_.Unlink(blobs_.get(), FilePath(id).c_str());
  if (removed < 0 && removed != -ENOENT)
    return faults_.OnWriteError(-removed, "unlink of blob " + id.Hex());
  return {};
}

Result<void> LocalBlobStore::Quarantine(const BlobId& id) {
  if (read_only_) return ReadOnly();
  const int moved =
      ops_.Rename(blobs_.get(), FilePath(id).c_str(), quarantine_.get(), id.Hex().c_str());
  if (moved == -ENOENT) return Fail(ErrorCode::kNotFound, "no blob " + id.Hex());
  if (moved == -EEXIST)
    return Fail(ErrorCode::kAlreadyExists, "blob " + id.Hex() + " is in quarantine already");
  if (moved < 0) return faults_.OnWriteError(-moved, "quarantine of blob " + id.Hex());
  RETURN_IF_ERROR(SyncDirectory(quarantine_.get(), "."));
  return SyncDirectory(blobs_.get(), ShardName(id).c_str());
}

Result<void> LocalBlobStore::ForEach(
    FunctionRef<bool(const BlobId&, std::uint64_t, std::int64_t)> visit) {
  bool go_on = true;
  for (int number = 0; number < 256 && go_on; ++number) {
    RETURN_IF_ERROR(VisitShard(ShardName(number).c_str(), visit, go_on));
  }
  return {};
}

Result<void> LocalBlobStore::VisitShard(
    const char* shard, FunctionRef<bool(const BlobId&, std::uint64_t, std::int64_t)> visit,
    bool& go_on) {
  const int fd = ops_.Open(blobs_.get(), shard, O_RDONLY | O_DIRECTORY, 0);
  if (fd == -ENOENT && read_only_) return {};
  if (fd < 0) return OpenFailed(-fd, "open of shard " + std::string(shard));
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(fd), &::closedir);
  if (directory == nullptr) {
    const int code = errno;
    ops_.Close(fd);
    return ReadFailed(code, "listing of shard " + std::string(shard));
  }
  while (go_on) {
    errno = 0;
    const dirent* const item = ::readdir(directory.get());
    if (item == nullptr) return errno == 0 ? Result<void>() : ReadFailed(errno, "listing of shard");
    const std::string_view name(item->d_name);
    const auto id = BlobId::FromHex(name);
    if (!id || id->Hex() != name || !name.starts_with(shard) || IsUnfinished(*id)) continue;
    struct stat about {};
    if (::fstatat(fd, item->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // removed meanwhile
      return ReadFailed(errno, "stat of blob " + id->Hex());
    }
    if (!S_ISREG(about.st_mode)) continue;
    go_on =
        visit(*id, static_cast<std::uint64_t>(about.st_size), std::time(nullptr) - about.st_mtime);
  }
  return {};
}

bool LocalBlobStore::IsUnfinished(const BlobId& id) const {
  std::lock_guard lock(mu_);
  return unfinished_.contains(id);
}

void LocalBlobStore::Finished(const BlobId& id) {
  std::lock_guard lock(mu_);
  unfinished_.erase(id);
}

}  // namespace cairn::storage
