// Calls against servers of the test. What they listen on, 127.0.0.1, is reached because it is
// listed.
#include "outgoing/client.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "tests/outgoing/stub_server.h"

namespace cairn::outgoing {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kSecret = "Basic YW5uOnMzY3JldA==";  // ann:s3cret

class OutgoingTest : public testing::Test {
 protected:
  OutgoingTest() {
    options_.allowed = {*conf::ParseNetwork("127.0.0.1")};
    options_.allow_http = true;
  }
  static Request To(std::string url) {
    Request request;
    request.url = std::move(url);
    return request;
  }
  static Request WithSecrets(std::string url) {
    Request request = To(std::move(url));
    request.login = Login{"ann", "s3cret"};
    request.headers.Add("X-Api-Key", "k3y");
    request.headers.Add("Accept", "text/plain");
    return request;
  }
  Result<Response> Send(const Request& request) {
    if (client_ == nullptr) client_ = MakeClient(options_, clock_);
    return client_->Send(request);
  }
  Result<Response> Get(const std::string& url) { return Send(To(url)); }
  ErrorCode Refusal(const Request& request) {
    const auto answer = Send(request);
    EXPECT_TRUE(answer.has_error()) << request.url;
    return answer.has_error() ? answer.error().code : ErrorCode::kNotFound;
  }
  ErrorCode Refusal(const std::string& url) { return Refusal(To(url)); }

  FakeClock clock_;
  ClientOptions options_;
  std::unique_ptr<Client> client_;
};

TEST_F(OutgoingTest, GetsAnAnswer) {
  StubServer server([](auto&) { return Ok("hello", "X-Of: the stub\r\n"); });
  const auto answer = Get(server.Url("/a?b=c#d"));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->headers.Get("x-of"), "the stub");
  EXPECT_THAT(server.requests()[0], testing::StartsWith("GET /a?b=c HTTP/1.1\r\n"));
}

TEST_F(OutgoingTest, SendsMethodFieldsBodyAndLogin) {
  StubServer server([](auto&) { return Ok(""); });
  Request request = WithSecrets(server.Url("/"));
  request.method = "PUT";
  request.body = std::string("a\0b", 3);
  request.headers.Add("X-Empty", "");
  ASSERT_TRUE(Send(request).has_value());
  const std::string seen = server.requests()[0];
  EXPECT_THAT(seen, testing::StartsWith("PUT / HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("Authorization: " + std::string(kSecret)));
  EXPECT_THAT(seen, HasSubstr("X-Api-Key: k3y\r\n"));
  EXPECT_THAT(seen, HasSubstr("X-Empty:\r\n"));
  EXPECT_THAT(seen, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(seen, Not(HasSubstr("Content-Type")));
  EXPECT_THAT(seen, Not(HasSubstr("Expect")));
  EXPECT_TRUE(seen.ends_with(request.body));
}

TEST_F(OutgoingTest, AStatusIsAnAnswer) {
  StubServer server([](auto&) { return "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n"; });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Get(server.Url("/"))->status, 503) << "the host is there";
}

TEST_F(OutgoingTest, ATrailerIsNoHeader) {
  StubServer server([](auto&) {
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nLocation: "
           "x\r\n\r\n";
  });
  const auto answer = Get(server.Url("/"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "hi");
  EXPECT_FALSE(answer->headers.Has("Location"));
}

TEST_F(OutgoingTest, HttpIsForListedAddressesOnly) {
  StubServer server([](auto&) { return Ok(""); });
  options_.allow_http = false;
  EXPECT_EQ(Refusal(server.Url("/")), ErrorCode::kForbidden);
  client_.reset();
  options_.allow_http = true;
  options_.resolve = [](auto&) { return std::vector<std::string>{"8.8.8.8"}; };
  const auto answer = Get(server.Url("/", "public.test"));
  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(answer.error().code, ErrorCode::kForbidden);
  EXPECT_THAT(answer.error().message, HasSubstr("not listed"));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(OutgoingTest, ThisMachineIsRefusedHoweverItIsWritten) {
  StubServer server([](auto&) { return Ok(""); });
  options_.allowed.clear();
  for (const char* host : {"127.0.0.1",
                           "127.1",
                           "127.0.1",
                           "2130706433",
                           "0x7f000001",
                           "0x7f.0.0.1",
                           "0X7F.1",
                           "0177.0.0.1",
                           "017700000001",
                           "0177.0x0.1",
                           "127.8.9.10",
                           "0",
                           "0.0.0.0",
                           "0x0",
                           "localhost",
                           "LOCALHOST",
                           "[::1]",
                           "[::]",
                           "[0:0:0:0:0:0:0:1]",
                           "[::ffff:127.0.0.1]",
                           "[::ffff:7f00:1]",
                           "[::127.0.0.1]",
                           "[64:ff9b::7f00:1]",
                           "[2002:7f00:1::]",
                           "[fe80::1]"}) {
    const std::string url = "https://" + std::string(host) + ":" + std::to_string(server.port());
    EXPECT_EQ(Refusal(url), ErrorCode::kForbidden) << url;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(OutgoingTest, UrlsThatAreRefused) {
  StubServer server([](auto&) { return Ok(""); });
  const std::string port = std::to_string(server.port());
  for (const std::string& url :
       {std::string(), std::string("127.0.0.1"), "127.0.0.1:" + port,
        std::string("file:///etc/passwd"), "ftp://127.0.0.1:" + port, "gopher://127.0.0.1:" + port,
        std::string("http://"), "http://ann@127.0.0.1:" + port,
        "http://ann:s3cret@127.0.0.1:" + port, "http://:@127.0.0.1:" + port,
        "http://127.0.0.1:" + port + "/a b", "http://127.0.0.1:" + port + "/a\r\nX: y",
        "http://127.0.0.1:" + port + std::string("/a\0b", 4), std::string("http://127.0.0.1:0/"),
        std::string("http://127.0.0.1:65536/"), "http://[fe80::1%25eth0]:" + port,
        "http://127.0.0.1:" + port + "/" + std::string(9000, 'x')}) {
    const auto answer = Get(url);
    ASSERT_TRUE(answer.has_error()) << url;
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument) << url;
    EXPECT_THAT(answer.error().message, Not(HasSubstr("s3cret")));
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(OutgoingTest, RequestsThatAreRefused) {
  StubServer server([](auto&) { return Ok(""); });
  const auto with = [&](auto change) {
    Request request = To(server.Url("/"));
    change(request);
    return Refusal(request);
  };
  const auto refused = ErrorCode::kInvalidArgument;
  for (const char* method : {"", "get", "GET /x", "GET\r\nX:", "CONNECT", "TRACE"})
    EXPECT_EQ(with([&](auto& r) { r.method = method; }), refused) << method;
  for (const char* name :
       {"", "Host", "content-length", "Transfer-Encoding", "a b", "X:", "X\r\nY"})
    EXPECT_EQ(with([&](auto& r) { r.headers.Add(name, "1"); }), refused) << name;
  EXPECT_EQ(with([](auto& r) { r.headers.Add("X", "a\r\nHost: b"); }), refused);
  EXPECT_EQ(with([](auto& r) { r.headers.Add("X", std::string("a\0b", 3)); }), refused);
  EXPECT_EQ(with([](auto& r) { r.login = Login{"a:b", "c"}; }), refused);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(OutgoingTest, OnlyAddressesThatMayBeReachedOfANameAreTried) {
  StubServer server([](auto&) { return Ok("hello"); });
  options_.resolve = [](auto&) { return std::vector<std::string>{"10.0.0.1", "127.0.0.1"}; };
  const auto answer = Get(server.Url("/", "two.test"));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "hello");
}

TEST_F(OutgoingTest, ANameThatChangesItsMindIsAskedOnceForEachConnection) {
  int asked = 0;
  StubServer server([](auto&) { return Redirect("/again"); });
  options_.resolve = [&](auto&) {
    return std::vector<std::string>{asked++ == 0 ? "127.0.0.1" : "127.0.0.2"};
  };
  const auto answer = Get(server.Url("/", "rebind.test"));
  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(answer.error().code, ErrorCode::kForbidden);
  EXPECT_THAT(answer.error().message, HasSubstr("loopback"));
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(OutgoingTest, ProxiesOfTheEnvironmentAreIgnored) {
  StubServer proxy([](auto&) { return Ok("of the proxy"); });
  StubServer server([](auto&) { return Ok("of the server"); });
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"})
    setenv(name, proxy.Url("").c_str(), 1);
  const auto answer = Get(server.Url("/"));
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"}) unsetenv(name);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "of the server");
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(OutgoingTest, FollowsRedirectsOfTheSameOriginWithTheLogin) {
  StubServer server([](const std::string& request) {
    return request.starts_with("GET /end") ? Ok("end") : Redirect("end", 308);
  });
  const auto answer = Send(WithSecrets(server.Url("/start")));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "end");
  EXPECT_THAT(server.requests()[1], HasSubstr(std::string(kSecret)));
  EXPECT_THAT(server.requests()[1], HasSubstr("X-Api-Key: k3y"));
}

TEST_F(OutgoingTest, SecretsDoNotReachAnotherOriginNorComeBack) {
  std::string back;
  StubServer other([&](auto&) { return Redirect(back); });
  StubServer server([&](const std::string& request) {
    return request.starts_with("GET /end") ? Ok("end") : Redirect(other.Url("/"), 307);
  });
  back = server.Url("/end");
  const auto answer = Send(WithSecrets(server.Url("/start")));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_THAT(server.requests()[0], HasSubstr(std::string(kSecret)));
  for (const std::string& seen : {other.requests()[0], server.requests()[1]}) {
    EXPECT_THAT(seen, Not(HasSubstr("Authorization")));
    EXPECT_THAT(seen, Not(HasSubstr("k3y")));
    EXPECT_THAT(seen, HasSubstr("Accept: text/plain"));
  }
}

TEST_F(OutgoingTest, AnotherNameOfTheSameAddressIsAnotherOrigin) {
  options_.resolve = [](auto&) { return std::vector<std::string>{"127.0.0.1"}; };
  StubServer* self = nullptr;
  StubServer server([&](const std::string& request) {
    return request.starts_with("GET /end") ? Ok("end") : Redirect(self->Url("/end", "b.test"));
  });
  self = &server;
  ASSERT_TRUE(Send(WithSecrets(server.Url("/", "a.test"))).has_value());
  EXPECT_THAT(server.requests()[1], Not(HasSubstr("Authorization")));
}

TEST_F(OutgoingTest, RedirectsToWhatMayNotBeReachedAreRefused) {
  std::string location;
  StubServer inside([](auto&) { return Ok("secret"); });
  StubServer server([&](auto&) { return Redirect(location); });
  const std::string port = std::to_string(inside.port());
  for (const std::string& to :
       {"http://127.0.0.2:" + port, "http://[::1]:" + port, "http://10.0.0.1:" + port,
        std::string("http://169.254.169.254/latest/meta-data"), "//127.0.0.2:" + port}) {
    location = to;
    EXPECT_EQ(Refusal(server.Url("/")), ErrorCode::kForbidden) << to;
  }
  for (const std::string& to : {"http://ann:s3cret@127.0.0.1:" + port,
                                std::string("file:///etc/passwd"), "gopher://127.0.0.1:" + port}) {
    location = to;
    EXPECT_EQ(Refusal(server.Url("/")), ErrorCode::kInvalidArgument) << to;
  }
  EXPECT_EQ(inside.connections(), 0);
}

TEST_F(OutgoingTest, RedirectsAreFew) {
  StubServer server([](auto&) { return Redirect("/"); });
  EXPECT_EQ(Refusal(server.Url("/")), ErrorCode::kIo);
  EXPECT_EQ(server.connections(), 1 + options_.redirects);
}

TEST_F(OutgoingTest, WhatChangesSomethingIsNotRepeatedElsewhere) {
  StubServer server([](auto&) { return Redirect("/again", 308); });
  Request request = To(server.Url("/"));
  request.method = "POST";
  request.body = "a secret";
  const auto answer = Send(request);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 308);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(OutgoingTest, SeeOtherIsAGet) {
  StubServer server([](const std::string& request) {
    return request.starts_with("PROPFIND") ? Redirect("/end", 303) : Ok("end");
  });
  Request request = To(server.Url("/"));
  request.method = "PROPFIND";
  request.body = "<propfind/>";
  ASSERT_TRUE(Send(request).has_value());
  EXPECT_THAT(server.requests()[1], testing::StartsWith("GET /end"));
  EXPECT_THAT(server.requests()[1], Not(HasSubstr("propfind")));
}

TEST_F(OutgoingTest, AnAnswerThatIsTooLargeEnds) {
  options_.body_limit = 1000;
  std::string bytes = Ok(std::string(1000, 'x'));
  StubServer server([&](auto&) { return bytes; });
  EXPECT_EQ(Get(server.Url("/"))->body.size(), 1000u);
  bytes = Ok(std::string(1001, 'x'));
  EXPECT_EQ(Refusal(server.Url("/")), ErrorCode::kTooLarge);
  bytes = "HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x');  // of no announced length
  EXPECT_EQ(Refusal(server.Url("/")), ErrorCode::kTooLarge);
}

TEST_F(OutgoingTest, HeadTellsOfAnyLength) {
  StubServer server([](auto&) { return "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"; });
  Request request = To(server.Url("/"));
  request.method = "HEAD";
  const auto answer = Send(request);
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->headers.Get("Content-Length"), "99999999");
}

TEST_F(OutgoingTest, AFloodOfHeadersEnds) {
  std::string bytes = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 10'000; ++i) bytes += "X-Flood: 0123456789\r\n";
  StubServer server([&](auto&) { return bytes + "\r\n"; });
  EXPECT_EQ(Refusal(server.Url("/")), ErrorCode::kTooLarge);
  bytes.clear();
  for (int i = 0; i < 10'000; ++i) bytes += "HTTP/1.1 103 Early\r\nX: y\r\n\r\n";
  bytes += Ok("");
  EXPECT_EQ(Refusal(server.Url("/")), ErrorCode::kTooLarge);
}

TEST_F(OutgoingTest, WhatIsNotHttpIsNoAnswer) {
  std::string bytes;
  StubServer server([&](auto&) { return bytes; });
  for (const char* text :
       {"", "\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"}) {
    client_.reset();
    bytes = text;
    EXPECT_EQ(Refusal(server.Url("/")), ErrorCode::kIo) << text;
  }
}

TEST_F(OutgoingTest, ASilentServerCostsTheTimeoutAndItsHostIsNamed) {
  options_.timeout = std::chrono::milliseconds(50);
  StubServer server([](auto&) { return std::string(StubServer::kNever); });
  const auto answer = Get(server.Url("/path-with-a-token"));
  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(answer.error().code, ErrorCode::kBusy);
  EXPECT_THAT(answer.error().message, HasSubstr("127.0.0.1"));
  EXPECT_THAT(answer.error().message, Not(HasSubstr("token")));
}

TEST_F(OutgoingTest, AHostThatIsDownIsLeftAloneForAWhile) {
  options_.budget.failures = 2;
  bool up = false;
  StubServer server([&](auto&) { return up ? Ok("") : std::string(); });
  StubServer other([](auto&) { return Ok(""); });
  for (int i = 0; i < 2; ++i) EXPECT_EQ(Refusal(server.Url("/")), ErrorCode::kIo);
  const auto refused = Get(server.Url("/"));
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, ErrorCode::kBusy);
  EXPECT_EQ(refused.error().retry_after, 5u);
  EXPECT_EQ(server.connections(), 2);
  EXPECT_TRUE(Get(other.Url("/")).has_value());
  up = true;
  clock_.Advance(std::chrono::seconds(5));
  EXPECT_TRUE(Get(server.Url("/")).has_value());
  EXPECT_TRUE(Get(server.Url("/")).has_value());
}

class OutgoingTlsTest : public OutgoingTest {
 protected:
  void SetUp() override {
    options_.authorities = authority_.authorities();
    options_.resolve = [](auto&) { return std::vector<std::string>{"127.0.0.1"}; };
  }
  const TestAuthority authority_;
};

TEST_F(OutgoingTlsTest, CertificatesAreVerified) {
  StubServer server([](auto&) { return Ok("hello"); }, &authority_);
  const auto answer = Get(server.Url("/", "localhost"));
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(Refusal(server.Url("/", "other.test")), ErrorCode::kIo) << "of another name";
  client_.reset();
  options_.authorities.clear();
  EXPECT_EQ(Refusal(server.Url("/", "localhost")), ErrorCode::kIo) << "of no known authority";
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(OutgoingTlsTest, NoRedirectLeadsFromHttpsToHttp) {
  StubServer plain([](auto&) { return Ok(""); });
  StubServer server([&](auto&) { return Redirect(plain.Url("/")); }, &authority_);
  const auto answer = Send(WithSecrets(server.Url("/")));
  ASSERT_TRUE(answer.has_error());
  EXPECT_EQ(answer.error().code, ErrorCode::kForbidden);
  EXPECT_THAT(answer.error().message, HasSubstr("https to http"));
  EXPECT_EQ(plain.connections(), 0);
}

TEST_F(OutgoingTlsTest, SecretsDoNotCrossSchemes) {
  StubServer server([](auto&) { return Ok("end"); }, &authority_);
  StubServer plain([&](auto&) { return Redirect(server.Url("/")); });
  ASSERT_TRUE(Send(WithSecrets(plain.Url("/"))).has_value());
  EXPECT_THAT(plain.requests()[0], HasSubstr(std::string(kSecret)));
  EXPECT_THAT(server.requests()[0], Not(HasSubstr("Authorization")));
}

}  // namespace
}  // namespace cairn::outgoing
