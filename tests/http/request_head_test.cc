#include "http/request_head.h"

#include <gtest/gtest.h>

namespace cairn::http {
namespace {

using namespace std::string_literals;

std::string Head(std::string_view line, std::string_view fields = "Host: example.org\r\n") {
  return std::string(line) + "\r\n" + std::string(fields) + "\r\n";
}
std::string Put(std::string_view fields) {
  return Head("PUT /a HTTP/1.1", "Host: example.org\r\n" + std::string(fields));
}
// 200 stands for an accepted head.
int StatusFor(std::string_view head) {
  const HeadResult result = ParseRequestHead(head);
  return result.has_error() ? result.error().status : 200;
}
Request Accepted(std::string_view head) {
  HeadResult result = ParseRequestHead(head);
  EXPECT_TRUE(result.has_value()) << head << ": " << (result.has_error() ? result.error().why : "");
  return result.has_value() ? *std::move(result) : Request{};
}

struct Row {
  std::string head;
  int status;
};
void ExpectRows(const std::vector<Row>& rows) {
  for (const Row& row : rows) EXPECT_EQ(StatusFor(row.head), row.status) << row.head;
}

TEST(RequestHead, ReadsAnOrdinaryRequest) {
  const Request request =
      Accepted(Head("GET /a/b?format=json&x=?y HTTP/1.1",
                    "Host: example.org:8080\r\nX-A: \t one  two \t\r\nX-Empty:\r\n"));
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/a/b?format=json&x=?y");
  EXPECT_EQ(request.path, "/a/b");
  EXPECT_EQ(request.query, "format=json&x=?y");
  EXPECT_EQ(request.host(), "example.org:8080");
  EXPECT_EQ(request.headers.Get("x-a"), "one  two");
  EXPECT_TRUE(request.headers.Has("X-Empty"));
  EXPECT_EQ(request.version_minor, 1);
  EXPECT_TRUE(request.keep_alive);
  EXPECT_EQ(request.framing, Framing::kNone);
  EXPECT_FALSE(request.expects_continue);
}

TEST(RequestHead, RefusesWhatOtherParsersReadDifferently) {
  ExpectRows({
      {"GET / HTTP/1.1\nHost: h\n\n", 400},                       // bare LF
      {"GET / HTTP/1.1\r\nHost: h\n\r\n", 400},                   // bare LF in the fields
      {"GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400},           // bare CR
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},   // obs-fold
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb\r\n\r\n", 400},  // obs-fold with a tab
      {"GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},                // blank before the first name
      {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},                // blank before the colon
      {"GET / HTTP/1.1\r\nHost\t: h\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\n: empty name\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX\xc3\xbc: y\r\n\r\n", 400},  // obs-text in a name
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\x01"
       "b\r\n\r\n",
       400},                                                   // control character
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\x7f\r\n\r\n", 400},  // DEL
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"s, 400},  // NUL
      {"GET / HTTP/1.1\r\nHost: h\r\n", 400},                  // no empty line
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /2", 400},        // more than the head
      {"", 400},
      {"\r\n\r\n", 400},
      {"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},  // one empty line is skipped, not two
      {"\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 200},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\tb \xc3\xbc\r\n\r\n",
       200},  // tab and obs-text in a value
  });
}

TEST(RequestHead, RefusesBadRequestLines) {
  ExpectRows({
      {Head("GET / HTTP/1.0"), 200},
      {Head("GET / HTTP/1.2"), 505},
      {Head("GET / HTTP/2.0"), 505},
      {Head("GET / HTTP/0.9"), 505},
      {Head("PRI * HTTP/2.0"), 505},
      {Head("GET / http/1.1"), 400},
      {Head("GET / HTTP/1.1 "), 400},
      {Head("GET / HTTP/11"), 400},
      {Head("GET / HTTP/1.10"), 400},
      {Head("GET /"), 400},
      {Head("GET"), 400},
      {Head("GET  / HTTP/1.1"), 400},
      {Head(" GET / HTTP/1.1"), 400},
      {Head("GET\t/ HTTP/1.1"), 400},
      {Head("G(T / HTTP/1.1"), 400},
      {Head("G\xc3\xa9T / HTTP/1.1"), 400},
      {Head("PROPFIND / HTTP/1.1"), 200},
      {Head("M-SEARCH / HTTP/1.1"), 200},
      {Head("TRACE / HTTP/1.1"), 405},
      {Head("CONNECT example.org:443 HTTP/1.1"), 405},
  });
}

TEST(RequestHead, ChecksTheTarget) {
  ExpectRows({
      {Head("GET a HTTP/1.1"), 400},
      {Head("GET ?a HTTP/1.1"), 400},
      {Head("GET * HTTP/1.1"), 400},
      {Head("OPTIONS * HTTP/1.1"), 200},
      {Head("OPTIONS *a HTTP/1.1"), 400},
      {Head("GET /a b HTTP/1.1"), 400},
      {Head("GET /a\xc3\xbc HTTP/1.1"), 400},
      {Head("GET /a\x01 HTTP/1.1"), 400},
      {Head("GET /a\x7f HTTP/1.1"), 400},
      {Head("GET /a#b HTTP/1.1"), 400},
      {Head("GET //a//b HTTP/1.1"), 200},
      {Head("GET /a;b=%2e|[]{}'\"<> HTTP/1.1"), 200},
      {Head("GET http://example.org/a HTTP/1.1"), 200},
      {Head("GET http://EXAMPLE.org/a HTTP/1.1"), 200},
      {Head("GET http://other.org/a HTTP/1.1"), 400},
      {Head("GET http://example.org@other.org/a HTTP/1.1"), 400},
      {Head("GET http:///a HTTP/1.1"), 400},
      {Head("GET ftp://example.org/a HTTP/1.1"), 400},
      {Head("GET http://example.org/a HTTP/1.0", ""), 400},  // nothing to compare with
      {Head("GET /" + std::string(kMaxTargetBytes - 1, 'a') + " HTTP/1.1"), 200},
      {Head("GET /" + std::string(kMaxTargetBytes, 'a') + " HTTP/1.1"), 414},
  });
}

TEST(RequestHead, BringsTheAbsoluteFormIntoOriginForm) {
  EXPECT_EQ(Accepted(Head("GET http://example.org/a?b HTTP/1.1")).target, "/a?b");
  EXPECT_EQ(Accepted(Head("GET http://example.org/a?b HTTP/1.1")).query, "b");
  EXPECT_EQ(Accepted(Head("GET http://example.org HTTP/1.1")).path, "/");
  EXPECT_EQ(Accepted(Head("GET http://example.org?b HTTP/1.1")).target, "/?b");
  EXPECT_EQ(Accepted(Head("OPTIONS http://example.org HTTP/1.1")).path, "*");
  EXPECT_EQ(Accepted(Head("OPTIONS * HTTP/1.1")).path, "*");
}

TEST(RequestHead, WantsExactlyOneGoodHost) {
  const auto with_host = [](std::string_view host) {
    return Head("GET / HTTP/1.1", "Host: " + std::string(host) + "\r\n");
  };
  ExpectRows({
      {Head("GET / HTTP/1.1", ""), 400},
      {Head("GET / HTTP/1.1", "Host: a\r\nHost: a\r\n"), 400},
      {Head("GET / HTTP/1.1", "Host: a\r\nhost: b\r\n"), 400},
      {Head("GET / HTTP/1.0", ""), 200},
      {Head("GET / HTTP/1.0", "Host: a\r\nHost: a\r\n"), 400},
      {with_host(""), 400},
      {with_host("a b"), 400},
      {with_host("user@a"), 400},
      {with_host("a/b"), 400},
      {with_host("a,b"), 400},
      {with_host("a\tb"), 400},
      {with_host("a\xc3\xbc"), 400},
      {with_host("a%41"), 400},
      {with_host("a\\b"), 400},
      {with_host("http://a"), 400},
      {with_host(":80"), 400},
      {with_host("a:b"), 400},
      {with_host("a:0"), 400},
      {with_host("a:65536"), 400},
      {with_host("a:-1"), 400},
      {with_host("a:1:2"), 400},
      {with_host("[::1"), 400},
      {with_host("[]"), 400},
      {with_host("[::1]x"), 400},
      {with_host("[fe80::1%25eth0]"), 400},
      {with_host(std::string(256, 'a')), 400},
      {with_host("a"), 200},
      {with_host("a:65535"), 200},
      {with_host("a:"), 200},
      {with_host("my_box.local:8080"), 200},
      {with_host("127.0.0.1:80"), 200},
      {with_host("[::1]"), 200},
      {with_host("[::ffff:127.0.0.1]:443"), 200},
  });
}

TEST(RequestHead, BoundsTheHead) {
  std::string hundred, hundred_one;
  for (int i = 0; i < 99; ++i) hundred += "X: y\r\n";
  hundred_one = hundred + "X: y\r\n";
  const std::string overhead = Put("X: \r\n");
  ExpectRows({
      {Put(hundred), 200},
      {Put(hundred_one), 400},
      {Put("X: " + std::string(kMaxHeadBytes - overhead.size(), 'a') + "\r\n"), 200},
      {Put("X: " + std::string(kMaxHeadBytes - overhead.size() + 1, 'a') + "\r\n"), 431},
  });
}

TEST(RequestHead, ReadsContentLengthDigitsOnly) {
  const auto length = [](std::string_view value) {
    return Put("Content-Length: " + std::string(value) + "\r\n");
  };
  ExpectRows({
      {length("0"), 200},
      {length("2147483648"), 200},            // 2^31
      {length("4294967296"), 200},            // 2^32
      {length("9007199254740992"), 200},      // 2^53
      {length("9223372036854775807"), 200},   // 2^63 - 1
      {length("9223372036854775808"), 413},   // 2^63
      {length("18446744073709551616"), 400},  // 2^64
      {length("123456789012345678901234567890"), 400},
      {length("00000000000000000001"), 400},  // 20 digits
      {length("-1"), 400},
      {length("+1"), 400},
      {length("1e9"), 400},
      {length("0x10"), 400},
      {length("1 1"), 400},
      {length("1,1"), 400},
      {length("1."), 400},
      {length(""), 400},
      {length(" 1"), 200},  // blanks around a value belong to the field line
      {Put("Content-Length: 3\r\nContent-Length: 3\r\n"), 400},
      {Put("Content-Length: 3\r\ncontent-length: 4\r\n"), 400},
  });
  const Request request = Accepted(length("4294967296"));
  EXPECT_EQ(request.framing, Framing::kLength);
  EXPECT_EQ(request.content_length, 4294967296U);
  EXPECT_EQ(Accepted(length("0")).framing, Framing::kLength);
}

TEST(RequestHead, AcceptsChunkedAndNothingElse) {
  const auto coding = [](std::string_view value) {
    return Put("Transfer-Encoding: " + std::string(value) + "\r\n");
  };
  ExpectRows({
      {coding("chunked"), 200},
      {coding("Chunked"), 200},
      {coding("xchunked"), 501},
      {coding("identity"), 501},
      {coding("chunked, identity"), 501},
      {coding("gzip, chunked"), 501},
      {coding("chunked, chunked"), 501},
      {coding("chunked,"), 501},
      {coding("\"chunked\""), 501},
      {coding("chunked;q=1"), 501},
      {coding("\x0b"
              "chunked"),
       400},
      {coding(""), 501},
      {Put("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 501},
      {Put("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 501},
      {Put("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400},
      {Put("Transfer-Encoding: identity\r\nContent-Length: 3\r\n"), 400},
      {Head("PUT /a HTTP/1.0", "Transfer-Encoding: chunked\r\n"), 400},
  });
  EXPECT_EQ(Accepted(coding("chunked")).framing, Framing::kChunked);
}

TEST(RequestHead, KnowsOneExpectation) {
  ExpectRows({
      {Put("Expect: 100-continue\r\n"), 200},
      {Put("Expect: something\r\n"), 417},
      {Put("Expect: 100-continue, x\r\n"), 417},
      {Put("Expect: 100-continue\r\nExpect: 100-continue\r\n"), 417},
  });
  EXPECT_TRUE(Accepted(Put("Expect: 100-Continue\r\nContent-Length: 3\r\n")).expects_continue);
  EXPECT_TRUE(
      Accepted(Put("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n")).expects_continue);
  EXPECT_FALSE(Accepted(Put("Expect: 100-continue\r\n")).expects_continue);
  EXPECT_FALSE(Accepted(Head("PUT / HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 3\r\n"))
                   .expects_continue);
}

TEST(RequestHead, DecidesKeepAlive) {
  const auto keep = [](std::string_view version, std::string_view connection) {
    return Accepted(Head("GET / " + std::string(version),
                         "Host: h\r\nConnection: " + std::string(connection) + "\r\n"))
        .keep_alive;
  };
  EXPECT_TRUE(Accepted(Head("GET / HTTP/1.1")).keep_alive);
  EXPECT_FALSE(Accepted(Head("GET / HTTP/1.0")).keep_alive);
  EXPECT_FALSE(keep("HTTP/1.1", "close"));
  EXPECT_FALSE(keep("HTTP/1.1", "Keep-Alive, Close"));
  EXPECT_FALSE(keep("HTTP/1.1", "TE,close,"));
  EXPECT_TRUE(keep("HTTP/1.1", "upgrade"));
  EXPECT_TRUE(keep("HTTP/1.0", "keep-alive"));
  EXPECT_FALSE(keep("HTTP/1.0", "close, keep-alive"));
}

TEST(RequestHead, IgnoresUpgradesAndMethodOverrides) {
  const Request request =
      Accepted(Head("POST /a HTTP/1.1",
                    "Host: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                    "HTTP2-Settings: AAA\r\nX-HTTP-Method-Override: DELETE\r\n"));
  EXPECT_EQ(request.method, "POST");
  EXPECT_TRUE(request.keep_alive);
}

TEST(FindHeadEnd, FindsTheFirstEmptyLineOfAnyKind) {
  EXPECT_EQ(FindHeadEnd("GET / HTTP/1.1\r\nHost: h\r\n\r\nbody"), 27U);
  EXPECT_EQ(FindHeadEnd("GET / HTTP/1.1\nHost: h\n\nbody\r\n\r\n"), 24U);
  EXPECT_EQ(FindHeadEnd("a\r\n\nb"), 4U);
  EXPECT_EQ(FindHeadEnd("a\n\r\nb"), 4U);
  EXPECT_EQ(FindHeadEnd("GET / HTTP/1.1\r\nHost: h\r\n\r"), std::nullopt);
  EXPECT_EQ(FindHeadEnd("\r\nGET / HTTP/1.1\r\n"), std::nullopt);
  EXPECT_EQ(FindHeadEnd(""), std::nullopt);
}

}  // namespace
}  // namespace cairn::http
