#include "storage/writer_keys.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <map>
#include <thread>
#include <vector>

namespace cairn::storage {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLong{60'000};
const WriterKey kA = SpaceKey(SpaceId{1});
const WriterKey kB = SpaceKey(SpaceId{2});

class WriterKeysTest : public testing::Test {
 protected:
  // A coroutine that takes keys, notes its name and keeps the guard until Drop(name).
  void Ask(const std::string& name, std::vector<WriterKey> wanted, milliseconds wait = kLong) {
    auto ask = [](WriterKeysTest& test, std::string who, std::vector<WriterKey> what,
                  milliseconds how_long) -> net::awaitable<void> {
      auto guard = co_await test.keys_.Acquire(std::move(what), how_long);
      if (guard.has_error()) {
        test.log_.push_back(who + " " + std::string(Name(guard.error().code)));
      } else {
        test.log_.push_back(who);
        test.guards_[who] = std::move(*guard);
      }
    };
    net::co_spawn(io_, ask(*this, name, std::move(wanted), wait), net::detached);
    Poll();
  }
  void Drop(const std::string& name) {
    guards_.erase(name);
    Poll();
  }
  void Poll() {
    io_.restart();
    io_.poll();
  }
  // Runs until `count` coroutines have noted something.
  void RunUntilLogged(std::size_t count) {
    io_.restart();
    while (log_.size() < count) io_.run_one();
  }
  bool IsFree(const WriterKey& key) {
    return keys_.AcquireBlocking({key}, milliseconds(0)).has_value();
  }

  WriterKeys keys_;
  net::io_context io_;
  std::vector<std::string> log_;
  std::map<std::string, WriterGuard> guards_;
};

TEST_F(WriterKeysTest, OneHolderAtATime) {
  Ask("first", {kA});
  Ask("second", {kA});
  Ask("other", {kB});
  EXPECT_EQ(log_, (std::vector<std::string>{"first", "other"}));
  Drop("first");
  EXPECT_EQ(log_.back(), "second");
}

TEST_F(WriterKeysTest, FirstComeFirstServed) {
  Ask("0", {kA});
  for (const char* name : {"1", "2", "3", "4"}) Ask(name, {kA});
  for (const char* name : {"0", "1", "2", "3", "4"}) Drop(name);
  EXPECT_EQ(log_, (std::vector<std::string>{"0", "1", "2", "3", "4"}));
  EXPECT_TRUE(IsFree(kA));
}

TEST_F(WriterKeysTest, WhoStandsInLineIsCounted) {
  EXPECT_EQ(keys_.Waiting(kA), 0u);
  Ask("holder", {kA});
  EXPECT_EQ(keys_.Waiting(kA), 0u);
  Ask("first", {kA});
  Ask("second", {kA, kB});
  EXPECT_EQ(keys_.Waiting(kA), 2u);
  EXPECT_EQ(keys_.Waiting(kB), 0u);
  Drop("holder");
  EXPECT_EQ(keys_.Waiting(kA), 1u);
}

TEST_F(WriterKeysTest, NobodyOvertakesTheQueueWhileAKeyIsHandedOver) {
  Ask("holder", {kA});
  Ask("queued", {kA});
  guards_.erase("holder");  // handed to "queued", which has not run yet
  EXPECT_FALSE(IsFree(kA));
  Poll();
  EXPECT_EQ(log_.back(), "queued");
}

TEST_F(WriterKeysTest, SeveralKeysAreTakenInLockOrderAndOnce) {
  auto guard = keys_.AcquireBlocking({kB, kA, DirectoryKey(), kA});
  ASSERT_TRUE(guard.has_value());
  EXPECT_EQ(guard->keys(), (std::vector<WriterKey>{DirectoryKey(), kA, kB}));
  EXPECT_TRUE(guard->Holds(kA));
  EXPECT_FALSE(guard->Holds(StagingKey(SpaceId{1})));
}

TEST_F(WriterKeysTest, OppositeOrdersDoNotDeadlock) {
  Ask("ab", {kA, kB});
  Ask("ba", {kB, kA});
  Ask("b", {kB});
  Drop("ab");  // "b" was in the queue for B before "ba", which has only A now
  EXPECT_EQ(log_, (std::vector<std::string>{"ab", "b"}));
  Drop("b");
  EXPECT_EQ(log_.back(), "ba");
}

TEST_F(WriterKeysTest, WaitingForTheSecondKeyKeepsTheFirst) {
  Ask("b", {kB});
  Ask("both", {kA, kB});
  EXPECT_FALSE(IsFree(kA));
  Drop("b");
  EXPECT_EQ(log_.back(), "both");
  Drop("both");
  EXPECT_TRUE(IsFree(kA));
  EXPECT_TRUE(IsFree(kB));
}

TEST_F(WriterKeysTest, NoKeysAreGrantedAtOnce) {
  auto guard = keys_.AcquireBlocking({}, milliseconds(0));
  ASSERT_TRUE(guard.has_value());
  EXPECT_TRUE(guard->keys().empty());
}

TEST_F(WriterKeysTest, ADeadlineThatPassesIsBusyAndLeavesNothingBehind) {
  Ask("holder", {kB});
  Ask("late", {kA, kB}, milliseconds(1));
  Ask("patient", {kA, kB});
  RunUntilLogged(2);
  EXPECT_EQ(log_[1], "late busy");
  guards_.clear();
  Poll();
  EXPECT_EQ(log_.back(), "patient");
  guards_.clear();
  EXPECT_TRUE(IsFree(kA));
  EXPECT_TRUE(IsFree(kB));
}

TEST_F(WriterKeysTest, BlockingHasADeadlineToo) {
  auto held = keys_.AcquireBlocking({kB});
  ASSERT_TRUE(held.has_value());
  EXPECT_EQ(keys_.AcquireBlocking({kA, kB}, milliseconds(1)).error().code, ErrorCode::kBusy);
  EXPECT_TRUE(IsFree(kA));  // the half that was taken is given back
  held->Release();
  EXPECT_TRUE(IsFree(kB));
}

TEST_F(WriterKeysTest, TheNextInTheQueueGetsTheKeyOfWhoGaveUp) {
  auto held = keys_.AcquireBlocking({kB});
  // "both" holds A and waits for B; "a" waits for A behind it.
  auto both = std::async(std::launch::async, [&] {
    return keys_.AcquireBlocking({kA, kB}, milliseconds(20));
  });
  auto a = std::async(std::launch::async, [&] { return keys_.AcquireBlocking({kA}, kLong); });
  EXPECT_EQ(both.get().error().code, ErrorCode::kBusy);
  EXPECT_TRUE(a.get().has_value());
}

TEST_F(WriterKeysTest, AGuardMayBeReleasedOnAnyThread) {
  Ask("first", {kA});
  Ask("second", {kA});
  std::thread([&] { guards_.at("first").Release(); }).join();
  EXPECT_EQ(log_.size(), 1U);  // resumes on its own executor only
  Poll();
  EXPECT_EQ(log_.back(), "second");
}

TEST_F(WriterKeysTest, ReleasingTwiceAndMovingAreHarmless) {
  auto guard = keys_.AcquireBlocking({kA});
  WriterGuard moved = std::move(*guard);
  guard->Release();
  EXPECT_FALSE(IsFree(kA));
  moved.Release();
  moved.Release();
  EXPECT_TRUE(IsFree(kA));
  EXPECT_FALSE(moved.Holds(kA));
  WriterGuard other;
  other = std::move(*keys_.AcquireBlocking({kA}));
  other = WriterGuard();
  EXPECT_TRUE(IsFree(kA));
}

TEST_F(WriterKeysTest, CountsWhoIsThereAndTellsWhenNobodyIs) {
  int idle = 0;
  keys_.OnIdle([&] { ++idle; });
  EXPECT_EQ(keys_.Active(), 0u);
  Ask("one", {kA});
  Ask("two", {kA, kB});
  EXPECT_EQ(keys_.Active(), 2u);
  Drop("one");
  EXPECT_EQ(keys_.Active(), 1u);
  EXPECT_EQ(idle, 0);
  Ask("late", {kB}, milliseconds(0));
  RunUntilLogged(3);
  EXPECT_EQ(log_.back(), "late busy");
  EXPECT_EQ(keys_.Active(), 1u);
  Drop("two");
  EXPECT_EQ(keys_.Active(), 0u);
  EXPECT_EQ(idle, 1);
}

TEST_F(WriterKeysTest, ManyThreadsCountWithoutLosingOne) {
  int counters[2] = {0, 0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        const bool both = (i + t) % 3 == 0;
        auto guard =
            keys_.AcquireBlocking(both ? std::vector{kB, kA} : std::vector{t % 2 == 0 ? kA : kB});
        ASSERT_TRUE(guard.has_value());
        if (both || t % 2 == 0) ++counters[0];
        if (both || t % 2 == 1) ++counters[1];
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GT(counters[0] + counters[1], 2000);
  int expected[2] = {0, 0};
  for (int t = 0; t < 4; ++t) {
    for (int i = 0; i < 500; ++i) {
      const bool both = (i + t) % 3 == 0;
      if (both || t % 2 == 0) ++expected[0];
      if (both || t % 2 == 1) ++expected[1];
    }
  }
  EXPECT_EQ(counters[0], expected[0]);
  EXPECT_EQ(counters[1], expected[1]);
}

TEST_F(WriterKeysTest, DeadlinesRacingWithReleasesLeakNothing) {
  std::vector<std::thread> threads;
  std::atomic<int> granted = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 300; ++i) {
        auto guard = keys_.AcquireBlocking({kA, kB}, milliseconds(i % 2));
        if (guard.has_value()) ++granted;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GT(granted, 0);
  EXPECT_TRUE(IsFree(kA));
  EXPECT_TRUE(IsFree(kB));
}

}  // namespace
}  // namespace cairn::storage
