#include <regex>

#include "tests/web/web_fixture.h"

namespace cairn::web {
namespace {

using testing::HasSubstr;
using testing::Not;

class SettingsTest : public WebCase {
 protected:
  SettingsTest() {
    EXPECT_EQ(browser_.LogIn("alice", "alice-password").status, 303);
    browser_.Get("/settings/user");
  }
  storage::User Alice() { return **users_.FindByName(*engine_.kv().Published(), "alice"); }
  std::vector<storage::Token> Tokens(std::string_view user) {
    return *app_passwords_.List(*engine_.kv().Published(), IdOf(user));
  }
  std::size_t SessionCount(std::string_view user) {
    return sessions_.List(*engine_.kv().Published(), IdOf(user))->size();
  }

  Browser browser_{*this};
};

TEST_F(SettingsTest, NameAndMail) {
  const WholeAnswer saved = browser_.Submit(
      "/settings/user/profile", {{"displayname", "Alice <A.>"}, {"email", "alice@example.org"}});
  EXPECT_EQ(saved.status, 303);
  EXPECT_EQ(saved.Header("Location"), "/settings/user");
  EXPECT_EQ(Alice().display_name(), "Alice <A.>");
  EXPECT_EQ(Alice().email(), "alice@example.org");
  browser_.Get("/settings/user");
  EXPECT_THAT(browser_.page(), HasSubstr("value=\"Alice &lt;A.&gt;\""));
  const WholeAnswer bad = browser_.Submit("/settings/user/profile",
                                          {{"displayname", "Alice"}, {"email", "not a mail"}});
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.body, HasSubstr("role=\"alert\""));
  EXPECT_EQ(Alice().email(), "alice@example.org");
}

TEST_F(SettingsTest, ANewPasswordEndsAllOtherBrowsers) {
  Browser other(*this);
  ASSERT_EQ(other.LogIn("alice", "alice-password").status, 303);
  const std::string before = browser_.cookies.begin()->second;
  const WholeAnswer changed = browser_.Submit(
      "/settings/user/password",
      {{"password", "alice-password"}, {"new", "a better one"}, {"again", "a better one"}});
  EXPECT_EQ(changed.status, 303);
  EXPECT_NE(browser_.cookies.begin()->second, before);
  EXPECT_EQ(browser_.Get("/settings/user").status, 200);
  EXPECT_EQ(other.Get("/settings/user").status, 303);
  EXPECT_TRUE(Opens("alice", "a better one"));
  EXPECT_FALSE(Opens("alice", "alice-password"));
}

TEST_F(SettingsTest, APasswordIsChangedByWhoKnowsIt) {
  const auto change = [&](std::string now, std::string fresh, std::string again) {
    browser_.Get("/settings/user");
    return browser_.Submit("/settings/user/password",
                           {{"password", now}, {"new", fresh}, {"again", again}});
  };
  EXPECT_EQ(change("guess", "a better one", "a better one").status, 403);
  EXPECT_EQ(change("alice-password", "a better one", "another one").status, 400);
  EXPECT_EQ(change("alice-password", "", "").status, 400);
  EXPECT_EQ(change("alice-password", "short", "short").status, 400);
  EXPECT_TRUE(Opens("alice", "alice-password"));
  EXPECT_EQ(browser_.Get("/settings/user").status, 200);
}

TEST_F(SettingsTest, AnAppPasswordIsShownOnce) {
  EXPECT_EQ(
      browser_.Submit("/settings/user/devices", {{"name", "rclone"}, {"password", "guess"}}).status,
      403);
  EXPECT_TRUE(Tokens("alice").empty());
  const WholeAnswer made = browser_.Submit("/settings/user/devices",
                                           {{"name", "rclone"}, {"password", "alice-password"}});
  ASSERT_EQ(made.status, 200);
  std::smatch found;
  ASSERT_TRUE(
      std::regex_search(made.body, found, std::regex("class=\"secret\">([A-Za-z0-9-]{29})</p>")));
  EXPECT_TRUE(Opens("alice", found[1].str()));
  browser_.Get("/settings/user");
  EXPECT_THAT(browser_.page(), HasSubstr("rclone"));
  EXPECT_THAT(browser_.page(), Not(HasSubstr(found[1].str())));
}

TEST_F(SettingsTest, RevokesAndErases) {
  const auto phone = app_passwords_.Create(IdOf("alice"), "phone", {});
  const auto laptop = app_passwords_.Create(IdOf("alice"), "laptop", {});
  browser_.Get("/settings/user");
  const auto end = [&](std::uint64_t id, std::string what) {
    return browser_.Submit("/settings/user/devices/end",
                           {{"id", std::to_string(id)}, {"what", what}});
  };
  EXPECT_EQ(end(phone->token.id(), "wipe").status, 303);
  EXPECT_EQ(end(laptop->token.id(), "revoke").status, 303);
  EXPECT_FALSE(Opens("alice", phone->secret));
  EXPECT_FALSE(Opens("alice", laptop->secret));
  EXPECT_EQ(Tokens("alice").size(), 1u);
  browser_.Get("/settings/user");
  EXPECT_THAT(browser_.page(), HasSubstr("phone (erases its data)"));
}

TEST_F(SettingsTest, NothingOfOthersCanBeEnded) {
  const auto of_bob = app_passwords_.Create(IdOf("bob"), "his phone", {});
  app_passwords_.Create(IdOf("alice"), "phone", {}).value();
  Browser bob(*this);
  bob.LogIn("bob", "bob-password");
  browser_.Get("/settings/user");
  for (const std::string what : {"revoke", "wipe"}) {
    const WholeAnswer answer =
        browser_.Submit("/settings/user/devices/end", {{"id", "999"}, {"what", what}});
    EXPECT_EQ(answer.status, 404);
  }
  EXPECT_TRUE(Opens("bob", of_bob->secret));
  EXPECT_EQ(SessionCount("bob"), 1u);
}

TEST_F(SettingsTest, EndsAnotherBrowser) {
  Browser other(*this);
  ASSERT_EQ(other.LogIn("alice", "alice-password").status, 303);
  browser_.Get("/settings/user");
  EXPECT_EQ(SessionCount("alice"), 2u);
  EXPECT_EQ(browser_.Submit("/settings/user/browsers/end", {}).status, 303);
  EXPECT_EQ(other.Get("/settings/user").status, 303);
  EXPECT_EQ(browser_.Get("/settings/user").status, 200);
}

TEST_F(SettingsTest, EveryFormNeedsTheRequestToken) {
  for (const std::string_view action :
       {"/settings/user/profile", "/settings/user/password", "/settings/user/devices",
        "/settings/user/devices/end", "/settings/user/browsers/end", "/logout"}) {
    EXPECT_EQ(browser_.Post(action, {{"password", "alice-password"}}).status, 403) << action;
    EXPECT_EQ(browser_.Post(action, {{"requesttoken", std::string(64, '0')}}).status, 403)
        << action;
  }
  EXPECT_EQ(browser_.Get("/settings/user").status, 200);
}

}  // namespace
}  // namespace cairn::web
