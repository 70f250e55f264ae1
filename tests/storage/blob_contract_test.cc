// The contract of BlobStore, on every implementation.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/random.h"
#include "storage/blob_format.h"
#include "storage/local_blob_store.h"
#include "storage/memory_blob_store.h"

namespace cairn::storage {
namespace {

namespace fs = std::filesystem;

// A store, and a way to the raw bytes of its files.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual BlobStore& store() = 0;
  virtual std::string Raw(const BlobId& id) = 0;
  virtual void SetRaw(const BlobId& id, const std::string& bytes) = 0;
};

class MemoryBench final : public Bench {
 public:
  BlobStore& store() override { return store_; }
  std::string Raw(const BlobId& id) override { return store_.FileBytes(id); }
  void SetRaw(const BlobId& id, const std::string& bytes) override {
    store_.SetFileBytes(id, bytes);
  }

 private:
  SeededRandom random_{1};
  MemoryBlobStore store_{random_};
};

class LocalBench final : public Bench {
 public:
  LocalBench() {
    std::string name = (fs::temp_directory_path() / "cairn-blobs-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    faults_ = std::make_unique<Faults>(directory_.string(), 0, [](std::string_view) {});
    store_ = std::move(*LocalBlobStore::Open(directory_, *faults_, random_));
  }
  ~LocalBench() override { fs::remove_all(directory_); }
  BlobStore& store() override { return *store_; }
  std::string Raw(const BlobId& id) override {
    std::ifstream in(Path(id), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  void SetRaw(const BlobId& id, const std::string& bytes) override {
    std::ofstream(Path(id), std::ios::binary | std::ios::trunc) << bytes;
  }

 private:
  fs::path Path(const BlobId& id) const {
    return directory_ / "blobs" / id.Hex().substr(0, 2) / id.Hex();
  }
  fs::path directory_;
  SystemRandom random_;
  std::unique_ptr<Faults> faults_;
  std::unique_ptr<LocalBlobStore> store_;
};

struct Kind {
  const char* name;
  std::function<std::unique_ptr<Bench>()> make;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class BlobContract : public testing::TestWithParam<Kind> {
 protected:
  BlobId Write(const std::string& payload) {
    auto writer = std::move(*store().Create(content_));
    EXPECT_TRUE(writer->Append(AsBytes(payload)).has_value());
    EXPECT_TRUE(writer->Finish().has_value());
    EXPECT_EQ(writer->length(), payload.size());
    return writer->id();
  }
  Result<std::string> ReadAll(const BlobId& id, std::size_t step = 100'000) {
    ASSIGN_OR_RETURN(const auto reader, store().Open(id));
    std::string all;
    std::string piece;
    do {
      RETURN_IF_ERROR(reader->Read(all.size(), step, piece));
      all += piece;
    } while (!piece.empty());
    return all;
  }
  bool IsDamaged(const BlobId& id) {
    const auto read = ReadAll(id);
    return read.has_error() && read.error().code == ErrorCode::kCorruption;
  }
  std::size_t Count() {
    std::size_t count = 0;
    const auto visit = [&](const BlobId&, std::uint64_t, std::int64_t) {
      ++count;
      return true;
    };
    EXPECT_TRUE(store().ForEach(visit).has_value());
    return count;
  }
  // Bytes that differ from place to place.
  static std::string Pattern(std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
      out[i] = static_cast<char>((i * 131 + i / 65536 * 7) & 0xff);
    return out;
  }
  BlobStore& store() { return bench_->store(); }
  std::unique_ptr<Bench> bench_ = GetParam().make();
  const ContentId content_ = *ContentId::FromHex("00112233445566778899aabbccddeeff");
};

TEST_P(BlobContract, WhatWasWrittenIsReadForEverySize) {
  for (const std::size_t size :
       {0ul, 1ul, 65535ul, 65536ul, 65537ul, 262144ul, 262145ul, 1000000ul}) {
    const std::string payload = Pattern(size);
    const BlobId id = Write(payload);
    EXPECT_EQ(*ReadAll(id), payload) << size;
    EXPECT_EQ(*ReadAll(id, 7777), payload) << size;
    EXPECT_EQ(bench_->Raw(id).size(), BlobFileSize(size));
    EXPECT_EQ(bench_->Raw(id).substr(0, size), payload) << "the payload stands at offset 0";
    EXPECT_EQ((*store().Open(id))->content(), content_);
  }
}

TEST_P(BlobContract, PiecesOfAnySizeGiveTheSameFile) {
  const std::string payload = Pattern(300'000);
  auto writer = std::move(*store().Create(content_));
  for (std::size_t at = 0, step = 1; at < payload.size(); at += step, step = step * 3 + 1) {
    ASSERT_TRUE(writer->Append(AsBytes(std::string_view(payload).substr(at, step))).has_value());
  }
  ASSERT_TRUE(writer->Finish().has_value());
  EXPECT_EQ(*ReadAll(writer->id()), payload);
}

TEST_P(BlobContract, ReadsAtAnyOffset) {
  const std::string payload = Pattern(600'000);
  const auto reader = std::move(*store().Open(Write(payload)));
  std::string out;
  for (const std::uint64_t offset : {599'999ul, 0ul, 262'143ul, 65'536ul, 400'000ul}) {
    ASSERT_TRUE(reader->Read(offset, 150'000, out).has_value());
    EXPECT_EQ(out, payload.substr(offset, 150'000));
  }
  ASSERT_TRUE(reader->Read(600'000, 10, out).has_value());
  EXPECT_EQ(out, "");
  ASSERT_TRUE(reader->Read(UINT64_MAX, 10, out).has_value());
  EXPECT_EQ(out, "");
}

TEST_P(BlobContract, ReadsIntoAUsedBuffer) {
  const std::string payload = Pattern(600'000);
  const auto reader = std::move(*store().Open(Write(payload)));
  std::string out(400'000, 'x');
  ASSERT_TRUE(reader->Read(65'536, 262'144, out).has_value());
  EXPECT_EQ(out, payload.substr(65'536, 262'144));
  ASSERT_TRUE(reader->Read(589'824, 262'144, out).has_value());
  EXPECT_EQ(out, payload.substr(589'824));
}

// What was just written is in memory, so nothing has to be waited for.
TEST_P(BlobContract, WholeChunksAreReadWithoutWaiting) {
  const std::string payload = Pattern(600'000);
  const BlobId id = Write(payload);
  const auto reader = std::move(*store().Open(id));
  std::string out = "left over";
  EXPECT_FALSE(reader->ReadNow(0, 65'536, out)) << "the table has not been read yet";
  EXPECT_EQ(out, "");
  ASSERT_TRUE(reader->Read(0, 65'536, out).has_value());
  for (const auto& [offset, size] : {std::pair{0ul, 262'144ul}, {131'072ul, 468'928ul}}) {
    ASSERT_TRUE(reader->ReadNow(offset, size, out)) << offset;
    EXPECT_EQ(out, payload.substr(offset, size));
  }
  for (const auto& [offset, size] : {std::pair{1ul, 65'536ul},
                                     {0ul, 65'535ul},
                                     {589'824ul, 65'536ul},
                                     {655'360ul, 65'536ul},
                                     {0ul, 0ul},
                                     {UINT64_MAX, 65'536ul}}) {
    EXPECT_FALSE(reader->ReadNow(offset, size, out)) << offset << " " << size;
    EXPECT_EQ(out, "");
  }
}

TEST_P(BlobContract, NothingDamagedIsReadWithoutWaiting) {
  const BlobId id = Write(Pattern(600'000));
  std::string file = bench_->Raw(id);
  file[300'000] = static_cast<char>(file[300'000] ^ 1);
  bench_->SetRaw(id, file);
  const auto reader = std::move(*store().Open(id));
  std::string out;
  ASSERT_TRUE(reader->Read(0, 65'536, out).has_value());
  EXPECT_TRUE(reader->ReadNow(0, 262'144, out));
  EXPECT_FALSE(reader->ReadNow(262'144, 65'536, out));
  EXPECT_EQ(out, "");
  EXPECT_EQ(reader->Read(262'144, 65'536, out).error().code, ErrorCode::kCorruption);
}

TEST_P(BlobContract, EveryFlippedBitIsFound) {
  const BlobId id = Write("a small blob");
  const std::string good = bench_->Raw(id);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    bench_->SetRaw(id, bad);
    ASSERT_TRUE(IsDamaged(id)) << "bit " << bit;
  }
}

TEST_P(BlobContract, EveryTruncationAndExtensionIsFound) {
  const BlobId id = Write("a small blob");
  const std::string good = bench_->Raw(id);
  for (std::size_t size = 0; size < good.size(); ++size) {
    bench_->SetRaw(id, good.substr(0, size));
    ASSERT_TRUE(IsDamaged(id)) << size;
  }
  for (const std::string& more : {std::string(1, '\0'), std::string(24, '\0'), good}) {
    bench_->SetRaw(id, good + more);
    ASSERT_TRUE(IsDamaged(id)) << more.size();
  }
}

TEST_P(BlobContract, AChunkLessOrMoreIsFound) {
  const BlobId id = Write(Pattern(3 * kBlobChunk));
  const std::string good = bench_->Raw(id);
  bench_->SetRaw(id, good.substr(kBlobChunk));
  EXPECT_TRUE(IsDamaged(id));
  bench_->SetRaw(id, good.substr(0, kBlobChunk) + good);
  EXPECT_TRUE(IsDamaged(id));
}

TEST_P(BlobContract, SwappedFilesAreFound) {
  const BlobId a = Write(Pattern(1000));
  const BlobId b = Write(Pattern(1000));
  const std::string bytes = bench_->Raw(a);
  bench_->SetRaw(a, bench_->Raw(b));
  bench_->SetRaw(b, bytes);
  EXPECT_TRUE(IsDamaged(a));
  EXPECT_TRUE(IsDamaged(b));
}

TEST_P(BlobContract, SwappedChunksAreFoundEvenWithTheirSums) {
  const BlobId id = Write(Pattern(3 * kBlobChunk));
  std::string file = bench_->Raw(id);
  std::swap_ranges(file.begin(), file.begin() + kBlobChunk, file.begin() + kBlobChunk);
  bench_->SetRaw(id, file);
  EXPECT_TRUE(IsDamaged(id));
  const auto table = file.begin() + 3 * kBlobChunk;
  std::swap_ranges(table, table + kBlobTableEntrySize, table + kBlobTableEntrySize);
  bench_->SetRaw(id, file);
  EXPECT_TRUE(IsDamaged(id));
}

TEST_P(BlobContract, ADamagedChunkDoesNotHideTheGoodOnesAndNothingOfItIsHandedOut) {
  const std::string payload = Pattern(600'000);
  const BlobId id = Write(payload);
  std::string file = bench_->Raw(id);
  file[300'000] = static_cast<char>(file[300'000] ^ 1);
  bench_->SetRaw(id, file);
  const auto reader = std::move(*store().Open(id));
  std::string out;
  ASSERT_TRUE(reader->Read(0, 262'144, out).has_value());
  EXPECT_EQ(out, payload.substr(0, 262'144));
  const auto bad = reader->Read(200'000, 200'000, out);
  ASSERT_TRUE(bad.has_error());
  EXPECT_EQ(bad.error().code, ErrorCode::kCorruption);
  EXPECT_EQ(out, "");
  ASSERT_TRUE(reader->Read(540'000, 1000, out).has_value());
  EXPECT_EQ(out, payload.substr(540'000, 1000));
}

TEST_P(BlobContract, AnUnknownIdIsNotFoundAndRemovingItIsFine) {
  const BlobId unknown = *BlobId::FromHex("ffffffffffffffffffffffffffffffff");
  EXPECT_EQ(store().Open(unknown).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store().Remove(unknown).has_value());
  EXPECT_EQ(store().Quarantine(unknown).error().code, ErrorCode::kNotFound);
}

TEST_P(BlobContract, ADroppedWriterLeavesNothing) {
  BlobId id;
  {
    auto writer = std::move(*store().Create(content_));
    id = writer->id();
    ASSERT_TRUE(writer->Append(AsBytes(Pattern(500'000))).has_value());
    EXPECT_EQ(Count(), 0u) << "unfinished blobs are not visited";
  }
  EXPECT_EQ(store().Open(id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(bench_->Raw(id), "");
}

TEST_P(BlobContract, AFinishedWriterTakesNothingMore) {
  auto writer = std::move(*store().Create(content_));
  ASSERT_TRUE(writer->Append(AsBytes("x")).has_value());
  ASSERT_TRUE(writer->Finish().has_value());
  EXPECT_TRUE(writer->Append(AsBytes("y")).has_error());
  EXPECT_TRUE(writer->Finish().has_error());
  const BlobId id = writer->id();
  writer.reset();
  EXPECT_EQ(*ReadAll(id), "x");
}

TEST_P(BlobContract, RemovedAndQuarantinedBlobsAreNotFound) {
  const BlobId a = Write("a");
  const BlobId b = Write("b");
  EXPECT_EQ(Count(), 2u);
  ASSERT_TRUE(store().Remove(a).has_value());
  ASSERT_TRUE(store().Quarantine(b).has_value());
  EXPECT_EQ(Count(), 0u);
  EXPECT_EQ(store().Open(a).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store().Open(b).error().code, ErrorCode::kNotFound);
}

TEST_P(BlobContract, AnOpenReaderSurvivesRemoval) {
  const std::string payload = Pattern(400'000);
  const BlobId id = Write(payload);
  const auto reader = std::move(*store().Open(id));
  ASSERT_TRUE(store().Remove(id).has_value());
  std::string out;
  ASSERT_TRUE(reader->Read(0, payload.size(), out).has_value());
  EXPECT_EQ(out, payload);
}

TEST_P(BlobContract, ForEachTellsIdsAndFileSizesAndStopsWhenTold) {
  const BlobId id = Write(Pattern(1000));
  Write("other");
  std::size_t calls = 0;
  const auto visit = [&](const BlobId& seen, std::uint64_t file_size, std::int64_t age) {
    ++calls;
    EXPECT_EQ(file_size, seen == id ? BlobFileSize(1000) : BlobFileSize(5));
    EXPECT_GE(age, 0);
    EXPECT_LT(age, 60);
    return false;
  };
  ASSERT_TRUE(store().ForEach(visit).has_value());
  EXPECT_EQ(calls, 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Stores, BlobContract,
    testing::Values(Kind{"Memory", [] { return std::make_unique<MemoryBench>(); }},
                    Kind{"Local", [] { return std::make_unique<LocalBench>(); }}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace cairn::storage
