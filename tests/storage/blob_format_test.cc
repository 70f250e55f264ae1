#include "storage/blob_format.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace cairn::storage {
namespace {

BlobId ABlob() { return *BlobId::FromHex("000102030405060708090a0b0c0d0e0f"); }
ContentId AContent() { return *ContentId::FromHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"); }
const std::string kNoTag(kBlobTagSize, '\0');

std::string FileOf(std::string_view payload) {
  std::vector<std::uint64_t> sums;
  for (std::uint64_t index = 0; index < ChunkCount(payload.size()); ++index) {
    const auto chunk = payload.substr(index * kBlobChunk, kBlobChunk);
    sums.push_back(
        ChunkSum(ABlob(), index, index + 1 == ChunkCount(payload.size()), AsBytes(chunk), kNoTag));
  }
  return std::string(payload) + EncodeBlobTail({ABlob(), AContent(), payload.size(), 0}, sums);
}

TEST(BlobFormat, SizesOfChunksAndFiles) {
  EXPECT_EQ(ChunkCount(0), 0u);
  EXPECT_EQ(ChunkCount(1), 1u);
  EXPECT_EQ(ChunkCount(65536), 1u);
  EXPECT_EQ(ChunkCount(65537), 2u);
  EXPECT_EQ(BlobFileSize(0), 64u);
  EXPECT_EQ(BlobFileSize(65537), 65537u + 48 + 64);
}

// These bytes stand on users' disks: they may never change.
TEST(BlobFormat, GoldenBytes) {
  EXPECT_EQ(ToHex(FileOf("Hello")),
            "48656c6c6f"                                        // payload
            "00000000000000000000000000000000f0cc8830e04f5c38"  // tag, sum
            "436169726e426c62"                                  // magic
            "0100100000000000"                                  // version, codec, log2 chunk, zeros
            "000102030405060708090a0b0c0d0e0f"                  // blob id
            "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"                  // content id
            "0500000000000000"                                  // length
            "86060bd0f98d4fb6");                                // sum
  EXPECT_EQ(ToHex(FileOf("")),
            "436169726e426c620100100000000000000102030405060708090a0b0c0d0e0f"
            "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000000000000000060dfcaf3ed7482ba");
}

TEST(BlobFormat, TheChunkSumIsXxh3OverPayloadAndTagWithASeedOfItsPlace) {
  std::string place(ABlob().view());
  AppendLittle64(place, 7);
  place.push_back('\1');
  const std::string payload(1000, 'x');
  const std::string tag = "0123456789abcdef";
  EXPECT_EQ(ChunkSum(ABlob(), 7, true, AsBytes(payload), tag),
            Xxh3(AsBytes(payload + tag), Xxh3(AsBytes(place))));
}

TEST(BlobFormat, TheSumDependsOnBlobIndexFinalPayloadAndTag) {
  const auto base = ChunkSum(ABlob(), 0, false, AsBytes("data"), kNoTag);
  EXPECT_NE(base, ChunkSum(*BlobId::FromHex("100102030405060708090a0b0c0d0e0f"), 0, false,
                           AsBytes("data"), kNoTag));
  EXPECT_NE(base, ChunkSum(ABlob(), 1, false, AsBytes("data"), kNoTag));
  EXPECT_NE(base, ChunkSum(ABlob(), 0, true, AsBytes("data"), kNoTag));
  EXPECT_NE(base, ChunkSum(ABlob(), 0, false, AsBytes("date"), kNoTag));
  EXPECT_NE(base, ChunkSum(ABlob(), 0, false, AsBytes("data"), "0000000000000000"));
}

TEST(BlobFormat, TheFooterSumCoversTableAndFooter) {
  const std::string tail = FileOf("Hello").substr(5);
  EXPECT_EQ(ReadLittle64(tail.substr(tail.size() - 8)),
            Xxh3(AsBytes(tail.substr(0, tail.size() - 8))));
}

TEST(BlobFormat, ATailComesBackAsItWasWritten) {
  const std::string payload(3 * kBlobChunk + 17, 'p');
  const std::string file = FileOf(payload);
  ASSERT_EQ(file.size(), BlobFileSize(payload.size()));
  const auto tail =
      DecodeBlobTail(std::string_view(file).substr(payload.size()), file.size(), ABlob());
  ASSERT_TRUE(tail.has_value()) << tail.error().message;
  EXPECT_EQ(tail->footer.blob, ABlob());
  EXPECT_EQ(tail->footer.content, AContent());
  EXPECT_EQ(tail->footer.length, payload.size());
  EXPECT_EQ(tail->footer.codec, 0);
  EXPECT_EQ(tail->Tag(3), kNoTag);
  EXPECT_EQ(tail->Sum(3), ChunkSum(ABlob(), 3, true, AsBytes(std::string(17, 'p')), kNoTag));
  EXPECT_EQ(tail->Sum(0),
            ChunkSum(ABlob(), 0, false, AsBytes(std::string(kBlobChunk, 'p')), kNoTag));
}

TEST(BlobFormat, EveryFlippedBitOfTheTailIsFound) {
  const std::string file = FileOf(std::string(kBlobChunk + 1, 'p'));
  const std::string tail = file.substr(kBlobChunk + 1);
  for (std::size_t bit = 0; bit < tail.size() * 8; ++bit) {
    std::string damaged = tail;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto decoded = DecodeBlobTail(damaged, file.size(), ABlob());
    ASSERT_TRUE(decoded.has_error()) << "bit " << bit;
    ASSERT_EQ(decoded.error().code, ErrorCode::kCorruption) << "bit " << bit;
  }
}

TEST(BlobFormat, AnotherSizeOrAnotherBlobIsRefused) {
  const std::string file = FileOf("Hello");
  const std::string tail = file.substr(5);
  EXPECT_TRUE(DecodeBlobTail(tail, file.size() + 1, ABlob()).has_error());
  EXPECT_TRUE(DecodeBlobTail(tail, file.size() - 1, ABlob()).has_error());
  EXPECT_TRUE(
      DecodeBlobTail(tail, file.size(), *BlobId::FromHex("ff0102030405060708090a0b0c0d0e0f"))
          .has_error());
  EXPECT_TRUE(DecodeBlobTail(tail.substr(1), file.size(), ABlob()).has_error());
  EXPECT_TRUE(DecodeBlobTail("x" + tail, file.size(), ABlob()).has_error());
  EXPECT_TRUE(DecodeBlobTail("", 0, ABlob()).has_error());
  EXPECT_TRUE(DecodeBlobFooter("short", 5).has_error());
}

TEST(BlobFormat, ALengthNearTheEndOfTheNumberRangeIsRefused) {
  std::string footer = FileOf("").substr(0, 48);
  AppendLittle64(footer, UINT64_MAX - 10);
  AppendLittle64(footer, Xxh3(AsBytes(footer)));
  EXPECT_TRUE(DecodeBlobFooter(footer, 64).has_error());
}

}  // namespace
}  // namespace cairn::storage
