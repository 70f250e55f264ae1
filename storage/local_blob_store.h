// Blobs as files: DIRECTORY/blobs/ab/ab0123…, 32 hex digits, in one of 256 shard directories named
// by the first two.
//
// A file is created under its final name, written, fsynced, its directory fsynced; only then does
// Finish return and a record may name it. A crash before leaves a file that no record names:
// garbage for SweepOrphanBlobs. Thread-safe. Blocking.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "base/random.h"
#include "storage/blob_store.h"
#include "storage/disk_ops.h"
#include "storage/faults.h"

namespace cairn::storage {

class LocalBlobStore final : public BlobStore {
 public:
  // Makes blobs/, its shards and quarantine/ in `data_dir`, which must exist, and makes them
  // durable. `read_only`: makes nothing and refuses whatever writes with kForbidden. `ops` (tests):
  // must outlive the store.
  static Result<std::unique_ptr<LocalBlobStore>> Open(std::filesystem::path data_dir,
                                                      Faults& faults, Random& random,
                                                      bool read_only = false,
                                                      DiskOps* ops = nullptr);

  Result<std::unique_ptr<BlobWriter>> Create(const ContentId& content) override;
  Result<std::unique_ptr<BlobReader>> Open(const BlobId& id) override;
  // Not made durable: a file that comes back after a crash is one that no record names.
  Result<void> Remove(const BlobId& id) override;
  Result<void> ForEach(
      FunctionRef<bool(const BlobId&, std::uint64_t, std::int64_t)> visit) override;
  Result<void> Quarantine(const BlobId& id) override;

 private:
  class Writer;
  LocalBlobStore(std::filesystem::path data_dir, Faults& faults, Random& random, bool read_only,
                 DiskOps* ops);
  Result<void> OpenDirectories();
  Result<OwnedFd> OpenDirectory(int at, const char* path);
  Result<void> MakeDirectory(int at, const char* path);
  // fsync of a directory below blobs/, or of blobs/ itself for ".".
  Result<void> SyncDirectory(int at, const char* path);
  Result<void> VisitShard(const char* shard,
                          FunctionRef<bool(const BlobId&, std::uint64_t, std::int64_t)> visit,
                          bool& go_on);
  bool IsUnfinished(const BlobId& id) const;
  void Finished(const BlobId& id);

  const std::filesystem::path data_dir_;
  Faults& faults_;
  Random& random_;
  const bool read_only_;
  DiskOps real_ops_;
  DiskOps& ops_;
  OwnedFd blobs_;
  OwnedFd quarantine_;
  mutable std::mutex mu_;
  std::unordered_set<BlobId> unfinished_;  // guarded by mu_
};

}  // namespace cairn::storage
