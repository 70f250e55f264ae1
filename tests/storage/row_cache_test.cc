#include "storage/row_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "storage/commit.h"
#include "storage/rocks_kv.h"
#include "tests/support/temp_directory.h"

namespace cairn::storage {
namespace {

using Row = RowCache::Row;

std::string Find(const RowCache& cache, std::uint64_t view) {
  const auto row = cache.Find("key", CommitSeq{view});
  if (!row) return "(unknown)";
  return row->value_or("(none)");
}

TEST(RowCache, KnowsARowForEveryStateThatNothingHasChanged) {
  RowCache cache;
  EXPECT_EQ(Find(cache, 5), "(unknown)");
  cache.Insert("key", CommitSeq{5}, Row("a"));
  EXPECT_EQ(Find(cache, 5), "a");
  EXPECT_EQ(Find(cache, 9), "a") << "later commits did not touch the tables";
  cache.Insert("key", CommitSeq{9}, Row());
  EXPECT_EQ(Find(cache, 9), "(none)");
}

TEST(RowCache, AChangeEndsWhatWasReadBefore) {
  RowCache cache;
  cache.Insert("key", CommitSeq{5}, Row("old"));
  cache.BeginWrite();
  EXPECT_EQ(Find(cache, 5), "(unknown)") << "nobody knows yet where the change will stand";
  cache.EndWrite(CommitSeq{7});
  EXPECT_EQ(Find(cache, 9), "(unknown)");
  EXPECT_EQ(Find(cache, 6), "(unknown)") << "an older view is not served";
  cache.Insert("key", CommitSeq{9}, Row("new"));
  EXPECT_EQ(Find(cache, 9), "new");
  EXPECT_EQ(Find(cache, 6), "(unknown)");
  cache.Insert("key", CommitSeq{6}, Row("old"));  // a slow reader of an old view
  EXPECT_EQ(Find(cache, 9), "new");
}

TEST(RowCache, IsBounded) {
  RowCache cache;
  for (std::size_t i = 0; i <= RowCache::kMaxRows; ++i)
    cache.Insert(std::to_string(i), CommitSeq{1}, Row("x"));
  cache.Insert("key", CommitSeq{1}, Row("kept"));
  EXPECT_EQ(Find(cache, 1), "kept");
  EXPECT_FALSE(cache.Find("0", CommitSeq{1}).has_value());
}

// Views of every age, while two rows change together again and again: each view sees equal rows,
// none goes back, and a change is seen by whoever comes after its writer has said so.
TEST(RowCache, ViewsOfARealStoreStayConsistent) {
  TempDirectory directory;
  Faults faults("", 0, nullptr);
  RocksOptions options;
  options.path = directory.path() / "meta";
  auto opened = RocksKv::Open(options, faults);
  ASSERT_TRUE(opened.has_value());
  RocksKv& store = **opened;
  std::atomic<int> told{0};
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0};
  auto number = [](const KvView& view, std::string_view key) {
    auto row = view.Get(Table::kUsers, key);
    return row.has_value() && *row ? std::stoi(**row) : 0;
  };
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&] {
      while (!over) {
        const int floor = told;
        const auto view = store.Published();
        const int a = number(*view, "a");
        const auto later = store.PublishedInMemory();
        const int b = number(*view, "b");
        const int newer = number(*later, "a");
        if (a != b || a < floor || newer < a) ++wrong;
      }
    });
  }
  for (int i = 1; i <= 400; ++i) {
    auto change = [&](KvTxn& txn) -> Result<void> {
      txn.Put(Table::kUsers, "a", std::to_string(i));
      txn.Put(Table::kUsers, "b", std::to_string(i));
      EXPECT_EQ(number(txn, "a"), i) << "its own writes";
      return {};
    };
    ASSERT_TRUE(CommitBlocking(store, {DirectoryKey()}, change).has_value());
    told = i;
    auto look = [&](KvTxn& txn) -> Result<void> {
      EXPECT_EQ(number(txn, "a"), i);
      return {};
    };
    ASSERT_TRUE(CommitBlocking(store, {SpaceKey(SpaceId{1})}, look).has_value());
  }
  over = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace cairn::storage
