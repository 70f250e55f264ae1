// The envelope in both forms and both versions, byte for byte as recorded.
#include "ocs/envelope.h"

#include <gtest/gtest.h>

namespace cairn::ocs {
namespace {

namespace json = boost::json;

Reply Sample() {
  return Reply::Of(json::object{{"yes", true},
                                {"no", false},
                                {"empty", ""},
                                {"none", nullptr},
                                {"list", json::array{"a", "b"}},
                                {"nothing", json::array()},
                                {"map", json::object()},
                                {"number", -3},
                                {"share", 97.66},
                                {"text", "a<b>&\"c\""}});
}

TEST(Envelope, JsonIsCompactAndItsFirstStatuscodeIsTheMetaOne) {
  const http::Response response = Render(Sample(), ApiVersion::kV2, Format::kJson);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.Get("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(
      response.body,
      R"({"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":{"yes":true,"no":false,"empty":"",)"
      R"("none":null,"list":["a","b"],"nothing":[],"map":{},"number":-3,"share":97.66,"text":"a<b>&\"c\""}}})");
}

TEST(Envelope, XmlIsIndentedByOneBlank) {
  const http::Response response = Render(Sample(), ApiVersion::kV1, Format::kXml);
  EXPECT_EQ(response.headers.Get("Content-Type"), "application/xml; charset=utf-8");
  EXPECT_EQ(response.body,
            "<?xml version=\"1.0\"?>\n"
            "<ocs>\n"
            " <meta>\n"
            "  <status>ok</status>\n"
            "  <statuscode>100</statuscode>\n"
            "  <message>OK</message>\n"
            "  <totalitems></totalitems>\n"
            "  <itemsperpage></itemsperpage>\n"
            " </meta>\n"
            " <data>\n"
            "  <yes>1</yes>\n"
            "  <no></no>\n"
            "  <empty></empty>\n"
            "  <none/>\n"
            "  <list>\n"
            "   <element>a</element>\n"
            "   <element>b</element>\n"
            "  </list>\n"
            "  <nothing/>\n"
            "  <map/>\n"
            "  <number>-3</number>\n"
            "  <share>97.66</share>\n"
            "  <text>a&lt;b&gt;&amp;\"c\"</text>\n"
            " </data>\n"
            "</ocs>\n");
}

TEST(Envelope, ControlCharactersDoNotReachXml) {
  EXPECT_EQ(ToXml("x", json::value(std::string("a\x01\tb\n")), 0), "<x>a\tb\n</x>\n");
}

struct StatusCase {
  int code;
  int v1;
  int v2;
};

TEST(Envelope, StatusRules) {
  constexpr StatusCase kCases[] = {
      {200, 200, 200}, {997, 401, 401}, {998, 200, 404}, {996, 200, 500}, {999, 200, 500},
      {404, 200, 404}, {403, 200, 403}, {400, 200, 400}, {102, 200, 400}, {503, 503, 503}};
  for (const StatusCase& one : kCases) {
    EXPECT_EQ(HttpStatusOf(one.code, ApiVersion::kV1), one.v1) << one.code;
    EXPECT_EQ(HttpStatusOf(one.code, ApiVersion::kV2), one.v2) << one.code;
  }
}

TEST(Envelope, FailureHasAnEmptyListAsData) {
  const http::Response response =
      Render(Reply::Failure(404, "User does not exist"), ApiVersion::kV1, Format::kJson);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(
      response.body,
      R"({"ocs":{"meta":{"status":"failure","statuscode":404,"message":"User does not exist","totalitems":"",)"
      R"("itemsperpage":""},"data":[]}})");
}

TEST(Envelope, ABusyServerSaysWhenToComeBack) {
  const http::Response response = Render(ReplyTo(Fail(ErrorCode::kBusy, "the read pool is full")),
                                         ApiVersion::kV1, Format::kJson);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.Get("Retry-After"), "5");
  EXPECT_EQ(response.body.find("pool"), std::string::npos);  // messages are for the log
}

TEST(Envelope, FormatOfQueryWinsOverAcceptAndXmlIsTheDefault) {
  const auto format = [](std::string_view query, std::string_view accept) {
    return FormatOf(http::Form::Parse(query), accept);
  };
  EXPECT_EQ(format("", ""), Format::kXml);
  EXPECT_EQ(format("", "*/*"), Format::kXml);
  EXPECT_EQ(format("", "application/json"), Format::kJson);
  EXPECT_EQ(format("", "Application/JSON;q=0.9, text/plain, */*"), Format::kJson);
  EXPECT_EQ(format("", "text/xml, application/json"), Format::kXml);
  EXPECT_EQ(format("format=xml", "application/json"), Format::kXml);
  EXPECT_EQ(format("a=b&format=json", "text/xml"), Format::kJson);
  EXPECT_EQ(format("format=yaml", "application/json"), Format::kXml);
}

TEST(Envelope, EtagFollowsTheData) {
  EXPECT_EQ(EtagOf(json::array{1}), EtagOf(json::array{1}));
  EXPECT_NE(EtagOf(json::array{1}), EtagOf(json::array{2}));
  EXPECT_EQ(EtagOf(json::array()).size(), 32u);
}

}  // namespace
}  // namespace cairn::ocs
