#include "storage/properties.h"
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using testing::HasSubstr;

class ProppatchTest : public DavCase {
 protected:
  void SetUp() override { Put("/a.txt", "hello"); }
  static std::string Set(std::string_view property) {
    return "<d:set><d:prop>" + std::string(property) + "</d:prop></d:set>";
  }
  static std::string Removed(std::string_view property) {
    return "<d:remove><d:prop>" + std::string(property) + "</d:prop></d:remove>";
  }
  static std::string Propstat(std::string_view names, std::string_view status) {
    return "<d:propstat><d:prop>" + std::string(names) + "</d:prop><d:status>HTTP/1.1 " +
           std::string(status) + "</d:status></d:propstat>";
  }
  static std::string Answered(std::string_view path, std::string_view propstats) {
    return Multistatus("<d:response><d:href>" + std::string(kHome) + std::string(path) +
                       "</d:href>" + std::string(propstats) + "</d:response>");
  }
  std::string Value(std::string_view path, std::string_view property) {
    return Propfind(path, "0", property).body;
  }
};

TEST_F(ProppatchTest, FavouritesAsRecorded) {
  EXPECT_EQ(Proppatch("/a.txt", Set("<oc:favorite>1</oc:favorite>")).body,
            Answered("/a.txt", Propstat("<oc:favorite/>", "200 OK")));
  const auto favorite = [&] { return Value("/a.txt", "<oc:favorite/>"); };
  EXPECT_EQ(favorite(), Multistatus(Response("/a.txt", "<oc:favorite>1</oc:favorite>")));
  Proppatch("/a.txt", Set("<oc:favorite>xyz</oc:favorite>"));
  EXPECT_EQ(favorite(), Multistatus(Response("/a.txt", "<oc:favorite>0</oc:favorite>")));
  Proppatch("/a.txt", Set("<oc:favorite>true</oc:favorite>"));
  EXPECT_EQ(favorite(), Multistatus(Response("/a.txt", "<oc:favorite>1</oc:favorite>")));
  EXPECT_EQ(Proppatch("/a.txt", Removed("<oc:favorite/>")).body,
            Answered("/a.txt", Propstat("<oc:favorite/>", "204 No Content")));
  EXPECT_EQ(favorite(), Multistatus(Response("/a.txt", "<oc:favorite>0</oc:favorite>")));
}

TEST_F(ProppatchTest, AFavouriteKeepsTheEtag) {
  const std::string before = Etag("/a.txt");
  Proppatch("/a.txt", Set("<oc:favorite>1</oc:favorite><x:color>red</x:color>"));
  EXPECT_EQ(Etag("/a.txt"), before);
}

TEST_F(ProppatchTest, DeadPropertiesComeBackAsTheyWere) {
  const std::string names =
      "<x1:color xmlns:x1=\"http://example.org/ns\"/><x1:complex "
      "xmlns:x1=\"http://example.org/ns\"/>";
  EXPECT_EQ(
      Proppatch("/a.txt",
                Set("<x:color>r &amp; d</x:color><x:complex><x:a k=\"v\">text</x:a></x:complex>"))
          .body,
      Answered("/a.txt", Propstat(names, "200 OK")));
  EXPECT_EQ(Value("/a.txt", "<x:color/><x:complex/>"),
            Multistatus(Response(
                "/a.txt",
                "<x1:color xmlns:x1=\"http://example.org/ns\">r &amp; d</x1:color>"
                "<x1:complex xmlns:x1=\"http://example.org/ns\">"
                "<x1:a xmlns:x1=\"http://example.org/ns\" k=\"v\">text</x1:a></x1:complex>")));
  EXPECT_EQ(Proppatch("/a.txt", Removed("<x:color/><x:never/>")).body,
            Answered("/a.txt", Propstat("<x1:color xmlns:x1=\"http://example.org/ns\"/>"
                                        "<x1:never xmlns:x1=\"http://example.org/ns\"/>",
                                        "204 No Content")));
  EXPECT_THAT(Value("/a.txt", "<x:color/>"), HasSubstr("404 Not Found"));
}

TEST_F(ProppatchTest, FoldersHavePropertiesToo) {
  Mkcol("/d");
  EXPECT_EQ(
      Proppatch("/d", Set("<z:Win32FileAttributes xmlns:z=\"urn:schemas-microsoft-com:\">00000020"
                          "</z:Win32FileAttributes>"))
          .body,
      Answered("/d", Propstat("<x1:Win32FileAttributes xmlns:x1=\"urn:schemas-microsoft-com:\"/>",
                              "200 OK")));
  EXPECT_EQ(Proppatch("/", Set("<x:color>red</x:color>")).status, 207);
  EXPECT_THAT(Value("/", "<x:color/>"), HasSubstr(">red<"));
}

TEST_F(ProppatchTest, Tags) {
  Proppatch("/a.txt", Set("<oc:tags><oc:tag>one</oc:tag><oc:tag>two</oc:tag></oc:tags>"));
  EXPECT_EQ(Value("/a.txt", "<oc:tags/>"),
            Multistatus(
                Response("/a.txt", "<oc:tags><oc:tag>one</oc:tag><oc:tag>two</oc:tag></oc:tags>")));
}

TEST_F(ProppatchTest, TimesTakeEffect) {
  const std::string before = Etag("/a.txt");
  EXPECT_EQ(Proppatch("/a.txt", Set("<d:lastmodified>1650000000</d:lastmodified>"
                                    "<nc:creation_time>1500000000</nc:creation_time>"
                                    "<nc:upload_time>1500000001</nc:upload_time>"))
                .status,
            207);
  EXPECT_EQ(
      Value("/a.txt", "<d:getlastmodified/><nc:creation_time/><nc:upload_time/><d:creationdate/>"),
      Multistatus(Response("/a.txt",
                           "<d:getlastmodified>Fri, 15 Apr 2022 05:20:00 GMT</d:getlastmodified>"
                           "<nc:creation_time>1500000000</nc:creation_time>"
                           "<nc:upload_time>1500000001</nc:upload_time>"
                           "<d:creationdate>2017-07-14T02:40:00+00:00</d:creationdate>")));
  EXPECT_NE(Etag("/a.txt"), before);
  Proppatch("/a.txt", Set("<d:creationdate>2020-01-01T00:00:00Z</d:creationdate>"));
  EXPECT_THAT(Value("/a.txt", "<nc:creation_time/>"), HasSubstr(">1577836800<"));
}

TEST_F(ProppatchTest, BadTimesChangeNothing) {
  for (const std::string_view value : {"abc", "-5", "0", "1e9", "99999999999999999999", ""}) {
    const std::string set =
        Set("<d:lastmodified>" + std::string(value) + "</d:lastmodified><x:color>red</x:color>");
    EXPECT_EQ(Proppatch("/a.txt", set).body,
              Answered("/a.txt", Propstat("<d:lastmodified/>", "409 Conflict") +
                                     Propstat("<x1:color xmlns:x1=\"http://example.org/ns\"/>",
                                              "424 Failed Dependency")))
        << value;
  }
  EXPECT_THAT(Value("/a.txt", "<x:color/>"), HasSubstr("404 Not Found"));
}

// Recorded: 500.
TEST_F(ProppatchTest, AnUnknownMetadataPropertyIsADeadOne) {
  EXPECT_EQ(Proppatch("/a.txt", Set("<nc:metadata-gold-test>abc</nc:metadata-gold-test>")).body,
            Answered("/a.txt", Propstat("<nc:metadata-gold-test/>", "200 OK")));
  EXPECT_THAT(Value("/a.txt", "<nc:metadata-gold-test/>"), HasSubstr(">abc<"));
}

TEST_F(ProppatchTest, ProtectedPropertiesRefuseTheWholePatch) {
  for (const std::string name :
       {"oc:size", "oc:fileid", "oc:permissions", "oc:checksums", "d:getlastmodified",
        "d:displayname", "d:resourcetype", "d:getetag", "d:lockdiscovery", "nc:lock",
        "nc:is-encrypted", "d:quota-used-bytes"}) {
    EXPECT_EQ(Proppatch("/a.txt", Set("<x:color>blue</x:color><" + name + ">5</" + name +
                                      "><oc:favorite>1</oc:favorite>"))
                  .body,
              Answered("/a.txt",
                       Propstat("<" + name + "/>", "403 Forbidden") +
                           Propstat("<x1:color xmlns:x1=\"http://example.org/ns\"/><oc:favorite/>",
                                    "424 Failed Dependency")));
    EXPECT_THAT(Proppatch("/a.txt", Removed("<" + name + "/>")).body, HasSubstr("403 Forbidden"))
        << name;
  }
  EXPECT_EQ(Value("/a.txt", "<oc:favorite/>"),
            Multistatus(Response("/a.txt", "<oc:favorite>0</oc:favorite>")));
}

TEST_F(ProppatchTest, TheCapsAre507AndStoreNothing) {
  std::string many;
  for (std::size_t i = 0; i <= storage::kMaxPropertiesPerNode; ++i)
    many += "<x:p" + std::to_string(i) + ">v</x:p" + std::to_string(i) + ">";
  const Answer full = Proppatch("/a.txt", Set(many + "<oc:favorite>1</oc:favorite>"));
  EXPECT_EQ(full.status, 207);
  EXPECT_THAT(full.body, HasSubstr("HTTP/1.1 507 Insufficient Storage"));
  EXPECT_THAT(full.body,
              HasSubstr("<oc:favorite/></d:prop><d:status>HTTP/1.1 424 Failed Dependency"));
  EXPECT_THAT(Value("/a.txt", "<x:p0/>"), HasSubstr("404 Not Found"));
  EXPECT_THAT(Value("/a.txt", "<oc:favorite/>"), HasSubstr(">0<"));
  const std::string large(storage::kMaxPropertyBytes + 1, 'x');
  EXPECT_THAT(Proppatch("/a.txt", Set("<x:big>" + large + "</x:big>")).body, HasSubstr("507"));
}

TEST_F(ProppatchTest, TheLastInstructionCounts) {
  Proppatch("/a.txt", Set("<x:color>red</x:color>") + Set("<x:color>blue</x:color>"));
  EXPECT_THAT(Value("/a.txt", "<x:color/>"), HasSubstr(">blue<"));
  Proppatch("/a.txt", Set("<x:color>red</x:color>") + Removed("<x:color/>"));
  EXPECT_THAT(Value("/a.txt", "<x:color/>"), HasSubstr("404 Not Found"));
}

TEST_F(ProppatchTest, Refusals) {
  EXPECT_EQ(Proppatch("/none", Set("<oc:favorite>1</oc:favorite>")).status, 404);
  EXPECT_EQ(Proppatch("/none", Set("<oc:size>1</oc:size>")).status, 404);
  EXPECT_EQ(Proppatch("/none/deeper", Set("<oc:favorite>1</oc:favorite>")).status, 404);
  for (const std::string body : {"", "<d:propertyupdate", "<d:propfind xmlns:d=\"DAV:\"/>",
                                 "<d:propertyupdate xmlns:d=\"DAV:\"/>"}) {
    EXPECT_EQ(Ask("PROPPATCH", "/a.txt", {}, body).status, 400) << body;
  }
  EXPECT_EQ(Proppatch("/a.txt", Set("<x:a>1</x:a>"), {{"If-Match", "\"other\""}}).status, 412);
}

TEST_F(ProppatchTest, ALockAsksForItsTokenExceptForFavourites) {
  const std::string token = TokenOf(Lock("/a.txt"));
  const Answer refused = Proppatch("/a.txt", Set("<x:color>red</x:color>"));
  EXPECT_EQ(refused.status, 423);
  EXPECT_EQ(Proppatch("/a.txt", Set("<oc:favorite>1</oc:favorite>")).status, 207);
  EXPECT_EQ(
      Proppatch("/a.txt", Set("<x:color>red</x:color>"), {{"If", "(<" + token + ">)"}}).status,
      207);
}

}  // namespace
}  // namespace cairn::dav
