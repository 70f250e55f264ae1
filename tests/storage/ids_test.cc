#include "storage/ids.h"

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "storage/memory_kv.h"
#include "storage/records.h"

namespace cairn::storage {
namespace {

class IdSourceTest : public testing::Test {
 protected:
  std::uint64_t Bound() {
    auto counter = ReadRecord<CounterRecord>(*store_.Published(), Table::kSystem, keys::kFileIds);
    return counter->value_or(CounterRecord()).next_block();
  }
  std::uint64_t Take(IdSource& source) {
    CAIRN_CHECK(source.Reserve(1).has_value());
    return *source.Next();
  }
  MemoryKv store_;
};

TEST_F(IdSourceTest, CountsFromOneWithoutGaps) {
  IdSource source(store_, keys::kFileIds);
  for (std::uint64_t expected = 1; expected <= 3 * IdSource::kBlock; ++expected) {
    ASSERT_EQ(Take(source), expected);
  }
}

TEST_F(IdSourceTest, NothingIsGivenThatIsNotReserved) {
  IdSource source(store_, keys::kFileIds);
  EXPECT_EQ(source.Next().error().code, ErrorCode::kBusy);
  EXPECT_EQ(Bound(), 0U);
}

TEST_F(IdSourceTest, EveryIdIsBelowTheDurableBound) {
  IdSource source(store_, keys::kFileIds);
  for (int i = 0; i < 2500; ++i) {
    const std::uint64_t id = Take(source);
    ASSERT_LT(id, Bound());
  }
}

TEST_F(IdSourceTest, ABlockIsOneCommit) {
  IdSource source(store_, keys::kFileIds);
  ASSERT_TRUE(source.Reserve(1).has_value());
  const CommitSeq after_first = store_.LatestSeq();
  for (int i = 0; i < 500; ++i) Take(source);
  EXPECT_EQ(store_.LatestSeq(), after_first);
}

TEST_F(IdSourceTest, AReservationMayBeLargerThanABlock) {
  IdSource source(store_, keys::kFileIds);
  ASSERT_TRUE(source.Reserve(5000).has_value());
  for (std::uint64_t expected = 1; expected <= 5000; ++expected)
    ASSERT_EQ(*source.Next(), expected);
}

TEST_F(IdSourceTest, ARestartGoesOnAboveTheOldBound) {
  std::uint64_t last = 0;
  {
    IdSource source(store_, keys::kFileIds);
    for (int i = 0; i < 10; ++i) last = Take(source);
  }
  const std::uint64_t bound = Bound();
  IdSource source(store_, keys::kFileIds);
  EXPECT_GT(Take(source), last);
  EXPECT_GE(Bound(), bound);
}

TEST_F(IdSourceTest, TwoSourcesOfOneCounterNeverMeet) {
  IdSource one(store_, keys::kFileIds);
  IdSource two(store_, keys::kFileIds);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(seen.insert(Take(one)).second);
    ASSERT_TRUE(seen.insert(Take(two)).second);
  }
}

TEST_F(IdSourceTest, CountersAreApart) {
  IdSource files(store_, keys::kFileIds);
  IdSource users(store_, keys::kUserIds);
  EXPECT_EQ(Take(files), 1U);
  EXPECT_EQ(Take(users), 1U);
}

TEST_F(IdSourceTest, ThreadsGetDistinctIdsAndAreNeverTurnedAway) {
  IdSource source(store_, keys::kFileIds);
  std::mutex mu;
  std::set<std::uint64_t> seen;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(source.Reserve(1).has_value());
        const auto id = source.Next();
        ASSERT_TRUE(id.has_value());
        const std::lock_guard lock(mu);
        ASSERT_TRUE(seen.insert(*id).second);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(seen.size(), 4000U);
  EXPECT_EQ(*seen.rbegin(), 4000U);
}

TEST_F(IdSourceTest, AStoreWhoseSyncFailsGivesNone) {
  store_.FailSync();
  IdSource source(store_, keys::kFileIds);
  EXPECT_EQ(source.Reserve(1).error().code, ErrorCode::kIo);
  EXPECT_EQ(source.Next().error().code, ErrorCode::kBusy);
}

TEST_F(IdSourceTest, ADamagedCounterGivesNone) {
  const WriterGuard guard;
  auto txn = store_.Begin(guard);
  txn->Put(Table::kSystem, keys::kFileIds, "\xff\xff\xff");
  ASSERT_TRUE(txn->Commit().has_value());
  IdSource source(store_, keys::kFileIds);
  EXPECT_EQ(source.Reserve(1).error().code, ErrorCode::kCorruption);
}

TEST(EtagSourceTest, CountsBehindARandomStart) {
  SeededRandom random(1);
  EtagSource source(random);
  const Etag one = source.Next();
  const Etag two = source.Next();
  EXPECT_EQ(one.start, two.start);
  EXPECT_EQ(one.count, 1U);
  EXPECT_EQ(two.count, 2U);
  EXPECT_NE(EtagSource(random).Next().start, one.start);
}

TEST(EtagSourceTest, TextIs32HexDigits) {
  EXPECT_EQ((Etag{0x1234, 0xabcdef}).Text(), "00000000000012340000000000abcdef");
  EXPECT_EQ((Etag{UINT64_MAX, UINT64_MAX}).Text(), std::string(32, 'f'));
}

}  // namespace
}  // namespace cairn::storage
