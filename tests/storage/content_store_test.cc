#include "storage/content_store.h"

#include <gtest/gtest.h>

#include "tests/storage/content_case.h"

namespace cairn::storage {
namespace {

using ContentStoreTest = ContentCase;

NewContent Ingest(ContentStore& contents, std::string_view bytes, std::vector<HashKind> kinds = {},
                  std::size_t step = 37) {
  auto ingest = contents.Begin(kinds);
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    EXPECT_TRUE(ingest->Append(AsBytes(bytes.substr(at, step))).has_value());
  }
  EXPECT_EQ(ingest->length(), bytes.size());
  auto content = ingest->Finish();
  EXPECT_TRUE(content.has_value());
  EXPECT_TRUE(ingest->Finish().has_error()) << "once only";
  EXPECT_TRUE(ingest->Append(AsBytes("x")).has_error());
  return std::move(*content);
}

TEST_F(ContentStoreTest, SmallBytesRideInTheTransactionLargerOnesGetABlob) {
  const NewContent small = Ingest(contents(), std::string(kInlineLimit, 's'));
  EXPECT_EQ(small.record.kind(), CONTENT_INLINE);
  EXPECT_EQ(small.inline_bytes.size(), kInlineLimit);
  EXPECT_EQ(blobs().count(), 0u);
  const NewContent large = Ingest(contents(), std::string(kInlineLimit + 1, 'l'));
  EXPECT_EQ(large.record.kind(), CONTENT_BLOB);
  EXPECT_EQ(large.size(), kInlineLimit + 1);
  EXPECT_EQ(blobs().count(), 1u);
  EXPECT_EQ(large.record.blob(), large.blob->view());
}

TEST_F(ContentStoreTest, AnEmptyFileHasNoContent) {
  const NewContent empty = Ingest(contents(), "");
  EXPECT_TRUE(empty.id.empty());
  EXPECT_EQ(empty.size(), 0u);
  auto attach = [&](KvTxn& txn) -> Result<void> {
    contents().Attach(txn, empty, HolderKind::kNode, "n");
    return contents().DropRef(txn, empty.id, HolderKind::kNode, "n");
  };
  ASSERT_TRUE(Change(attach).has_value());
  ExpectNothingLeft();
  EXPECT_EQ(*Read(ContentId{}), "");
}

TEST_F(ContentStoreTest, ChecksumsComeInTheOrderAskedFor) {
  for (const std::size_t size : {0ul, 3ul, 500ul}) {
    const std::string bytes(size, 'c');
    const NewContent content = Ingest(contents(), bytes, {HashKind::kMd5, HashKind::kSha1});
    ASSERT_EQ(content.checksums.size(), 2u);
    EXPECT_EQ(content.checksums[0], HashOf(HashKind::kMd5, bytes));
    EXPECT_EQ(content.checksums[1], HashOf(HashKind::kSha1, bytes));
  }
}

TEST_F(ContentStoreTest, ADroppedIngestLeavesNothing) {
  {
    auto ingest = contents().Begin({});
    ASSERT_TRUE(ingest->Append(AsBytes(std::string(5000, 'x'))).has_value());
  }
  EXPECT_EQ(blobs().count(), 0u);
}

TEST_F(ContentStoreTest, ContentsAreReadAsTheyWereWritten) {
  const std::string inlined(50, 'i');
  const std::string blob(5000, 'b');
  EXPECT_EQ(*Read(Store(inlined, "a")), inlined);
  EXPECT_EQ(*Read(Store(blob, "b")), blob);
}

TEST_F(ContentStoreTest, AManifestReadsAcrossItsParts) {
  std::vector<std::string> parts;
  std::string whole;
  for (int i = 0; i < 2500; ++i) {
    parts.push_back(
        std::string(static_cast<std::size_t>(1 + i % 7), static_cast<char>('a' + i % 26)));
    whole += parts.back();
  }
  const ContentId id = StoreParts(parts, "n");
  EXPECT_EQ(Rows(Table::kManifests), 3u);
  EXPECT_EQ(*Read(id), whole);
  const auto reader = std::move(*contents().Open(*kv().Published(), id));
  std::string out;
  for (std::size_t at = 0; at < whole.size(); at += 613) {
    ASSERT_TRUE(reader->Read(at, 100, out).has_value());
    EXPECT_EQ(out, whole.substr(at, 100));
  }
  ASSERT_TRUE(reader->Read(whole.size(), 1, out).has_value());
  EXPECT_EQ(out, "");
}

TEST_F(ContentStoreTest, PagesOfAnEarlierAttemptGo) {
  const ContentId id = contents().NewId();
  const std::vector<std::pair<BlobId, std::uint64_t>> many(3000, {random_.NewBlobId(), 10});
  const std::vector<std::pair<BlobId, std::uint64_t>> few(2000, {random_.NewBlobId(), 7});
  ASSERT_TRUE(Change([&](KvTxn& txn) {
                return contents().PutManifestPages(txn, id, many, 0, 0);
              }).has_value());
  EXPECT_EQ(Rows(Table::kManifests), 3u);
  ASSERT_TRUE(Change([&](KvTxn& txn) {
                return contents().PutManifestPages(txn, id, few, 0, 0);
              }).has_value());
  EXPECT_EQ(Rows(Table::kManifests), 2u);
}

TEST_F(ContentStoreTest, AMissingOrDamagedBlobIsCorruptionNeverAbsence) {
  const ContentId id = Store(std::string(5000, 'b'), "n");
  const auto row = *ReadRecord<Content>(*kv().Published(), Table::kContents, keys::Content(id));
  const BlobId blob = *BlobId::FromBytes(row->blob());
  const std::string good = blobs().FileBytes(blob);
  blobs().FlipBit(blob, 12345);
  EXPECT_EQ(Read(id).error().code, ErrorCode::kCorruption);
  blobs().SetFileBytes(blob, good);
  EXPECT_EQ(Read(id)->size(), 5000u);
  ASSERT_TRUE(blobs().Remove(blob).has_value());
  EXPECT_EQ(Read(id).error().code, ErrorCode::kCorruption);
}

TEST_F(ContentStoreTest, ABlobOfAnotherContentIsRefused) {
  const ContentId a = Store(std::string(5000, 'a'), "a");
  const ContentId b = Store(std::string(5000, 'b'), "b");
  auto swap = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const auto other, txn.Get(Table::kContents, keys::Content(b)));
    txn.Put(Table::kContents, keys::Content(a), *other);
    return {};
  };
  ASSERT_TRUE(Change(swap).has_value());
  EXPECT_EQ(Read(a).error().code, ErrorCode::kCorruption);
}

TEST_F(ContentStoreTest, AnUnknownContentIsCorruption) {
  EXPECT_EQ(Read(contents().NewId()).error().code, ErrorCode::kCorruption);
  EXPECT_EQ(AddRef(contents().NewId(), "n").error().code, ErrorCode::kCorruption);
}

TEST_F(ContentStoreTest, EveryDropLeavesACandidateOfItsOwn) {
  const ContentId id = Store("x", "a");
  ASSERT_TRUE(AddRef(id, "b").has_value());
  ASSERT_TRUE(Drop(id, "a").has_value());
  ASSERT_TRUE(Drop(id, "b").has_value());
  EXPECT_EQ(Rows(Table::kCandidates), 2u) << "although the clock stands still";
}

}  // namespace
}  // namespace cairn::storage
