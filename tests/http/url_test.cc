#include "http/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cairn::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Segments(std::string_view raw) {
  auto path = DecodePath(raw);
  return path.has_value() ? path->segments : std::vector<std::string>{"refused"};
}

TEST(DecodePath, SplitsAndDecodesOnce) {
  EXPECT_THAT(Segments("/"), IsEmpty());
  EXPECT_THAT(Segments("///"), IsEmpty());
  EXPECT_THAT(Segments("/a/b.txt"), ElementsAre("a", "b.txt"));
  EXPECT_THAT(Segments("//a///b//"), ElementsAre("a", "b"));
  EXPECT_THAT(Segments("/a%20b/%c3%BC"), ElementsAre("a b", "ü"));
  EXPECT_THAT(Segments("/a%252fb"), ElementsAre("a%2fb"));
  EXPECT_THAT(Segments("/a%252e%252e"), ElementsAre("a%2e%2e"));
  EXPECT_THAT(Segments("/%252e%252e"), ElementsAre("%2e%2e"));
  EXPECT_THAT(Segments("/a+b;c=d"), ElementsAre("a+b;c=d"));
  EXPECT_THAT(Segments("/.../.a/a."), ElementsAre("...", ".a", "a."));
  EXPECT_THAT(Segments("/ü"), ElementsAre("ü"));  // raw UTF-8, as in some XML hrefs
  EXPECT_THAT(Segments("/..%5c"),
              ElementsAre("..\\"));  // a name for the storage to refuse, not a parent
}

TEST(DecodePath, ReportsATrailingSlash) {
  EXPECT_FALSE(DecodePath("/a")->trailing_slash);
  EXPECT_TRUE(DecodePath("/a/")->trailing_slash);
  EXPECT_TRUE(DecodePath("/")->trailing_slash);
}

TEST(DecodePath, RefusesTraversalAndBrokenNames) {
  const std::vector<std::string> bad = {"",        "a",
                                        "a/b",     "/.",
                                        "/..",     "/a/../b",
                                        "/a/./b",  "/a/..",
                                        "/%2e",    "/%2e%2e",
                                        "/.%2E/b", "/%2e./b",
                                        "/a%2fb",  "/a%2Fb",
                                        "/..%2fb", "/a%00b",
                                        "/%",      "/a%2",
                                        "/a%2g",   "/a%g2",
                                        "/a%%20",  "/%c0%ae%c0%ae",
                                        "/%c0%af", "/%ff",
                                        "/a\xff",  "/%ed%a0%80",
                                        "/%e2%82", std::string("/a\0b", 4)};
  for (const std::string& path : bad) {
    const auto result = DecodePath(path);
    ASSERT_TRUE(result.has_error()) << path;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument) << path;
  }
}

TEST(EncodePath, UsesTheRecordedCharacterSet) {
  EXPECT_EQ(EncodePath("/AZaz09_-.~()/:@"), "/AZaz09_-.~()/:@");
  EXPECT_EQ(EncodePath("/ü.txt"), "/%c3%bc.txt");
  EXPECT_EQ(EncodePath("/a b"), "/a%20b");
  EXPECT_EQ(EncodePath("/a%25b"), "/a%2525b");
  EXPECT_EQ(EncodePath("/a\"*&+,;=!$'#?|\x7f<>[]"),
            "/a%22%2a%26%2b%2c%3b%3d%21%24%27%23%3f%7c%7f%3c%3e%5b%5d");
  EXPECT_EQ(EncodePath("/\xf0\x9f\x98\x80"), "/%f0%9f%98%80");
  EXPECT_EQ(EncodeSegment("a/b"), "a%2fb");
  EXPECT_EQ(EncodeUriComponent("u\xcc\x88 (1)"), "u%CC%88%20%281%29");
}

TEST(EncodePath, IsTheInverseOfDecodePath) {
  for (const char* raw : {"/", "/a", "/a/", "/a b/ü/%/(x)/a:b@c"}) {
    const DecodedPath path{DecodePath(EncodePath(raw)).value()};
    EXPECT_EQ(EncodePath(path), EncodePath(raw));
  }
  std::string every;
  for (int c = 1; c < 128; ++c) {
    if (c != '/') every.push_back(static_cast<char>(c));
  }
  EXPECT_THAT(Segments("/" + EncodeSegment(every)), ElementsAre(every));
}

TEST(Form, DecodesFields) {
  const Form form = Form::Parse("a=1&b=x+y%26z&a=2&&c&=d&e=%zz&f[]=1&f[]=2&g=h=i");
  EXPECT_EQ(form.First("a"), "1");
  EXPECT_EQ(form.Last("a"), "2");
  EXPECT_EQ(form.Last("b"), "x y&z");
  EXPECT_EQ(form.Last("c"), "");
  EXPECT_EQ(form.Last(""), "d");
  EXPECT_EQ(form.Last("e"), "%zz");
  EXPECT_THAT(form.All("f[]"), ElementsAre("1", "2"));
  EXPECT_EQ(form.Last("g"), "h=i");
  EXPECT_EQ(form.Last("absent"), std::nullopt);
  EXPECT_EQ(form.First("absent"), std::nullopt);
  EXPECT_THAT(Form::Parse("").fields(), IsEmpty());
}

TEST(Form, IsBounded) {
  std::string raw;
  for (int i = 0; i < 5000; ++i) raw += "a=" + std::to_string(i) + "&";
  const Form form = Form::Parse(raw);
  EXPECT_EQ(form.fields().size(), 1000U);
  EXPECT_EQ(form.Last("a"), "999");
}

TEST(WantsJson, TakesTheLastFormat) {
  EXPECT_TRUE(WantsJson(Form::Parse("format=json")));
  EXPECT_TRUE(WantsJson(Form::Parse("format=xml&format=json")));
  EXPECT_FALSE(WantsJson(Form::Parse("format=json&format=xml")));
  EXPECT_FALSE(WantsJson(Form::Parse("x=json")));
}

TEST(StripSubPath, CutsAtASegmentBoundary) {
  EXPECT_EQ(StripSubPath("/cloud/a", "/cloud"), "/a");
  EXPECT_EQ(StripSubPath("/cloud/a", "/cloud/"), "/a");
  EXPECT_EQ(StripSubPath("/cloud", "/cloud"), "/");
  EXPECT_EQ(StripSubPath("/cloudy/a", "/cloud"), "/cloudy/a");
  EXPECT_EQ(StripSubPath("/a", "/cloud"), "/a");
  EXPECT_EQ(StripSubPath("/a", ""), "/a");
  EXPECT_EQ(StripSubPath("/a", "/"), "/a");
}

struct DestinationRow {
  std::string value, host, public_url;
  DestinationStatus status;
  std::string path;
};

TEST(ParseDestination, TakesPathsAndOwnUrls) {
  using enum DestinationStatus;
  const std::string cloud = "https://example.org/cloud";
  const std::vector<DestinationRow> rows = {
      {"/a/b%20c", "h", "", kOk, "/a/b%20c"},
      {"http://h/a", "h", "", kOk, "/a"},
      {"HTTP://H/a/", "h", "", kOk, "/a/"},
      {"https://h:443/a", "h", "", kOk, "/a"},
      {"https://h/a", "h:443", "", kOk, "/a"},
      {"http://h:80/a", "h", "", kOk, "/a"},
      {"http://h:8080/a", "h:8080", "", kOk, "/a"},
      {"http://[::1]:8080/a", "[::1]:8080", "", kOk, "/a"},
      {"http://h", "h", "", kOk, "/"},
      {" /a ", "h", "", kOk, "/a"},
      {"http://h:8080/a", "h", "", kForeignHost, ""},
      {"http://h:443/a", "h", "", kForeignHost, ""},
      {"http://other/a", "h", "", kForeignHost, ""},
      {"http://h.evil/a", "h", "", kForeignHost, ""},
      {"https://example.org/cloud/a", "10.0.0.1:8080", cloud, kOk, "/a"},
      {"https://example.org:443/cloud/a", "10.0.0.1:8080", cloud, kOk, "/a"},
      {"http://10.0.0.1:8080/a", "10.0.0.1:8080", cloud, kOk, "/a"},
      {"/cloud/a", "h", cloud, kOk, "/a"},
      {"/cloudy/a", "h", cloud, kOk, "/cloudy/a"},
      {"https://example.net/cloud/a", "h", cloud, kForeignHost, ""},
      {"", "h", "", kMalformed, ""},
      {"a/b", "h", "", kMalformed, ""},
      {"ftp://h/a", "h", "", kMalformed, ""},
      {"http:///a", "h", "", kMalformed, ""},
      {"http://user@h/a", "h", "", kMalformed, ""},
      {"/a?b", "h", "", kMalformed, ""},
      {"/a#b", "h", "", kMalformed, ""},
      {"/a/../b", "h", "", kMalformed, ""},
      {"/a/%2e%2e/b", "h", "", kMalformed, ""},
      {"http://h/a%zz", "h", "", kMalformed, ""},
      {"/%ff", "h", "", kMalformed, ""},
  };
  for (const DestinationRow& row : rows) {
    const Destination destination = ParseDestination(row.value, row.host, row.public_url);
    EXPECT_EQ(destination.status, row.status) << row.value;
    if (row.status == kOk) {
      EXPECT_EQ(EncodePath(destination.path), row.path) << row.value;
    }
  }
}

}  // namespace
}  // namespace cairn::http
