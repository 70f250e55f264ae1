// Blob format v1: the payload from offset 0, a table with a tag and a checksum per 64 KiB chunk, a
// 64-byte footer. docs/format.md draws it byte by byte. Pure functions; no I/O.
//
// Truncation, extension, swap and bit rot are found without any key: each chunk's XXH3-64 is seeded
// by (blob id, index, final), the footer's covers table and footer.
//
// Footer: magic "CairnBlb", version 1, codec, log2 of the chunk size (16), 5 zero bytes, blob id,
// content id, plain length (little-endian 64 bit), XXH3-64 (little-endian) over the table and the
// 56 footer bytes before it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/ids.h"

namespace cairn::storage {

inline constexpr std::uint64_t kBlobChunk = 64 * 1024;
inline constexpr std::size_t kBlobTagSize = 16;
inline constexpr std::size_t kBlobTableEntrySize = kBlobTagSize + 8;
inline constexpr std::size_t kBlobFooterSize = 64;

struct BlobFooter {
  BlobId blob;
  ContentId content;
  std::uint64_t length = 0;  // plain bytes
  std::uint8_t codec = 0;    // 0 = plain
};

// Number of table entries for a payload: one per started chunk, none for an empty payload.
constexpr std::uint64_t ChunkCount(std::uint64_t length) {
  return (length + kBlobChunk - 1) / kBlobChunk;
}
constexpr std::uint64_t BlobFileSize(std::uint64_t length) {
  return length + ChunkCount(length) * kBlobTableEntrySize + kBlobFooterSize;
}

// XXH3-64 over the chunk's payload and its tag. The seed is the XXH3-64 of 25 bytes: blob id, index
// (little-endian 64 bit), 1 for the blob's last chunk or 0.
std::uint64_t ChunkSum(const BlobId& blob, std::uint64_t index, bool final, Bytes payload,
                       std::string_view tag);

// What follows the payload: `sums` are the ChunkSum of each chunk in order (tags all zero: codec
// 0).
std::string EncodeBlobTail(const BlobFooter& footer, const std::vector<std::uint64_t>& sums);

// The same in pieces, so that a huge blob's table never stands in memory as a whole: Table for each
// run of sums in order, then Footer. Both return the bytes to write.
class BlobTailEncoder {
 public:
  std::string Table(std::span<const std::uint64_t> sums);
  std::string Footer(const BlobFooter& footer);

 private:
  Xxh3Stream sum_;
};

// The footer out of the last 64 bytes of a file of `file_size` bytes. Does not check the checksum,
// which covers the table too: that is DecodeBlobTail.
Result<BlobFooter> DecodeBlobFooter(std::string_view footer, std::uint64_t file_size);

struct BlobTail {
  BlobFooter footer;
  std::string table;  // ChunkCount entries of kBlobTableEntrySize bytes
  std::string_view Tag(std::uint64_t index) const;
  std::uint64_t Sum(std::uint64_t index) const;
};
// `tail`: everything after the payload. kCorruption for anything that was not written by
// EncodeBlobTail for this blob.
Result<BlobTail> DecodeBlobTail(std::string_view tail, std::uint64_t file_size,
                                const BlobId& expected);

// The same in pieces: Table for the table's bytes in order (any cut), then Finish with the last 64
// bytes.
class BlobTailCheck {
 public:
  void Table(std::string_view piece) { sum_.Update(AsBytes(piece)); }
  Result<BlobFooter> Finish(std::string_view footer, std::uint64_t file_size,
                            const BlobId& expected);

 private:
  Xxh3Stream sum_;
};

}  // namespace cairn::storage
