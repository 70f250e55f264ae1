#include "dav/dispatcher.h"

#include "dav/dav_error.h"
#include "dav/tree_route.h"
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using testing::HasSubstr;
using testing::Not;

using DispatcherTest = DavCase;

TEST_F(DispatcherTest, NobodyGetsIn) {
  for (const std::string_view method : {"OPTIONS", "HEAD", "PROPFIND", "GET", "PUT", "FOO"}) {
    for (const std::string_view path :
         {"/remote.php/dav", "/remote.php/dav/files/alice/", "/remote.php/webdav/",
          "/remote.php/dav/files/", "/remote.php/dav/files/nobody-here/"}) {
      const Answer answer = Do(method, path, {}, {}, "");
      EXPECT_EQ(answer.status, 401) << method << " " << path;
      EXPECT_EQ(answer.Header("WWW-Authenticate"), "Basic realm=\"Nextcloud\", charset=\"UTF-8\"");
      EXPECT_EQ(answer.user, "");
      EXPECT_EQ(answer.Header("X-User-Id"), "");
    }
  }
}

TEST_F(DispatcherTest, MaintenanceClosesEverything) {
  services_->maintenance = true;
  for (const std::string_view method : {"PROPFIND", "PUT", "OPTIONS"}) {
    const Answer answer = Ask(method, "/");
    EXPECT_EQ(answer.status, 503) << method;
    EXPECT_EQ(answer.Header("Retry-After"), "120");
    EXPECT_EQ(answer.Header("X-Nextcloud-Maintenance-Mode"), "1");
    EXPECT_THAT(answer.body, HasSubstr("OCA\\DAV\\Exception\\ServerMaintenanceMode"));
  }
  services_->maintenance = false;
  EXPECT_EQ(Ask("PROPFIND", "/", {{"Depth", "0"}}).status, 207);
}

TEST_F(DispatcherTest, TheWholeAnswerToAWrongPassword) {
  const Answer answer =
      Do("PROPFIND", kHome, {{"Authorization", "Basic " + ToBase64("alice:wrong")}}, {}, "");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(
      answer.body,
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
      "<d:error xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\">\n"
      "  <s:exception>Sabre\\DAV\\Exception\\NotAuthenticated</s:exception>\n"
      "  <s:message>No 'Authorization' header found, or its credentials were refused</s:message>\n"
      "</d:error>\n");
  EXPECT_THAT(answer.HeaderMap(),
              testing::UnorderedElementsAre(
                  testing::Pair("Content-Type", "application/xml; charset=utf-8"),
                  testing::Pair("WWW-Authenticate", "Basic realm=\"Nextcloud\", charset=\"UTF-8\""),
                  testing::Pair("Content-Security-Policy", "default-src 'none';"),
                  testing::Pair("Cache-Control", "private, no-store")));
}

TEST_F(DispatcherTest, BrowserScriptsGetADummyChallenge) {
  const Answer answer = Do("PROPFIND", kHome, {{"X-Requested-With", "XMLHttpRequest"}}, {}, "");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.Header("WWW-Authenticate"), "DummyBasic realm=\"Nextcloud\"");
  EXPECT_THAT(answer.body, HasSubstr("<s:message>Cannot authenticate over ajax calls</s:message>"));
}

TEST_F(DispatcherTest, OtherUsersTreesLookLikeUnknownOnes) {
  const auto probe = [&](std::string_view method, std::string_view path) {
    Answer answer = Do(method, path, {{"Depth", "0"}}, method == "PUT" ? "x" : "");
    return std::pair(answer.status, answer.body);
  };
  for (const std::string_view method : {"PROPFIND", "GET", "PUT", "MKCOL", "DELETE"}) {
    const auto known = probe(method, "/remote.php/dav/files/bob/x.txt");
    EXPECT_EQ(known.first, 404) << method;
    EXPECT_EQ(known, probe(method, "/remote.php/dav/files/nobody-here/x.txt")) << method;
  }
  for (const std::string_view tree : {"uploads", "trashbin", "versions"}) {
    const std::string base = "/remote.php/dav/" + std::string(tree);
    const auto known = probe("PROPFIND", base + "/bob/x");
    EXPECT_EQ(known.first, 403) << tree;
    EXPECT_EQ(known, probe("PROPFIND", base + "/nobody-here/x")) << tree;
  }
}

TEST_F(DispatcherTest, UnknownPlaces) {
  EXPECT_EQ(Do("GET", "/remote.php/NOSUCH", {}, {}, "").status, 404);
  EXPECT_EQ(Do("GET", "/remote.php", {}, {}, "").status, 404);
  for (const std::string_view path :
       {"/remote.php/dav/avatars/alice/128.png", "/remote.php/dav/nonsense",
        "/remote.php/dav/trashbin/alice/nonsense", "/remote.php/dav/versions/alice/nonsense"}) {
    const Answer answer = Do("GET", path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_THAT(answer.body,
                HasSubstr("<s:exception>Sabre\\DAV\\Exception\\NotFound</s:exception>"));
  }
}

TEST_F(DispatcherTest, HostilePathsAreRefused) {
  for (const std::string_view path :
       {"/..", "/%2e%2e/x", "/a%2fb", "/a%00b", "/%ff", "/%zz", "/./a"}) {
    EXPECT_EQ(Ask("GET", path).status, 400) << path;
  }
}

TEST_F(DispatcherTest, Methods) {
  Put("/a.txt", "1");
  const Answer unknown = Ask("FOO", "/a.txt");
  EXPECT_EQ(unknown.status, 501);
  EXPECT_THAT(unknown.body,
              HasSubstr("<s:exception>Sabre\\DAV\\Exception\\NotImplemented</s:exception>"));
  EXPECT_EQ(Ask("POST", "/a.txt", {}, "x").status, 501);
  EXPECT_EQ(Ask("SEARCH", "/", {}, "x").status, 501);
  EXPECT_EQ(Ask("TRACE", "/a.txt").status, 405);
  EXPECT_EQ(Ask("DELETE", "/no/parent").status, 404);
  const Answer put = Do("PUT", "/remote.php/dav", {}, "x");
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(
      put.Header("Allow"),
      "OPTIONS, GET, HEAD, DELETE, PROPFIND, PUT, PROPPATCH, COPY, MOVE, REPORT, LOCK, UNLOCK");
  EXPECT_EQ(Do("GET", "/remote.php/dav/uploads/alice/s/1").status, 405);
}

TEST_F(DispatcherTest, OptionsAsRecorded) {
  const Answer root = Ask("OPTIONS", "/");
  EXPECT_EQ(root.status, 200);
  EXPECT_EQ(root.body, "");
  EXPECT_THAT(
      root.HeaderMap(),
      testing::UnorderedElementsAre(
          testing::Pair("Allow",
                        "OPTIONS, GET, HEAD, DELETE, PROPFIND, PUT, PROPPATCH, COPY, MOVE, REPORT, "
                        "LOCK, UNLOCK"),
          testing::Pair("DAV", "1, 3, extended-mkcol, nextcloud-checksum-update, 2"),
          testing::Pair("MS-Author-Via", "DAV"), testing::Pair("Accept-Ranges", "bytes"),
          testing::Pair("X-User-Id", "alice"), testing::Pair("Cache-Control", "private, no-store"),
          testing::Pair("Content-Security-Policy", "default-src 'none';")));
  EXPECT_EQ(Ask("OPTIONS", "/nope").Header("Allow"),
            "OPTIONS, GET, HEAD, DELETE, PROPFIND, PUT, PROPPATCH, COPY, MOVE, REPORT, MKCOL, "
            "LOCK, UNLOCK");
  EXPECT_EQ(Do("OPTIONS", "/remote.php/dav/").status, 200);
  EXPECT_EQ(Do("OPTIONS", "/remote.php/dav/uploads/alice/").status, 200);
}

TEST_F(DispatcherTest, TheRootAnswersProbes) {
  const Answer head = Do("HEAD", "/remote.php/dav");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.user, "alice");
  EXPECT_THAT(Do("GET", "/remote.php/dav/").body, HasSubstr("This is the WebDAV interface."));
}

TEST_F(DispatcherTest, ADisabledUserIsRefusedAtTheNextRequest) {
  EXPECT_EQ(Propfind("/", "0", "").status, 207);
  ASSERT_TRUE(users_->SetDisabled(alice().caller.user, true).has_value());
  EXPECT_EQ(Propfind("/", "0", "").status, 401);
}

TEST(TreeRoute, SplitsBaseAndSegments) {
  const auto route = RouteOf("//remote.php/dav/files//al%69ce/a%20b/c/");
  ASSERT_TRUE(route.has_value());
  EXPECT_EQ(route->tree, Tree::kFiles);
  EXPECT_EQ(route->user, "alice");
  EXPECT_EQ(route->base, "//remote.php/dav/files//al%69ce");
  EXPECT_EQ(route->segments, (std::vector<std::string>{"a b", "c"}));
  EXPECT_TRUE(route->trailing_slash);
  EXPECT_EQ(RouteOf("/remote.php/webdav/x")->base, "/remote.php/webdav");
  EXPECT_EQ(RouteOf("/remote.php/dav/files")->base, "/remote.php/dav");
  EXPECT_EQ(RouteOf("/remote.php/dav/files")->segments, std::vector<std::string>{"files"});
  EXPECT_EQ(RouteOf("/remote.php/davx")->tree, Tree::kNone);
  EXPECT_EQ(RouteOf("/")->tree, Tree::kNone);
  EXPECT_EQ(RouteOf("/remote.php/dav/filesx/alice")->tree, Tree::kUnknown);
}

TEST(DavError, BusyStopsADesktopOnlyWhenTheServerStops) {
  const auto full = ErrorResponse(FromError(Fail(ErrorCode::kBusy, "the read pool is full")));
  EXPECT_EQ(full.status, 503);
  EXPECT_THAT(full.body, HasSubstr("Storage is temporarily not available"));
  EXPECT_THAT(full.body, Not(HasSubstr("ServiceUnavailable")));
  EXPECT_EQ(full.headers.Get("Retry-After"), "10");
  const auto stopping =
      ErrorResponse(FromError(Fail(ErrorCode::kBusy, "the store is shutting down")));
  EXPECT_EQ(stopping.status, 503);
  EXPECT_THAT(stopping.body, HasSubstr(">Sabre\\DAV\\Exception\\ServiceUnavailable<"));
}

TEST(DavError, InvalidNamesCarryTheReasonThreeTimes) {
  const auto response = ErrorResponse(FromError(Fail(ErrorCode::kInvalidName, "No \\ in names.")));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
            "<d:error xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\" "
            "xmlns:o=\"http://owncloud.org/ns\">\n"
            "  <s:exception>OCA\\DAV\\Connector\\Sabre\\Exception\\InvalidPath</s:exception>\n"
            "  <s:message>No \\ in names.</s:message>\n"
            "  <o:retry xmlns:o=\"o:\">false</o:retry>\n"
            "  <o:reason xmlns:o=\"o:\">No \\ in names.</o:reason>\n"
            "</d:error>\n");
}

TEST(DavError, LogMessagesDoNotReachClients) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kCorruption); ++code) {
    if (static_cast<ErrorCode>(code) == ErrorCode::kInvalidName) continue;
    const auto response =
        ErrorResponse(FromError(Fail(static_cast<ErrorCode>(code), "secret detail")));
    EXPECT_GE(response.status, 400);
    EXPECT_THAT(response.body, Not(HasSubstr("secret")));
    EXPECT_THAT(response.body, HasSubstr("<s:exception>"));
  }
}

}  // namespace
}  // namespace cairn::dav
