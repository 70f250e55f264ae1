// Chunked uploads over the wire: what they may take of a quota, and when they stop taking it.
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using testing::HasSubstr;

class UploadsQuotaTest : public DavCase {
 protected:
  static constexpr std::uint64_t kFree = 300'000;

  void SetUp() override {
    Put("/there.txt", std::string(1'000, 't'));
    const std::string limit = std::to_string(kFree + 1'000) + " B";
    ASSERT_TRUE(users_->SetQuota(alice_.caller.user, limit).has_value());
    ASSERT_EQ(Upload("MKCOL", "").status, 201);
  }
  Answer Upload(std::string_view method, std::string_view name, std::string body = {},
                const HeaderList& headers = {}) {
    return Do(method, "/remote.php/dav/uploads/alice/up" + std::string(name), headers,
              std::move(body));
  }
  static std::string Bytes(std::uint64_t size) { return std::string(size, 'x'); }
  Answer Finish(const HeaderList& headers = {}) {
    HeaderList all{{"Destination", std::string(kHome) + "/big"}};
    all.insert(all.end(), headers.begin(), headers.end());
    return Upload("MOVE", "/.file", {}, all);
  }
  std::uint64_t Reserved() const { return quota_.reserved(alice_.home); }
};

TEST_F(UploadsQuotaTest, ChunksThatExactlyFillItBecomeAFile) {
  EXPECT_EQ(Upload("PUT", "/1", Bytes(100'000)).status, 201);
  EXPECT_EQ(Upload("PUT", "/2", Bytes(100'000)).status, 201);
  EXPECT_EQ(Upload("PUT", "/3", Bytes(100'000)).status, 201);
  EXPECT_EQ(Finish().status, 201);
  EXPECT_EQ(Stat("/big").node.size(), kFree);
  EXPECT_THAT(Propfind("/", "0", "<d:quota-available-bytes/>").body,
              HasSubstr("<d:quota-available-bytes>0</d:quota-available-bytes>"));
}

TEST_F(UploadsQuotaTest, OneByteMoreIsRefused) {
  EXPECT_EQ(Upload("PUT", "/1", Bytes(kFree)).status, 201);
  const Answer refused = Upload("PUT", "/2", "x");
  EXPECT_EQ(refused.status, 507);
  EXPECT_THAT(refused.body, HasSubstr("Sabre\\DAV\\Exception\\InsufficientStorage"));
  EXPECT_EQ(Finish().status, 201);
}

TEST_F(UploadsQuotaTest, AnnouncedLengthsAreJudgedAsAWhole) {
  const HeaderList fits{{"OC-Total-Length", std::to_string(kFree)}};
  const HeaderList too_long{{"OC-Total-Length", std::to_string(kFree + 1)}};
  EXPECT_EQ(Upload("PUT", "/1", Bytes(1), too_long).status, 507);
  EXPECT_EQ(Upload("PUT", "/1", Bytes(kFree / 2), fits).status, 201);
  EXPECT_EQ(Upload("PUT", "/2", Bytes(kFree / 2), fits).status, 201);
  EXPECT_EQ(Finish(fits).status, 201);
}

TEST_F(UploadsQuotaTest, AnotherChunkOnItsWayIsPartOfTheAnnouncedWhole) {
  const auto space = *engine_->tree().FindSpace(*kv().Published(), alice_.home);
  auto other_chunk = quota_.Reserve(*space, 1'000, kFree / 2);
  ASSERT_TRUE(other_chunk.has_value());
  const HeaderList whole{{"OC-Total-Length", std::to_string(kFree)}};
  EXPECT_EQ(Upload("PUT", "/1", Bytes(kFree / 2), whole).status, 201);
  EXPECT_EQ(Upload("PUT", "/2", Bytes(kFree / 2), whole).status, 507);
}

TEST_F(UploadsQuotaTest, AChunkSentAgainTakesThePlaceOfTheFirst) {
  EXPECT_EQ(Upload("PUT", "/1", Bytes(kFree / 2)).status, 201);
  EXPECT_EQ(Upload("PUT", "/2", Bytes(kFree / 2)).status, 201);
  EXPECT_EQ(Upload("PUT", "/2", Bytes(kFree / 2)).status, 204);
  EXPECT_EQ(Upload("PUT", "/2", Bytes(kFree / 2 + 1)).status, 507);
  EXPECT_EQ(Finish().status, 201);
  EXPECT_EQ(Stat("/big").node.size(), kFree);
}

TEST_F(UploadsQuotaTest, NothingStaysReserved) {
  EXPECT_EQ(Upload("PUT", "/1", Bytes(kFree)).status, 201);
  EXPECT_EQ(Reserved(), 0u);
  EXPECT_EQ(Upload("PUT", "/2", Bytes(kFree)).status, 507);
  EXPECT_EQ(Upload("PUT", "/2", Bytes(100), {{"OC-Checksum", "SHA1:00"}}).status, 507);
  EXPECT_EQ(Upload("DELETE", "/1").status, 204);
  EXPECT_EQ(Upload("PUT", "/2", Bytes(100), {{"OC-Checksum", "MD5:00"}}).status, 400);
  EXPECT_EQ(Reserved(), 0u);
}

}  // namespace
}  // namespace cairn::dav
