// Requests and answers on a real connection: framing, keep-alive, pipelining, deadlines.
#include <gmock/gmock.h>

#include <future>
#include <stdexcept>

#include "tests/server/test_server.h"

namespace cairn::server {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ConnectionTest : public ServerTest {};

std::string Pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * 31 + i / 251) & 0xff);
  return text;
}

std::string Chunked(std::string_view body, std::size_t step) {
  std::string out;
  for (std::size_t at = 0; at < body.size(); at += step) {
    const auto piece = body.substr(at, step);
    char line[24];
    std::snprintf(line, sizeof line, "%zX\r\n", piece.size());
    out.append(line).append(piece).append("\r\n");
  }
  return out + "0\r\n\r\n";
}

std::string PutChunked(const std::string& path, const std::string& chunks) {
  return "PUT " + path + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

TEST_F(ConnectionTest, AnswerHasTheFixedHeaders) {
  Start();
  RawClient client(port_);
  const auto response = client.Exchange(Get("/hello", "X-Request-Id: abc-1\r\n"));
  EXPECT_EQ(response.head,
            "HTTP/1.1 200 OK\r\n"
            "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
            "X-Request-Id: abc-1\r\n"
            "Referrer-Policy: no-referrer\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "X-Frame-Options: SAMEORIGIN\r\n"
            "X-Permitted-Cross-Domain-Policies: none\r\n"
            "X-Robots-Tag: noindex, nofollow\r\n"
            "Content-Length: 5\r\n");
  EXPECT_EQ(response.body, "hello");
}

TEST_F(ConnectionTest, UnusableRequestIdIsReplaced) {
  Start();
  RawClient client(port_);
  const auto response = client.Exchange(Get("/hello", "X-Request-Id: <script>\r\n"));
  EXPECT_EQ(response.Header("X-Request-Id").size(), 20u);
}

TEST_F(ConnectionTest, KeepsTheConnectionForTheNextRequest) {
  Start();
  RawClient client(port_);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.Exchange(Get("/hello")).body, "hello");
  EXPECT_EQ(server_->connections(), 1u);
}

TEST_F(ConnectionTest, PipelinedRequestsAreAnsweredInOrder) {
  Start();
  RawClient client(port_);
  client.Send(Get("/hello") + Put("/echo", "one") + PutChunked("/echo", Chunked("two", 2)) +
              Put("/echo", "") + Get("/hello"));
  EXPECT_EQ(client.Receive().body, "hello");
  EXPECT_EQ(client.Receive().body, "one");
  EXPECT_EQ(client.Receive().body, "two");
  EXPECT_EQ(client.Receive().body, "");
  EXPECT_EQ(client.Receive().body, "hello");
}

TEST_F(ConnectionTest, ConnectionCloseIsHonoured) {
  Start();
  RawClient client(port_);
  const auto response = client.Exchange(Get("/hello", "Connection: close\r\n"));
  EXPECT_EQ(response.Header("Connection"), "close");
  EXPECT_TRUE(client.SeesEnd());
}

TEST_F(ConnectionTest, Http10ClosesUnlessAskedNotTo) {
  Start();
  RawClient once(port_);
  EXPECT_EQ(once.Exchange("GET /hello HTTP/1.0\r\nHost: h\r\n\r\n").Header("Connection"), "close");
  EXPECT_TRUE(once.SeesEnd());
  RawClient kept(port_);
  const std::string request = "GET /hello HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_EQ(kept.Exchange(request).Header("Connection"), "keep-alive");
  EXPECT_EQ(kept.Exchange(request).body, "hello");
}

TEST_F(ConnectionTest, HeadHasTheLengthWithoutTheBody) {
  Start();
  RawClient client(port_);
  client.Send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n" + Get("/hello"));
  const auto head = client.Receive(true);
  EXPECT_EQ(head.Header("Content-Length"), "5");
  EXPECT_EQ(client.Receive().body, "hello");
}

TEST_F(ConnectionTest, BodiesArriveByteExact) {
  Start();
  const std::string body = Pattern(3'000'001);
  RawClient client(port_);
  EXPECT_TRUE(client.Exchange(Put("/echo", body)).body == body);
  for (const std::size_t step : {70'000u, 65'536u, 4'093u}) {
    EXPECT_TRUE(client.Exchange(PutChunked("/echo", Chunked(body, step))).body == body) << step;
  }
  const std::string small = Pattern(5'000);
  EXPECT_TRUE(client.Exchange(PutChunked("/echo", Chunked(small, 1))).body == small);
}

TEST_F(ConnectionTest, ChunkedBodyInSingleBytes) {
  Start();
  RawClient client(port_);
  for (const char c :
       PutChunked("/echo", "3;a=\"b\"\r\nabc\r\n0005\r\ndefgh\r\n0;x\r\nTrailer: 1\r\n\r\n")) {
    ASSERT_TRUE(client.Send(std::string(1, c)));
  }
  EXPECT_EQ(client.Receive().body, "abcdefgh");
  EXPECT_EQ(client.Exchange(Get("/hello")).body, "hello");
}

TEST_F(ConnectionTest, ContinueIsSentAtTheFirstRead) {
  Start();
  RawClient client(port_);
  client.Send("PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 100);
  client.Send("abc");
  EXPECT_EQ(client.Receive().body, "abc");
  EXPECT_EQ(client.Exchange(Get("/hello")).body, "hello");
}

TEST_F(ConnectionTest, RefusalIsNotPrecededByContinue) {
  Start();
  RawClient client(port_);
  const auto response = client.Exchange(
      "PUT /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.Header("Connection"), "close");
  EXPECT_TRUE(client.SeesEnd());
}

TEST_F(ConnectionTest, SmallUnreadBodyIsSkipped) {
  Start();
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(Put("/refuse", Pattern(100'000))).status, 403);
  EXPECT_EQ(client.Exchange(PutChunked("/refuse", Chunked(Pattern(100'000), 999))).status, 403);
  EXPECT_EQ(client.Exchange(Get("/hello")).body, "hello");
}

TEST_F(ConnectionTest, LargeUnreadBodyClosesAndTheAnswerArrives) {
  Start();
  RawClient client(port_);
  client.Send("PUT /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n");
  client.Send(Pattern(4'000'000));
  const auto response = client.Receive();
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.Header("Connection"), "close");
  EXPECT_TRUE(client.SeesEnd());
}

TEST_F(ConnectionTest, UploadThatBreaksOffReachesTheHandlerAsCancelled) {
  std::atomic<int> code = -1;
  router_.On("/read", [&](http::Exchange& exchange) -> net::awaitable<void> {
    auto body = co_await http::ReadWholeBody(exchange, 1 << 20);
    code = body.has_error() ? static_cast<int>(body.error().code) : -2;
  });
  Start();
  RawClient client(port_);
  client.Send("PUT /read HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  client.CloseWrite();
  EXPECT_EQ(client.Receive().status, 400);
  EXPECT_EQ(code, static_cast<int>(ErrorCode::kCancelled));
  EXPECT_TRUE(client.SeesEnd());
}

TEST_F(ConnectionTest, StalledBodyEndsByDeadline) {
  options_.limits.body = milliseconds(50);
  Start();
  RawClient client(port_);
  client.Send("PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  client.Receive();
  EXPECT_TRUE(client.SeesEnd());
}

TEST_F(ConnectionTest, SlowHeadIsClosedByDeadline) {
  options_.limits.head = milliseconds(60);
  Start();
  RawClient silent(port_);
  RawClient slow(port_);
  slow.Send("GET /hello HT");
  EXPECT_TRUE(silent.SeesEnd());
  EXPECT_TRUE(slow.SeesEnd());
  RawClient second(port_);
  EXPECT_EQ(second.Exchange(Get("/hello")).status, 200);
  second.Send("GET /he");
  EXPECT_TRUE(second.SeesEnd());
  EXPECT_THAT(router_.seen(), ElementsAre("GET /hello"));
}

TEST_F(ConnectionTest, IdleConnectionIsClosedByDeadline) {
  options_.limits.idle = milliseconds(50);
  Start();
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(Get("/hello")).status, 200);
  EXPECT_TRUE(client.SeesEnd());
}

TEST_F(ConnectionTest, PeerThatDoesNotReadIsBrokenOff) {
  options_.limits.write = milliseconds(100);
  std::promise<bool> ended;
  router_.On("/flood", [&](http::Exchange& exchange) -> net::awaitable<void> {
    const std::string block(1 << 20, 'x');
    http::Response head;
    std::ignore = co_await exchange.Begin(std::move(head), std::nullopt);
    for (int i = 0; i < 1000; ++i) {
      auto written = co_await exchange.Write(AsBytes(block));
      if (written.has_error()) {
        ended.set_value(Is(written.error(), ErrorCode::kCancelled));
        co_return;
      }
    }
    ended.set_value(false);
  });
  Start();
  RawClient client(port_);
  client.Send(Get("/flood"));
  EXPECT_TRUE(ended.get_future().get());
  client.ReceiveAll();
  EXPECT_TRUE(client.was_reset()) << "what it has not read does not wait in the system's memory";
}

TEST_F(ConnectionTest, HeadOver64KiBIsRefused) {
  Start();
  RawClient client(port_);
  client.Send("GET /hello HTTP/1.1\r\nHost: h\r\nX: " + std::string(70'000, 'a'));
  EXPECT_EQ(client.Receive().status, 431);
  EXPECT_TRUE(client.SeesEnd());
}

TEST_F(ConnectionTest, StreamedAnswers) {
  router_.On("/stream", [](http::Exchange& exchange) -> net::awaitable<void> {
    http::Response head;
    std::ignore = co_await exchange.Begin(std::move(head), std::nullopt);
    for (const std::string_view piece : {"one ", "", "two"})
      std::ignore = co_await exchange.Write(AsBytes(piece));
    std::ignore = co_await exchange.End();
  });
  router_.On("/sized", [](http::Exchange& exchange) -> net::awaitable<void> {
    http::Response head;
    std::ignore = co_await exchange.Begin(std::move(head), 7);
    for (const std::string_view piece : {"one ", "two"})
      std::ignore = co_await exchange.Write(AsBytes(piece));
    std::ignore = co_await exchange.End();
  });
  Start();
  RawClient client(port_);
  const auto chunked = client.Exchange(Get("/stream"));
  EXPECT_EQ(chunked.Header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(chunked.body, "one two");
  const auto sized = client.Exchange(Get("/sized"));
  EXPECT_EQ(sized.Header("Content-Length"), "7");
  EXPECT_EQ(sized.body, "one two");
  client.Send("HEAD /sized HTTP/1.1\r\nHost: h\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.Receive(true).Header("Content-Length"), "7");
  EXPECT_EQ(client.Receive(true).status, 200);
  EXPECT_EQ(client.Exchange("GET /stream HTTP/1.0\r\nHost: h\r\n\r\n").body, "one two");
}

TEST_F(ConnectionTest, UnfinishedStreamsBreakTheConnection) {
  router_.On("/aborted", [](http::Exchange& exchange) -> net::awaitable<void> {
    http::Response head;
    std::ignore = co_await exchange.Begin(std::move(head), std::nullopt);
    std::ignore = co_await exchange.Write(AsBytes("half"));
    exchange.Abort();
  });
  router_.On("/short", [](http::Exchange& exchange) -> net::awaitable<void> {
    http::Response head;
    std::ignore = co_await exchange.Begin(std::move(head), 10);
    std::ignore = co_await exchange.Write(AsBytes("half"));
    std::ignore = co_await exchange.End();
  });
  router_.On("/left", [](http::Exchange& exchange) -> net::awaitable<void> {
    http::Response head;
    std::ignore = co_await exchange.Begin(std::move(head), std::nullopt);
    std::ignore = co_await exchange.Write(AsBytes("half"));
  });
  Start();
  for (const char* path : {"/aborted", "/short", "/left"}) {
    RawClient client(port_);
    client.Send(Get(path));
    EXPECT_FALSE(client.Receive().complete) << path;
    RawClient old(port_);
    old.Send(std::string("GET ") + path + " HTTP/1.0\r\nHost: h\r\n\r\n");
    EXPECT_FALSE(old.Receive().complete) << path;
  }
}

TEST_F(ConnectionTest, UnansweredAndThrowingHandlersBecome500) {
  router_.On("/silent", [](http::Exchange&) -> net::awaitable<void> { co_return; });
  router_.On("/throws", [](http::Exchange&) -> net::awaitable<void> {
    throw std::runtime_error("secret detail");
    co_return;
  });
  Start();
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(Get("/silent")).status, 500);
  const auto thrown = client.Exchange(Get("/throws"));
  EXPECT_EQ(thrown.status, 500);
  EXPECT_THAT(thrown.body, Not(HasSubstr("secret")));
  EXPECT_EQ(client.Exchange(Get("/hello")).status, 200);
}

TEST_F(ConnectionTest, LengthOfBodilessAnswersFollowsTheRecording) {
  const auto answer = [](int status) {
    return [status](http::Exchange& exchange) -> net::awaitable<void> {
      http::Response response(status);
      std::ignore = co_await exchange.Send(std::move(response));
    };
  };
  router_.On("/204", answer(204));
  router_.On("/304", answer(304));
  Start();
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(Put("/204", "x")).Header("Content-Length"), "0");
  EXPECT_FALSE(client.Exchange(Get("/204")).Has("Content-Length"));
  EXPECT_FALSE(client.Exchange(Get("/304")).Has("Content-Length"));
}

TEST_F(ConnectionTest, LineBreaksNeverGetIntoTheHead) {
  router_.On("/evil", [](http::Exchange& exchange) -> net::awaitable<void> {
    http::Response response;
    response.headers.Add("X-Name", std::string_view("a\r\nSet-Cookie: x\0y", 18));
    response.headers.Add("X Bad\r\nName", "1");
    response.headers.Add("Content-Length", "999");
    std::ignore = co_await exchange.Send(std::move(response));
  });
  Start();
  RawClient client(port_);
  const auto response = client.Exchange(Get("/evil"));
  EXPECT_EQ(response.Header("X-Name"), "a  Set-Cookie: x y");
  EXPECT_FALSE(response.Has("Set-Cookie"));
  EXPECT_THAT(response.head, Not(HasSubstr("Bad")));
  EXPECT_EQ(response.Header("Content-Length"), "0");
}

TEST_F(ConnectionTest, LogLinePerRequestWithoutQuery) {
  router_.On("/user", [](http::Exchange& exchange) -> net::awaitable<void> {
    exchange.SetUser("alice");
    auto body = co_await http::ReadWholeBody(exchange, 100);
    http::Response response(201);
    std::ignore = co_await exchange.Send(std::move(response));
  });
  Start();
  {
    RawClient client(port_);
    client.Exchange(
        "PUT /user?token=canary HTTP/1.1\r\nHost: h\r\nX-Request-Id: id1\r\nContent-Length: 3\r\n"
        "Authorization: Basic canary\r\n\r\nabc");
    client.Exchange("BROKEN\r\n\r\n");
  }
  server_->Stop(milliseconds(5'000));
  const auto lines = log();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], testing::StartsWith(
                            R"({"id":"id1","user":"alice","remote":"127.0.0.1","method":"PUT",)"
                            R"("path":"/user","status":201,"in":3,"out":)"));
  EXPECT_THAT(lines[0], Not(HasSubstr("canary")));
  EXPECT_THAT(lines[1], HasSubstr(R"("method":"-","path":"-","status":400)"));
}

TEST_F(ConnectionTest, MemoryDoesNotGrowWithTheBody) {
  std::atomic<std::size_t> largest = 0;
  std::atomic<std::uint64_t> total = 0;
  router_.On("/sink", [&](http::Exchange& exchange) -> net::awaitable<void> {
    for (;;) {
      auto piece = co_await exchange.ReadBody();
      if (piece.has_error()) co_return;
      if (piece->empty()) break;
      largest = std::max(largest.load(), piece->size());
      total += piece->size();
    }
    http::Response response(201);
    std::ignore = co_await exchange.Send(std::move(response));
  });
  Start();
  RawClient client(port_);
  const std::string block = Pattern(1 << 20);
  client.Send("PUT /sink HTTP/1.1\r\nHost: h\r\nContent-Length: " +
              std::to_string(100 * block.size()) + "\r\n\r\n");
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.Send(block));
  EXPECT_EQ(client.Receive().status, 201);
  EXPECT_EQ(total, 100 * block.size());
  EXPECT_LE(largest, 64u * 1024);
}

}  // namespace
}  // namespace cairn::server
