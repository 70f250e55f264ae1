#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using testing::HasSubstr;
using testing::Not;

class LockTest : public DavCase {
 protected:
  void SetUp() override { DavCase::Put("/a.txt", "hello"); }
  Answer Put(std::string_view path, HeaderList headers = {}) {
    return Ask("PUT", path, headers, "x");
  }
  Answer Unlock(std::string_view path, std::string_view token) {
    return Ask("UNLOCK", path, {{"Lock-Token", "<" + std::string(token) + ">"}});
  }
  static std::string Holding(std::string_view token) { return "(<" + std::string(token) + ">)"; }
};

TEST_F(LockTest, TheWholeAnswer) {
  const Answer answer = Lock("/a.txt");
  const std::string token = TokenOf(answer);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(token.starts_with("opaquelocktoken:"));
  EXPECT_EQ(answer.Header("Content-Type"), "application/xml; charset=utf-8");
  EXPECT_EQ(answer.Header("OC-FileId"), "");
  EXPECT_EQ(
      answer.body,
      "<?xml version=\"1.0\"?>\n<d:prop xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\" "
      "xmlns:oc=\"http://owncloud.org/ns\" "
      "xmlns:nc=\"http://nextcloud.org/ns\"><d:lockdiscovery><d:activelock>"
      "<d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype><d:lockroot>"
      "<d:href>/remote.php/dav/files/alice/a.txt</d:href></d:lockroot><d:depth>0</d:depth>"
      "<d:timeout>Second-600</d:timeout><d:locktoken><d:href>" +
          token +
          "</d:href></d:locktoken><d:owner>gold</d:owner></d:activelock></d:lockdiscovery></"
          "d:prop>");
}

TEST_F(LockTest, ALockKeepsTheFilesEtag) {
  const std::string before = Etag("/a.txt");
  const std::string token = TokenOf(Lock("/a.txt"));
  EXPECT_EQ(Etag("/a.txt"), before);
  Unlock("/a.txt", token);
  EXPECT_EQ(Etag("/a.txt"), before);
}

TEST_F(LockTest, WritesNeedTheToken) {
  const std::string token = TokenOf(Lock("/a.txt"));
  const Answer refused = Put("/a.txt");
  EXPECT_EQ(refused.status, 423);
  EXPECT_EQ(refused.body,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
            "<d:error xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\">\n"
            "  <s:exception>Sabre\\DAV\\Exception\\Locked</s:exception>\n"
            "  <s:message>Locked by Alice A. until Tue, 14 Nov 2023 22:23:20 GMT</s:message>\n"
            "  <d:lock-token-submitted>\n"
            "    <d:href>/remote.php/dav/files/alice/a.txt</d:href>\n"
            "  </d:lock-token-submitted>\n"
            "</d:error>\n");
  EXPECT_EQ(Put("/a.txt", {{"If", Holding(token)}}).status, 204);
  EXPECT_EQ(Ask("GET", "/a.txt").status, 200);
}

TEST_F(LockTest, ASecondLockConflicts) {
  const std::string token = TokenOf(Lock("/a.txt"));
  const Answer second = Lock("/a.txt");
  EXPECT_EQ(second.status, 423);
  EXPECT_THAT(second.body,
              HasSubstr("<s:exception>Sabre\\DAV\\Exception\\ConflictingLock</s:exception>"));
  EXPECT_THAT(second.body, HasSubstr("Locked by Alice A. until Tue, 14 Nov 2023 22:23:20 GMT"));
  EXPECT_THAT(
      second.body,
      HasSubstr(
          "  <d:no-conflicting-lock>\n    <d:href>/remote.php/dav/files/alice/a.txt</d:href>\n"));
  EXPECT_THAT(second.body, Not(HasSubstr(token)));
}

TEST_F(LockTest, SharedLocksLiveTogether) {
  const std::string body =
      "<lockinfo xmlns=\"DAV:\"><lockscope><shared/></lockscope><locktype><write/></locktype>"
      "<owner><href>mailto:me</href></owner></lockinfo>";
  const Answer one = Ask("LOCK", "/a.txt", {{"Depth", "0"}}, body);
  const Answer two = Ask("LOCK", "/a.txt", {{"Depth", "0"}}, body);
  EXPECT_EQ(one.status, 200);
  EXPECT_EQ(two.status, 200);
  EXPECT_NE(TokenOf(one), TokenOf(two));
  EXPECT_THAT(one.body, HasSubstr("<d:lockscope><d:shared/></d:lockscope>"));
  EXPECT_THAT(one.body, HasSubstr("<d:owner><d:href>mailto:me</d:href></d:owner>"));
  EXPECT_THAT(one.body, HasSubstr("<d:timeout>Second-3600</d:timeout>"));
  EXPECT_EQ(Lock("/a.txt").status, 423);
  EXPECT_THAT(Propfind("/a.txt", "0", "<nc:lock-owner-displayname/>").body,
              HasSubstr(">mailto:me<"));
}

TEST_F(LockTest, RefreshExtends) {
  const std::string token = TokenOf(Lock("/a.txt"));
  clock_.Advance(std::chrono::seconds(500));
  const Answer refreshed =
      Ask("LOCK", "/a.txt", {{"If", Holding(token)}, {"Timeout", "Second-600"}});
  EXPECT_EQ(refreshed.status, 200);
  EXPECT_THAT(refreshed.body, HasSubstr("<d:timeout>Second-600</d:timeout>"));
  EXPECT_EQ(TokenOf(refreshed), token);
  clock_.Advance(std::chrono::seconds(500));
  EXPECT_EQ(Put("/a.txt").status, 423);
  clock_.Advance(std::chrono::seconds(101));
  EXPECT_EQ(Put("/a.txt").status, 204);  // it died at its expiry
  EXPECT_EQ(Ask("LOCK", "/a.txt", {{"If", Holding(token)}}).status, 412);
  EXPECT_EQ(Ask("LOCK", "/a.txt").status, 400);
}

TEST_F(LockTest, ARefreshKeepsTheTimeAskedForAtFirst) {
  const std::string token = TokenOf(Lock("/a.txt"));
  clock_.Advance(std::chrono::seconds(500));
  EXPECT_THAT(Ask("LOCK", "/a.txt", {{"If", Holding(token)}}).body,
              HasSubstr("<d:timeout>Second-600</d:timeout>"));
}

// Recorded: depth 1 as soon as it is not the answer to LOCK, whatever was asked for.
TEST_F(LockTest, ALockTellsTheDepthItWasTakenWith) {
  Mkcol("/d");
  for (const std::string depth : {"0", "infinity"}) {
    const std::string_view path = depth == "0" ? "/a.txt" : "/d";
    const std::string token = TokenOf(Lock(path, depth));
    const auto told = HasSubstr("<d:depth>" + depth + "</d:depth>");
    EXPECT_THAT(Propfind(path, "0", "<d:lockdiscovery/>").body, told);
    EXPECT_THAT(Ask("LOCK", path, {{"If", Holding(token)}}).body, told);
  }
}

// Recorded: "Second-", without a number, when the client names none.
TEST_F(LockTest, ALockTellsItsTimeout) {
  const std::string body =
      "<d:lockinfo xmlns:d=\"DAV:\"><d:lockscope><d:exclusive/></d:lockscope>"
      "<d:locktype><d:write/></d:locktype></d:lockinfo>";
  EXPECT_THAT(Ask("LOCK", "/a.txt", {{"Depth", "0"}}, body).body,
              HasSubstr("<d:timeout>Second-3600</d:timeout>"));
}

TEST_F(LockTest, TimeoutsAreCapped) {
  const std::string body =
      "<d:lockinfo "
      "xmlns:d=\"DAV:\"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></"
      "d:locktype></d:lockinfo>";
  const Answer answer =
      Ask("LOCK", "/a.txt", {{"Depth", "0"}, {"Timeout", "Infinite, Second-4100000000"}}, body);
  EXPECT_THAT(answer.body, HasSubstr("<d:timeout>Second-604800</d:timeout>"));
  EXPECT_THAT(answer.body, Not(HasSubstr("d:owner")));
}

TEST_F(LockTest, UnlockAsRecorded) {
  const std::string token = TokenOf(Lock("/a.txt"));
  EXPECT_EQ(Ask("UNLOCK", "/a.txt").status, 400);
  EXPECT_THAT(Ask("UNLOCK", "/a.txt").body,
              HasSubstr("<s:message>No lock token was supplied</s:message>"));
  EXPECT_EQ(Unlock("/a.txt", "opaquelocktoken:other").status, 409);
  EXPECT_EQ(Unlock("/a.txt", token).status, 204);
  EXPECT_EQ(Put("/a.txt").status, 204);
  const Answer again = Unlock("/a.txt", token);
  EXPECT_EQ(again.status, 409);
  EXPECT_THAT(again.body, HasSubstr("<d:lock-token-matches-request-uri/>"));
}

TEST_F(LockTest, AnUnmappedUrlBecomesAnEmptyFile) {
  const Answer answer = Lock("/new.txt");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.Header("OC-FileId"), engine_->OcId(Stat("/new.txt").id()));
  EXPECT_EQ(Stat("/new.txt").node.size(), 0u);
  EXPECT_EQ(Put("/new.txt").status, 423);
  EXPECT_EQ(Put("/new.txt", {{"If", Holding(TokenOf(answer))}}).status, 204);
  EXPECT_EQ(Lock("/no/parent").status, 409);
}

TEST_F(LockTest, AFolderLockCoversWhatIsBelow) {
  Mkcol("/d");
  DavCase::Put("/d/f", "1");
  const std::string token = TokenOf(Lock("/d", "infinity"));
  EXPECT_EQ(Put("/d/f").status, 423);
  EXPECT_EQ(Put("/d/new").status, 423);
  EXPECT_EQ(Ask("DELETE", "/d/f").status, 423);
  const Answer inner = Lock("/d/f");
  EXPECT_EQ(inner.status, 423);
  EXPECT_THAT(inner.body, HasSubstr("<d:href>/remote.php/dav/files/alice/d/</d:href>"));
  EXPECT_EQ(Put("/d/f", {{"If", Holding(token)}}).status, 204);
  const Answer refreshed = Ask("LOCK", "/d/f", {{"If", Holding(token)}});
  EXPECT_EQ(refreshed.status, 200);
  EXPECT_THAT(
      refreshed.body,
      HasSubstr("<d:lockroot><d:href>/remote.php/dav/files/alice/d/</d:href></d:lockroot>"));
}

TEST_F(LockTest, AFolderWithALockedMemberIsNotDeleted) {
  Mkcol("/d");
  DavCase::Put("/d/f", "1");
  Lock("/d/f");
  const Answer refused = Ask("DELETE", "/d");
  EXPECT_EQ(refused.status, 423);
  EXPECT_THAT(refused.body, HasSubstr("Locked by Alice A."));
}

TEST_F(LockTest, BadRequests) {
  const std::string scope = "<d:lockscope><d:exclusive/></d:lockscope>";
  const std::string type = "<d:locktype><d:write/></d:locktype>";
  const auto lock = [&](std::string_view inside, std::string_view depth) {
    return Ask("LOCK", "/a.txt", {{"Depth", std::string(depth)}},
               "<d:lockinfo xmlns:d=\"DAV:\">" + std::string(inside) + "</d:lockinfo>")
        .status;
  };
  EXPECT_EQ(lock(scope, "0"), 400);
  EXPECT_EQ(lock(type, "0"), 400);
  EXPECT_EQ(lock(scope + type, "1"), 400);
  EXPECT_EQ(lock(scope + type, "x"), 400);
  EXPECT_EQ(lock("<d:lockscope><d:exclusive/><d:shared/></d:lockscope>" + type, "0"), 400);
  EXPECT_EQ(Ask("LOCK", "/a.txt", {}, "<broken").status, 400);
  EXPECT_EQ(Ask("LOCK", "/a.txt", {{"X-User-Lock", "1"}}).status, 501);
  EXPECT_EQ(Ask("UNLOCK", "/a.txt", {{"X-User-Lock", "1"}}).status, 501);
  EXPECT_EQ(lock(scope + type, "0"), 200);
}

TEST_F(LockTest, OthersReachNeitherTheLockNorTheTree) {
  const std::string token = TokenOf(Lock("/a.txt"));
  EXPECT_EQ(Lock("/a.txt", "0", "bob").status, 404);
  const Answer unlock =
      Do("UNLOCK", std::string(kHome) + "/a.txt", {{"Lock-Token", "<" + token + ">"}}, {}, "bob");
  EXPECT_EQ(unlock.status, 404);
  EXPECT_EQ(Put("/a.txt").status, 423);
}

}  // namespace
}  // namespace cairn::dav
