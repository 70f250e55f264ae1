#include "storage/verified_reader.h"

#include <algorithm>

namespace cairn::storage {
namespace {

constexpr std::uint64_t kWindow = 4 * kBlobChunk;
constexpr std::uint64_t kSliceEntries = 4096;  // 96 KiB of table: 256 MiB of payload

}  // namespace

Result<std::unique_ptr<BlobReader>> VerifiedReader::Open(std::unique_ptr<RawBlob> raw,
                                                         const BlobId& id) {
  const std::uint64_t size = raw->size();
  if (size < kBlobFooterSize)
    return Fail(ErrorCode::kCorruption, "blob " + id.Hex() + " is shorter than a footer");
  std::string footer;
  RETURN_IF_ERROR(raw->Read(size - kBlobFooterSize, kBlobFooterSize, footer));
  ASSIGN_OR_RETURN(const BlobFooter announced, DecodeBlobFooter(footer, size));
  BlobTailCheck check;
  std::string piece;
  for (std::uint64_t at = announced.length; at < size - kBlobFooterSize;) {
    const std::uint64_t step =
        std::min(kSliceEntries * kBlobTableEntrySize, size - kBlobFooterSize - at);
    RETURN_IF_ERROR(raw->Read(at, step, piece));
    check.Table(piece);
    at += step;
  }
  ASSIGN_OR_RETURN(const BlobFooter verified, check.Finish(footer, size, id));
  if (verified.codec != 0)
    return Fail(ErrorCode::kUnsupported, "blob " + id.Hex() + " has an unknown codec");
  return std::unique_ptr<BlobReader>(new VerifiedReader(std::move(raw), verified));
}

Result<void> VerifiedReader::Read(std::uint64_t offset, std::size_t size, std::string& out) {
  out.clear();
  if (offset >= footer_.length) return {};
  size = std::min<std::uint64_t>(size, footer_.length - offset);
  out.reserve(size);
  while (out.size() < size) {
    const std::uint64_t at = offset + out.size();
    if (at < window_at_ || at >= window_at_ + window_.size()) {
      if (auto loaded = LoadWindow(at); loaded.has_error()) {
        out.clear();
        return loaded;
      }
    }
    out.append(window_, at - window_at_, size - out.size());
  }
  return {};
}

Result<void> VerifiedReader::LoadWindow(std::uint64_t offset) {
  const std::uint64_t at = offset / kWindow * kWindow;
  const std::uint64_t length = std::min(kWindow, footer_.length - at);
  std::string bytes = std::move(window_);
  window_.clear();
  RETURN_IF_ERROR(raw_->Read(at, length, bytes));
  for (std::uint64_t done = 0; done < length; done += kBlobChunk) {
    const std::uint64_t index = (at + done) / kBlobChunk;
    const bool final = index + 1 == ChunkCount(footer_.length);
    ASSIGN_OR_RETURN(const std::string_view entry, TableEntry(index));
    const std::string_view payload = std::string_view(bytes).substr(done, kBlobChunk);
    const std::uint64_t sum =
        ChunkSum(footer_.blob, index, final, AsBytes(payload), entry.substr(0, kBlobTagSize));
    if (sum != ReadLittle64(entry.substr(kBlobTagSize))) {
      return Fail(ErrorCode::kCorruption, "blob " + footer_.blob.Hex() + ": chunk " +
                                              std::to_string(index) + " is damaged");
    }
  }
  window_ = std::move(bytes);
  window_at_ = at;
  return {};
}

Result<std::string_view> VerifiedReader::TableEntry(std::uint64_t index) {
  if (index < slice_first_ || index >= slice_first_ + slice_.size() / kBlobTableEntrySize) {
    const std::uint64_t first = index / kSliceEntries * kSliceEntries;
    const std::uint64_t count = std::min(kSliceEntries, ChunkCount(footer_.length) - first);
    slice_.clear();
    std::string bytes;
    RETURN_IF_ERROR(raw_->Read(footer_.length + first * kBlobTableEntrySize,
                               count * kBlobTableEntrySize, bytes));
    slice_ = std::move(bytes);
    slice_first_ = first;
  }
  return std::string_view(slice_).substr((index - slice_first_) * kBlobTableEntrySize,
                                         kBlobTableEntrySize);
}

}  // namespace cairn::storage
