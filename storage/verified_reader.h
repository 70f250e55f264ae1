// Reads a blob file's payload and verifies every 64 KiB chunk that a read touches before handing
// out a byte of it. What both blob stores return from Open. Not thread-safe; blocking. Memory: 256
// KiB and a slice of the table.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/blob_format.h"
#include "storage/blob_store.h"

namespace cairn::storage {

// The bytes of a blob file as they are.
class RawBlob {
 public:
  virtual ~RawBlob() = default;
  virtual std::uint64_t size() const = 0;
  // Exactly `size` bytes at `offset` into `out`. kCorruption when the file ends before; kIo.
  virtual Result<void> Read(std::uint64_t offset, std::size_t size, std::string& out) = 0;
};

class VerifiedReader final : public BlobReader {
 public:
  // Verifies table and footer. kCorruption; kUnsupported: a codec this program cannot read.
  static Result<std::unique_ptr<BlobReader>> Open(std::unique_ptr<RawBlob> raw, const BlobId& id);

  std::uint64_t length() const override { return footer_.length; }
  const ContentId& content() const override { return footer_.content; }
  Result<void> Read(std::uint64_t offset, std::size_t size, std::string& out) override;

 private:
  VerifiedReader(std::unique_ptr<RawBlob> raw, const BlobFooter& footer)
      : raw_(std::move(raw)), footer_(footer) {}
  Result<void> LoadWindow(std::uint64_t offset);
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
