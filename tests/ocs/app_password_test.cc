// App passwords over OCS: renewed, exchanged, confirmed, wiped; and what guesses are answered.
#include "tests/ocs/ocs_fixture.h"

namespace cairn::ocs {
namespace {

using testing::HasSubstr;

class AppPasswordCase : public OcsCase {
 protected:
  static HeaderList With(HeaderList headers) {
    headers.emplace_back("Accept", "application/json");
    return headers;
  }
  std::string SecretOf(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return std::string(answer.Data().at("apppassword").as_string());
  }
  int Self(const std::string& secret) {
    return Get("/ocs/v2.php/cloud/user", "", Basic("alice", secret)).status;
  }
};

TEST_F(AppPasswordCase, Rotates) {
  const std::string old = MakeToken("alice", "phone");
  const std::string fresh =
      SecretOf(Ask("POST", "/ocs/v2.php/core/apppassword/rotate", "", With(Basic("alice", old))));
  EXPECT_EQ(Self(old), 401);
  EXPECT_EQ(Self(fresh), 200);
  EXPECT_THAT(TokenNames("alice"), testing::ElementsAre("phone"));
  const Answer refused =
      Ask("POST", "/ocs/v2.php/core/apppassword/rotate", "alice", {{"Accept", "application/json"}});
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(
      refused.body,
      R"({"ocs":{"meta":{"status":"failure","statuscode":403,"message":"no app password in use"},"data":[]}})");
}

TEST_F(AppPasswordCase, AOneTimePasswordBecomesALastingOne) {
  const auto made = app_passwords_.Create(IdOf("alice"), "phone", {.one_time = true});
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(Self(made->secret), 401);
  EXPECT_EQ(Ask("DELETE", "/ocs/v2.php/core/apppassword", "", Basic("alice", made->secret)).status,
            401);
  const std::string fresh = SecretOf(
      Get("/ocs/v2.php/core/getapppassword-onetime", "", With(Basic("alice", made->secret))));
  EXPECT_EQ(Self(fresh), 200);
  EXPECT_EQ(Get("/ocs/v2.php/core/getapppassword-onetime", "", Basic("alice", made->secret)).status,
            401);
  for (const HeaderList& lasting : {Basic("alice", fresh), Basic("alice", "alice-password")}) {
    const Answer refused = Get("/ocs/v2.php/core/getapppassword-onetime", "", With(lasting));
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, HasSubstr("could not get one-time app password"));
  }
  EXPECT_EQ(Get("/ocs/v2.php/core/getapppassword-onetime", "").status, 401);
}

TEST_F(AppPasswordCase, ConfirmsThePassword) {
  const HeaderList token = With(Basic("alice", MakeToken("alice", "phone")));
  const std::string_view path = "/ocs/v2.php/core/apppassword/confirm";
  const Answer right = Ask("PUT", path, "", token, "password=alice-password");
  EXPECT_EQ(right.status, 200);
  EXPECT_EQ(right.Data().at("lastLogin").as_int64(), clock_.NowSeconds());
  const Answer wrong = Ask("PUT", path, "", token, "password=nope");
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(wrong.body,
            R"({"ocs":{"meta":{"status":"failure","statuscode":403,"message":""},"data":[]}})");
  EXPECT_EQ(Ask("PUT", path, "", token).status, 403);
}

TEST_F(AppPasswordCase, ABearerIsAnAppPassword) {
  const std::string secret = MakeToken("alice", "phone");
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "", {{"Authorization", "Bearer " + secret}}).status, 200);
  const Answer bad = Get("/ocs/v2.php/cloud/user", "",
                         {{"Authorization", "Bearer nonsense"}, {"Accept", "application/json"}});
  EXPECT_EQ(bad.status, 401);
  EXPECT_FALSE(bad.headers.Has("WWW-Authenticate"));
  EXPECT_THAT(bad.body, HasSubstr("Current user is not logged in"));
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "", {{"Authorization", "Bearer alice-password"}}).status,
            401);
}

TEST_F(AppPasswordCase, AnAdministratorHasDevicesErased) {
  const std::string phone = MakeToken("alice", "phone");
  const std::string_view path = "/ocs/v2.php/cloud/users/alice/wipe";
  EXPECT_EQ(Ask("POST", path, "bob").status, 404);
  EXPECT_EQ(Ask("POST", path, "", Basic("root", MakeToken("root", "cli"))).status, 403);
  EXPECT_EQ(Ask("POST", "/ocs/v2.php/cloud/users/nobody/wipe", "root").status, 404);
  EXPECT_EQ(Self(phone), 200);
  EXPECT_EQ(Ask("POST", path, "root").status, 200);
  EXPECT_EQ(Self(phone), 401);
  EXPECT_TRUE(*app_passwords_.ToBeWiped(*engine_.kv().Published(), phone));
}

TEST_F(AppPasswordCase, TooManyGuessesAre429WithATime) {
  remote_ = "192.0.2.1";
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Self("guess " + std::to_string(i)), 401);
  const std::string token = MakeToken("alice", "phone");
  for (const std::string version : {"v1", "v2"}) {
    const Answer refused = Get("/ocs/" + version + ".php/cloud/user", "alice");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.Header("Retry-After"), "120");
  }
  EXPECT_EQ(Self(token), 200);
}

}  // namespace
}  // namespace cairn::ocs
