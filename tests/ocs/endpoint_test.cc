// Routes, authentication and whole answers of the endpoints, as recorded.
#include "tests/ocs/ocs_fixture.h"

namespace cairn::ocs {
namespace {

using EndpointCase = OcsCase;
using testing::HasSubstr;

const HeaderList kJson = {{"Accept", "application/json"}};

constexpr std::string_view kNotLoggedInV1 =
    "<?xml version=\"1.0\"?>\n<ocs>\n <meta>\n  <status>failure</status>\n  "
    "<statuscode>997</statuscode>\n"
    "  <message>Current user is not logged in</message>\n  <totalitems></totalitems>\n"
    "  <itemsperpage></itemsperpage>\n </meta>\n <data/>\n</ocs>\n";

TEST_F(EndpointCase, NobodyIsLoggedIn) {
  const Answer v1 = Get("/ocs/v1.php/cloud/user", "");
  EXPECT_EQ(v1.status, 401);
  EXPECT_EQ(v1.body, kNotLoggedInV1);
  EXPECT_FALSE(v1.headers.Has("WWW-Authenticate"));

  const Answer v2 = Get("/ocs/v2.php/cloud/user", "", kJson);
  EXPECT_EQ(v2.status, 401);
  EXPECT_EQ(
      v2.body,
      R"({"ocs":{"meta":{"status":"failure","statuscode":997,"message":"Current user is not logged in"},"data":[]}})");
}

TEST_F(EndpointCase, WrongPassword) {
  const Answer answer = Get("/ocs/v2.php/cloud/user?format=json", "", Basic("alice", "wrong"));
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.Header("WWW-Authenticate"), "Basic realm=\"Authorisation Required\"");
  EXPECT_EQ(
      answer.body,
      R"({"ocs":{"meta":{"status":"failure","statuscode":997,"message":"Unauthorised"},"data":[]}})");
  // Wrong credentials are not taken for none.
  EXPECT_EQ(Get("/ocs/v2.php/cloud/capabilities", "", Basic("alice", "wrong")).status, 401);
}

TEST_F(EndpointCase, UnknownRouteIsNeverASuccess) {
  const Answer v2 = Get("/ocs/v2.php/apps/terms_of_service/terms");
  EXPECT_EQ(v2.status, 404);
  EXPECT_EQ(v2.Header("Content-Type"), "text/xml; charset=UTF-8");
  EXPECT_THAT(v2.body, HasSubstr("<statuscode>998</statuscode>"));
  const Answer v1 = Get("/ocs/v1.php/apps/nonsense/x", "", kJson);
  EXPECT_EQ(v1.status, 200);
  EXPECT_THAT(v1.body, HasSubstr(R"("status":"failure","statuscode":998)"));
  EXPECT_EQ(Get("/ocs/v2.php").status, 404);
  EXPECT_EQ(Get("/ocs/v2.php/").status, 404);
  EXPECT_EQ(Get("/ocs/v2.php/cloud").status, 404);
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user/x").status, 404);
  EXPECT_EQ(Get("/ocs/v2.php/cloud/users/a%2fb").status, 404);
  EXPECT_EQ(Get("/ocs/v2.php/cloud/%zz").status, 404);
}

TEST_F(EndpointCase, WrongMethodIsABare405) {
  const Answer answer = Ask("DELETE", "/ocs/v1.php/cloud/capabilities");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.body, "");
  EXPECT_TRUE(answer.headers.Has("Allow"));
  EXPECT_EQ(Ask("HEAD", "/ocs/v1.php/cloud/capabilities").status, 200);
}

TEST_F(EndpointCase, SlashesAndSpellingOfPaths) {
  EXPECT_EQ(Get("/ocs/v2.php//cloud/user/").status, 200);
  EXPECT_EQ(Get("/ocs/v2.php/Cloud/user").status, 404);
}

TEST_F(EndpointCase, Self) {
  clock_.Advance(std::chrono::seconds(5));
  const Answer answer = Get("/ocs/v2.php/cloud/user", "alice", kJson);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.user, "alice");
  EXPECT_EQ(answer.Header("X-User-Id"), "alice");
  EXPECT_EQ(answer.Header("Cache-Control"), "no-cache, no-store, must-revalidate");
  EXPECT_EQ(
      answer.body,
      R"({"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":{"enabled":true,"id":"alice",)"
      R"("firstLoginTimestamp":-1,"lastLoginTimestamp":1700000005,"lastLogin":1700000005000,"backend":"Database","subadmin":[],)"
      R"("quota":{"free":-3,"used":0,"total":-3,"relative":0,"quota":-3},"manager":"","avatarScope":"v2-federated",)"
      R"("email":"alice@example.org","emailScope":"v2-federated","additional_mail":[],"additional_mailScope":[],)"
      R"("displayname":"Alice <A.>","display-name":"Alice <A.>","displaynameScope":"v2-federated",)"
      R"("phone":"","phoneScope":"v2-local","address":"","addressScope":"v2-local","website":"",)"
      R"("websiteScope":"v2-local","twitter":"","twitterScope":"v2-local","bluesky":"","blueskyScope":"v2-local",)"
      R"("fediverse":"","fediverseScope":"v2-local","organisation":"","organisationScope":"v2-local","role":"",)"
      R"("roleScope":"v2-local","headline":"","headlineScope":"v2-local","biography":"","biographyScope":"v2-local",)"
      R"("profile_enabled":"0","profile_enabledScope":"v2-local","pronouns":"","pronounsScope":"v2-federated",)"
      R"("groups":["staff"],"language":"en","locale":"","timezone":"","notify_email":null,)"
      R"("backendCapabilities":{"setDisplayName":true,"setPassword":true}}}})");
}

TEST_F(EndpointCase, SelfAsXml) {
  const Answer answer = Get("/ocs/v1.php/cloud/user");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("  <statuscode>100</statuscode>\n"));
  EXPECT_THAT(answer.body, HasSubstr(" <data>\n  <enabled>1</enabled>\n  <id>alice</id>\n"));
  EXPECT_THAT(answer.body,
              HasSubstr("  <subadmin/>\n  <quota>\n   <free>-3</free>\n   <used>0</used>\n"));
  EXPECT_THAT(answer.body, HasSubstr("  <displayname>Alice &lt;A.&gt;</displayname>\n"));
  EXPECT_THAT(answer.body, HasSubstr("  <groups>\n   <element>staff</element>\n  </groups>\n"));
  EXPECT_THAT(answer.body, HasSubstr("  <notify_email/>\n"));
}

TEST_F(EndpointCase, QuotaOfALimitedAccount) {
  ASSERT_TRUE(users_.SetQuota(IdOf("alice"), "1 KB").has_value());
  EXPECT_EQ(ToJson(Get("/ocs/v2.php/cloud/user?format=json").Data().at("quota")),
            R"({"free":1024,"used":0,"total":1024,"relative":0,"quota":1024})");
  ASSERT_TRUE(users_.SetQuota(IdOf("alice"), "0 B").has_value());
  EXPECT_EQ(ToJson(Get("/ocs/v2.php/cloud/user?format=json").Data().at("quota")),
            R"({"free":0,"used":0,"total":0,"relative":0,"quota":0})");
}

TEST_F(EndpointCase, AdministratorsSetQuotas) {
  const auto edit = [&](std::string_view name, std::string body, std::string_view who = "root") {
    return Ask("PUT", "/ocs/v2.php/cloud/users/" + std::string(name), who, kJson, std::move(body));
  };
  const auto quota = [&] {
    return Get("/ocs/v2.php/cloud/users/alice?format=json", "root").Data().at("quota").at("quota");
  };
  EXPECT_EQ(edit("alice", "key=quota&value=1+GB").body,
            R"({"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":[]}})");
  EXPECT_EQ(quota(), 1 << 30);
  EXPECT_EQ(edit("alice", "key=quota&value=1048576").status, 200);
  EXPECT_EQ(quota(), 1 << 20);
  quota_.SetDefault(5000);
  EXPECT_EQ(edit("alice", "key=quota&value=default").status, 200);
  EXPECT_EQ(quota(), 5000);
  EXPECT_EQ(edit("alice", "key=quota&value=none").status, 200);
  EXPECT_EQ(quota(), -3);
  const Answer bad = edit("alice", "key=quota&value=lots");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(
      bad.body,
      R"({"ocs":{"meta":{"status":"failure","statuscode":101,"message":"Invalid quota value: lots"},"data":[]}})");
  EXPECT_EQ(edit("alice", "key=nonsense&value=1").status, 400);
  EXPECT_EQ(edit("alice", "").status, 400);
  EXPECT_EQ(edit("nobody", "key=quota&value=1").status, 404);
  EXPECT_EQ(edit("alice", "key=quota&value=1+GB", "alice").status, 400);  // not even of oneself
  EXPECT_EQ(edit("bob", "key=quota&value=1+GB", "alice").status, 404);
  EXPECT_EQ(edit("root", "key=quota&value=none").status, 200);
  EXPECT_EQ(edit("alice", std::string(kMaxFormBytes + 1, 'x')).status, 413);
  const HeaderList token = Basic("root", MakeToken("root", "phone"));
  EXPECT_EQ(Ask("PUT", "/ocs/v2.php/cloud/users/alice", "", token, "key=quota&value=1").status,
            403);
  EXPECT_EQ(quota(), -3);
}

TEST_F(EndpointCase, OthersAccountsAreForAdministrators) {
  constexpr std::string_view kRefused =
      R"({"ocs":{"meta":{"status":"failure","statuscode":998,"message":""},"data":[]}})";
  // An account that exists and one that does not look the same.
  for (const std::string_view name : {"bob", "nobody"}) {
    for (const std::string_view below : {"", "/groups"}) {
      const Answer answer =
          Get("/ocs/v2.php/cloud/users/" + std::string(name) + std::string(below), "alice", kJson);
      EXPECT_EQ(answer.status, 404);
      EXPECT_EQ(answer.body, kRefused);
    }
  }
  const auto alice = Get("/ocs/v2.php/cloud/users/alice?format=json", "root").Data();
  EXPECT_EQ(alice.at("id"), "alice");
  EXPECT_FALSE(alice.as_object().contains("emailScope"));
  EXPECT_EQ(alice.at("storageLocation"), "");  // no path of the server, and for nobody else
  const Answer nobody = Get("/ocs/v2.php/cloud/users/nobody", "root", kJson);
  EXPECT_EQ(nobody.status, 404);
  EXPECT_EQ(
      nobody.body,
      R"({"ocs":{"meta":{"status":"failure","statuscode":404,"message":"User does not exist"},"data":[]}})");
}

TEST_F(EndpointCase, OwnAccountByNameInAnyLetterCase) {
  const auto data = Get("/ocs/v2.php/cloud/users/ALICE?format=json").Data();
  EXPECT_EQ(data.at("id"), "alice");
  EXPECT_TRUE(data.as_object().contains("emailScope"));
  EXPECT_FALSE(data.as_object().contains("storageLocation"));
}

TEST_F(EndpointCase, Groups) {
  EXPECT_EQ(
      Get("/ocs/v2.php/cloud/users/alice/groups", "alice", kJson).body,
      R"({"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":{"groups":["staff"]}}})");
  EXPECT_EQ(ToJson(Get("/ocs/v2.php/cloud/users/bob/groups?format=json", "root").Data()),
            R"({"groups":[]})");
}

TEST(FormOf, FormsAndJson) {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(FormOf("application/x-www-form-urlencoded", "a=1&b=x+y").fields(),
            (Fields{{"a", "1"}, {"b", "x y"}}));
  EXPECT_EQ(FormOf("Application/JSON; charset=utf-8",
                   R"({"a":"x&y=z+%41","b":[1,"two",null],"c":true,"d":null,"e":{"f":1},"ü":-1})")
                .fields(),
            (Fields{{"a", "x&y=z+%41"},
                    {"b[]", "1"},
                    {"b[]", "two"},
                    {"b[]", ""},
                    {"c", "1"},
                    {"e", ""},
                    {"ü", "-1"}}));
  for (const std::string body : {"", "[1]", "{", "{\"a\":\"\xff\"}", "null"})
    EXPECT_TRUE(FormOf("application/json", body).fields().empty()) << body;
  EXPECT_TRUE(FormOf("application/json", "{\"a\":" + std::string(50'000, '[')).fields().empty());
}

TEST_F(EndpointCase, ConfigAndNavigation) {
  EXPECT_EQ(
      ToJson(Get("/ocs/v1.php/config?format=json", "").Data()),
      R"({"version":"1.7","website":"Nextcloud","host":"cloud.example","contact":"","ssl":"true"})");
  const Answer apps = Get("/ocs/v2.php/core/navigation/apps?absolute=true&format=json");
  EXPECT_EQ(ToJson(apps.Data()), "[]");
  EXPECT_EQ(
      Get("/ocs/v2.php/core/navigation/apps", "alice", {{"If-None-Match", apps.Header("ETag")}})
          .status,
      304);
  EXPECT_EQ(Get("/ocs/v2.php/core/navigation/apps", "").status, 401);
}

TEST_F(EndpointCase, ADeviceExchangesTheLoginPassword) {
  const Answer made =
      Get("/ocs/v2.php/core/getapppassword", "alice", {{"User-Agent", "goldphone\x01 \xc3"}});
  EXPECT_EQ(made.status, 200);
  const std::string begin = "<data>\n  <apppassword>";
  const std::size_t at = made.body.find(begin);
  ASSERT_NE(at, std::string::npos);
  const std::string secret = made.body.substr(at + begin.size(), 29);  // xxxxx-xxxxx-...
  EXPECT_EQ(made.body.substr(at + begin.size() + secret.size()),
            "</apppassword>\n </data>\n</ocs>\n");
  EXPECT_THAT(TokenNames("alice"), testing::ElementsAre("goldphone"));
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "", Basic("alice", secret)).status, 200);

  HeaderList with_it = Basic("alice", secret);
  with_it.emplace_back("Accept", "application/json");
  const Answer again = Get("/ocs/v2.php/core/getapppassword", "", with_it);
  EXPECT_EQ(again.status, 403);
  EXPECT_THAT(again.body,
              HasSubstr("\"statuscode\":403,\"message\":\"Password confirmation is required\""));

  const Answer gone = Ask("DELETE", "/ocs/v2.php/core/apppassword", "", with_it);
  EXPECT_EQ(gone.status, 200);
  EXPECT_EQ(gone.body,
            R"({"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":[]}})");
  EXPECT_THAT(TokenNames("alice"), testing::IsEmpty());
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "", with_it).status, 401);
}

TEST_F(EndpointCase, HeadMakesNoAppPassword) {
  EXPECT_EQ(Ask("HEAD", "/ocs/v2.php/core/getapppassword").status, 403);
  EXPECT_THAT(TokenNames("alice"), testing::IsEmpty());
}

TEST_F(EndpointCase, TheLoginPasswordIsNoAppPasswordToDelete) {
  MakeToken("alice", "phone");
  const Answer answer = Ask("DELETE", "/ocs/v2.php/core/apppassword", "alice", kJson);
  EXPECT_EQ(answer.status, 403);
  EXPECT_THAT(answer.body, HasSubstr("no app password in use"));
  EXPECT_THAT(TokenNames("alice"), testing::ElementsAre("phone"));
}

TEST_F(EndpointCase, ADisabledAccountIsNotLoggedIn) {
  const std::string secret = MakeToken("alice", "phone");
  ASSERT_TRUE(users_.SetDisabled(IdOf("alice"), true).has_value());
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "", Basic("alice", secret)).status, 401);
  EXPECT_EQ(Get("/ocs/v1.php/cloud/user").status, 401);
  EXPECT_EQ(Get("/ocs/v2.php/cloud/users/alice?format=json", "root").Data().at("enabled"), false);
}

}  // namespace
}  // namespace cairn::ocs
