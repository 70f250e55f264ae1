// Outgoing requests, against a real listener.
#include "server/http_client.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/server/test_server.h"

namespace cairn::server {
namespace {

using testing::HasSubstr;

class HttpClientTest : public ServerTest {
 protected:
  void SetUp() override {
    router_.On("/away", [](http::Exchange& exchange) -> net::awaitable<void> {
      http::Response response(302);
      response.With("Location", "/hello");
      std::ignore = co_await exchange.Send(std::move(response));
    });
    router_.On("/never", [](http::Exchange& exchange) -> net::awaitable<void> {
      // The body never ends: neither does the wait for it.
      std::ignore = co_await http::ReadWholeBody(exchange, 1 << 20);
    });
    router_.On("/length", [](http::Exchange& exchange) -> net::awaitable<void> {
      const auto body = co_await http::ReadWholeBody(exchange, 64 << 20);
      http::Response response;
      response.body = body.has_value() ? std::to_string(body->size()) : "failed";
      std::ignore = co_await exchange.Send(std::move(response));
    });
    Start();
  }
  OutgoingRequest To(const std::string& path) const {
    OutgoingRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(port_) + path;
    return request;
  }
  // So many bytes, in the pieces that are asked for.
  static OutgoingRequest WithBody(OutgoingRequest request, std::uint64_t size) {
    request.method = "PUT";
    request.body = [left = size](std::span<char> room) mutable {
      const auto piece = std::min<std::uint64_t>(room.size(), left);
      std::fill_n(room.begin(), piece, 'x');
      left -= piece;
      return static_cast<std::size_t>(piece);
    };
    return request;
  }
  Result<OutgoingAnswer> Send(const OutgoingRequest& request) const {
    return MakeHttpClient(client_)->Send(request);
  }

  HttpClientOptions client_;
};

TEST_F(HttpClientTest, GetsAnAnswerWithItsHeaders) {
  const auto answer = Send(To("/hello"));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->headers.Get("content-length"), "5");
  EXPECT_EQ(answer->peer, "127.0.0.1");
  EXPECT_EQ(answer->peer_port, port_);
}

TEST_F(HttpClientTest, SendsMethodAndFields) {
  OutgoingRequest request = To("/hello");
  request.method = "PROPFIND";
  ASSERT_TRUE(Send(request).has_value());
  EXPECT_THAT(router_.seen(), testing::ElementsAre("PROPFIND /hello"));
}

TEST_F(HttpClientTest, BodiesGoWithAndWithoutALength) {
  OutgoingRequest sized = WithBody(To("/length"), 3'000'000);
  sized.body_length = 3'000'000;
  EXPECT_EQ(Send(sized)->body, "3000000");
  EXPECT_EQ(Send(WithBody(To("/length"), 200'000))->body, "200000");
}

TEST_F(HttpClientTest, ARedirectIsAnAnswer) {
  const auto answer = Send(To("/away"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(answer->headers.Get("Location"), "/hello");
  EXPECT_EQ(router_.seen().size(), 1u);
}

TEST_F(HttpClientTest, OtherProtocolsAreRefused) {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/",
                          "127.0.0.1", "", "HTTP://127.0.0.1"}) {
    OutgoingRequest request;
    request.url = url;
    const auto answer = Send(request);
    ASSERT_TRUE(answer.has_error()) << url;
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument) << url;
  }
  OutgoingRequest bad = To("/");
  bad.url = "http://:::/";
  EXPECT_EQ(Send(bad).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(HttpClientTest, AnAnswerThatIsTooLargeIsCutOff) {
  client_.answer_limit = 5;
  EXPECT_TRUE(Send(To("/hello")).has_value());
  client_.answer_limit = 4;
  EXPECT_EQ(Send(To("/hello")).error().code, ErrorCode::kTooLarge);
}

TEST_F(HttpClientTest, TimeIsBounded) {
  client_.timeout = std::chrono::milliseconds(100);
  OutgoingRequest request = To("/never");
  request.method = "PUT";
  request.headers.Add("Content-Length", "10");  // of which none comes
  const auto answer = Send(request);
  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(answer.error().code, ErrorCode::kIo);
  EXPECT_THAT(answer.error().message, HasSubstr("timed out"));
}

TEST_F(HttpClientTest, NobodyThereIsAClearError) {
  OutgoingRequest request = To("/hello");
  server_.reset();
  const auto answer = Send(request);
  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(answer.error().code, ErrorCode::kIo);
  EXPECT_THAT(answer.error().message, HasSubstr("connect"));
}

TEST_F(HttpClientTest, NoProxyIsTakenFromTheEnvironment) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto answer = Send(To("/hello"));
  ::unsetenv("http_proxy");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "hello");
}

}  // namespace
}  // namespace cairn::server
