// What writes are refused for and what they leave behind, as recorded; and the places where Cairn
// answers otherwise on purpose (docs/protocol.md).
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using testing::HasSubstr;

class WriteRulesTest : public DavCase {
 protected:
  static std::string At(std::string_view path) { return std::string(kHome) + std::string(path); }
  Answer PutText(std::string_view path, std::string_view text, const HeaderList& headers = {}) {
    return Ask("PUT", path, headers, std::string(text));
  }
  Answer Transfer(std::string_view method, std::string_view from, std::string_view to,
                  HeaderList headers = {}) {
    headers.emplace_back("Destination", At(to));
    return Ask(method, from, headers);
  }
  static testing::Matcher<std::string> Exception(std::string_view name) {
    return HasSubstr("<s:exception>" + std::string(name) + "</s:exception>");
  }
  static constexpr std::string_view kInvalidPath =
      "OCA\\DAV\\Connector\\Sabre\\Exception\\InvalidPath";
  static constexpr std::string_view kInsufficient = "Sabre\\DAV\\Exception\\InsufficientStorage";
};

// ---- names

TEST_F(WriteRulesTest, NewNamesHaveAtMost250Bytes) {
  const std::string good = "/" + std::string(250, 'n');
  const std::string bad = "/" + std::string(251, 'n');
  EXPECT_EQ(PutText(good, "x").status, 201);
  Put("/a.txt", "x");
  const Answer put = PutText(bad, "x");
  EXPECT_EQ(put.status, 400);
  EXPECT_THAT(put.body, Exception(kInvalidPath));
  EXPECT_THAT(put.body, HasSubstr("<s:message>Filename is too long</s:message>"));
  EXPECT_EQ(Ask("MKCOL", bad).status, 400);
  EXPECT_EQ(Transfer("MOVE", "/a.txt", bad).status, 400);
  EXPECT_EQ(Transfer("COPY", "/a.txt", bad).status, 400);
  EXPECT_EQ(Lock(bad).status, 400);
  EXPECT_EQ(PutText(bad + "/b", "x", {{"X-NC-WebDAV-Auto-Mkcol", "1"}}).status, 400);
  EXPECT_EQ(Propfind(bad, "0", "").status, 404);  // looking is not refused, nothing is there
}

// Recorded: 500. Clients send again what a server failed at, and this can never succeed.
TEST_F(WriteRulesTest, ReservedNamesAreTheClientsMistake) {
  Put("/a.txt", "x");
  for (const std::string_view name : {"/.htaccess", "/.HTACCESS"}) {
    for (const Answer& answer :
         {PutText(name, "x"), Ask("MKCOL", name), Transfer("MOVE", "/a.txt", name)}) {
      EXPECT_EQ(answer.status, 400) << name;
      EXPECT_THAT(answer.body, Exception(kInvalidPath)) << name;
    }
  }
  EXPECT_EQ(Ask("GET", "/a.txt").body, "x");
}

// A small body that came with the head is decided on by the transaction alone, one that is still to
// come by a first look too: nobody can tell.
TEST_F(WriteRulesTest, APutIsRefusedTheSameWhetherItsBodyIsThereOrNot) {
  Mkcol("/dir");
  Put("/a.txt", "old");
  Put("/locked.txt", "old");
  Put("/full.txt", std::string(600, 'x'));
  ASSERT_EQ(Lock("/locked.txt", "0", "alice").status, 200);
  SetQuota("1 KB");
  const HeaderList wrong_sum{{"OC-Checksum", "SHA1:da39a3ee5e6b4b0d3255bfef95601890afd80709"}};
  const HeaderList not_there{{"If-None-Match", "*"},
                             {"OC-Checksum", "SHA1:da39a3ee5e6b4b0d3255bfef95601890afd80709"}};
  const HeaderList wrong_length{{"OC-Total-Length", "7"}};
  struct Case {
    std::string path;
    HeaderList headers;
    std::string body;
    int status;
  };
  for (const Case& c : {Case{"/new.txt", {}, "text", 201},
                        {"/empty.txt", {}, "", 201},
                        {"/a.txt", {}, "text", 204},
                        {"/a.txt", wrong_sum, "text", 400},
                        {"/a.txt", wrong_length, "text", 400},
                        {"/a.txt", not_there, "text", 412},
                        {"/dir", wrong_sum, "text", 409},
                        {"/none/a.txt", wrong_sum, "text", 404},
                        {"/a.txt/b.txt", wrong_sum, "text", 404},
                        {"/locked.txt", wrong_sum, "text", 423},
                        {"/.htaccess", wrong_sum, "text", 400},
                        {"/full.txt", {}, std::string(600, 'y'), 507},
                        {"/big.txt", wrong_sum, std::string(2000, 'x'), 507},
                        {"/made/by/it.txt", {{"X-NC-WebDAV-Auto-Mkcol", "1"}}, "text", 201}}) {
    body_is_here_ = false;
    const Answer later = PutText(c.path, c.body, c.headers);
    if (later.status == 201) {
      EXPECT_EQ(Ask("DELETE", c.path).status, 204) << c.path;
    }
    body_is_here_ = true;
    const Answer at_once = PutText(c.path, c.body, c.headers);
    EXPECT_EQ(later.status, c.status) << c.path;
    EXPECT_EQ(at_once.status, later.status) << c.path;
    if (c.status >= 400) {
      EXPECT_EQ(at_once.body, later.body) << c.path;
    } else {
      EXPECT_EQ(Ask("GET", c.path).body, c.body) << c.path;
    }
  }
  EXPECT_EQ(Ask("GET", "/locked.txt").body, "old");
}

// Recorded: 405 for MKCOL, by which clients know that the folder is there.
TEST_F(WriteRulesTest, AForbiddenEndingIsNoFolderThatExists) {
  for (const std::string_view method : {"MKCOL", "PUT"}) {
    const Answer answer = Ask(method, "/dir.part");
    EXPECT_EQ(answer.status, 400) << method;
    EXPECT_THAT(answer.body, Exception(kInvalidPath)) << method;
  }
}

// Recorded: the slash separates folders, dots are resolved.
TEST_F(WriteRulesTest, HostileSegmentsAreRefusedNotResolved) {
  Mkcol("/tree");
  Mkcol("/tree/a");
  EXPECT_EQ(PutText("/tree/a%2Fb.txt", "x").status, 400);
  EXPECT_EQ(Propfind("/tree/../tree", "0", "").status, 400);
  EXPECT_EQ(Propfind("/tree/a", "1", "").body.find("b.txt"), std::string::npos);
}

// ---- quota

TEST_F(WriteRulesTest, ADeclaredLengthBeyondTheQuotaIs507BeforeItIs400) {
  SetQuota("1 KB");
  const Answer beyond = PutText("/a", "x", {{"OC-Total-Length", "5000"}});
  EXPECT_EQ(beyond.status, 507);
  EXPECT_THAT(beyond.body, Exception(kInsufficient));
  EXPECT_EQ(PutText("/a", "x", {{"OC-Total-Length", "500"}}).status, 400);
  EXPECT_EQ(PutText("/a", "x", {{"OC-Total-Length", "1"}}).status, 201);
}

TEST_F(WriteRulesTest, AFolderNeedsALittleRoom) {
  SetQuota("5000 B");
  Put("/a", std::string(904, 'x'));
  EXPECT_EQ(Ask("MKCOL", "/fits").status, 201);
  Put("/b", "y");
  const Answer full = Ask("MKCOL", "/no-room");
  EXPECT_EQ(full.status, 507);
  EXPECT_THAT(full.body, Exception(kInsufficient));
  EXPECT_EQ(Ask("MKCOL", "/fits").status, 405);  // that it exists is said first
  EXPECT_EQ(Stat("/").recursive_size(), 905u);   // none of it was charged
}

TEST_F(WriteRulesTest, WhereNothingMayBeKeptAnEmptyFileIsTooLarge) {
  Put("/old", "x");
  SetQuota("0 B");
  const Answer refused = PutText("/new", "");
  EXPECT_EQ(refused.status, 413);
  EXPECT_THAT(refused.body, Exception("OCA\\DAV\\Connector\\Sabre\\Exception\\EntityTooLarge"));
  EXPECT_THAT(refused.body, HasSubstr("<s:message>Insufficient space</s:message>"));
  EXPECT_EQ(PutText("/new", "x").status, 507);
  EXPECT_EQ(PutText("/old", "").status, 204);  // what is there may shrink
  SetQuota("1 B");
  EXPECT_EQ(PutText("/new", "").status, 201);
}

// Recorded: 507 for a file larger than what is free. Programs that save beside a file and rename
// could not, and nobody could tidy up a full account.
TEST_F(WriteRulesTest, AMoveInsideASpaceTakesNoRoom) {
  SetQuota("1 KB");
  Put("/a", std::string(1000, 'x'));
  EXPECT_EQ(Transfer("MOVE", "/a", "/b").status, 201);
  EXPECT_EQ(Transfer("COPY", "/b", "/c").status, 507);
}

// ---- copies

TEST_F(WriteRulesTest, AFilesCopyHasItsEtagWhateverItReplaces) {
  Put("/a.txt", "hello");
  EXPECT_EQ(Transfer("COPY", "/a.txt", "/b.txt").status, 201);
  EXPECT_EQ(Etag("/b.txt"), Etag("/a.txt"));
  Put("/c.txt", "other");
  const std::string replaced = Id("/c.txt");
  EXPECT_EQ(Transfer("COPY", "/a.txt", "/c.txt").status, 204);
  EXPECT_EQ(Etag("/c.txt"), Etag("/a.txt"));
  EXPECT_EQ(Id("/c.txt"), replaced);
}

// Recorded: it shares the source's. A client that knows this etag would not look at the members,
// which have ids of their own.
TEST_F(WriteRulesTest, ACopiedFolderHasAnEtagOfItsOwn) {
  Mkcol("/d");
  Put("/d/f", "1");
  EXPECT_EQ(Transfer("COPY", "/d", "/e").status, 201);
  EXPECT_EQ(Transfer("COPY", "/d", "/alone", {{"Depth", "0"}}).status, 201);
  EXPECT_NE(Etag("/e"), Etag("/d"));
  EXPECT_NE(Etag("/alone"), Etag("/d"));
  EXPECT_NE(Id("/e/f"), Id("/d/f"));
}

}  // namespace
}  // namespace cairn::dav
