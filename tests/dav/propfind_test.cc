#include <set>

#include "dav/xml_reader.h"
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using testing::HasSubstr;
using testing::Not;

class PropfindTest : public DavCase {
 protected:
  static std::string At(std::string_view path) { return std::string(kHome) + std::string(path); }
  std::string AllProp(std::string_view path) {
    const auto entry = Stat(path);
    const std::string etag = "<d:getetag>&quot;" + entry.etag().Text() + "&quot;</d:getetag>";
    if (!entry.is_collection()) {
      return "<d:getlastmodified>Tue, 14 Nov 2023 22:13:20 "
             "GMT</d:getlastmodified><d:getcontentlength>" +
             std::to_string(entry.node.size()) + "</d:getcontentlength><d:resourcetype/>" + etag +
             "<d:getcontenttype>text/plain</d:getcontenttype>";
    }
    return "<d:getlastmodified>Tue, 14 Nov 2023 22:13:20 "
           "GMT</d:getlastmodified><d:resourcetype><d:collection/>"
           "</d:resourcetype><d:quota-used-bytes>" +
           std::to_string(entry.recursive_size()) +
           "</d:quota-used-bytes><d:quota-available-bytes>-3</d:quota-available-bytes>" + etag;
  }
};

TEST_F(PropfindTest, AnEmptyBodyIsAllpropOfTheItemAlone) {
  Put("/a.txt", "hello");
  const Answer answer = Propfind("/", "0", "");
  EXPECT_EQ(answer.status, 207);
  EXPECT_EQ(answer.body, Multistatus(Response("/", AllProp("/"))));
  EXPECT_THAT(
      answer.HeaderMap(),
      testing::UnorderedElementsAre(
          testing::Pair("Content-Type", "application/xml; charset=utf-8"),
          testing::Pair("Content-Security-Policy", "default-src 'none';"),
          testing::Pair("Cache-Control", "private, no-store"), testing::Pair("X-User-Id", "alice"),
          testing::Pair("DAV", "1, 3, extended-mkcol, nextcloud-checksum-update, 2"),
          testing::Pair("Vary", "Brief,Prefer")));
  EXPECT_FALSE(answer.streamed);
}

TEST_F(PropfindTest, SelfComesFirstThenTheMembers) {
  Mkcol("/tree");
  Mkcol("/tree/sub");
  Put("/tree/a.txt", "hello");
  Put("/tree/sub/deep.txt", "x");
  const Answer answer = Propfind("/tree", "1", "");
  EXPECT_EQ(answer.body, Multistatus(Response("/tree/", AllProp("/tree")) +
                                     Response("/tree/a.txt", AllProp("/tree/a.txt")) +
                                     Response("/tree/sub/", AllProp("/tree/sub"))));
}

TEST_F(PropfindTest, DepthCountsLevelsAndMeansOneWhenMissingOrGarbage) {
  Mkcol("/t");
  Mkcol("/t/s");
  Mkcol("/t/s/d");
  Put("/t/s/d/c", "1");
  Put("/t/a", "1");
  const std::vector<std::string> self = {At("/t/")};
  const std::vector<std::string> one = {At("/t/"), At("/t/a"), At("/t/s/")};
  const std::vector<std::string> two = {At("/t/"), At("/t/a"), At("/t/s/"), At("/t/s/d/")};
  const std::vector<std::string> all = {At("/t/"), At("/t/a"), At("/t/s/"), At("/t/s/d/"),
                                        At("/t/s/d/c")};
  const std::string prop = "<d:resourcetype/>";
  EXPECT_EQ(Hrefs(Propfind("/t/", "0", prop)), self);
  EXPECT_EQ(Hrefs(Propfind("/t/", "1", prop)), one);
  EXPECT_EQ(Hrefs(Propfind("/t/", "", prop)), one);
  EXPECT_EQ(Hrefs(Propfind("/t/", "abc", prop)), one);
  EXPECT_EQ(Hrefs(Propfind("/t/", "2", prop)), two);
  EXPECT_EQ(Hrefs(Propfind("/t/", "100", prop)), all);
  EXPECT_EQ(Hrefs(Propfind("/t/", "infinity", prop)), all);
  EXPECT_EQ(Hrefs(Propfind("/t/a", "infinity", prop)), std::vector<std::string>{At("/t/a")});
}

TEST_F(PropfindTest, FoundComesBeforeMissingInTheOrderAsked) {
  Put("/a.txt", "hello");
  const Answer answer = Propfind(
      "/a.txt", "0", "<x:unknown/><d:getcontentlength/><d:nonsense/><oc:size/><nons xmlns=\"\"/>");
  EXPECT_EQ(
      answer.body,
      Multistatus(Response(
          "/a.txt", "<d:getcontentlength>5</d:getcontentlength><oc:size>5</oc:size>",
          "<x1:unknown xmlns:x1=\"http://example.org/ns\"/><d:nonsense/><nons xmlns=\"\"/>")));
}

TEST_F(PropfindTest, MinimalAnswersLeaveOutWhatIsMissing) {
  Put("/a.txt", "hello");
  const std::string expected = Multistatus(Response("/a.txt", "<oc:size>5</oc:size>"));
  EXPECT_EQ(Propfind("/a.txt", "0", "<oc:size/><d:nonsense/>", {{"Prefer", "return=minimal"}}).body,
            expected);
  EXPECT_EQ(Propfind("/a.txt", "0", "<oc:size/><d:nonsense/>", {{"Brief", "t"}}).body, expected);
  EXPECT_THAT(
      Propfind("/a.txt", "0", "<d:nonsense/>", {{"Brief", "t"}}).body,
      HasSubstr(
          "<d:propstat><d:prop/><d:status>HTTP/1.1 418 I'm a teapot</d:status></d:propstat>"));
}

TEST_F(PropfindTest, TheDesktopsListForAFolderAndAFile) {
  Mkcol("/tree");
  Put("/tree/a.txt", "hello");
  const std::string asked =
      "<d:resourcetype/><d:getcontentlength/><oc:downloadURL/><oc:dDC/><oc:permissions/"
      "><oc:checksums/>"
      "<nc:is-encrypted/><oc:share-types/><nc:lock/><nc:lock-owner/><nc:is-mount-root/"
      "><oc:data-fingerprint/>";
  EXPECT_EQ(Propfind("/tree", "1", asked).body,
            Multistatus(Response("/tree/",
                                 "<d:resourcetype><d:collection/></"
                                 "d:resourcetype><oc:permissions>RGDNVCK</oc:permissions>"
                                 "<oc:share-types/><nc:is-mount-root>false</nc:is-mount-root>"
                                 "<oc:data-fingerprint></oc:data-fingerprint>",
                                 "<d:getcontentlength/><oc:downloadURL/><oc:dDC/><oc:checksums/"
                                 "><nc:is-encrypted/><nc:lock/>"
                                 "<nc:lock-owner/>") +
                        Response("/tree/a.txt",
                                 "<d:resourcetype/><d:getcontentlength>5</d:getcontentlength>"
                                 "<oc:downloadURL></oc:downloadURL><oc:permissions>RGDNVW</"
                                 "oc:permissions><oc:share-types/>"
                                 "<nc:lock></nc:lock><nc:is-mount-root>false</nc:is-mount-root>"
                                 "<oc:data-fingerprint></oc:data-fingerprint>",
                                 "<oc:dDC/><oc:checksums/><nc:is-encrypted/><nc:lock-owner/>")));
}

TEST_F(PropfindTest, PropnameGivesNamesOnly) {
  Put("/a.txt", "hello");
  ASSERT_EQ(Proppatch("/a.txt", "<d:set><d:prop><x:color>red</x:color></d:prop></d:set>").status,
            207);
  const Answer answer = Ask("PROPFIND", "/a.txt", {{"Depth", "0"}},
                            "<d:propfind xmlns:d=\"DAV:\"><d:propname/></d:propfind>");
  EXPECT_EQ(answer.status, 207);
  EXPECT_THAT(answer.body,
              HasSubstr("<d:getlastmodified/><d:getcontentlength/><d:resourcetype/><d:getetag/>"));
  EXPECT_THAT(answer.body, HasSubstr("<x3:color xmlns:x3=\"http://example.org/ns\"/>"));
  EXPECT_THAT(answer.body, Not(HasSubstr(">red<")));
  EXPECT_THAT(answer.body, Not(HasSubstr("404")));
  EXPECT_THAT(answer.body, Not(HasSubstr("quota-used-bytes")));
}

TEST_F(PropfindTest, HrefsAreEncodedAsRecorded) {
  for (const std::string name : {"a\xe2\x80\x8b"
                                 "b",
                                 "a\x7f"
                                 "b",
                                 " lead", "a\"b", "a&b", "a+b", "a#b", "a(b)~:@c", "100%"}) {
    Put("/" + name, "1");
  }
  EXPECT_THAT(Hrefs(Propfind("/", "1", "<d:displayname/>")),
              testing::UnorderedElementsAre(
                  At("/"), At("/a%e2%80%8bb"), At("/a%7fb"), At("/%20lead"), At("/a%22b"),
                  At("/a%26b"), At("/a%2bb"), At("/a%23b"), At("/a(b)~:@c"), At("/100%25")));
}

TEST_F(PropfindTest, HrefsBeginWithWhatTheClientAskedFor) {
  Mkcol("/d");
  const HeaderList depth = {{"Depth", "1"}};
  const auto hrefs = [&](std::string_view path) { return Hrefs(Do("PROPFIND", path, depth)); };
  using List = std::vector<std::string>;
  EXPECT_EQ(hrefs("/remote.php/webdav/"), (List{"/remote.php/webdav/", "/remote.php/webdav/d/"}));
  EXPECT_EQ(hrefs("/remote.php/webdav"), (List{"/remote.php/webdav/", "/remote.php/webdav/d/"}));
  EXPECT_EQ(hrefs("/remote.php/dav/files/ALICE"),
            (List{"/remote.php/dav/files/ALICE/", "/remote.php/dav/files/ALICE/d/"}));
  EXPECT_EQ(hrefs("/remote.php/dav/files/alice//d//"), List{"/remote.php/dav/files/alice/d/"});
  EXPECT_EQ(hrefs("/remote.php/dav/files/%61lice/d"), List{"/remote.php/dav/files/%61lice/d/"});
}

TEST_F(PropfindTest, AFileWithATrailingSlashIsStillTheFile) {
  Put("/a.txt", "1");
  EXPECT_EQ(Hrefs(Propfind("/a.txt/", "0", "<d:resourcetype/>")),
            std::vector<std::string>{At("/a.txt")});
}

TEST_F(PropfindTest, FavouritesAndDeadPropertiesAreJoinedForTheirOwnEntriesOnly) {
  Put("/a", "1");
  Put("/b", "1");
  ASSERT_EQ(
      Proppatch(
          "/a",
          "<d:set><d:prop><oc:favorite>1</oc:favorite><x:color>r&amp;d</x:color></d:prop></d:set>")
          .status,
      207);
  const Answer answer = Propfind("/", "1", "<oc:favorite/><x:color/>");
  const std::string missing = "<x1:color xmlns:x1=\"http://example.org/ns\"/>";
  EXPECT_EQ(answer.body,
            Multistatus(
                Response("/", "<oc:favorite>0</oc:favorite>", missing) +
                Response("/a",
                         "<oc:favorite>1</oc:favorite><x1:color xmlns:x1=\"http://example.org/ns\">"
                         "r&amp;d</x1:color>") +
                Response("/b", "<oc:favorite>0</oc:favorite>", missing)));
}

TEST_F(PropfindTest, AnInfiniteLockIsSeenOnEverythingBelowIt) {
  Mkcol("/d");
  Mkcol("/d/s");
  Put("/d/s/f", "1");
  const std::string token = TokenOf(Lock("/d", "infinity"));
  const Answer answer = Propfind("/d", "infinity", "<nc:lock/><d:lockdiscovery/>");
  EXPECT_EQ(Hrefs(answer).size(), 3u);
  for (const std::string path : {"/d/", "/d/s/", "/d/s/f"}) {
    const auto from = answer.body.find(At(path) + "</d:href><d:propstat>");
    ASSERT_NE(from, std::string::npos);
    const auto response = answer.body.substr(from, answer.body.find("</d:response>", from) - from);
    EXPECT_THAT(response, HasSubstr("<nc:lock>1</nc:lock>"));
    EXPECT_THAT(response, HasSubstr("<d:lockroot><d:href>" + At("/d/") + "</d:href></d:lockroot>"));
    EXPECT_THAT(response, HasSubstr(token));
  }
  const Answer direct = Propfind("/d/s/f", "0", "<d:lockdiscovery/>");
  EXPECT_THAT(direct.body,
              HasSubstr("<d:lockroot><d:href>" + At("/d/") + "</d:href></d:lockroot>"));
}

TEST_F(PropfindTest, ListingsLookUpNothingPerChild) {
  const auto gets = [&](int files) {
    Mkcol("/n" + std::to_string(files));
    for (int i = 0; i < files; ++i)
      Put("/n" + std::to_string(files) + "/f" + std::to_string(i), "1");
    const std::uint64_t before = kv().Published()->gets();
    const Answer answer = Propfind(
        "/n" + std::to_string(files), "1",
        "<d:resourcetype/><d:getlastmodified/><d:getcontentlength/><d:getetag/><oc:size/><oc:id/>"
        "<oc:fileid/><oc:permissions/><oc:checksums/><oc:share-types/><oc:favorite/><nc:lock/"
        "><x:dead/>"
        "<d:quota-available-bytes/>");
    EXPECT_EQ(Hrefs(answer).size(), static_cast<std::size_t>(files) + 1);
    return kv().Published()->gets() - before;
  };
  const auto few = gets(2);
  EXPECT_EQ(gets(200), few);
}

TEST_F(PropfindTest, LongListingsAreStreamedInPieces) {
  Mkcol("/big");
  const std::string stem(120, 'n');
  for (int i = 0; i < 1500; ++i) Put("/big/" + stem + std::to_string(i), "1");
  const Answer answer = Propfind("/big", "1", "<d:getetag/><d:displayname/>");
  EXPECT_EQ(answer.status, 207);
  EXPECT_TRUE(answer.streamed);
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(answer.announced, std::nullopt);
  EXPECT_LE(answer.largest_write, 64u * 1024);
  const auto hrefs = Hrefs(answer);
  EXPECT_EQ(hrefs.size(), 1501u);
  EXPECT_EQ(std::set<std::string>(hrefs.begin(), hrefs.end()).size(), 1501u);
  EXPECT_EQ(hrefs.front(), At("/big/"));
  EXPECT_TRUE(answer.body.ends_with("</d:response></d:multistatus>"));
}

TEST_F(PropfindTest, ParentsComeBeforeChildrenAcrossPages) {
  for (int i = 0; i < 40; ++i) {
    const std::string folder = "/f" + std::to_string(i);
    Mkcol(folder);
    for (int j = 0; j < 40; ++j) Put(folder + "/" + std::string(200, 'x') + std::to_string(j), "1");
  }
  const auto hrefs = Hrefs(Propfind("/", "infinity", "<d:getetag/>"));
  EXPECT_EQ(hrefs.size(), 1u + 40 + 40 * 40);
  std::set<std::string> seen;
  for (const std::string& href : hrefs) {
    if (!seen.empty()) {
      const auto parent = href.substr(0, href.rfind('/', href.size() - 2) + 1);
      EXPECT_TRUE(seen.contains(parent)) << href;
    }
    EXPECT_TRUE(seen.insert(href).second) << href;
  }
}

TEST_F(PropfindTest, NcLockIsMissingOnFoldersWhoseMembersAreListed) {
  Mkcol("/t");
  Mkcol("/t/s");
  Put("/t/s/f", "1");
  const auto missing = [&](std::string_view depth) {
    std::vector<std::string> hrefs;
    const Answer answer = Propfind("/t", depth, "<nc:lock/>");
    for (const std::string& href : Hrefs(answer)) {
      const std::string response = "<d:href>" + href + "</d:href><d:propstat><d:prop><nc:lock/>";
      if (answer.body.find(response) != std::string::npos) hrefs.push_back(href);
    }
    return hrefs;
  };
  EXPECT_EQ(missing("0"), std::vector<std::string>{});
  EXPECT_EQ(missing("1"), std::vector<std::string>{At("/t/")});
  EXPECT_EQ(missing("infinity"), (std::vector<std::string>{At("/t/"), At("/t/s/")}));
}

// ---- pages, as clients.md 2.8 says

class PagedListingTest : public PropfindTest {
 protected:
  void SetUp() override {
    Mkcol("/t");
    Mkcol("/t/sub");
    Put("/t/sub/deep", "1");
    for (const std::string_view name : {"a", "b", "c"}) Put("/t/" + std::string(name), "1");
  }
  Answer Page(std::string_view depth, HeaderList headers) {
    headers.emplace_back("X-NC-Paginate", "true");
    return Propfind("/t", depth, "<d:getetag/>", headers);
  }
  void ExpectWhole(const Answer& answer) {
    EXPECT_EQ(answer.body, Propfind("/t", "1", "<d:getetag/>").body);
    EXPECT_FALSE(answer.headers.Has("X-NC-Paginate"));
    EXPECT_FALSE(answer.headers.Has("X-NC-Paginate-Total"));
    EXPECT_FALSE(answer.headers.Has("X-NC-Paginate-Token"));
  }
};

TEST_F(PagedListingTest, PagesPutTogetherAreTheListing) {
  for (const std::string_view depth : {"0", "1", "infinity"}) {
    const auto whole = Hrefs(Propfind("/t", depth, "<d:getetag/>"));
    std::vector<std::string> pages;
    std::string token;
    for (std::size_t offset = 0; offset < whole.size() + 2; offset += 2) {
      HeaderList headers{{"X-NC-Paginate-Count", "2"},
                         {"X-NC-Paginate-Offset", std::to_string(offset)}};
      if (offset > 0) headers.emplace_back("X-NC-Paginate-Token", token);
      const Answer page = Page(depth, headers);
      EXPECT_EQ(page.status, 207);
      EXPECT_EQ(page.Header("X-NC-Paginate"), "true");
      EXPECT_EQ(page.Header("X-NC-Paginate-Total"), std::to_string(whole.size()));
      EXPECT_LE(Hrefs(page).size(), 2u);
      token = page.Header("X-NC-Paginate-Token");
      EXPECT_NE(token, "");
      for (std::string& href : Hrefs(page)) pages.push_back(std::move(href));
    }
    EXPECT_EQ(pages, whole) << depth;
  }
}

TEST_F(PagedListingTest, APageOfAStateThatIsGoneIsTheWholeListing) {
  const std::string token = Page("1", {{"X-NC-Paginate-Count", "2"}}).Header("X-NC-Paginate-Token");
  Put("/t/0-before-all", "1");
  ExpectWhole(Page("1", {{"X-NC-Paginate-Count", "2"},
                         {"X-NC-Paginate-Offset", "2"},
                         {"X-NC-Paginate-Token", token}}));
}

TEST_F(PagedListingTest, WhatCannotBePagedIsWhole) {
  for (const std::string_view count : {"0", "-1", "x"})
    ExpectWhole(Page("1", {{"X-NC-Paginate-Count", std::string(count)}}));
  ExpectWhole(Page("1", {{"X-NC-Paginate-Offset", "x"}}));
  ExpectWhole(Propfind("/t", "1", "<d:getetag/>", {{"X-NC-Paginate", "false"}}));
  EXPECT_FALSE(Page("2", {}).headers.Has("X-NC-Paginate"));  // how many there are is not known
  EXPECT_EQ(Hrefs(Page("2", {})), Hrefs(Propfind("/t", "2", "<d:getetag/>")));
  EXPECT_EQ(Page("1", {}).Header("X-NC-Paginate-Total"), "5");  // a page has 100 by default
}

TEST_F(PropfindTest, AListingShowsOneMoment) {
  Mkcol("/big");
  for (int i = 0; i < 1500; ++i) Put("/big/" + std::string(200, 'n') + std::to_string(i), "1");
  bool changed = false;
  on_write_ = [&] {
    if (!changed) Put("/big/" + std::string(200, 'z'), "late");
    changed = true;
  };
  EXPECT_EQ(Hrefs(Propfind("/big", "1", "<d:getetag/>")).size(), 1501u);
  EXPECT_TRUE(changed);
}

TEST_F(PropfindTest, AFailureInTheMiddleBreaksTheConnection) {
  Mkcol("/big");
  for (int i = 0; i < 1500; ++i) Put("/big/" + std::string(200, 'n') + std::to_string(i), "1");
  PlantBrokenEntry("/big", std::string(200, 'z'));
  const Answer answer = Propfind("/big", "1", "<d:getetag/>");
  EXPECT_EQ(answer.status, 207);
  EXPECT_TRUE(answer.aborted);
  EXPECT_FALSE(answer.ended);
  EXPECT_THAT(answer.body, Not(HasSubstr("</d:multistatus>")));
}

TEST_F(PropfindTest, Refusals) {
  EXPECT_EQ(Propfind("/nope.txt", "0", "").status, 404);
  Put("/a.txt", "1");
  EXPECT_EQ(Propfind("/a.txt/b", "0", "").status, 404);
  EXPECT_EQ(Propfind("/nope/b", "0", "").status, 404);
  for (const std::string body :
       {"<d:propfind xmlns:d=\"DAV:\"><d:prop>", "hello", "<d:foo xmlns:d=\"DAV:\"/>",
        "<!DOCTYPE d [<!ENTITY x \"y\">]><d:propfind xmlns:d=\"DAV:\"><d:allprop/></d:propfind>"}) {
    const Answer answer = Ask("PROPFIND", "/a.txt", {{"Depth", "0"}}, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(answer.body,
                HasSubstr("<s:exception>Sabre\\DAV\\Exception\\BadRequest</s:exception>"));
  }
  EXPECT_EQ(Ask("PROPFIND", "/a.txt", {}, std::string(kMaxXmlBody + 1, ' ')).status, 413);
}

TEST_F(PropfindTest, TheRootShowsTheCallersHomeOnly) {
  const Answer files = Do("PROPFIND", "/remote.php/dav/files/", {{"Depth", "1"}});
  EXPECT_EQ(files.status, 207);
  EXPECT_EQ(Hrefs(files), (std::vector<std::string>{"/remote.php/dav/files/", At("/")}));
  EXPECT_THAT(files.body, HasSubstr(Response("/", AllProp("/"))));
  const Answer dav = Do("PROPFIND", "/remote.php/dav", {{"Depth", "1"}});
  EXPECT_EQ(Hrefs(dav),
            (std::vector<std::string>{"/remote.php/dav/", "/remote.php/dav/files/",
                                      "/remote.php/dav/uploads/", "/remote.php/dav/trashbin/",
                                      "/remote.php/dav/versions/"}));
  for (const std::string tree : {"/remote.php/dav/trashbin/", "/remote.php/dav/versions/"}) {
    EXPECT_EQ(Hrefs(Do("PROPFIND", tree, {{"Depth", "1"}})),
              (std::vector<std::string>{tree, tree + "alice/"}));
  }
  EXPECT_EQ(Hrefs(Do("PROPFIND", "/remote.php/dav/", {{"Depth", "0"}})),
            std::vector<std::string>{"/remote.php/dav/"});
}

}  // namespace
}  // namespace cairn::dav
