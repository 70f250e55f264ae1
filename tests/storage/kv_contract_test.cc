// What every KvStore promises (storage/kv_store.h), run on each of them.
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/commit.h"
#include "storage/key_range.h"
#include "storage/memory_kv.h"
#include "storage/rocks_kv.h"
#include "tests/support/temp_directory.h"

namespace cairn::storage {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
constexpr Table kT = Table::kEntries;

class KvContract : public testing::TestWithParam<std::string> {
 protected:
  KvContract() { Open(); }

  void Open(std::chrono::milliseconds lease = kViewLease) {
    store_.reset();
    if (GetParam() == "memory") {
      store_ = std::make_unique<MemoryKv>(lease);
      return;
    }
    RocksOptions options;
    options.path = directory_.path() / "meta";
    options.view_lease = lease;
    auto opened = RocksKv::Open(options, faults_);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
  }

  std::unique_ptr<KvTxn> Begin() {
    guard_ = WriterGuard();
    guard_ = std::move(*store_->writers().AcquireBlocking({DirectoryKey()}));
    return store_->Begin(guard_);
  }
  // Commits and waits until it is durable.
  CommitSeq Write(const std::function<void(KvTxn&)>& change) {
    auto txn = Begin();
    change(*txn);
    auto seq = txn->Commit();
    CAIRN_CHECK(seq.has_value());
    CAIRN_CHECK(store_->gate().WaitFor(*seq).has_value());
    return *seq;
  }
  void Put(std::string_view key, std::string_view value, Table table = kT) {
    Write([&](KvTxn& txn) { txn.Put(table, key, value); });
  }
  static std::string Get(const KvView& view, std::string_view key, Table table = kT) {
    auto value = view.Get(table, key);
    if (value.has_error()) return "error: " + std::string(Name(value.error().code));
    return value->value_or("(none)");
  }
  std::string Get(std::string_view key, Table table = kT) {
    return Get(*store_->Published(), key, table);
  }
  static Pairs Scan(const KvView& view, std::string_view prefix, std::string_view after = {},
                    std::size_t limit = 1'000'000, Table table = kT) {
    Pairs found;
    auto visit = [&](std::string_view rest, std::string_view value) {
      found.emplace_back(rest, value);
      return found.size() < limit;
    };
    const auto scanned = view.Scan(table, prefix, after, visit);
    if (scanned.has_error()) return {{"error", std::string(Name(scanned.error().code))}};
    return found;
  }
  Pairs Scan(std::string_view prefix, std::string_view after = {}) {
    return Scan(*store_->Published(), prefix, after);
  }

  TempDirectory directory_;
  Faults faults_{"", 0, nullptr};
  std::unique_ptr<KvStore> store_;
  WriterGuard guard_;
};

TEST_P(KvContract, GivesBackWhatWasPut) {
  Put("a", "1");
  Put("b", std::string("\0\xff\n", 3));
  Put("", "empty key");
  Put("empty value", "");
  EXPECT_EQ(Get("a"), "1");
  EXPECT_EQ(Get("b"), std::string("\0\xff\n", 3));
  EXPECT_EQ(Get(""), "empty key");
  EXPECT_EQ(Get("empty value"), "");
  EXPECT_EQ(Get("c"), "(none)");
  Put("a", "2");
  EXPECT_EQ(Get("a"), "2");
}

TEST_P(KvContract, ErasingIsFinalAndNotFussy) {
  Put("a", "1");
  Write([](KvTxn& txn) {
    txn.Erase(kT, "a");
    txn.Erase(kT, "was never there");
  });
  EXPECT_EQ(Get("a"), "(none)");
  Put("a", "again");
  EXPECT_EQ(Get("a"), "again");
}

TEST_P(KvContract, TablesAreApart) {
  for (const Table table :
       {Table::kSystem, Table::kUserTokens, Table::kInline, Table::kCandidates, Table::kEvents}) {
    Put("key", std::to_string(static_cast<int>(table)), table);
  }
  for (const Table table :
       {Table::kSystem, Table::kUserTokens, Table::kInline, Table::kCandidates, Table::kEvents}) {
    EXPECT_EQ(Get("key", table), std::to_string(static_cast<int>(table)));
    EXPECT_EQ(Scan(*store_->Published(), "", {}, 10, table).size(), 1U);
  }
  EXPECT_EQ(Get("key", Table::kNodes), "(none)");
}

TEST_P(KvContract, MultiGetAnswersInTheOrderAsked) {
  Put("a", "1");
  Put("c", "3");
  const std::vector<std::string> keys = {"c", "b", "a", "c"};
  const auto view = store_->Published();
  EXPECT_EQ(*view->MultiGet(kT, keys),
            (std::vector<std::optional<std::string>>{"3", std::nullopt, "1", "3"}));
  EXPECT_TRUE(view->MultiGet(kT, {})->empty());
  auto txn = Begin();
  txn->Put(kT, "b", "2");
  txn->Erase(kT, "a");
  EXPECT_EQ(*txn->MultiGet(kT, keys),
            (std::vector<std::optional<std::string>>{"3", "2", std::nullopt, "3"}));
}

TEST_P(KvContract, LookUpsAreCounted) {
  Put("a", "1");
  const auto view = store_->Published();
  const std::vector<std::string> keys = {"a", "b", "c"};
  EXPECT_EQ(view->gets(), 0U);
  Get(*view, "a");
  ASSERT_TRUE(view->MultiGet(kT, keys).has_value());
  Scan(*view, "");
  EXPECT_EQ(view->gets(), 4U);
  EXPECT_EQ(store_->Published()->gets(), 0U);  // each view counts its own
  auto txn = Begin();
  Get(*txn, "a");
  ASSERT_TRUE(txn->MultiGet(kT, keys).has_value());
  EXPECT_EQ(txn->gets(), 4U);
}

TEST_P(KvContract, ScansStayInsideThePrefix) {
  for (const char* key : {"a", "b", "b\x01", "ba", "bb", "b\xff", "c"}) Put(key, key);
  Put(std::string("b\0", 2), "nul");
  EXPECT_EQ(Scan("b"), (Pairs{{"", "b"},
                              {std::string("\0", 1), "nul"},
                              {"\x01", "b\x01"},
                              {"a", "ba"},
                              {"b", "bb"},
                              {"\xff", "b\xff"}}));
  EXPECT_EQ(Scan("").size(), 8U);
  EXPECT_TRUE(Scan("bc").empty());
  EXPECT_TRUE(Scan("d").empty());
}

TEST_P(KvContract, APrefixOfOnes) {
  const std::string ones(8, '\xff');
  Put(ones, "itself");
  Put(ones + "x", "below");
  Put(std::string(7, '\xff'), "before");
  Put("\x01", "next table", Table::kNodes);
  EXPECT_EQ(Scan(ones), (Pairs{{"", "itself"}, {"x", "below"}}));
}

TEST_P(KvContract, AfterIsExclusiveAndNeedNotExist) {
  for (const char* key : {"p", "pa", "pab", "pb", "pc"}) Put(key, "");
  const auto names = [&](std::string_view after) {
    std::string all;
    for (const auto& [rest, value] : Scan("p", after)) all += rest + ",";
    return all;
  };
  EXPECT_EQ(names(""), ",a,ab,b,c,");
  EXPECT_EQ(names("a"), "ab,b,c,");
  EXPECT_EQ(names("aa"), "ab,b,c,");
  EXPECT_EQ(names("b"), "c,");
  EXPECT_EQ(names("c"), "");
  EXPECT_EQ(names("\xff"), "");
}

TEST_P(KvContract, PagingByTheLastKeySeesEachOnce) {
  Write([](KvTxn& txn) {
    for (int i = 0; i < 2500; ++i) txn.Put(kT, "p" + std::to_string(10'000 + i), std::to_string(i));
    txn.Put(kT, "q", "beyond");
  });
  const auto view = store_->Published();
  Pairs all;
  std::string after;
  while (true) {
    const Pairs page = Scan(*view, "p", after, 128);
    if (page.empty()) break;
    all.insert(all.end(), page.begin(), page.end());
    after = page.back().first;
  }
  EXPECT_EQ(all, Scan(*view, "p"));
  ASSERT_EQ(all.size(), 2500U);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].second, std::to_string(i));
  EXPECT_EQ(Scan(*Begin(), "p"), all);  // a transaction pages inside
}

TEST_P(KvContract, AVisitorMayUseTheViewAndStop) {
  for (const char* key : {"a", "b", "c"}) Put(key, key);
  const auto view = store_->Published();
  int visited = 0;
  auto visit = [&](std::string_view rest, std::string_view) {
    EXPECT_EQ(Get(*view, rest), rest);
    return ++visited < 2;
  };
  ASSERT_TRUE(view->Scan(kT, {}, {}, visit).has_value());
  EXPECT_EQ(visited, 2);
}

TEST_P(KvContract, AVisitorMayChangeTheTransaction) {
  Write([](KvTxn& txn) {
    for (int i = 0; i < 300; ++i) txn.Put(kT, "p" + std::to_string(1000 + i), "");
  });
  Write([](KvTxn& txn) {
    int visited = 0;
    auto visit = [&](std::string_view rest, std::string_view) {
      txn.Erase(kT, "p" + std::string(rest));
      txn.Put(kT, "done" + std::string(rest), "");
      ++visited;
      return true;
    };
    ASSERT_TRUE(txn.Scan(kT, "p", {}, visit).has_value());
    EXPECT_EQ(visited, 300);
  });
  EXPECT_TRUE(Scan("p").empty());
  EXPECT_EQ(Scan("done").size(), 300U);
}

TEST_P(KvContract, AViewIsFrozen) {
  Put("a", "old");
  Put("gone", "there");
  const auto before = store_->Published();
  Write([](KvTxn& txn) {
    txn.Put(kT, "a", "new");
    txn.Put(kT, "b", "new");
    txn.Erase(kT, "gone");
  });
  for (int i = 0; i < 10; ++i) Put("a", std::to_string(i));
  EXPECT_EQ(Scan(*before, ""), (Pairs{{"a", "old"}, {"gone", "there"}}));
  EXPECT_EQ(Get(*before, "a"), "old");
  EXPECT_EQ(Scan(""), (Pairs{{"a", "9"}, {"b", "new"}}));
}

TEST_P(KvContract, ATransactionSeesItsOwnWritesAndNobodyElseDoes) {
  for (const char* key : {"a", "b", "c"}) Put(key, "old");
  auto txn = Begin();
  EXPECT_FALSE(txn->dirty());
  txn->Put(kT, "b", "new");
  txn->Put(kT, "bb", "new");
  txn->Erase(kT, "c");
  EXPECT_TRUE(txn->dirty());
  EXPECT_EQ(Get(*txn, "b"), "new");
  EXPECT_EQ(Get(*txn, "c"), "(none)");
  EXPECT_EQ(Scan(*txn, ""), (Pairs{{"a", "old"}, {"b", "new"}, {"bb", "new"}}));
  EXPECT_EQ(Scan(*txn, "b", "b"), Pairs{});
  EXPECT_EQ(Scan(*txn, "b"), (Pairs{{"", "new"}, {"b", "new"}}));
  EXPECT_EQ(Get("b"), "old");
  txn.reset();  // dropped: nothing happened
  EXPECT_EQ(Scan(""), (Pairs{{"a", "old"}, {"b", "old"}, {"c", "old"}}));
}

TEST_P(KvContract, TheLastWriteOfAKeyInATransactionCounts) {
  Write([](KvTxn& txn) {
    txn.Put(kT, "a", "1");
    txn.Erase(kT, "a");
    txn.Put(kT, "b", "1");
    txn.Put(kT, "b", "2");
    txn.Erase(kT, "c");
    txn.Put(kT, "c", "3");
  });
  EXPECT_EQ(Scan(""), (Pairs{{"b", "2"}, {"c", "3"}}));
}

TEST_P(KvContract, BlindWritesAreCommittedInTheirOrder) {
  Write([](KvTxn& txn) {
    EXPECT_FALSE(txn.dirty());
    txn.PutBlind(kT, "a", "1");
    EXPECT_TRUE(txn.dirty());
    txn.Put(kT, "b", "1");
    txn.PutBlind(kT, "b", "2");
    txn.PutBlind(kT, "c", "1");
    txn.Put(kT, "c", "2");
    txn.PutBlind(kT, "d", "1");
    txn.Erase(kT, "d");
    txn.Put(kT, "e", "1");
    EXPECT_EQ(Get(txn, "e"), "1");
  });
  EXPECT_EQ(Scan(""), (Pairs{{"a", "1"}, {"b", "2"}, {"c", "2"}, {"e", "1"}}));
  auto dropped = Begin();
  dropped->PutBlind(kT, "f", "1");
  dropped.reset();
  auto large = Begin();
  large->PutBlind(kT, "g", std::string(kMaxValueSize + 1, 'x'));
  EXPECT_EQ(large->Commit().error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(Scan("f"), Pairs{});
}

TEST_P(KvContract, TransactionsSeeCommitsBeforeTheyAreDurable) {
  auto first = Begin();
  first->Put(kT, "a", "1");
  const auto seq = first->Commit();
  ASSERT_TRUE(seq.has_value());
  auto second = Begin();
  EXPECT_EQ(Get(*second, "a"), "1");
  EXPECT_GE(store_->LatestSeq(), *seq);
  ASSERT_TRUE(store_->gate().WaitFor(store_->LatestSeq()).has_value());
  EXPECT_EQ(Get("a"), "1");
}

TEST_P(KvContract, SequenceNumbersRiseAndAnEmptyCommitTakesNone) {
  const CommitSeq one = Write([](KvTxn& txn) { txn.Put(kT, "a", "1"); });
  const CommitSeq two = Write([](KvTxn& txn) { txn.Put(kT, "a", "2"); });
  EXPECT_LT(one, two);
  EXPECT_EQ(Write([](KvTxn&) {}), two);
  EXPECT_EQ(store_->LatestSeq(), two);
  EXPECT_TRUE(store_->gate().IsDurable(two));
}

TEST_P(KvContract, TakesTheLargestKeyValueAndTransaction) {
  const std::string key(kMaxKeySize, 'k');
  const std::string value(kMaxValueSize, 'v');
  Put(key, value);
  EXPECT_EQ(Get(key), value);
  Write([&](KvTxn& txn) {
    for (int i = 0; i < 3; ++i) txn.Put(kT, std::to_string(i), value);
  });
  EXPECT_EQ(Get("2"), value);
}

TEST_P(KvContract, RefusesWhatIsLarger) {
  const auto refused = [&](const std::function<void(KvTxn&)>& change) {
    auto txn = Begin();
    txn->Put(kT, "with it", "");
    change(*txn);
    auto committed = txn->Commit();
    ASSERT_TRUE(committed.has_error());
    EXPECT_EQ(committed.error().code, ErrorCode::kTooLarge);
  };
  const std::string value(kMaxValueSize, 'v');
  refused([&](KvTxn& txn) { txn.Put(kT, "k", value + "v"); });
  refused([&](KvTxn& txn) { txn.Put(kT, std::string(kMaxKeySize + 1, 'k'), "v"); });
  refused([&](KvTxn& txn) { txn.Erase(kT, std::string(kMaxKeySize + 1, 'k')); });
  refused([&](KvTxn& txn) {
    for (int i = 0; i < 4; ++i) txn.Put(kT, std::to_string(i), value);
  });
  EXPECT_TRUE(Scan("").empty());
}

TEST_P(KvContract, AViewPastItsLeaseIsCancelled) {
  Open(std::chrono::milliseconds(0));
  const auto view = store_->Published();
  const std::vector<std::string> keys = {"a"};
  EXPECT_EQ(Get(*view, "a"), "error: cancelled");
  EXPECT_EQ(Scan(*view, ""), (Pairs{{"error", "cancelled"}}));
  EXPECT_EQ(view->MultiGet(kT, keys).error().code, ErrorCode::kCancelled);
}

TEST_P(KvContract, ManyWritersSideBySide) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        auto raise = [&](KvTxn& txn) -> Result<void> {
          const std::string key = "counter" + std::to_string(t % 2);
          ASSIGN_OR_RETURN(const auto old, txn.Get(kT, key));
          txn.Put(kT, key, std::to_string(std::stoi(old.value_or("0")) + 1));
          return {};
        };
        const auto done =
            CommitBlocking(*store_, {SpaceKey(SpaceId(static_cast<unsigned>(t % 2)))}, raise);
        ASSERT_TRUE(done.has_value()) << done.error().message;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(Get("counter0"), std::to_string(kEach * kThreads / 2));
  EXPECT_EQ(Get("counter1"), std::to_string(kEach * kThreads / 2));
}

TEST_P(KvContract, ClosingTheStoreFailsWhoeverWaits) {
  const CommitSeq never{static_cast<std::uint64_t>(store_->LatestSeq()) + 1000};
  std::promise<Result<void>> outcome;
  std::thread waiter([&, gate = &store_->gate()] { outcome.set_value(gate->WaitFor(never)); });
  store_->gate().Close(Fail(ErrorCode::kBusy, "closing"));
  EXPECT_EQ(outcome.get_future().get().error().code, ErrorCode::kBusy);
  waiter.join();
}

// Whatever a store keeps of erased rows, it gives back what is dead, and nothing else.
TEST_P(KvContract, ReclaimingKeepsWhatIsThere) {
  const std::string value(1000, 'v');
  Write([&](KvTxn& txn) {
    for (int i = 0; i < 1000; ++i) txn.Put(Table::kInline, std::to_string(10'000 + i), value);
  });
  ASSERT_TRUE(store_->Reclaim(Family::kInline, 0.3, 0).has_value());
  Write([&](KvTxn& txn) {
    for (int i = 0; i < 1000; ++i) {
      if (i % 10 != 0) txn.Erase(Table::kInline, std::to_string(10'000 + i));
    }
  });
  const auto reclaimed = store_->Reclaim(Family::kInline, 0.3, 0);
  ASSERT_TRUE(reclaimed.has_value());
  EXPECT_EQ(*reclaimed > 500'000, GetParam() == "rocks") << *reclaimed;
  // Afterwards there is nothing left but a few tombstones.
  EXPECT_LT(*store_->Reclaim(Family::kInline, 0.3, 0), 50'000u);
  EXPECT_EQ(*store_->Reclaim(Family::kInline, 0.3, 0), 0u);
  const Pairs left = Scan(*store_->Published(), {}, {}, 1'000'000, Table::kInline);
  ASSERT_EQ(left.size(), 100u);
  EXPECT_EQ(left.front().second, value);
}

TEST_P(KvContract, LittleIsNotReclaimed) {
  const std::string value(1000, 'v');
  const auto erase = [&](int first, int last) {
    Write([&](KvTxn& txn) {
      for (int i = first; i < last; ++i) txn.Erase(Table::kInline, std::to_string(10'000 + i));
    });
  };
  Write([&](KvTxn& txn) {
    for (int i = 0; i < 1000; ++i) txn.Put(Table::kInline, std::to_string(10'000 + i), value);
  });
  erase(0, 200);
  EXPECT_EQ(*store_->Reclaim(Family::kInline, 0.3, 0), 0u);  // too small a share
  erase(200, 600);
  EXPECT_EQ(*store_->Reclaim(Family::kInline, 0.3, 10u << 20), 0u);  // too few bytes
}

INSTANTIATE_TEST_SUITE_P(Stores, KvContract, testing::Values("memory", "rocks"),
                         [](const auto& store) { return store.param; });

class MemoryKvTest : public testing::Test {
 protected:
  CommitSeq Put(std::string_view key, std::string_view value) {
    const WriterGuard guard;
    auto txn = store_.Begin(guard);
    txn->Put(kT, key, value);
    return *txn->Commit();
  }
  std::string Published(std::string_view key) {
    return store_.Published()->Get(kT, key)->value_or("(none)");
  }
  MemoryKv store_;
};

TEST_F(MemoryKvTest, AHeldSyncPublishesNothing) {
  Put("a", "1");
  store_.HoldSync();
  const CommitSeq seq = Put("a", "2");
  EXPECT_FALSE(store_.gate().IsDurable(seq));
  EXPECT_EQ(Published("a"), "1");
  const WriterGuard guard;
  EXPECT_EQ(*store_.Begin(guard)->Get(kT, "a"), "2");
  EXPECT_EQ(store_.LatestSeq(), seq);
  store_.ReleaseSync();
  EXPECT_TRUE(store_.gate().IsDurable(seq));
  EXPECT_EQ(Published("a"), "2");
}

TEST_F(MemoryKvTest, AFailedSyncNeverPassesAnything) {
  store_.FailSync();
  const CommitSeq seq = Put("a", "1");
  EXPECT_EQ(store_.gate().WaitFor(seq).error().code, ErrorCode::kIo);
  EXPECT_EQ(Published("a"), "(none)");
}

TEST_F(MemoryKvTest, ABusyStoreIsTriedAgain) {
  store_.RefuseCommits(2);
  int runs = 0;
  auto body = [&](KvTxn& txn) -> Result<void> {
    ++runs;
    txn.Put(kT, "a", "1");
    return {};
  };
  EXPECT_TRUE(CommitBlocking(store_, {DirectoryKey()}, body).has_value());
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(Published("a"), "1");
  store_.RefuseCommits(kCommitAttempts);
  EXPECT_EQ(CommitBlocking(store_, {DirectoryKey()}, body).error().code, ErrorCode::kBusy);
}

}  // namespace
}  // namespace cairn::storage
