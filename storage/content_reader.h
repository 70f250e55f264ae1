// An open content, made by ContentStore::Open (storage/content_store.h).
// Not thread-safe. Every call may block.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/blob_store.h"
#include "storage/kv_store.h"
#include "storage/read_lease.h"
#include "storage/records.pb.h"

namespace cairn::storage {

// Reads a content's plain bytes, verified.
class ContentReader {
 public:
  std::uint64_t size() const { return size_; }
  // Up to `length` bytes at `offset` into `out`; shorter only at the end. kCorruption: a bad or
  // missing blob.
  Result<void> Read(std::uint64_t offset, std::size_t length, std::string& out);

 private:
  friend class ContentStore;
  Result<void> LoadManifest(const KvView& view, const Content& record);
  Result<void> OpenPart(std::size_t part);
  struct Part {
    std::uint64_t offset;
    std::uint64_t length;
    BlobId blob;
  };
  BlobStore* blobs_ = nullptr;
  ContentId id_;
  ReadLease lease_;
  std::uint64_t size_ = 0;
  std::string inline_bytes_;
  std::vector<Part> parts_;  // empty for inline contents
  std::unique_ptr<BlobReader> open_;
  std::size_t open_part_ = 0;
};

}  // namespace cairn::storage
