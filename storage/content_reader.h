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
  // Up to `length` bytes at `offset` into `out`, whose size becomes theirs; shorter only at the
  // end. Fastest into the buffer of the last read. kCorruption: a bad or missing blob; `out` holds
  // nothing then.
  Result<void> Read(std::uint64_t offset, std::size_t length, std::string& out);
  // As Read, all of `length` bytes within the content, if that needs no waiting for a disk. False:
  // Read knows more; `out` holds nothing then. Never blocks.
  bool ReadNow(std::uint64_t offset, std::size_t length, std::string& out);

 private:
  friend class ContentStore;
  Result<void> LoadManifest(const KvView& view, const Content& record);
  Result<void> OpenPart(std::size_t part);
  std::size_t PartAt(std::uint64_t offset) const;
  // Up to the end of the part.
  Result<void> ReadPart(std::size_t part, std::uint64_t offset, std::size_t length,
                        std::string& out);
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
