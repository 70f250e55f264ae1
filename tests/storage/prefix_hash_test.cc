#include "storage/prefix_hash.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/random.h"
#include "storage/memory_blob_store.h"

namespace cairn::storage {
namespace {

// Counts what is opened: how much is read back.
class CountingBlobs final : public BlobStore {
 public:
  explicit CountingBlobs(Random& random) : blobs(random) {}
  Result<std::unique_ptr<BlobWriter>> Create(const ContentId& content) override {
    return blobs.Create(content);
  }
  Result<std::unique_ptr<BlobReader>> Open(const BlobId& id) override {
    ++opened;
    return blobs.Open(id);
  }
  Result<void> Remove(const BlobId& id) override { return blobs.Remove(id); }
  Result<void> ForEach(
      FunctionRef<bool(const BlobId&, std::uint64_t, std::int64_t)> visit) override {
    return blobs.ForEach(visit);
  }
  Result<void> Quarantine(const BlobId& id) override { return blobs.Quarantine(id); }
  MemoryBlobStore blobs;
  std::atomic<int> opened{0};
};

class PrefixHashTest : public testing::Test {
 protected:
  // Six chunks with different bytes.
  PrefixHashTest() {
    for (int i = 0; i < 6; ++i)
      AddPart(std::string(70'000 + static_cast<std::size_t>(i), static_cast<char>('a' + i)));
  }
  void AddPart(const std::string& bytes) {
    parts_.push_back(Store(bytes));
    whole_ += bytes;
  }
  PrefixHash::Part Store(const std::string& bytes) {
    auto writer = std::move(*blobs_.Create(ContentId{}));
    EXPECT_TRUE(writer->Append(AsBytes(bytes)).has_value());
    EXPECT_TRUE(writer->Finish().has_value());
    return {writer->id(), bytes.size()};
  }
  void Arrive(const std::string& name, std::size_t part) {
    hash_.Added(name, parts_[part], nullptr, blobs_);
  }
  static std::string Numbered(std::size_t number) { return "0000" + std::to_string(number); }
  Checksum Want() const { return HashOf(HashKind::kSha1, whole_); }
  // The checksum, and how many chunks had to be read for it.
  std::pair<Checksum, int> Complete() {
    const int before = blobs_.opened;
    auto sum = hash_.Complete(parts_, blobs_);
    EXPECT_TRUE(sum.has_value()) << sum.error().message;
    return {*sum, blobs_.opened - before};
  }

  SeededRandom random_{3};
  CountingBlobs blobs_{random_};
  std::vector<PrefixHash::Part> parts_;
  std::string whole_;
  PrefixHash hash_;
};

TEST_F(PrefixHashTest, ChunksInOrderLeaveNothingToRead) {
  for (std::size_t i = 0; i < 6; ++i) Arrive(Numbered(i + 1), i);
  EXPECT_EQ(Complete(), std::pair(Want(), 0));
}

TEST_F(PrefixHashTest, NorDoChunksInReversedOrder) {
  for (std::size_t i = 6; i-- > 1;) Arrive(Numbered(i + 1), i);
  EXPECT_EQ(blobs_.opened, 0) << "the gap is open";
  Arrive(Numbered(1), 0);
  EXPECT_EQ(blobs_.opened, 6);
  EXPECT_EQ(Complete(), std::pair(Want(), 0));
}

TEST_F(PrefixHashTest, NorDoParallelChunks) {
  std::vector<std::thread> senders;
  for (std::size_t i = 0; i < 6; ++i)
    senders.emplace_back([this, i] { Arrive(Numbered(6 - i), 5 - i); });
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(Complete(), std::pair(Want(), 0));
}

TEST_F(PrefixHashTest, SixteenDigitsBeginWithZero) {
  for (const std::size_t i : {1u, 0u, 2u, 5u, 4u, 3u})
    Arrive("000000000000000" + std::to_string(i), i);
  EXPECT_EQ(Complete(), std::pair(Want(), 0));
}

TEST_F(PrefixHashTest, RangesJoinByOffset) {
  std::uint64_t offset = 0;
  std::vector<std::string> names;
  for (const auto& part : parts_) {
    char name[64];
    std::snprintf(name, sizeof name, "%015llu-%015llu", static_cast<unsigned long long>(offset),
                  static_cast<unsigned long long>(offset + part.length - 1));
    names.emplace_back(name);
    offset += part.length;
  }
  for (const std::size_t i : {3u, 0u, 1u, 2u, 5u, 4u}) Arrive(names[i], i);
  EXPECT_EQ(Complete(), std::pair(Want(), 0));
}

TEST_F(PrefixHashTest, AnUnknownOrderIsReadAtTheEnd) {
  for (std::size_t i = 0; i < 6; ++i) Arrive("part-" + std::to_string(i), i);
  EXPECT_EQ(Complete(), std::pair(Want(), 6));
}

TEST_F(PrefixHashTest, ARepeatedCompleteReadsNothing) {
  EXPECT_EQ(Complete(), std::pair(Want(), 6));
  EXPECT_EQ(Complete(), std::pair(Want(), 0));
}

TEST_F(PrefixHashTest, AChunkSentAgainIsTheOneThatCounts) {
  for (std::size_t i = 0; i < 6; ++i) Arrive(Numbered(i + 1), i);
  const std::string other(70'000, '!');
  parts_[0] = Store(other);
  whole_.replace(0, other.size(), other);
  Arrive(Numbered(1), 0);
  EXPECT_EQ(Complete(), std::pair(Want(), 6));
}

TEST_F(PrefixHashTest, AMissingChunkIsReadWhenItHasCome) {
  for (const std::size_t i : {0u, 1u, 3u, 4u, 5u}) Arrive(Numbered(i + 1), i);
  EXPECT_EQ(Complete(), std::pair(Want(), 4));
}

TEST_F(PrefixHashTest, OneChunkThatWasHashedOnArrivalIsNotReadAgain) {
  Hasher alone(HashKind::kSha1);
  alone.Update(AsBytes(std::string(70'000, 'a')));
  parts_.resize(1);
  hash_.Added("part", parts_[0], &alone, blobs_);
  EXPECT_EQ(Complete(), std::pair(HashOf(HashKind::kSha1, std::string(70'000, 'a')), 0));
}

TEST_F(PrefixHashTest, ADamagedChunkIsAnErrorAndNotForgotten) {
  blobs_.blobs.FlipBit(parts_[2].blob, 77);
  for (std::size_t i = 0; i < 6; ++i) Arrive(Numbered(i + 1), i);
  for (int again = 0; again < 2; ++again) {
    const auto sum = hash_.Complete(parts_, blobs_);
    ASSERT_TRUE(sum.has_error());
    EXPECT_EQ(sum.error().code, ErrorCode::kCorruption);
  }
  blobs_.blobs.FlipBit(parts_[2].blob, 77);
  EXPECT_EQ(Complete().first, Want());
}

}  // namespace
}  // namespace cairn::storage
