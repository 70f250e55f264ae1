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
  footer.resize(kBlobFooterSize);
  RETURN_IF_ERROR(raw->Read(size - kBlobFooterSize, footer));
  ASSIGN_OR_RETURN(const BlobFooter announced, DecodeBlobFooter(footer, size));
  BlobTailCheck check;
  std::string piece;
  for (std::uint64_t at = announced.length; at < size - kBlobFooterSize;) {
    const std::uint64_t step =
        std::min(kSliceEntries * kBlobTableEntrySize, size - kBlobFooterSize - at);
    piece.resize(step);
    RETURN_IF_ERROR(raw->Read(at, piece));
    check.Table(piece);
    at += step;
  }
  ASSIGN_OR_RETURN(const BlobFooter verified, check.Finish(footer, size, id));
  if (verified.codec != 0)
    return Fail(ErrorCode::kUnsupported, "blob " + id.Hex() + " has an unknown codec");
  return std::unique_ptr<BlobReader>(new VerifiedReader(std::move(raw), verified));
}

Result<void> VerifiedReader::Read(std::uint64_t offset, std::size_t size, std::string& out) {
  size = offset >= footer_.length ? 0 : std::min<std::uint64_t>(size, footer_.length - offset);
  out.resize(size);  // a buffer that is used again keeps its bytes: nothing to fill with zeros
  const std::span<char> room(out);
  for (std::size_t done = 0; done < size;) {
    const std::uint64_t at = offset + done;
    const bool in_window = at >= window_at_ && at - window_at_ < window_.size();
    std::size_t step = WholeChunks(at, size - done);
    Result<void> read;
    if (step > 0 && !in_window) {
      read = ReadChunks(at, room.subspan(done, step));
    } else {
      if (!in_window) read = LoadWindow(at);
      if (read.has_value()) {
        step = window_.copy(room.data() + done, size - done, at - window_at_);
      }
    }
    if (read.has_error()) {
      out.clear();
      return read;
    }
    done += step;
  }
  return {};
}

bool VerifiedReader::ReadNow(std::uint64_t offset, std::size_t size, std::string& out) {
  const bool inside = offset < footer_.length && size <= footer_.length - offset;
  if (inside && size > 0 && WholeChunks(offset, size) == size && HasEntry(offset / kBlobChunk) &&
      HasEntry((offset + size - 1) / kBlobChunk)) {
    out.resize(size);
    if (raw_->ReadNow(offset, out) && VerifyChunks(offset, out).has_value()) return true;
  }
  out.clear();
  return false;
}

std::size_t VerifiedReader::WholeChunks(std::uint64_t offset, std::size_t size) const {
  if (offset % kBlobChunk != 0) return 0;
  return offset + size == footer_.length ? size : size / kBlobChunk * kBlobChunk;
}

Result<void> VerifiedReader::LoadWindow(std::uint64_t offset) {
  const std::uint64_t at = offset / kWindow * kWindow;
  std::string bytes = std::move(window_);
  window_.clear();
  bytes.resize(std::min(kWindow, footer_.length - at));
  RETURN_IF_ERROR(ReadChunks(at, bytes));
  window_ = std::move(bytes);
  window_at_ = at;
  return {};
}

Result<void> VerifiedReader::ReadChunks(std::uint64_t offset, std::span<char> room) {
  RETURN_IF_ERROR(raw_->Read(offset, room));
  return VerifyChunks(offset, {room.data(), room.size()});
}

Result<void> VerifiedReader::VerifyChunks(std::uint64_t offset, std::string_view bytes) {
  for (std::uint64_t done = 0; done < bytes.size(); done += kBlobChunk) {
    const std::uint64_t index = (offset + done) / kBlobChunk;
    const bool final = index + 1 == ChunkCount(footer_.length);
    ASSIGN_OR_RETURN(const std::string_view entry, TableEntry(index));
    const std::string_view payload = bytes.substr(done, kBlobChunk);
    const std::uint64_t sum =
        ChunkSum(footer_.blob, index, final, AsBytes(payload), entry.substr(0, kBlobTagSize));
    if (sum != ReadLittle64(entry.substr(kBlobTagSize))) {
      return Fail(ErrorCode::kCorruption, "blob " + footer_.blob.Hex() + ": chunk " +
                                              std::to_string(index) + " is damaged");
    }
  }
  return {};
}

Result<std::string_view> VerifiedReader::TableEntry(std::uint64_t index) {
  if (!HasEntry(index)) {
    const std::uint64_t first = index / kSliceEntries * kSliceEntries;
    const std::uint64_t count = std::min(kSliceEntries, ChunkCount(footer_.length) - first);
    slice_.clear();
    std::string bytes(count * kBlobTableEntrySize, '\0');
    RETURN_IF_ERROR(raw_->Read(footer_.length + first * kBlobTableEntrySize, bytes));
    slice_ = std::move(bytes);
    slice_first_ = first;
  }
  return std::string_view(slice_).substr((index - slice_first_) * kBlobTableEntrySize,
                                         kBlobTableEntrySize);
}

}  // namespace cairn::storage
