// Blobs in memory, in the bytes of blob format v1: for tests. Nothing survives. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/random.h"
#include "storage/blob_store.h"

namespace cairn::storage {

class MemoryBlobStore final : public BlobStore {
 public:
  explicit MemoryBlobStore(Random& random);

  Result<std::unique_ptr<BlobWriter>> Create(const ContentId& content) override;
  Result<std::unique_ptr<BlobReader>> Open(const BlobId& id) override;
  Result<void> Remove(const BlobId& id) override;
  Result<void> ForEach(
      FunctionRef<bool(const BlobId&, std::uint64_t, std::int64_t)> visit) override;
  Result<void> Quarantine(const BlobId& id) override;

  // Test hooks. A reader that is open keeps the bytes it was opened with.
  std::size_t count() const;
  std::string FileBytes(const BlobId& id) const;  // empty when there is no such blob
  void SetFileBytes(const BlobId& id,
                    std::string file_bytes);  // any damage; makes the blob when it is not there
  void FlipBit(const BlobId& id, std::uint64_t bit);
  void Truncate(const BlobId& id, std::uint64_t file_size);
  void Age(std::int64_t seconds);  // every blob of now looks older by this

 private:
  class Writer;
  struct File {
    std::shared_ptr<const std::string> bytes;
    std::int64_t age_seconds = 0;
  };
  Random& random_;
  mutable std::mutex mu_;
  std::map<BlobId, File> files_;        // guarded by mu_
  std::map<BlobId, File> quarantined_;  // guarded by mu_
};

}  // namespace cairn::storage
