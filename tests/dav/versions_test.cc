// The versions of a file on the wire: what is listed and sent, and what is done with them.
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class VersionsTest : public DavCase {
 protected:
  static constexpr std::string_view kVersions = "/remote.php/dav/versions/alice";
  static constexpr std::string_view kAll =
      "<d:resourcetype/><d:getlastmodified/><d:getcontentlength/><d:getcontenttype/><d:getetag/>"
      "<d:displayname/><oc:id/><oc:size/><nc:version-label/><nc:version-author/><nc:has-preview/>";
  static constexpr std::string_view kFirst = "1600000000", kSecond = "1600000100",
                                    kThird = "1600000200";

  // "version one", "version two", "version three", hours apart.
  void SetUp() override {
    Write("/v.txt", "version one", kFirst);
    Write("/v.txt", "version two", kSecond);
    Write("/v.txt", "version three", kThird);
    id_ = Id("/v.txt");
  }
  void Write(std::string_view path, std::string_view text, std::string_view mtime) {
    clock_.Advance(std::chrono::hours(2));
    const Answer put = Ask("PUT", path, {{"X-OC-MTime", std::string(mtime)}}, std::string(text));
    ASSERT_TRUE(put.status == 201 || put.status == 204) << put.body;
  }
  std::string Of(std::string_view stamp = {}) const { return OfId(id_, stamp); }
  static std::string OfId(std::string_view id, std::string_view stamp = {}) {
    std::string path = std::string(kVersions) + "/versions/" + std::string(id);
    return stamp.empty() ? path : path + "/" + std::string(stamp);
  }
  // Their names, in the order of the listing.
  std::vector<std::string> Stamps() { return StampsOf(id_); }
  std::vector<std::string> StampsOf(std::string_view id) {
    auto hrefs = Hrefs(PropfindAt(OfId(id), "1", "<d:getetag/>"));
    CAIRN_CHECK(!hrefs.empty());
    hrefs.erase(hrefs.begin());
    for (std::string& href : hrefs) href.erase(0, OfId(id).size() + 1);
    return hrefs;
  }
  Answer Take(std::string_view method, const std::string& version, std::string_view to,
              HeaderList headers = {}) {
    headers.emplace_back("Destination", to);
    return Do(method, version, headers);
  }
  Answer Restore(std::string_view method, std::string_view stamp, const HeaderList& headers = {}) {
    return Take(method, Of(stamp), std::string(kVersions) + "/restore/any", headers);
  }
  Answer ToFiles(std::string_view method, std::string_view stamp, std::string_view path,
                 const HeaderList& headers = {}) {
    return Take(method, Of(stamp), std::string(kHome) + std::string(path), headers);
  }
  Answer Label(std::string_view stamp, std::string_view label) {
    return ProppatchAt(Of(stamp), "<d:set><d:prop><nc:version-label>" + std::string(label) +
                                      "</nc:version-label></d:prop></d:set>");
  }
  std::string LabelOf(std::string_view stamp) {
    return PropfindAt(Of(stamp), "0", "<nc:version-label/>").body;
  }
  std::string Text(std::string_view path) { return Ask("GET", path).body; }
  static std::string Shown(std::string_view date, std::string_view size, std::string_view stamp,
                           std::string_view label = {}) {
    std::string out = "<d:resourcetype/><d:getlastmodified>" + std::string(date);
    out += "</d:getlastmodified><d:getcontentlength>" + std::string(size);
    out += "</d:getcontentlength><d:getcontenttype>text/plain</d:getcontenttype><d:getetag>";
    out += std::string(stamp) + "</d:getetag>" + std::string(label);
    return out +
           "<nc:version-author>alice</nc:version-author><nc:has-preview>false</nc:has-preview>";
  }

  std::string id_;
};

// ---- listing

TEST_F(VersionsTest, TheCurrentContentThenVersionsNewestFirst) {
  const std::string missing = "<d:displayname/><oc:id/><oc:size/><nc:version-label/>";
  const Answer listed = PropfindAt(Of(), "1", kAll);
  EXPECT_EQ(listed.status, 207);
  EXPECT_EQ(
      listed.body,
      Multistatus(
          ResponseAt(Of() + "/", "<d:resourcetype><d:collection/></d:resourcetype>",
                     "<d:getlastmodified/><d:getcontentlength/><d:getcontenttype/><d:getetag/>"
                     "<d:displayname/><oc:id/><oc:size/><nc:version-label/>"
                     "<nc:version-author/><nc:has-preview/>") +
          ResponseAt(Of(kThird), Shown("Sun, 13 Sep 2020 12:30:00 GMT", "13", kThird), missing) +
          ResponseAt(Of(kSecond), Shown("Sun, 13 Sep 2020 12:28:20 GMT", "11", kSecond), missing) +
          ResponseAt(Of(kFirst), Shown("Sun, 13 Sep 2020 12:26:40 GMT", "11", kFirst), missing)));
  EXPECT_THAT(Hrefs(PropfindAt(Of() + "/", "0", "")), ElementsAre(Of() + "/"));
  EXPECT_EQ(Hrefs(PropfindAt(Of(), "infinity", "")).size(), 4u);
  EXPECT_THAT(Hrefs(PropfindAt(Of(kSecond), "1", "")), ElementsAre(Of(kSecond)));
}

TEST_F(VersionsTest, Collections) {
  const std::string home(kVersions);
  EXPECT_THAT(Hrefs(PropfindAt(home, "1", "")),
              ElementsAre(home + "/", home + "/versions/", home + "/restore/"));
  EXPECT_THAT(Hrefs(PropfindAt(home, "0", "")), ElementsAre(home + "/"));
  EXPECT_THAT(Hrefs(PropfindAt(home + "/versions", "1", "")), ElementsAre(home + "/versions/"));
  EXPECT_THAT(Hrefs(PropfindAt(home + "/restore", "1", "")), ElementsAre(home + "/restore/"));
  EXPECT_EQ(Do("GET", home + "/versions").status, 200);
  EXPECT_EQ(Do("GET", Of()).status, 200);
}

TEST_F(VersionsTest, WhatIsNotThere) {
  Mkcol("/folder");
  Put("/deleted.txt", "1");
  const std::string deleted = Id("/deleted.txt");
  ASSERT_EQ(Ask("DELETE", "/deleted.txt").status, 204);
  const Answer unknown = PropfindAt(OfId("99999999"), "1", "");
  EXPECT_EQ(unknown.status, 404);
  for (const std::string& id : {std::string("abc"), std::string("0"), std::string("-1"), "0x" + id_,
                                Id("/folder"), deleted, id_ + "/1/2"}) {
    EXPECT_EQ(PropfindAt(OfId(id), "1", "").status, 404) << id;
    EXPECT_EQ(Do("GET", OfId(id)).status, 404) << id;
    EXPECT_EQ(Do("DELETE", OfId(id)).status, 404) << id;
  }
  for (const std::string_view stamp : {"1500000000", "abc", "-1"}) {
    EXPECT_EQ(PropfindAt(Of(stamp), "0", "").status, 404) << stamp;
    EXPECT_EQ(Do("GET", Of(stamp)).status, 404) << stamp;
    EXPECT_EQ(Do("DELETE", Of(stamp)).status, 404) << stamp;
    EXPECT_EQ(Label(stamp, "x").status, 404) << stamp;
    EXPECT_EQ(Restore("MOVE", stamp).status, 404) << stamp;
    EXPECT_EQ(ToFiles("COPY", stamp, "/x").status, 404) << stamp;
  }
}

// T-28: what belongs to others looks like what nobody has.
TEST_F(VersionsTest, OthersFilesLookLikeUnknownOnes) {
  EXPECT_EQ(PropfindAt(Of(), "1", "", {}, "bob").status, 403);
  const std::string base = "/remote.php/dav/versions/bob/versions/";
  const auto probe = [&](std::string_view method, const std::string& path) {
    const HeaderList to = {{"Destination", "/remote.php/dav/versions/bob/restore/x"}};
    Answer answer = Do(method, base + path, to, {}, "bob");
    return std::pair(answer.status, answer.body);
  };
  for (const std::string_view method : {"PROPFIND", "GET", "HEAD", "DELETE", "MOVE", "COPY"}) {
    const std::string foreign = id_ + "/" + std::string(kFirst);
    EXPECT_EQ(probe(method, foreign).first, 404) << method;
    EXPECT_EQ(probe(method, foreign), probe(method, "99999999/1600000000")) << method;
    EXPECT_EQ(probe(method, id_), probe(method, "99999999")) << method;
  }
  EXPECT_EQ(Stamps().size(), 3u);
}

// ---- downloads

TEST_F(VersionsTest, EveryVersionCanBeRead) {
  const Answer answer = Do("GET", Of(kFirst));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "version one");
  EXPECT_THAT(
      answer.HeaderMap(),
      testing::UnorderedElementsAre(
          Pair("Content-Type", "text/plain;charset=UTF-8"), Pair("ETag", kFirst),
          Pair("OC-ETag", kFirst), Pair("Last-Modified", "Sun, 13 Sep 2020 12:26:40 GMT"),
          Pair("Content-Disposition", "attachment; filename*=UTF-8''v.txt; filename=\"v.txt\""),
          Pair("Accept-Ranges", "bytes"),
          Pair("Content-Security-Policy", "default-src 'none'; sandbox"),
          Pair("Cross-Origin-Resource-Policy", "same-origin"),
          Pair("Cache-Control", "private, no-store"), Pair("X-User-Id", "alice")));
  EXPECT_EQ(Do("GET", Of(kSecond)).body, "version two");
  EXPECT_EQ(Do("GET", Of(kThird)).status, 404);  // the current content is the file's
  EXPECT_EQ(Do("HEAD", Of(kFirst)).Header("Content-Length"), "11");
  const Answer part = Do("GET", Of(kFirst), {{"Range", "bytes=0-6"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "version");
  EXPECT_EQ(part.Header("Content-Range"), "bytes 0-6/11");
}

// ---- restoring

TEST_F(VersionsTest, RestoreByMove) {
  const std::string etag = Etag("/v.txt");
  const Answer restored = Restore("MOVE", kFirst, {{"Overwrite", "T"}});
  EXPECT_EQ(restored.status, 201);
  EXPECT_EQ(restored.body, "");
  EXPECT_EQ(Text("/v.txt"), "version one");
  EXPECT_EQ(Stat("/v.txt").node.mtime(), 1'600'000'000);
  EXPECT_EQ(Id("/v.txt"), id_);
  EXPECT_NE(Etag("/v.txt"), etag);
  EXPECT_THAT(Stamps(), ElementsAre(kFirst, kThird, kSecond));
  EXPECT_EQ(Do("GET", Of(kThird)).body, "version three");
}

TEST_F(VersionsTest, RestoreByCopyKeepsTheVersion) {
  EXPECT_EQ(Restore("COPY", kSecond).status, 201);
  EXPECT_EQ(Text("/v.txt"), "version two");
  // The current content has the time of the version that is still there: the next second is its
  // name.
  EXPECT_THAT(Stamps(), ElementsAre("1600000101", kThird, kSecond, kFirst));
  EXPECT_EQ(Do("GET", Of("1600000101")).status, 404);
}

TEST_F(VersionsTest, TheCurrentContentIsNoVersionToRestore) {
  const std::string etag = Etag("/v.txt");
  EXPECT_EQ(Restore("MOVE", kThird).status, 404);
  EXPECT_EQ(Restore("COPY", kThird).status, 404);
  EXPECT_EQ(Etag("/v.txt"), etag);
}

TEST_F(VersionsTest, ARestoreCountsAgainstTheQuota) {
  Write("/big.txt", std::string(900, 'b'), kFirst);
  Write("/big.txt", "small", kSecond);
  SetQuota("500 B");
  const Answer full =
      Take("MOVE", OfId(Id("/big.txt"), kFirst), std::string(kVersions) + "/restore/x");
  EXPECT_EQ(full.status, 507);
  EXPECT_THAT(full.body, HasSubstr("Sabre\\DAV\\Exception\\InsufficientStorage"));
  EXPECT_EQ(Text("/big.txt"), "small");
  EXPECT_EQ(StampsOf(Id("/big.txt")).size(), 2u);
  EXPECT_EQ(Take("COPY", OfId(Id("/big.txt"), kFirst), std::string(kHome) + "/other.txt").status,
            507);
}

TEST_F(VersionsTest, ALockedFileIsNotRestored) {
  const std::string token = TokenOf(Lock("/v.txt"));
  EXPECT_EQ(Restore("MOVE", kFirst).status, 423);
  EXPECT_EQ(Stamps().size(), 3u);
  const std::string tagged = "<" + std::string(kHome) + "/v.txt> (<" + token + ">)";
  EXPECT_EQ(Restore("MOVE", kFirst, {{"If", tagged}}).status, 201);
}

TEST_F(VersionsTest, TakenOutIntoTheFiles) {
  const Answer copied = ToFiles("COPY", kFirst, "/copy.txt");
  EXPECT_EQ(copied.status, 201);
  EXPECT_EQ(copied.Header("OC-FileId"), engine_->OcId(Stat("/copy.txt").id()));
  EXPECT_EQ(Text("/copy.txt"), "version one");
  EXPECT_EQ(Stat("/copy.txt").node.mtime(), 1'600'000'000);
  EXPECT_EQ(Stamps().size(), 3u);
  const Answer moved = ToFiles("MOVE", kSecond, "/out.txt");
  EXPECT_EQ(moved.status, 201);
  EXPECT_EQ(moved.Header("ETag"), "\"" + Etag("/out.txt") + "\"");
  EXPECT_EQ(Text("/out.txt"), "version two");
  EXPECT_THAT(Stamps(), ElementsAre(kThird, kFirst));
  EXPECT_EQ(ToFiles("COPY", kFirst, "/out.txt", {{"Overwrite", "F"}}).status, 412);
  EXPECT_EQ(ToFiles("COPY", kFirst, "/out.txt").status, 204);
  EXPECT_EQ(Text("/out.txt"), "version one");
  EXPECT_EQ(ToFiles("COPY", kFirst, "/no/out.txt").status, 409);
  EXPECT_EQ(ToFiles("COPY", kFirst, "/").status, 403);
}

// ---- labels

TEST_F(VersionsTest, Labels) {
  const Answer set = Label(kFirst, "first &amp; draft");
  EXPECT_EQ(set.status, 207);
  EXPECT_EQ(set.body, Multistatus(ResponseAt(Of(kFirst), "<nc:version-label/>")));
  EXPECT_THAT(LabelOf(kFirst), HasSubstr("<nc:version-label>first &amp; draft</nc:version-label>"));
  EXPECT_EQ(Label(kThird, "current").status, 207);
  EXPECT_THAT(LabelOf(kThird), HasSubstr("<nc:version-label>current</nc:version-label>"));
  Label(kThird, "");
  EXPECT_THAT(LabelOf(kThird), HasSubstr("<nc:version-label/></d:prop><d:status>HTTP/1.1 200"));
  const Answer removed =
      ProppatchAt(Of(kThird), "<d:remove><d:prop><nc:version-label/></d:prop></d:remove>");
  EXPECT_THAT(removed.body, HasSubstr("204 No Content"));
  EXPECT_THAT(LabelOf(kThird), HasSubstr("<nc:version-label/></d:prop><d:status>HTTP/1.1 404"));
}

TEST_F(VersionsTest, ALabelFollowsItsContent) {
  Label(kThird, "third");
  Write("/v.txt", "version four", "1600000300");
  EXPECT_THAT(LabelOf(kThird), HasSubstr(">third<"));
  EXPECT_THAT(LabelOf("1600000300"), HasSubstr("404 Not Found"));
  EXPECT_EQ(Restore("MOVE", kThird).status, 201);
  EXPECT_THAT(LabelOf(kThird), HasSubstr(">third<"));
}

TEST_F(VersionsTest, NothingElseIsStored) {
  const Answer other = ProppatchAt(
      Of(kFirst),
      "<d:set><d:prop><nc:version-label>x</nc:version-label><d:displayname>y</d:displayname>"
      "</d:prop></d:set>");
  EXPECT_EQ(other.status, 207);
  EXPECT_THAT(other.body, HasSubstr("<d:displayname/></d:prop><d:status>HTTP/1.1 403"));
  EXPECT_THAT(other.body, HasSubstr("<nc:version-label/></d:prop><d:status>HTTP/1.1 424"));
  EXPECT_THAT(LabelOf(kFirst), HasSubstr("404 Not Found"));
  EXPECT_THAT(Label(kFirst, std::string(1025, 'x')).body, HasSubstr("409 Conflict"));
  EXPECT_THAT(Label("", "x").body, HasSubstr("403 Forbidden"));
  EXPECT_EQ(ProppatchAt(OfId("99999999"), "<d:set><d:prop><x:a/></d:prop></d:set>").status, 404);
  EXPECT_EQ(ProppatchAt(Of(kFirst), "").status, 400);
}

// ---- deleting, and what is refused

TEST_F(VersionsTest, DeleteOne) {
  Label(kFirst, "kept");
  const Answer removed = Do("DELETE", Of(kFirst));
  EXPECT_EQ(removed.status, 204);
  EXPECT_EQ(removed.body, "");
  EXPECT_EQ(Do("DELETE", Of(kFirst)).status, 404);
  EXPECT_THAT(Stamps(), ElementsAre(kThird, kSecond));
  EXPECT_EQ(Do("DELETE", Of(kThird)).status, 403);
  EXPECT_EQ(Do("DELETE", Of()).status, 403);
  EXPECT_EQ(Do("DELETE", std::string(kVersions)).status, 403);
  EXPECT_THAT(Stamps(), ElementsAre(kThird, kSecond));
  EXPECT_EQ(Text("/v.txt"), "version three");
}

TEST_F(VersionsTest, Preconditions) {
  EXPECT_EQ(Do("DELETE", Of(kFirst), {{"If-Match", "\"1\""}}).status, 412);
  EXPECT_EQ(Restore("MOVE", kFirst, {{"If-Match", "1"}}).status, 412);
  EXPECT_EQ(Restore("MOVE", kFirst, {{"If-None-Match", "*"}}).status, 412);
  EXPECT_EQ(Stamps().size(), 3u);
  EXPECT_EQ(Restore("MOVE", kFirst, {{"If-Match", std::string(kFirst)}}).status, 201);
}

TEST_F(VersionsTest, NothingIsMadeHere) {
  EXPECT_EQ(Do("PUT", Of(kFirst), {}, "x").status, 403);
  EXPECT_EQ(Do("PUT", Of("1500000000"), {}, "x").status, 403);
  EXPECT_EQ(Do("MKCOL", Of() + "x").status, 403);
  for (const std::string_view to :
       {"/remote.php/dav/versions/alice/versions/1/2", "/remote.php/dav/versions/bob/restore/x",
        "/remote.php/dav/trashbin/alice/restore/x", "/remote.php/dav/files/bob/x"}) {
    EXPECT_EQ(Take("MOVE", Of(kFirst), to).status, 403) << to;
    EXPECT_EQ(Take("COPY", Of(kFirst), to).status, 403) << to;
  }
  EXPECT_EQ(Do("MOVE", Of(kFirst)).status, 400);
  EXPECT_EQ(Take("MOVE", Of(), std::string(kVersions) + "/restore/x").status, 403);
  EXPECT_EQ(Stamps().size(), 3u);
}

// ---- what makes a version

TEST_F(VersionsTest, TheSameBytesMakeNone) {
  const std::string large(300'000, 'x');  // a blob of its own
  Write("/same.bin", large, kFirst);
  Write("/same.bin", large, kSecond);
  EXPECT_THAT(StampsOf(Id("/same.bin")), ElementsAre(kSecond));
  std::string other = large;
  other.back() = 'y';
  Write("/same.bin", other, kThird);
  EXPECT_THAT(StampsOf(Id("/same.bin")), ElementsAre(kThird, kSecond));
  Write("/v.txt", "version three", "1600000300");
  EXPECT_THAT(Stamps(), ElementsAre("1600000300", kSecond, kFirst));
}

TEST_F(VersionsTest, AnEmptyContentIsNone) {
  Write("/empty.txt", "", kFirst);
  Write("/empty.txt", "x", kSecond);
  EXPECT_THAT(StampsOf(Id("/empty.txt")), ElementsAre(kSecond));
}

TEST_F(VersionsTest, ACopyOntoAFileKeepsItsIdAndMakesAVersion) {
  Write("/other.txt", "another", "1600000300");
  clock_.Advance(std::chrono::hours(2));
  const HeaderList to = {{"Destination", std::string(kHome) + "/v.txt"}};
  EXPECT_EQ(Ask("COPY", "/other.txt", to).status, 204);
  EXPECT_EQ(Id("/v.txt"), id_);
  EXPECT_EQ(Text("/v.txt"), "another");
  EXPECT_THAT(Stamps(), ElementsAre("1600000300", kThird, kSecond, kFirst));
}

TEST_F(VersionsTest, VersionsFollowARename) {
  ASSERT_EQ(Ask("MOVE", "/v.txt", {{"Destination", std::string(kHome) + "/w.md"}}).status, 201);
  EXPECT_EQ(Stamps().size(), 3u);
  EXPECT_THAT(Do("GET", Of(kFirst)).Header("Content-Disposition"), HasSubstr("w.md"));
}

}  // namespace
}  // namespace cairn::dav
