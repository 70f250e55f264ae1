// Bytes on their way to becoming a content: how storage/content_store.h receives them.
// Not thread-safe. Every call may block.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "storage/blob_store.h"
#include "storage/records.pb.h"

namespace cairn::storage {

// A finished content that no record names yet.
struct NewContent {
  ContentId id;  // empty() for an empty file: no content record at all
  Content record;
  std::string inline_bytes;         // kind inline
  std::optional<BlobId> blob;       // kind blob
  std::vector<Checksum> checksums;  // of the kinds asked for, in that order
  std::uint64_t size() const { return record.size(); }
};

// Receives bytes: in memory up to the inline limit, then in a blob. Dropping it unfinished removes
// what it wrote.
class ContentIngest {
 public:
  ~ContentIngest();
  Result<void> Append(Bytes data);
  std::uint64_t length() const { return length_; }
  // True while nothing was written: Finish does not block.
  bool in_memory() const { return writer_ == nullptr; }
  // Makes a blob durable. Once only.
  Result<NewContent> Finish();

 private:
  friend class ContentStore;
  ContentIngest(BlobStore& blobs, ContentId id, std::size_t inline_limit,
                std::span<const HashKind> kinds);
  BlobStore& blobs_;
  const ContentId id_;
  const std::size_t inline_limit_;
  Result<void> Store(Bytes data);
  std::vector<Hasher> hashers_;
  std::string buffer_;
  std::unique_ptr<BlobWriter> writer_;
  std::uint64_t length_ = 0;
  bool over_ = false;  // finished, or an Append failed: what came after would hide a hole
};

}  // namespace cairn::storage
