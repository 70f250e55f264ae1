// The trash bin on the wire: what it lists and sends, and the ways out of it.
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class TrashbinTest : public DavCase {
 protected:
  static constexpr std::string_view kBin = "/remote.php/dav/trashbin/alice";
  static constexpr std::string_view kNow = "1700001000";  // when things are deleted
  static constexpr std::string_view kNowDate = "Tue, 14 Nov 2023 22:30:00 GMT";
  static constexpr std::string_view kAll =
      "<d:resourcetype/><d:getlastmodified/><d:getcontentlength/><d:getcontenttype/><d:getetag/>"
      "<d:displayname/><d:creationdate/><oc:id/><oc:fileid/><oc:size/><oc:permissions/>"
      "<oc:favorite/><nc:has-preview/><nc:mount-type/><nc:trashbin-filename/><nc:trashbin-title/>"
      "<nc:trashbin-original-location/><nc:trashbin-deletion-time/><nc:trashbin-deleted-by-id/>"
      "<nc:trashbin-deleted-by-display-name/><nc:trashbin-backend/>";

  void SetUp() override { clock_.Advance(std::chrono::seconds(1000)); }

  static std::string BinPath(std::string_view path) {
    return std::string(kBin) + std::string(path);
  }
  Answer Bin(std::string_view method, std::string_view path, const HeaderList& headers = {},
             std::string body = {}) {
    return Do(method, BinPath(path), headers, std::move(body));
  }
  Answer List(std::string_view path, std::string_view depth = "1",
              std::string_view props = "<nc:trashbin-filename/>") {
    return PropfindAt(BinPath(path), depth, props);
  }
  std::vector<std::string> Members() {
    auto hrefs = Hrefs(List("/trash"));
    hrefs.erase(hrefs.begin());
    for (std::string& href : hrefs) href.erase(0, BinPath("/trash").size());
    return hrefs;
  }
  void Delete(std::string_view path) { ASSERT_EQ(Ask("DELETE", path).status, 204) << path; }
  // "/a.txt" as it is named in the trash when it is deleted now.
  static std::string Gone(std::string_view path) {
    return "/trash" + std::string(path) + ".d" + std::string(kNow);
  }
  Answer Restore(std::string_view item, HeaderList headers = {}) {
    headers.emplace_back("Destination", "https://cloud.example" + BinPath("/restore/any"));
    return Bin("MOVE", item, headers);
  }
  Answer MoveTo(std::string_view item, std::string_view path, HeaderList headers = {}) {
    headers.emplace_back("Destination", std::string(kHome) + std::string(path));
    return Bin("MOVE", item, headers);
  }
  std::string Text(std::string_view path) { return Ask("GET", path).body; }
  int Status(std::string_view path) { return Ask("GET", path).status; }
  static std::string Element(std::string_view name, std::string_view value) {
    if (value.empty()) return "<" + std::string(name) + "/>";
    return "<" + std::string(name) + ">" + std::string(value) + "</" + std::string(name) + ">";
  }
  // The properties of kAll that a file or folder has.
  static std::string Found(std::string_view name, std::string_view place, std::string_view id,
                           std::string_view size, bool folder) {
    std::string out = Element("d:resourcetype", folder ? "<d:collection/>" : "") +
                      Element("d:getlastmodified", kNowDate);
    if (!folder) out += Element("d:getcontentlength", size);
    if (!folder) out += Element("d:getcontenttype", "text/plain");
    return out + Element("d:getetag", kNow) + Element("d:displayname", name) +
           Element("oc:id", id) + Element("oc:fileid", id) + Element("oc:size", size) +
           Element("oc:permissions", "GD") + Element("nc:has-preview", "false") +
           Element("nc:mount-type", "") + Element("nc:trashbin-filename", name) +
           Element("nc:trashbin-title", place) + Element("nc:trashbin-original-location", place) +
           Element("nc:trashbin-deletion-time", kNow) +
           Element("nc:trashbin-deleted-by-id", "alice") +
           Element("nc:trashbin-deleted-by-display-name", "Alice A.") +
           Element("nc:trashbin-backend", "OCA\\Files_Trashbin\\Trash\\LegacyTrashBackend");
  }
};

// ---- listing

TEST_F(TrashbinTest, AnEmptyTrashIsThere) {
  const std::string bare = "<d:resourcetype><d:collection/></d:resourcetype>";
  const Answer home = List("/", "1", "<d:resourcetype/><d:displayname/>");
  EXPECT_EQ(home.status, 207);
  EXPECT_EQ(home.body, Multistatus(ResponseAt(BinPath("/"), bare, "<d:displayname/>") +
                                   ResponseAt(BinPath("/restore/"), bare, "<d:displayname/>") +
                                   ResponseAt(BinPath("/trash/"), bare, "<d:displayname/>")));
  EXPECT_THAT(Hrefs(List("/", "0")), ElementsAre(BinPath("/")));
  EXPECT_THAT(Hrefs(List("/trash/", "infinity")), ElementsAre(BinPath("/trash/")));
  EXPECT_THAT(Hrefs(List("/restore", "1")), ElementsAre(BinPath("/restore/")));
  EXPECT_EQ(List("/trash", "1", "").body, Multistatus(ResponseAt(BinPath("/trash/"), bare)));
  for (const std::string_view path : {"/nonsense", "/restore/x", "/trash/a.txt.d1", "/trash/a.txt"})
    EXPECT_EQ(List(path, "0").status, 404) << path;
}

TEST_F(TrashbinTest, ListsWhatWasDeletedWithAllProperties) {
  Mkcol("/dir");
  Mkcol("/dir/in & out");
  Put("/dir/in & out/x.txt", "inner");
  Put("/dir/a.txt", "aaa");
  const std::string file = Id("/dir/a.txt"), folder = Id("/dir/in & out");
  const std::string child = Id("/dir/in & out/x.txt");
  Delete("/dir/a.txt");
  Delete("/dir/in%20%26%20out");
  const std::string folder_href = BinPath("/trash/in%20%26%20out.d1700001000/");
  const std::string no_folder =
      "<d:getcontentlength/><d:getcontenttype/><d:creationdate/><oc:favorite/>";
  const std::string no_file = "<d:creationdate/><oc:favorite/>";
  const std::string listed = ResponseAt(BinPath("/trash/a.txt.d1700001000"),
                                        Found("a.txt", "dir/a.txt", file, "3", false), no_file);
  const std::string listed_folder = ResponseAt(
      folder_href, Found("in &amp; out", "dir/in &amp; out", folder, "5", true), no_folder);
  const std::string listed_child = ResponseAt(
      folder_href + "x.txt", Found("x.txt", "dir/in &amp; out/x.txt", child, "5", false), no_file);
  const Answer trash = List("/trash", "1", kAll);
  EXPECT_EQ(trash.status, 207);
  EXPECT_THAT(trash.body, HasSubstr(listed + listed_folder + "</d:multistatus>"));
  EXPECT_EQ(List("/trash/in%20%26%20out.d1700001000", "1", kAll).body,
            Multistatus(listed_folder + listed_child));
  EXPECT_EQ(List("/trash/in%20%26%20out.d1700001000/x.txt", "0", kAll).body,
            Multistatus(listed_child));
  const auto all = Hrefs(List("/trash", "infinity"));
  EXPECT_THAT(all, ElementsAre(BinPath("/trash/"), BinPath("/trash/a.txt.d1700001000"), folder_href,
                               folder_href + "x.txt"));
  EXPECT_EQ(Hrefs(List("/", "2")).size(), 5u);
  EXPECT_EQ(Hrefs(List("/", "3")).size(), 6u);
}

TEST_F(TrashbinTest, AnEmptyBodyAsRecorded) {
  Put("/a.txt", "aaa");
  Delete("/a.txt");
  EXPECT_EQ(List(Gone("/a.txt"), "0", "").body,
            Multistatus(ResponseAt(BinPath(Gone("/a.txt")),
                                   Element("d:getlastmodified", kNowDate) +
                                       Element("d:getcontentlength", "3") + "<d:resourcetype/>" +
                                       Element("d:getetag", kNow) +
                                       Element("d:getcontenttype", "text/plain"))));
}

TEST_F(TrashbinTest, LongListingsArePagesWithoutALookUpPerEntry) {
  const auto gets = [&](int count) {
    const std::string folder = "/n" + std::to_string(count);
    Mkcol(folder);
    for (int i = 0; i < count; ++i) Put(folder + "/f" + std::to_string(i), "1");
    Delete(folder);
    const std::uint64_t before = kv().Published()->gets();
    const Answer answer = List(Gone(folder), "infinity", kAll);
    EXPECT_EQ(Hrefs(answer).size(), static_cast<std::size_t>(count) + 1);
    return kv().Published()->gets() - before;
  };
  EXPECT_EQ(gets(3), gets(40));
  for (int i = 0; i < 1500; ++i) Put("/f" + std::to_string(i), "1");
  for (int i = 0; i < 1500; ++i) Delete("/f" + std::to_string(i));
  const Answer answer = List("/trash", "1");
  EXPECT_TRUE(answer.streamed);
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(Hrefs(answer).size(), 1503u);
}

TEST_F(TrashbinTest, TwoOfOneNameInOneSecond) {
  for (int i = 0; i < 2; ++i) {
    Put("/twice.txt", std::to_string(i));
    Delete("/twice.txt");
  }
  EXPECT_THAT(Members(), ElementsAre("/twice.txt.d1700001000", "/twice.txt.d1700001001"));
  EXPECT_EQ(Bin("GET", "/trash/twice.txt.d1700001001").body, "1");
  EXPECT_THAT(List("/trash/twice.txt.d1700001001", "0", "<nc:trashbin-deletion-time/>").body,
              HasSubstr(">1700001000<"));
}

TEST_F(TrashbinTest, OthersTrashIsNotShown) {
  Put("/a.txt", "secret");
  Delete("/a.txt");
  EXPECT_EQ(Do("GET", BinPath(Gone("/a.txt")), {}, {}, "bob").status, 403);
  EXPECT_EQ(PropfindAt(BinPath("/trash"), "1", "", {}, "bob").status, 403);
  const std::string own = "/remote.php/dav/trashbin/bob" + Gone("/a.txt");
  EXPECT_EQ(Do("GET", own, {}, {}, "bob").status, 404);
  EXPECT_EQ(Do("DELETE", own, {}, {}, "bob").status, 404);
  const HeaderList to = {{"Destination", "/remote.php/dav/trashbin/bob/restore/a.txt"}};
  EXPECT_EQ(Do("MOVE", own, to, {}, "bob").status, 404);
  EXPECT_EQ(Members().size(), 1u);
}

// ---- downloads

TEST_F(TrashbinTest, ADeletedFileCanBeRead) {
  Put("/a.txt", "hello golden world", 1'600'000'000, "SHA1:e8d1");
  Delete("/a.txt");
  const Answer answer = Bin("GET", Gone("/a.txt"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello golden world");
  EXPECT_THAT(
      answer.HeaderMap(),
      testing::UnorderedElementsAre(
          Pair("Content-Type", "text/plain;charset=UTF-8"), Pair("ETag", kNow),
          Pair("OC-ETag", kNow), Pair("Last-Modified", kNowDate),
          Pair("Content-Disposition", "attachment; filename*=UTF-8''a.txt; filename=\"a.txt\""),
          Pair("Accept-Ranges", "bytes"),
          Pair("Content-Security-Policy", "default-src 'none'; sandbox"),
          Pair("Cross-Origin-Resource-Policy", "same-origin"),
          Pair("Cache-Control", "private, no-store"), Pair("X-User-Id", "alice")));
  const Answer head = Bin("HEAD", Gone("/a.txt"));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("Content-Length"), "18");
  const Answer part = Bin("GET", Gone("/a.txt"), {{"Range", "bytes=6-11"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "golden");
  EXPECT_EQ(part.Header("Content-Range"), "bytes 6-11/18");
  EXPECT_EQ(Bin("GET", Gone("/a.txt"), {{"If-None-Match", std::string(kNow)}}).status, 304);
  EXPECT_EQ(Bin("GET", Gone("/a.txt"), {{"If-Match", "\"other\""}}).status, 412);
}

TEST_F(TrashbinTest, FoldersAndWhatIsInThem) {
  Mkcol("/d");
  Put("/d/x.txt", std::string(300'000, 'x'));
  Delete("/d");
  EXPECT_EQ(Bin("GET", Gone("/d") + "/x.txt").body, std::string(300'000, 'x'));
  EXPECT_EQ(Bin("GET", Gone("/d") + "/none").status, 404);
  EXPECT_EQ(Bin("GET", Gone("/d") + "/x.txt/below").status, 404);
  for (const std::string& path :
       {Gone("/d"), std::string("/trash"), std::string("/restore/"), std::string("/")})
    EXPECT_THAT(Bin("GET", path).body, HasSubstr("This is the WebDAV interface.")) << path;
  EXPECT_EQ(Bin("GET", "/restore/x").status, 404);
}

// ---- restoring

TEST_F(TrashbinTest, RestoreKeepsEverything) {
  Mkcol("/d");
  Put("/d/a.txt", "one", 1'600'000'000);
  clock_.Advance(std::chrono::hours(2));
  Put("/d/a.txt", "two", 1'600'000'100);
  Proppatch("/d/a.txt",
            "<d:set><d:prop><oc:favorite>1</oc:favorite><x:c>red</x:c></d:prop></d:set>");
  const std::string props =
      "<d:getetag/><oc:id/><d:getlastmodified/><oc:favorite/><x:c/><oc:size/>";
  const Answer before = Propfind("/d/a.txt", "0", props);
  const std::string versions = "/remote.php/dav/versions/alice/versions/" + Id("/d/a.txt");
  EXPECT_EQ(Hrefs(PropfindAt(versions, "1", "")).size(), 3u);
  Delete("/d/a.txt");
  EXPECT_EQ(PropfindAt(versions, "1", "").status, 404);
  const std::string item = "/trash" + Members().at(0);
  const Answer restored = Restore(item);
  EXPECT_EQ(restored.status, 201);
  EXPECT_EQ(restored.body, "");
  EXPECT_FALSE(restored.headers.Has("ETag"));
  EXPECT_EQ(Propfind("/d/a.txt", "0", props).body, before.body);
  EXPECT_EQ(Hrefs(PropfindAt(versions, "1", "")).size(), 3u);
  EXPECT_TRUE(Members().empty());
  EXPECT_EQ(Restore(item).status, 404);
}

TEST_F(TrashbinTest, ANameThatIsTakenGetsANumber) {
  for (const std::string text : {"one", "two"}) {
    Put("/top.txt", text);
    Delete("/top.txt");
  }
  Put("/top.txt", "now");
  EXPECT_EQ(Restore("/trash/top.txt.d1700001000").status, 201);
  EXPECT_EQ(Restore("/trash/top.txt.d1700001001", {{"Overwrite", "T"}}).status, 201);
  EXPECT_EQ(Text("/top.txt"), "now");
  EXPECT_EQ(Text("/top%20(restored).txt"), "one");
  EXPECT_EQ(Text("/top%20(restored%202).txt"), "two");
}

TEST_F(TrashbinTest, WithoutItsFolderItGoesToTheRoot) {
  Mkcol("/d");
  Put("/d/gone.txt", "gone");
  Mkcol("/d/sub");
  Put("/d/sub/x.txt", "child");
  Delete("/d/gone.txt");
  Delete("/d/sub");
  EXPECT_EQ(Restore(Gone("/sub") + "/x.txt").status, 201);
  EXPECT_EQ(Text("/x.txt"), "child");
  Delete("/d");
  EXPECT_EQ(Restore(Gone("/gone.txt")).status, 201);
  EXPECT_EQ(Text("/gone.txt"), "gone");
  EXPECT_EQ(Restore(Gone("/d") + "/").status, 201);
  EXPECT_EQ(Ask("GET", "/d").status, 200);
}

TEST_F(TrashbinTest, AMoveToTheFiles) {
  Put("/a.txt", "aaa");
  const std::string id = engine_->OcId(Stat("/a.txt").id());
  Delete("/a.txt");
  EXPECT_EQ(MoveTo(Gone("/a.txt"), "/no/out.txt").status, 409);
  EXPECT_EQ(MoveTo(Gone("/a.txt"), "/").status, 403);
  const Answer moved = MoveTo(Gone("/a.txt"), "/out.txt");
  EXPECT_EQ(moved.status, 201);
  EXPECT_EQ(moved.Header("ETag"), "\"" + Etag("/out.txt") + "\"");
  EXPECT_EQ(moved.Header("OC-ETag"), moved.Header("ETag"));
  EXPECT_EQ(moved.Header("OC-FileId"), id);
  EXPECT_EQ(Text("/out.txt"), "aaa");
  Put("/b.txt", "bbb");
  Delete("/b.txt");
  EXPECT_EQ(MoveTo(Gone("/b.txt"), "/out.txt", {{"Overwrite", "F"}}).status, 412);
  EXPECT_EQ(MoveTo(Gone("/b.txt"), "/out.txt", {{"Overwrite", "x"}}).status, 400);
  EXPECT_EQ(MoveTo(Gone("/b.txt"), "/out.txt").status, 204);
  EXPECT_EQ(Text("/out.txt"), "bbb");
  EXPECT_THAT(Members(), ElementsAre("/out.txt.d1700001000"));
}

TEST_F(TrashbinTest, WhatDoesNotFitStays) {
  SetQuota("3 KB");
  Put("/a.txt", std::string(900, 'a'));
  Delete("/a.txt");
  Put("/b.txt", std::string(2500, 'b'));
  const Answer full = Restore(Gone("/a.txt"));
  EXPECT_EQ(full.status, 507);
  EXPECT_THAT(full.body, HasSubstr("Sabre\\DAV\\Exception\\InsufficientStorage"));
  EXPECT_EQ(MoveTo(Gone("/a.txt"), "/c.txt").status, 507);
  EXPECT_EQ(Members().size(), 1u);
  EXPECT_EQ(MoveTo(Gone("/a.txt"), "/b.txt").status, 204);
}

TEST_F(TrashbinTest, ALockedFolderTakesNothingBack) {
  Mkcol("/d");
  Put("/d/a.txt", "aaa");
  Delete("/d/a.txt");
  const std::string token = TokenOf(Lock("/d", "infinity"));
  const Answer refused = Restore(Gone("/a.txt"));
  EXPECT_EQ(refused.status, 423);
  EXPECT_THAT(refused.body, HasSubstr("lock-token-submitted"));
  const std::string tagged = "<" + std::string(kHome) + "/d> (<" + token + ">)";
  EXPECT_EQ(Restore(Gone("/a.txt"), {{"If", tagged}}).status, 201);
}

TEST_F(TrashbinTest, Preconditions) {
  Put("/a.txt", "aaa");
  Delete("/a.txt");
  const std::string item = Gone("/a.txt");
  const std::string now(kNow);
  EXPECT_EQ(Restore(item, {{"If-Match", "\"1\""}}).status, 412);
  EXPECT_EQ(Restore(item, {{"If-None-Match", now}}).status, 412);
  EXPECT_EQ(Restore(item, {{"If", "([\"1\"])"}}).status, 412);
  EXPECT_EQ(Bin("DELETE", item, {{"If-Match", "1"}}).status, 412);
  EXPECT_EQ(Bin("DELETE", "/trash", {{"If-Match", "1"}}).status, 412);
  EXPECT_EQ(
      Restore(item, {{"If-Match", now}, {"If", "<" + BinPath(item) + "> ([\"" + now + "\"])"}})
          .status,
      201);
}

// ---- what is refused

TEST_F(TrashbinTest, NothingIsMadeOrMovedInTheTrash) {
  Put("/a.txt", "aaa");
  Delete("/a.txt");
  const Answer put = Bin("PUT", "/trash/new.txt", {}, "x");
  EXPECT_EQ(put.status, 403);
  EXPECT_THAT(put.body, HasSubstr("Not allowed to create files in the trashbin"));
  EXPECT_EQ(Bin("PUT", Gone("/a.txt"), {}, "x").status, 403);
  const Answer mkcol = Bin("MKCOL", "/trash/new");
  EXPECT_EQ(mkcol.status, 403);
  EXPECT_THAT(mkcol.body, HasSubstr("Not allowed to create folders in the trashbin"));
  for (const std::string_view to :
       {"/remote.php/dav/trashbin/alice/trash/b.txt.d1",
        "/remote.php/dav/trashbin/bob/restore/a.txt", "/remote.php/dav/trashbin/alice/restore",
        "/remote.php/dav/versions/alice/restore/a", "/remote.php/dav/uploads/alice/x/y",
        "/remote.php/dav/files/bob/a.txt"}) {
    EXPECT_EQ(Bin("MOVE", Gone("/a.txt"), {{"Destination", std::string(to)}}).status, 403) << to;
    EXPECT_EQ(Bin("COPY", Gone("/a.txt"), {{"Destination", std::string(to)}}).status, 403) << to;
  }
  EXPECT_EQ(Bin("MOVE", Gone("/a.txt")).status, 400);
  EXPECT_EQ(Restore("/trash").status, 403);
  EXPECT_EQ(Restore("/").status, 403);
  EXPECT_EQ(Restore("/trash/none.txt.d1").status, 404);
  EXPECT_EQ(Restore("/nonsense/a").status, 404);
  const std::string into = BinPath("/trash/x");
  EXPECT_EQ(Ask("MOVE", "/a.txt", {{"Destination", into}}).status, 403);
  EXPECT_EQ(Bin("LOCK", "/trash").status, 405);
  EXPECT_EQ(Bin("OPTIONS", "/trash").status, 200);
}

TEST_F(TrashbinTest, PropertiesAreNotKept) {
  Put("/a.txt", "aaa");
  Delete("/a.txt");
  const std::string set = "<d:set><d:prop><oc:favorite>1</oc:favorite></d:prop></d:set>";
  const Answer patched = ProppatchAt(BinPath("/trash"), set);
  EXPECT_EQ(patched.status, 207);
  EXPECT_THAT(patched.body, HasSubstr("<oc:favorite/></d:prop><d:status>HTTP/1.1 403 Forbidden"));
  EXPECT_EQ(ProppatchAt(BinPath(Gone("/a.txt")), set).status, 207);
  EXPECT_THAT(List(Gone("/a.txt"), "0", "<oc:favorite/>").body, HasSubstr("404 Not Found"));
  EXPECT_EQ(ProppatchAt(BinPath("/trash/none.d1"), set).status, 404);
  EXPECT_EQ(ProppatchAt(BinPath("/nonsense"), set).status, 404);
  EXPECT_EQ(ProppatchAt(BinPath("/trash"), "").status, 400);
}

// ---- deleting for good

TEST_F(TrashbinTest, DeleteOneThenAll) {
  for (const std::string_view name : {"/a.txt", "/b.txt", "/c.txt"}) {
    Put(name, "1");
    Delete(name);
  }
  const Answer one = Bin("DELETE", Gone("/a.txt"));
  EXPECT_EQ(one.status, 204);
  EXPECT_EQ(one.body, "");
  EXPECT_EQ(Bin("DELETE", Gone("/a.txt")).status, 404);
  EXPECT_EQ(Members().size(), 2u);
  EXPECT_EQ(Bin("DELETE", "/").status, 403);
  EXPECT_EQ(Bin("DELETE", "/restore").status, 403);
  EXPECT_EQ(Bin("DELETE", "/nonsense").status, 404);
  EXPECT_EQ(Bin("DELETE", "/trash").status, 204);
  EXPECT_TRUE(Members().empty());
  EXPECT_EQ(Bin("DELETE", "/trash").status, 204);
  Put("/d.txt", "1");
  Delete("/d.txt");
  EXPECT_EQ(Members().size(), 1u);
}

TEST_F(TrashbinTest, ATrashThatWasNeverUsedIsEmptiedToo) {
  EXPECT_EQ(Bin("DELETE", "/trash").status, 204);
}

TEST_F(TrashbinTest, SkippingTheTrash) {
  Put("/skip.txt", "1");
  EXPECT_EQ(Ask("DELETE", "/skip.txt", {{"X-NC-Skip-Trashbin", "true"}}).status, 204);
  EXPECT_TRUE(Members().empty());
}

TEST_F(TrashbinTest, WhatAMoveReplacesIsInTheTrash) {
  Put("/a.txt", "one", 1'600'000'000);
  clock_.Advance(std::chrono::hours(2));
  Put("/a.txt", "two", 1'600'000'100);
  const std::string versions = "/remote.php/dav/versions/alice/versions/" + Id("/a.txt");
  ProppatchAt(versions + "/1600000100",
              "<d:set><d:prop><nc:version-label>last</nc:version-label></d:prop></d:set>");
  Put("/b.txt", "new");
  EXPECT_EQ(Ask("MOVE", "/b.txt", {{"Destination", std::string(kHome) + "/a.txt"}}).status, 204);
  EXPECT_EQ(Text("/a.txt"), "new");
  ASSERT_EQ(Members().size(), 1u);
  EXPECT_EQ(Restore("/trash" + Members().front()).status, 201);
  EXPECT_EQ(Text("/a%20(restored).txt"), "two");
  const Answer listed = PropfindAt(versions, "1", "<nc:version-label/>");
  EXPECT_EQ(Hrefs(listed).size(), 3u);
  EXPECT_THAT(listed.body, HasSubstr("<nc:version-label>last</nc:version-label>"));
}

TEST_F(TrashbinTest, DeletedFilesDoNotCountAgainstTheQuota) {
  SetQuota("4 KB");
  Put("/a.txt", std::string(1500, 'a'));
  Delete("/a.txt");
  EXPECT_EQ(Ask("PUT", "/b.txt", {}, std::string(3000, 'b')).status, 201);
  EXPECT_EQ(Members().size(), 1u);
}

}  // namespace
}  // namespace cairn::dav
