#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using testing::HasSubstr;
using testing::Not;

class ReportTest : public DavCase {
 protected:
  void SetUp() override {
    Mkcol("/tree");
    Mkcol("/tree/sub");
    Put("/tree/a.txt", "hello");
    Put("/b.txt", "x");
    for (const std::string_view path : {"/tree/a.txt", "/tree/sub"}) {
      Proppatch(path, "<d:set><d:prop><oc:favorite>1</oc:favorite></d:prop></d:set>");
    }
  }
  Answer Filter(std::string_view path, std::string_view rules,
                std::string_view prop = "<d:prop><oc:size/><oc:favorite/></d:prop>",
                const HeaderList& headers = {}) {
    return Ask("REPORT", path, headers,
               "<oc:filter-files xmlns:d=\"DAV:\" xmlns:oc=\"http://owncloud.org/ns\">" +
                   std::string(prop) + "<oc:filter-rules>" + std::string(rules) +
                   "</oc:filter-rules></oc:filter-files>");
  }
  static constexpr std::string_view kFavorite = "<oc:favorite>1</oc:favorite>";
};

TEST_F(ReportTest, FavouritesWithoutASelfEntry) {
  const Answer answer = Filter("/", kFavorite);
  EXPECT_EQ(answer.status, 207);
  EXPECT_EQ(answer.Header("Content-Type"), "application/xml; charset=utf-8");
  EXPECT_EQ(
      answer.body,
      Multistatus(Response("/tree/sub", "<oc:size>0</oc:size><oc:favorite>1</oc:favorite>") +
                  Response("/tree/a.txt", "<oc:size>5</oc:size><oc:favorite>1</oc:favorite>")));
  EXPECT_EQ(Filter("/", "<oc:favorite>0</oc:favorite>").body, answer.body);  // recorded: any value
}

TEST_F(ReportTest, OnlyBelowTheCollectionAsked) {
  EXPECT_EQ(Filter("/tree/sub", kFavorite).body, Multistatus(""));
  EXPECT_THAT(Filter("/tree", kFavorite).body, HasSubstr("/tree/a.txt"));
}

TEST_F(ReportTest, WithoutPropertiesOnlyTheHrefs) {
  EXPECT_THAT(
      Filter("/", kFavorite, "").body,
      HasSubstr("<d:href>/remote.php/dav/files/alice/tree/a.txt</d:href><d:propstat><d:prop/>"
                "<d:status>HTTP/1.1 418 I'm a teapot</d:status></d:propstat>"));
}

TEST_F(ReportTest, DeletedFavouritesAreGone) {
  ASSERT_EQ(Ask("DELETE", "/tree/a.txt").status, 204);
  EXPECT_THAT(Filter("/", kFavorite).body, Not(HasSubstr("a.txt")));
}

TEST_F(ReportTest, MovedFavouritesShowTheirNewPlace) {
  ASSERT_EQ(Ask("MOVE", "/tree/a.txt", {{"Destination", std::string(kHome) + "/moved.txt"}}).status,
            201);
  EXPECT_THAT(Filter("/", kFavorite).body,
              HasSubstr("<d:href>/remote.php/dav/files/alice/moved.txt</d:href>"));
}

TEST_F(ReportTest, AFavouriteBelongsToItsUser) {
  const std::string body =
      "<oc:filter-files "
      "xmlns:oc=\"http://owncloud.org/ns\"><oc:filter-rules><oc:favorite>1</oc:favorite>"
      "</oc:filter-rules></oc:filter-files>";
  EXPECT_EQ(Do("REPORT", "/remote.php/dav/files/bob/", {}, body, "bob").body, Multistatus(""));
}

TEST_F(ReportTest, LegacyHrefs) {
  const std::string body =
      "<oc:filter-files "
      "xmlns:oc=\"http://owncloud.org/ns\"><oc:filter-rules><oc:favorite>1</oc:favorite>"
      "</oc:filter-rules></oc:filter-files>";
  EXPECT_THAT(Do("REPORT", "/remote.php/webdav/", {}, body).body,
              HasSubstr("<d:href>/remote.php/webdav/tree/sub</d:href>"));
}

TEST_F(ReportTest, ExpandPropertyIsAListingOfTheResource) {
  const auto expand = [&](std::string_view path, std::string_view properties,
                          const HeaderList& headers = {}) {
    return Ask(
        "REPORT", path, headers,
        "<d:expand-property xmlns:d=\"DAV:\">" + std::string(properties) + "</d:expand-property>");
  };
  const Answer self = expand("/tree", "<d:property name=\"displayname\"/>");
  EXPECT_EQ(self.status, 207);
  EXPECT_EQ(self.body, Multistatus(Response("/tree/", "<d:displayname>tree</d:displayname>")));
  const std::string nested =
      "<d:property name=\"size\" namespace=\"http://owncloud.org/ns\">"
      "<d:property name=\"getetag\"/></d:property>";
  EXPECT_EQ(expand("/tree", nested, {{"Depth", "1"}}).body,
            Multistatus(Response("/tree/", "<oc:size>5</oc:size>") +
                        Response("/tree/a.txt", "<oc:size>5</oc:size>") +
                        Response("/tree/sub/", "<oc:size>0</oc:size>")));
  EXPECT_EQ(expand("/tree", "<d:property/>").status, 400);
  EXPECT_EQ(expand("/none", "<d:property name=\"getetag\"/>").status, 404);
}

TEST_F(ReportTest, Refusals) {
  EXPECT_EQ(Filter("/", "").status, 400);
  EXPECT_THAT(Filter("/", "").body, HasSubstr("Missing filter-rule block in request"));
  EXPECT_EQ(Filter("/", "<oc:systemtag>99999999</oc:systemtag>").status, 412);
  EXPECT_EQ(Filter("/none", kFavorite).status, 404);
  const Answer unknown = Ask("REPORT", "/", {}, "<d:sync-collection xmlns:d=\"DAV:\"/>");
  EXPECT_EQ(unknown.status, 415);
  EXPECT_THAT(unknown.body,
              HasSubstr("<s:exception>Sabre\\DAV\\Exception\\ReportNotSupported</s:exception>"));
  EXPECT_THAT(unknown.body, HasSubstr("<d:supported-report/>"));
  EXPECT_EQ(Ask("REPORT", "/", {}, "<x").status, 400);
}

}  // namespace
}  // namespace cairn::dav
