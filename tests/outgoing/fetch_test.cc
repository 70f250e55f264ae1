// Servers that never answer cost their callers' budgets and nobody else anything. Nothing here
// measures time: what is asserted is what is still running when an answer is there.
#include "outgoing/fetch.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "tests/outgoing/stub_server.h"

namespace cairn::outgoing {
namespace {

using std::chrono::milliseconds;

class FetchTest : public testing::Test {
 protected:
  FetchTest() {
    ClientOptions options;
    options.allowed = {*conf::ParseNetwork("127.0.0.1")};
    options.allow_http = true;
    options.budget.per_host = 1;
    client_ = MakeClient(std::move(options), clock_);
  }
  Result<Response> Get(Pool& pool, const std::string& url, milliseconds budget) {
    std::optional<Result<Response>> answer;
    auto story = [&]() -> net::awaitable<void> {
      Request request;
      request.url = url;
      answer.emplace(co_await Fetch(*client_, pool, std::move(request), budget));
    };
    io_.restart();
    net::co_spawn(io_, story, net::detached);
    io_.run();
    return std::move(*answer);
  }

  // Before the pools of the tests: their threads may still be waking it.
  net::io_context io_;
  FakeClock clock_;
  std::unique_ptr<Client> client_;
  StubServer tar_pit_{[](auto&) { return std::string(StubServer::kNever); }};
  StubServer server_{[](auto&) { return Ok("hello"); }};
};

constexpr milliseconds kEnough{9'000};
constexpr milliseconds kShort{30};

TEST_F(FetchTest, BringsTheAnswer) {
  Pool pool("outgoing", 1, 8);
  const auto answer = Get(pool, server_.Url("/"), kEnough);
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(Get(pool, "nonsense", kEnough).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(FetchTest, ATarPitCostsItsCallersBudgetAndHoldsNobodyElse) {
  Pool pool("outgoing", 2, 8);
  // On a busy machine the first may not have begun when its budget is over.
  while (tar_pit_.connections() == 0)
    EXPECT_EQ(Get(pool, tar_pit_.Url("/"), kShort).error().code, ErrorCode::kBusy);
  // As many more callers of it as there are threads: refused, not queued behind the first.
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(Get(pool, tar_pit_.Url("/"), kEnough).error().message,
              "too many outgoing calls to this host");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Get(pool, server_.Url("/"), kEnough)->body, "hello");
  EXPECT_EQ(tar_pit_.open(), 1) << "the call goes on";
  tar_pit_.Stop();
  pool.Join();
  EXPECT_EQ(tar_pit_.connections(), 1);
}

TEST_F(FetchTest, ACallThatHasNotBegunInTimeNeverDoes) {
  Pool pool("outgoing", 1, 8);
  std::promise<void> release;
  const auto released = release.get_future().share();
  ASSERT_TRUE(pool.Post([released] { released.wait(); }));
  EXPECT_EQ(Get(pool, server_.Url("/"), kShort).error().code, ErrorCode::kBusy);
  release.set_value();
  pool.Join();
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(FetchTest, AFullPoolRefusesAtOnce) {
  Pool pool("outgoing", 1, 1);
  std::promise<void> release;
  const auto released = release.get_future().share();
  ASSERT_TRUE(pool.Post([released] { released.wait(); }));
  EXPECT_EQ(Get(pool, server_.Url("/"), kEnough).error().message, "the outgoing pool is full");
  release.set_value();
}

}  // namespace
}  // namespace cairn::outgoing
