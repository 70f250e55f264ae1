#include "http/exchange.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <vector>

namespace cairn::http {
namespace {

// An exchange whose body comes in the given pieces, then ends or fails.
class ScriptedExchange final : public Exchange {
 public:
  const Request& request() const override { return request_; }
  net::awaitable<Result<Bytes>> ReadBody() override {
    ++reads;
    if (next_ < pieces.size()) co_return AsBytes(pieces[next_++]);
    if (breaks) co_return Fail(ErrorCode::kCancelled, "gone");
    co_return Bytes{};
  }
  net::awaitable<Result<void>> Send(Response) override { co_return boost::system::in_place_value; }
  net::awaitable<Result<void>> Begin(Response, std::optional<std::uint64_t>) override {
    co_return boost::system::in_place_value;
  }
  net::awaitable<Result<void>> Write(Bytes) override { co_return boost::system::in_place_value; }
  net::awaitable<Result<void>> End() override { co_return boost::system::in_place_value; }
  void Abort() override {}
  void SetUser(std::string_view) override {}
  bool answered() const override { return false; }

  Request request_;
  std::vector<std::string> pieces;
  bool breaks = false;
  int reads = 0;

 private:
  std::size_t next_ = 0;
};

Result<std::string> WholeBody(ScriptedExchange& exchange, std::size_t limit) {
  net::io_context io;
  std::optional<Result<std::string>> result;
  auto run = [&]() -> net::awaitable<void> {
    result.emplace(co_await ReadWholeBody(exchange, limit));
  };
  net::co_spawn(io, run, net::detached);
  io.run();
  return *result;
}

TEST(ReadWholeBody, JoinsThePieces) {
  ScriptedExchange exchange;
  exchange.pieces = {"ab", "cd", "e"};
  EXPECT_EQ(WholeBody(exchange, 5).value(), "abcde");
}

TEST(ReadWholeBody, RefusesMoreThanTheLimit) {
  ScriptedExchange exchange;
  exchange.pieces = {"ab", "cd", "e"};
  EXPECT_EQ(WholeBody(exchange, 4).error().code, ErrorCode::kTooLarge);
}

TEST(ReadWholeBody, RefusesADeclaredLengthWithoutReading) {
  ScriptedExchange exchange;
  exchange.request_.framing = Framing::kLength;
  exchange.request_.content_length = 6;
  EXPECT_EQ(WholeBody(exchange, 5).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(exchange.reads, 0);
}

TEST(ReadWholeBody, PassesABrokenBodyOn) {
  ScriptedExchange exchange;
  exchange.pieces = {"ab"};
  exchange.breaks = true;
  EXPECT_EQ(WholeBody(exchange, 5).error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace cairn::http
