// What anybody may ask before logging in.
#include "tests/ocs/ocs_fixture.h"

namespace cairn::ocs {
namespace {

using FirstContactCase = OcsCase;

TEST_F(FirstContactCase, ConnectivityCheckIsAnEmpty204) {
  const Answer answer = Contact("GET", "/204");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
}

TEST_F(FirstContactCase, RootPageAsksForNoPassword) {
  const Answer answer = Contact("GET", "/");
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.Header("Location"), "https://cloud.example/login");
  EXPECT_FALSE(answer.headers.Has("WWW-Authenticate"));
  const Answer change = Contact("GET", "/index.php/.well-known/change-password");
  EXPECT_EQ(change.status, 303);
  EXPECT_EQ(change.Header("Location"), "https://cloud.example/settings/user/security");
}

TEST_F(FirstContactCase, Robots) {
  EXPECT_EQ(Contact("GET", "/robots.txt").body, "User-agent: *\nDisallow: /\n");
}

TEST_F(FirstContactCase, WellKnownPlaces) {
  EXPECT_EQ(Contact("PROPFIND", "/.well-known/caldav").status, 301);
  EXPECT_EQ(Contact("GET", "/.well-known/carddav").Header("Location"),
            "https://cloud.example/remote.php/dav/");
  EXPECT_EQ(Contact("GET", "/.well-known/webfinger?resource=acct:a@b").Header("Location"),
            "https://cloud.example/index.php/.well-known/webfinger?resource=acct:a@b");
  const Answer absent = Contact("GET", "/index.php/.well-known/nodeinfo");
  EXPECT_EQ(absent.status, 404);
  EXPECT_EQ(absent.body, R"({"message":"nodeinfo not supported"})");
  EXPECT_EQ(absent.Header("X-NEXTCLOUD-WELL-KNOWN"), "1");
  EXPECT_EQ(Contact("GET", "/index.php/.well-known/").body, R"({"message":" not supported"})");
}

TEST_F(FirstContactCase, OtherMethodsAre405) {
  const Answer answer = Contact("POST", "/status.php");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.Header("Allow"), "GET, HEAD");
  EXPECT_EQ(Contact("GET", "/nonsense").status, 404);
}

TEST_F(FirstContactCase, TheRequestsHostWhenNoPublicUrlIsKnown) {
  services_.public_url.clear();
  EXPECT_EQ(Contact("GET", "/.well-known/caldav").Header("Location"),
            "http://cloud.example/remote.php/dav/");
}

TEST_F(FirstContactCase, MaintenanceIsSaidByStatusAndClosesTheRest) {
  services_.maintenance = true;
  const Answer status = Contact("GET", "/status.php");
  EXPECT_EQ(status.status, 200);
  EXPECT_THAT(status.body, testing::HasSubstr("\"maintenance\":true"));
  for (const std::string_view path : {"/204", "/"}) {
    const Answer answer = Contact("GET", path);
    EXPECT_EQ(answer.status, 503) << path;
    EXPECT_EQ(answer.Header("X-Nextcloud-Maintenance-Mode"), "1");
  }
  const Answer ocs = Get("/ocs/v2.php/cloud/capabilities?format=json");
  EXPECT_EQ(ocs.status, 503);
  EXPECT_EQ(ocs.Header("X-Nextcloud-Maintenance-Mode"), "1");
  EXPECT_THAT(ocs.body,
              testing::HasSubstr("\"statuscode\":503,\"message\":\"Service unavailable\""));
}

}  // namespace
}  // namespace cairn::ocs
