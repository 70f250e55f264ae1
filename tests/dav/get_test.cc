#include "http/date.h"
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using testing::HasSubstr;
using testing::Pair;

class GetTest : public DavCase {
 protected:
  void SetUp() override { Put("/a.txt", kText, 1'700'000'000, "SHA1:e8d1"); }
  Answer Range(std::string_view range, HeaderList headers = {}) {
    headers.emplace_back("Range", range);
    return Ask("GET", "/a.txt", headers);
  }
  // Bytes that differ everywhere, larger than a page.
  static std::string Long(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 2654435761u) >> 13);
    return bytes;
  }
  static constexpr std::string_view kText = "hello golden world\n";
  static constexpr std::string_view kDate = "Tue, 14 Nov 2023 22:13:20 GMT";
};

TEST_F(GetTest, TheWholeAnswer) {
  const Answer answer = Ask("GET", "/a.txt");
  const std::string etag = "\"" + Etag("/a.txt") + "\"";
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, kText);
  EXPECT_THAT(
      answer.HeaderMap(),
      testing::UnorderedElementsAre(
          Pair("Content-Type", "text/plain;charset=UTF-8"), Pair("ETag", etag),
          Pair("OC-ETag", etag), Pair("Last-Modified", kDate),
          Pair("OC-FileId", engine_->OcId(Stat("/a.txt").id())),
          Pair("Content-Disposition", "attachment; filename*=UTF-8''a.txt; filename=\"a.txt\""),
          Pair("OC-Checksum", "SHA1:e8d1"), Pair("Accept-Ranges", "bytes"),
          Pair("Content-Security-Policy", "default-src 'none'; sandbox"),
          Pair("Cross-Origin-Resource-Policy", "same-origin"),
          Pair("Cache-Control", "private, no-store"), Pair("X-User-Id", "alice")));
}

TEST_F(GetTest, HeadIsGetWithoutBody) {
  const Answer get = Ask("GET", "/a.txt");
  const Answer head = Ask("HEAD", "/a.txt");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  auto expected = get.HeaderMap();
  expected["Content-Length"] = "19";
  EXPECT_EQ(head.HeaderMap(), expected);
  EXPECT_EQ(Ask("HEAD", "/a.txt", {{"Range", "bytes=0-4"}}).status, 200);
}

TEST_F(GetTest, SingleRanges) {
  const struct {
    std::string_view range;
    std::string_view content_range;
    std::string_view body;
  } rows[] = {{"bytes=0-4", "bytes 0-4/19", "hello"},
              {"bytes=6-", "bytes 6-18/19", "golden world\n"},
              {"bytes=-6", "bytes 13-18/19", "world\n"},
              {"bytes=10-500", "bytes 10-18/19", "en world\n"},
              {"bytes=0-1,1-3", "bytes 0-3/19", "hell"}};
  for (const auto& row : rows) {
    const Answer answer = Range(row.range);
    EXPECT_EQ(answer.status, 206) << row.range;
    EXPECT_EQ(answer.Header("Content-Range"), row.content_range);
    EXPECT_EQ(answer.body, row.body);
    EXPECT_EQ(answer.Header("ETag"), "\"" + Etag("/a.txt") + "\"");
  }
}

TEST_F(GetTest, ASuffixOfNothingIsTheEmptyRangeAtTheEnd) {
  const Answer answer = Range("bytes=-0");
  EXPECT_EQ(answer.status, 206);
  EXPECT_EQ(answer.Header("Content-Range"), "bytes 19-18/19");
  EXPECT_EQ(answer.Header("OC-Checksum"), "SHA1:e8d1");
  EXPECT_EQ(answer.body, "");
  Put("/empty", "");
  EXPECT_EQ(Ask("GET", "/empty", {{"Range", "bytes=-0"}}).status, 416);
}

TEST_F(GetTest, ADownloadIsNamedAsItWasAskedFor) {
  Put("/\xc3\xbc.txt", "x");
  const Answer composed = Ask("GET", "/%C3%BC.txt");
  const Answer decomposed = Ask("GET", "/u%CC%88.txt");
  EXPECT_EQ(decomposed.body, "x");
  EXPECT_EQ(decomposed.Header("ETag"), composed.Header("ETag"));
  EXPECT_EQ(composed.Header("Content-Disposition"),
            "attachment; filename*=UTF-8''%C3%BC.txt; filename=\"%C3%BC.txt\"");
  EXPECT_EQ(decomposed.Header("Content-Disposition"),
            "attachment; filename*=UTF-8''u%CC%88.txt; filename=\"u%CC%88.txt\"");
}

TEST_F(GetTest, UnsatisfiableRanges) {
  for (const std::string_view range : {"bytes=19-", "bytes=100-200", "bytes=5-2"}) {
    const Answer answer = Range(range);
    EXPECT_EQ(answer.status, 416) << range;
    EXPECT_EQ(answer.Header("Content-Range"), "bytes */19");
    EXPECT_EQ(answer.Header("ETag"), "\"" + Etag("/a.txt") + "\"");
    EXPECT_THAT(answer.body, HasSubstr("Sabre\\DAV\\Exception\\RequestedRangeNotSatisfiable"));
  }
}

TEST_F(GetTest, UnusableRangesAreIgnored) {
  for (const std::string_view range : {"bytes=abc", "lines=1-2", "bytes=0-99999999999999999999"}) {
    const Answer answer = Range(range);
    EXPECT_EQ(answer.status, 200) << range;
    EXPECT_EQ(answer.body, kText);
  }
}

TEST_F(GetTest, SeveralRangesAreMultipart) {
  const Answer answer = Range("bytes=0-1,4-5");
  EXPECT_EQ(answer.status, 206);
  const std::string type = answer.Header("Content-Type");
  const std::string_view prefix = "multipart/byteranges; boundary=";
  ASSERT_TRUE(type.starts_with(prefix)) << type;
  const std::string boundary = type.substr(prefix.size());
  EXPECT_EQ(answer.announced, answer.body.size());
  EXPECT_THAT(answer.body, HasSubstr("--" + boundary + "\r\n"));
  EXPECT_THAT(answer.body, HasSubstr("Content-Range: bytes 0-1/19\r\n\r\nhe\r\n"));
  EXPECT_THAT(answer.body, HasSubstr("Content-Range: bytes 4-5/19\r\n\r\no \r\n"));
  EXPECT_TRUE(answer.body.ends_with("--" + boundary + "--\r\n"));
  EXPECT_EQ(answer.Header("Content-Range"), "");
}

TEST_F(GetTest, IfRange) {
  EXPECT_EQ(Range("bytes=0-4", {{"If-Range", "\"" + Etag("/a.txt") + "\""}}).status, 206);
  EXPECT_EQ(Range("bytes=0-4", {{"If-Range", "\"other\""}}).body, kText);
  EXPECT_EQ(Range("bytes=0-4", {{"If-Range", std::string(kDate)}}).status, 206);
  EXPECT_EQ(Range("bytes=0-4", {{"If-Range", "Tue, 14 Nov 2023 22:13:19 GMT"}}).status, 200);
}

TEST_F(GetTest, Conditionals) {
  const std::string etag = "\"" + Etag("/a.txt") + "\"";
  const auto status = [&](std::string_view method, std::string_view name, std::string_view value) {
    return Ask(method, "/a.txt", {{std::string(name), std::string(value)}}).status;
  };
  for (const std::string_view method : {"GET", "HEAD"}) {
    EXPECT_EQ(status(method, "If-None-Match", etag), 304);
    EXPECT_EQ(status(method, "If-None-Match", "*"), 304);
    EXPECT_EQ(status(method, "If-None-Match", "\"other\""), 200);
    EXPECT_EQ(status(method, "If-Match", etag), 200);
    EXPECT_EQ(status(method, "If-Match", "\"other\""), 412);
    EXPECT_EQ(status(method, "If-Modified-Since", kDate), 304);
    EXPECT_EQ(status(method, "If-Modified-Since", "Tue, 14 Nov 2023 22:13:19 GMT"), 200);
    EXPECT_EQ(status(method, "If-Unmodified-Since", "Tue, 14 Nov 2023 22:13:19 GMT"), 412);
  }
  const Answer unchanged = Ask("GET", "/a.txt", {{"If-None-Match", etag}});
  EXPECT_EQ(unchanged.body, "");
  EXPECT_EQ(unchanged.Header("ETag"), etag);
  EXPECT_EQ(Ask("GET", "/a.txt", {{"If-Match", "\"other\""}}).body,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
            "<d:error xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\">\n"
            "  <s:exception>Sabre\\DAV\\Exception\\PreconditionFailed</s:exception>\n"
            "  <s:message>An If-Match header was specified, but none of the specified ETags "
            "matched.</s:message>\n"
            "  <s:header>If-Match</s:header>\n"
            "</d:error>\n");
}

TEST_F(GetTest, EmptyFiles) {
  Put("/empty", "");
  const Answer answer = Ask("GET", "/empty");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(answer.Header("OC-Checksum"), "");
  EXPECT_EQ(Ask("GET", "/empty", {{"Range", "bytes=0-"}}).status, 416);
  EXPECT_EQ(Ask("HEAD", "/empty").Header("Content-Length"), "0");
}

TEST_F(GetTest, FoldersAnswerOneLineOfText) {
  Mkcol("/dir");
  for (const std::string_view path : {"/dir", "/dir/", "/"}) {
    const Answer answer = Ask("GET", path);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.Header("Content-Type"), "text/html; charset=UTF-8");
    EXPECT_THAT(answer.body, HasSubstr("This is the WebDAV interface."));
  }
}

TEST_F(GetTest, MissingFiles) {
  const Answer answer = Ask("GET", "/nope.txt");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
            "<d:error xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\">\n"
            "  <s:exception>Sabre\\DAV\\Exception\\NotFound</s:exception>\n"
            "  <s:message>The file or folder could not be located</s:message>\n"
            "</d:error>\n");
  EXPECT_EQ(Ask("GET", "/a.txt/below").status, 404);
  EXPECT_EQ(Ask("GET", "/no/parent").status, 404);
}

TEST_F(GetTest, NothingRunsInABrowser) {
  for (const std::string name : {"/x.html", "/x.svg", "/x.xhtml"}) {
    Put(name, "<script>");
    const Answer answer = Ask("GET", name);
    EXPECT_THAT(answer.Header("Content-Disposition"), testing::StartsWith("attachment;"));
    EXPECT_EQ(answer.Header("Content-Security-Policy"), "default-src 'none'; sandbox");
    EXPECT_THAT(answer.Header("Content-Type"),
                testing::AnyOf("text/plain;charset=UTF-8", "application/octet-stream"));
  }
}

TEST_F(GetTest, LongFilesComeInPagesAndWhole) {
  for (const std::size_t size : {std::size_t{16'385}, std::size_t{256 * 1024},
                                 std::size_t{256 * 1024 + 1}, std::size_t{1'500'000}}) {
    const std::string bytes = Long(size);
    Put("/long", bytes);
    const Answer answer = Ask("GET", "/long");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.announced, size);
    EXPECT_TRUE(answer.ended);
    EXPECT_TRUE(answer.body == bytes) << size;
    EXPECT_LE(answer.largest_write, 256u * 1024);
  }
}

TEST_F(GetTest, RangesOfLongFiles) {
  const std::string bytes = Long(1'000'000);
  Put("/long", bytes);
  const Answer one = Ask("GET", "/long", {{"Range", "bytes=100000-899999"}});
  EXPECT_EQ(one.announced, 800'000u);
  EXPECT_TRUE(one.body == bytes.substr(100'000, 800'000));
  const Answer many = Ask("GET", "/long", {{"Range", "bytes=0-299999,500000-999999"}});
  EXPECT_EQ(many.status, 206);
  EXPECT_EQ(many.announced, many.body.size());
  EXPECT_NE(many.body.find(bytes.substr(0, 300'000)), std::string::npos);
  EXPECT_NE(many.body.find(bytes.substr(500'000)), std::string::npos);
}

TEST_F(GetTest, ReadingAheadStopsAtTheSharedBudget) {
  ASSERT_TRUE(services_->read_ahead.TryTake(ReadAheadBudget::kBytes));
  const std::string bytes = Long(1'000'000);
  Put("/long", bytes);
  EXPECT_TRUE(Ask("GET", "/long").body == bytes);
  services_->read_ahead.GiveBack(ReadAheadBudget::kBytes);
  EXPECT_TRUE(Ask("GET", "/long").body == bytes);
  EXPECT_TRUE(services_->read_ahead.TryTake(ReadAheadBudget::kBytes));  // all of it came back
}

TEST_F(GetTest, ABadBlobIsAnErrorBeforeTheAnswerHasBegun) {
  Put("/long", Long(1'000'000));
  DamageContent("/long", 10);
  const Answer answer = Ask("GET", "/long");
  EXPECT_EQ(answer.status, 500);
  EXPECT_FALSE(answer.streamed);
  EXPECT_EQ(answer.Header("ETag"), "");
}

TEST_F(GetTest, ABadBlobInTheMiddleBreaksTheConnection) {
  const std::string bytes = Long(1'000'000);
  Put("/long", bytes);
  DamageContent("/long", 900'000);
  const Answer answer = Ask("GET", "/long");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.aborted);
  EXPECT_FALSE(answer.ended);
  EXPECT_LT(answer.body.size(), bytes.size());
  EXPECT_TRUE(bytes.starts_with(answer.body));
}

TEST_F(GetTest, AClientThatLeavesIsNoError) {
  Put("/long", Long(1'000'000));
  client_leaves_after_ = 300'000;
  const Answer answer = Ask("GET", "/long");
  EXPECT_TRUE(answer.aborted);
  EXPECT_FALSE(answer.ended);
  EXPECT_TRUE(services_->read_ahead.TryTake(ReadAheadBudget::kBytes));
}

TEST_F(GetTest, ADownloadSurvivesThatItsFileIsOverwritten) {
  const std::string bytes = Long(1'000'000);
  Put("/long", bytes);
  bool replaced = false;
  on_write_ = [&] {
    if (!replaced) Put("/long", "new");
    replaced = true;
  };
  EXPECT_TRUE(Ask("GET", "/long").body == bytes);
  on_write_ = nullptr;
  EXPECT_EQ(Ask("GET", "/long").body, "new");
}

}  // namespace
}  // namespace cairn::dav
