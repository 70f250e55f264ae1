#include "storage/blob_format.h"

#include "base/hash.h"

namespace cairn::storage {
namespace {

constexpr std::string_view kMagic = "CairnBlb";
constexpr char kVersion = 1;
constexpr char kLog2Chunk = 16;
constexpr std::size_t kBlobIdAt = 16;
constexpr std::size_t kContentIdAt = 32;
constexpr std::size_t kLengthAt = 48;
constexpr std::size_t kSumAt = 56;

Error Damaged(std::string_view what) {
  return Fail(ErrorCode::kCorruption, "blob: " + std::string(what));
}

}  // namespace

std::uint64_t ChunkSum(const BlobId& blob, std::uint64_t index, bool final, Bytes payload,
                       std::string_view tag) {
  std::string place(blob.view());
  AppendLittle64(place, index);
  place.push_back(final ? '\1' : '\0');
  Xxh3Stream sum(Xxh3(AsBytes(place)));
  sum.Update(payload);
  sum.Update(AsBytes(tag));
  return sum.Current();
}

std::string BlobTailEncoder::Table(std::span<const std::uint64_t> sums) {
  std::string table;
  table.reserve(sums.size() * kBlobTableEntrySize);
  for (const std::uint64_t sum : sums) {
    table.append(kBlobTagSize, '\0');
    AppendLittle64(table, sum);
  }
  sum_.Update(AsBytes(table));
  return table;
}

std::string BlobTailEncoder::Footer(const BlobFooter& footer) {
  std::string out(kMagic);
  out.push_back(kVersion);
  out.push_back(static_cast<char>(footer.codec));
  out.push_back(kLog2Chunk);
  out.append(5, '\0');
  out.append(footer.blob.view());
  out.append(footer.content.view());
  AppendLittle64(out, footer.length);
  sum_.Update(AsBytes(out));
  AppendLittle64(out, sum_.Current());
  return out;
}

std::string EncodeBlobTail(const BlobFooter& footer, const std::vector<std::uint64_t>& sums) {
  BlobTailEncoder encoder;
  std::string tail = encoder.Table(sums);
  return tail.append(encoder.Footer(footer));
}

Result<BlobFooter> DecodeBlobFooter(std::string_view footer, std::uint64_t file_size) {
  if (footer.size() != kBlobFooterSize) return Damaged("too short for a footer");
  if (!footer.starts_with(kMagic)) return Damaged("no footer");
  if (footer[8] != kVersion) return Damaged("unknown version");
  if (footer[10] != kLog2Chunk) return Damaged("unknown chunk size");
  if (footer.substr(11, 5) != std::string_view("\0\0\0\0\0", 5))
    return Damaged("reserved bytes are not zero");
  BlobFooter out;
  out.codec = static_cast<std::uint8_t>(footer[9]);
  out.blob = *BlobId::FromBytes(footer.substr(kBlobIdAt, 16));
  out.content = *ContentId::FromBytes(footer.substr(kContentIdAt, 16));
  out.length = ReadLittle64(footer.substr(kLengthAt));
  if (out.length > file_size || BlobFileSize(out.length) != file_size) {
    return Damaged("its length does not fit the file's");
  }
  return out;
}

Result<BlobFooter> BlobTailCheck::Finish(std::string_view footer, std::uint64_t file_size,
                                         const BlobId& expected) {
  ASSIGN_OR_RETURN(BlobFooter decoded, DecodeBlobFooter(footer, file_size));
  sum_.Update(AsBytes(footer.substr(0, kSumAt)));
  if (sum_.Current() != ReadLittle64(footer.substr(kSumAt)))
    return Damaged("table or footer has changed");
  if (decoded.blob != expected) return Damaged("it is another blob");
  return decoded;
}

std::string_view BlobTail::Tag(std::uint64_t index) const {
  return std::string_view(table).substr(index * kBlobTableEntrySize, kBlobTagSize);
}

std::uint64_t BlobTail::Sum(std::uint64_t index) const {
  return ReadLittle64(std::string_view(table).substr(index * kBlobTableEntrySize + kBlobTagSize));
}

Result<BlobTail> DecodeBlobTail(std::string_view tail, std::uint64_t file_size,
                                const BlobId& expected) {
  if (tail.size() < kBlobFooterSize) return Damaged("too short for a footer");
  const std::string_view table = tail.substr(0, tail.size() - kBlobFooterSize);
  BlobTailCheck check;
  check.Table(table);
  ASSIGN_OR_RETURN(const BlobFooter footer,
                   check.Finish(tail.substr(table.size()), file_size, expected));
  if (table.size() != ChunkCount(footer.length) * kBlobTableEntrySize)
    return Damaged("the table has another size");
  return BlobTail{footer, std::string(table)};
}

}  // namespace cairn::storage
