// Chunked uploads on the wire: names, quota, and what can be done with a session's members. What
// becomes of the bytes stands in tests/storage/uploads_test.cc.
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using testing::HasSubstr;

class UploadTest : public DavCase {
 protected:
  static constexpr std::string_view kUploads = "/remote.php/dav/uploads/alice";

  Answer Upload(std::string_view method, std::string_view path, const HeaderList& headers = {},
                std::string body = {}) {
    return Do(method, std::string(kUploads) + std::string(path), headers, std::move(body));
  }
  Answer Begin(std::string_view session, const HeaderList& headers = {}) {
    return Upload("MKCOL", "/" + std::string(session), headers);
  }
  Answer Send(std::string_view path, std::string_view bytes, const HeaderList& headers = {}) {
    return Upload("PUT", path, headers, std::string(bytes));
  }
  Answer Transfer(std::string_view method, std::string_view path, std::string_view to,
                  HeaderList headers = {}) {
    headers.emplace_back("Destination", std::string(kHome) + std::string(to));
    return Upload(method, path, headers);
  }
};

TEST_F(UploadTest, AChunkMayBeNamedAsAFile) {
  ASSERT_EQ(Begin("s").status, 201);
  for (const std::string_view name : {"/s/0", "/s/-1", "/s/abc", "/s/a%20b", "/s/%c3%a4"}) {
    EXPECT_EQ(Send(name, "x").status, 201) << name;
    EXPECT_EQ(Send(name, "y").status, 204) << name;
  }
  const Answer listed = Upload("PROPFIND", "/s", {{"Depth", "1"}});
  EXPECT_THAT(listed.body, HasSubstr("<d:href>/remote.php/dav/uploads/alice/s/a%20b</d:href>"));
  EXPECT_THAT(listed.body, HasSubstr("<d:getcontentlength>5</d:getcontentlength>"));
  for (const std::string_view name : {"/s/a%5Cb", "/s/.htaccess"}) {
    const Answer answer = Send(name, "x");
    EXPECT_EQ(answer.status, 400) << name;
    EXPECT_THAT(answer.body,
                HasSubstr("<s:exception>OCA\\DAV\\Connector\\Sabre\\Exception\\InvalidPath<"));
  }
  EXPECT_EQ(Send("/s/.file", "x").status, 403);
}

TEST_F(UploadTest, ADeclaredLengthBeyondTheQuotaIsRefusedWhenBytesCome) {
  SetQuota("1 KB");
  const HeaderList total = {{"OC-Total-Length", "5000"}};
  ASSERT_EQ(Begin("told-at-mkcol", total).status, 201);
  EXPECT_EQ(Send("/told-at-mkcol/1", "x").status, 507);
  ASSERT_EQ(Begin("told-with-chunk").status, 201);
  EXPECT_EQ(Send("/told-with-chunk/1", "x", total).status, 507);
  EXPECT_EQ(Send("/told-with-chunk/1", "x", {{"OC-Total-Length", "9999999999999999999"}}).status,
            507);
  EXPECT_EQ(Send("/told-with-chunk/1", "x").status, 201);
  EXPECT_EQ(Transfer("MOVE", "/told-with-chunk/.file", "/f", total).status, 507);
  EXPECT_EQ(Transfer("MOVE", "/told-with-chunk/.file", "/f", {{"OC-Total-Length", "2"}}).status,
            400);
  EXPECT_EQ(Transfer("MOVE", "/told-with-chunk/.file", "/f", {{"OC-Total-Length", "1"}}).status,
            201);
}

// Recorded: only the MOVE asks. Until then uploads could fill the disk beyond every quota.
TEST_F(UploadTest, ChunksCountAgainstTheQuotaWhenTheyCome) {
  SetQuota("1 KB");
  ASSERT_EQ(Begin("s").status, 201);
  EXPECT_EQ(Send("/s/1", std::string(600, 'x')).status, 201);
  EXPECT_EQ(Send("/s/2", std::string(600, 'x')).status, 507);
  EXPECT_EQ(Send("/s/2", std::string(400, 'x')).status, 201);
}

// Recorded: a single chunk can be moved away, and .file copied. The first makes a file of a part of
// an upload and leaves a hole behind.
TEST_F(UploadTest, AnUploadBecomesAFileOnceAndWhole) {
  ASSERT_EQ(Begin("s").status, 201);
  ASSERT_EQ(Send("/s/1", "one").status, 201);
  ASSERT_EQ(Send("/s/2", "two").status, 201);
  EXPECT_EQ(Transfer("MOVE", "/s/1", "/part").status, 403);
  EXPECT_EQ(Transfer("COPY", "/s/.file", "/copy").status, 405);
  EXPECT_EQ(Transfer("MOVE", "/s/.file", "/whole").status, 201);
  EXPECT_EQ(Ask("GET", "/whole").body, "onetwo");
  EXPECT_EQ(Ask("GET", "/part").status, 404);
  EXPECT_EQ(Ask("GET", "/copy").status, 404);
}

}  // namespace
}  // namespace cairn::dav
