#include "storage/sync_gate.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <thread>
#include <vector>

namespace cairn::storage {
namespace {

class SyncGateTest : public testing::Test {
 protected:
  // A thread that waits; the future is ready once it was let through.
  std::future<Result<void>> WaitElsewhere(std::uint64_t seq) {
    return std::async(std::launch::async, [this, seq] { return gate_.WaitFor(CommitSeq{seq}); });
  }
  // A coroutine that waits and then notes its number.
  void Await(std::uint64_t seq) {
    auto wait = [](SyncGate& gate, CommitSeq at,
                   std::vector<std::string>& log) -> net::awaitable<void> {
      auto passed = co_await gate.Durable(at);
      const std::string end =
          passed.has_value() ? "durable" : std::string(Name(passed.error().code));
      log.push_back(std::to_string(static_cast<std::uint64_t>(at)) + " " + end);
    };
    net::co_spawn(io_, wait(gate_, CommitSeq{seq}, log_), net::detached);
  }

  SyncGate gate_;
  net::io_context io_;
  std::vector<std::string> log_;
};

TEST_F(SyncGateTest, NothingIsDurableByItself) {
  EXPECT_TRUE(gate_.IsDurable(CommitSeq{0}));
  EXPECT_FALSE(gate_.IsDurable(CommitSeq{1}));
  EXPECT_TRUE(gate_.WaitFor(CommitSeq{0}).has_value());
}

TEST_F(SyncGateTest, LetsThroughWhatHasPassed) {
  gate_.Pass(CommitSeq{5});
  EXPECT_TRUE(gate_.WaitFor(CommitSeq{5}).has_value());
  EXPECT_FALSE(gate_.IsDurable(CommitSeq{6}));
  gate_.Pass(CommitSeq{3});  // never back
  EXPECT_EQ(gate_.passed(), CommitSeq{5});
}

TEST_F(SyncGateTest, WakesBlockedThreads) {
  auto five = WaitElsewhere(5);
  auto six = WaitElsewhere(6);
  gate_.Pass(CommitSeq{5});
  EXPECT_TRUE(five.get().has_value());
  gate_.Pass(CommitSeq{6});
  EXPECT_TRUE(six.get().has_value());
}

TEST_F(SyncGateTest, ResumesCoroutinesOnTheirOwnExecutor) {
  Await(1);
  Await(2);
  Await(3);
  io_.poll();
  EXPECT_TRUE(log_.empty());
  std::thread([&] { gate_.Pass(CommitSeq{2}); }).join();
  EXPECT_TRUE(log_.empty());  // not on the passing thread
  io_.poll();
  EXPECT_EQ(log_, (std::vector<std::string>{"1 durable", "2 durable"}));
  gate_.Pass(CommitSeq{3});
  io_.run();
  EXPECT_EQ(log_.back(), "3 durable");
}

TEST_F(SyncGateTest, AnIoContextThatRunsWaitsForItsCoroutines) {
  Await(1);
  std::thread runner([&] { io_.run(); });
  gate_.Pass(CommitSeq{1});
  runner.join();  // ends only because the coroutine has ended
  EXPECT_EQ(log_, std::vector<std::string>{"1 durable"});
}

TEST_F(SyncGateTest, ClosingFailsWhoeverWaitsAndComesLater) {
  Await(7);
  io_.poll();
  auto blocked = WaitElsewhere(8);
  gate_.Pass(CommitSeq{6});
  gate_.Close(Fail(ErrorCode::kIo, "sync failed"));
  io_.restart();
  io_.run();
  EXPECT_EQ(log_, std::vector<std::string>{"7 input/output error"});
  EXPECT_EQ(blocked.get().error().code, ErrorCode::kIo);
  EXPECT_EQ(gate_.WaitFor(CommitSeq{9}).error().code, ErrorCode::kIo);
  EXPECT_TRUE(gate_.WaitFor(CommitSeq{6}).has_value());  // that much is durable
}

TEST_F(SyncGateTest, NeverPassesOnceClosed) {
  gate_.Close(Fail(ErrorCode::kIo, "first"));
  gate_.Close(Fail(ErrorCode::kBusy, "second"));
  gate_.Pass(CommitSeq{1});
  EXPECT_FALSE(gate_.IsDurable(CommitSeq{1}));
  EXPECT_EQ(gate_.WaitFor(CommitSeq{1}).error().message, "first");
}

}  // namespace
}  // namespace cairn::storage
