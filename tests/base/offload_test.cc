#include "base/offload.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>
#include <vector>

namespace cairn {
namespace {

// Runs a coroutine on this thread until it has ended. `io` is declared before the pools: their
// threads may still be waking it then.
template <class Coroutine>
void RunHere(net::io_context& io, Coroutine& coroutine) {
  io.restart();
  net::co_spawn(io, coroutine, net::detached);
  io.run();
}

TEST(Offload, RunsTheWorkOnThePoolAndComesBack) {
  net::io_context io;
  Pool pool("test", 1, 8);
  const auto here = std::this_thread::get_id();
  std::thread::id worked_on, resumed_on;
  auto story = [&]() -> net::awaitable<void> {
    auto work = [&]() -> Result<int> {
      worked_on = std::this_thread::get_id();
      return 42;
    };
    const auto result = co_await pool.Run(work);
    resumed_on = std::this_thread::get_id();
    EXPECT_EQ(result.value(), 42);
  };
  RunHere(io, story);
  EXPECT_NE(worked_on, here);
  EXPECT_NE(worked_on, std::thread::id());
  EXPECT_EQ(resumed_on, here);
  EXPECT_EQ(pool.queued(), 0U);
}

TEST(Offload, PassesErrorsAndMoveOnlyValues) {
  net::io_context io;
  Pool pool("test", 1, 8);
  auto story = [&]() -> net::awaitable<void> {
    auto fails = []() -> Result<void> { return Fail(ErrorCode::kNotFound, "absent"); };
    const auto failed = co_await pool.Run(fails);
    EXPECT_EQ(failed.error().code, ErrorCode::kNotFound);
    auto makes = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
    auto made = co_await pool.Run(makes);
    EXPECT_EQ(**made, 7);
  };
  RunHere(io, story);
}

TEST(Offload, AnswersBusyWhenTheQueueIsFull) {
  net::io_context io;
  Pool pool("test", 1, 1);
  std::promise<void> started, release;
  std::optional<ErrorCode> second;
  std::optional<int> first, third;
  auto blocks = [&]() -> Result<int> {
    started.set_value();
    release.get_future().wait();
    return 1;
  };
  auto occupies = [&]() -> net::awaitable<void> { first = (co_await pool.Run(blocks)).value(); };
  auto is_refused = [&]() -> net::awaitable<void> {
    started.get_future().wait();
    auto never = []() -> Result<int> { return 2; };
    const auto refused = co_await pool.Run(never);
    second = refused.error().code;
    release.set_value();
  };
  net::co_spawn(io, occupies, net::detached);
  net::co_spawn(io, is_refused, net::detached);
  io.run();
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, ErrorCode::kBusy);
  auto works_again = [&]() -> net::awaitable<void> {
    auto quick = []() -> Result<int> { return 3; };
    third = (co_await pool.Run(quick)).value();
  };
  RunHere(io, works_again);
  EXPECT_EQ(third, 3);
  EXPECT_EQ(pool.refused(), 1U);
}

TEST(Offload, SurvivesManyHopsFromManyStrands) {
  net::io_context io;
  Pools pools(2, 2, 1, 1);
  std::atomic<int> sum{0};
  auto story = [&]() -> net::awaitable<void> {
    for (int i = 0; i < 200; ++i) {
      auto add = [&]() -> Result<int> { return ++sum; };
      const auto in_read = co_await pools.read.Run(add);
      const auto in_write = co_await pools.write.Run(add);
      EXPECT_TRUE(in_read.has_value() && in_write.has_value());
    }
  };
  for (int i = 0; i < 20; ++i) net::co_spawn(io, story, net::detached);
  io.run();
  EXPECT_EQ(sum.load(), 20 * 200 * 2);
  pools.Join();
}

TEST(OffloadDeathTest, BlockingOnAnIoThreadIsABrokenInvariant) {
  EXPECT_FALSE(OnIoThread());
  CheckMayBlock();
  std::thread io([] {
    MarkIoThread();
    EXPECT_TRUE(OnIoThread());
  });
  io.join();
  EXPECT_FALSE(OnIoThread());
  EXPECT_DEATH(
      {
        MarkIoThread();
        CheckMayBlock();
      },
      "check failed");
}

}  // namespace
}  // namespace cairn
