// Reads a blob file's payload and verifies every 64 KiB chunk that a read touches before handing
// out a byte of it. What both blob stores return from Open. Not thread-safe; blocking. Whole chunks
// go straight to where the reader wants them. Memory: 256 KiB for reads of parts of chunks, and a
// slice of the table.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "storage/blob_format.h"
#include "storage/blob_store.h"

namespace cairn::storage {

// The bytes of a blob file as they are.
class RawBlob {
 public:
  virtual ~RawBlob() = default;
  virtual std::uint64_t size() const = 0;
  // Fills `room` from `offset` on. kCorruption when the file ends before; kIo.
  virtual Result<void> Read(std::uint64_t offset, std::span<char> room) = 0;
  // The same without waiting. False: not without, or not at all.
  virtual bool ReadNow(std::uint64_t offset, std::span<char> room) = 0;
};

class VerifiedReader final : public BlobReader {
 public:
  // Verifies table and footer. kCorruption; kUnsupported: a codec this program cannot read.
  static Result<std::unique_ptr<BlobReader>> Open(std::unique_ptr<RawBlob> raw, const BlobId& id);

  std::uint64_t length() const override { return footer_.length; }
  const ContentId& content() const override { return footer_.content; }
  Result<void> Read(std::uint64_t offset, std::size_t size, std::string& out) override;
  // Of whole chunks, once the table's slice for them is there.
  bool ReadNow(std::uint64_t offset, std::size_t size, std::string& out) override;

 private:
  VerifiedReader(std::unique_ptr<RawBlob> raw, const BlobFooter& footer)
      : raw_(std::move(raw)), footer_(footer) {}
  // How many of `size` bytes at `offset` are whole chunks, the last one of the payload included.
  std::size_t WholeChunks(std::uint64_t offset, std::size_t size) const;
  // Fills `room`, whole chunks from `offset` on, and verifies each. Not to be used after an error.
  Result<void> ReadChunks(std::uint64_t offset, std::span<char> room);
  Result<void> VerifyChunks(std::uint64_t offset, std::string_view bytes);
  Result<void> LoadWindow(std::uint64_t offset);
  bool HasEntry(std::uint64_t index) const {
    return index >= slice_first_ && index - slice_first_ < slice_.size() / kBlobTableEntrySize;
  }
  // The table's entry, loading its slice when need be.
  Result<std::string_view> TableEntry(std::uint64_t index);

  const std::unique_ptr<RawBlob> raw_;
  const BlobFooter footer_;
  std::string window_;  // verified payload bytes at window_at_
  std::uint64_t window_at_ = 0;
  std::string slice_;  // table entries from slice_first_ on
  std::uint64_t slice_first_ = 0;
};

}  // namespace cairn::storage
