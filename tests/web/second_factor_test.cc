#include <regex>

#include "tests/support/totp.h"
#include "tests/web/web_fixture.h"

namespace cairn::web {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class SecondStepTest : public WebCase {
 protected:
  // alice sets up codes in her settings; the secret, and one backup code.
  struct Enrolled {
    std::string secret;
    std::string backup_code;
  };
  Enrolled Enrol() {
    Browser browser(*this);
    browser.LogIn("alice", "alice-password");
    browser.Get("/settings/user");
    const WholeAnswer begun =
        browser.Submit("/settings/user/totp/begin", {{"password", "alice-password"}});
    EXPECT_EQ(begun.status, 200);
    EXPECT_THAT(begun.body, HasSubstr("<svg class=\"qr\" role=\"img\""));
    std::smatch secret;
    EXPECT_TRUE(std::regex_search(begun.body, secret,
                                  std::regex("class=\"secret\">([A-Z2-7]{32})</span>")));
    const WholeAnswer wrong = browser.Submit("/settings/user/totp/confirm", {{"code", "000000"}});
    EXPECT_EQ(wrong.status, 403);
    EXPECT_THAT(wrong.body, HasSubstr(secret[1].str()));
    const WholeAnswer done =
        browser.Submit("/settings/user/totp/confirm", {{"code", Code(secret[1])}});
    EXPECT_EQ(done.status, 200);
    std::smatch codes;
    EXPECT_TRUE(std::regex_search(done.body, codes, std::regex("<li>([a-z2-9]{16})</li>")));
    clock_.Advance(30s);
    return {secret[1], codes[1]};
  }
  std::string Code(const std::string& secret) {
    return support::TotpCode(secret, clock_.NowSeconds());
  }
};

TEST_F(SecondStepTest, ACodeIsAskedForAfterThePassword) {
  const Enrolled enrolled = Enrol();
  EXPECT_FALSE(Opens("alice", "alice-password"));
  Browser browser(*this);
  const WholeAnswer in = browser.LogIn("alice", "alice-password", "/login/flow");
  EXPECT_EQ(in.status, 303);
  EXPECT_EQ(in.Header("Location"), "/login/challenge?redirect_url=/login/flow");
  const std::string pending = browser.cookies["__Host-cairn_session"];
  // What the password alone has opened is nothing.
  EXPECT_EQ(browser.Get("/settings/user").status, 303);
  const WholeAnswer page = browser.Get("/login/challenge?redirect_url=/login/flow");
  EXPECT_THAT(page.body, HasSubstr("name=\"code\""));
  const WholeAnswer wrong = browser.Submit("/login/challenge", {{"code", "12345"}});
  EXPECT_EQ(wrong.status, 403);
  const WholeAnswer right = browser.Submit("/login/challenge", {{"code", Code(enrolled.secret)}});
  EXPECT_EQ(right.status, 303);
  EXPECT_EQ(right.Header("Location"), "/login/flow");
  EXPECT_NE(browser.cookies["__Host-cairn_session"], pending);
  EXPECT_EQ(browser.Get("/settings/user").status, 200);
  browser.cookies["__Host-cairn_session"] = pending;
  EXPECT_EQ(browser.Get("/settings/user").status, 303);
}

TEST_F(SecondStepTest, ABackupCodeOpensOnce) {
  const Enrolled enrolled = Enrol();
  for (const int expected : {303, 403}) {
    Browser browser(*this);
    browser.LogIn("alice", "alice-password");
    browser.Get("/login/challenge");
    EXPECT_EQ(browser.Submit("/login/challenge", {{"code", enrolled.backup_code}}).status,
              expected);
  }
}

TEST_F(SecondStepTest, NothingCanBeSetUpAtTheChallenge) {
  Enrol();
  Browser browser(*this);
  browser.LogIn("alice", "alice-password");
  const std::string challenge = browser.Get("/login/challenge").body;
  const std::size_t at = challenge.find("name=\"requesttoken\" value=\"") + 27;
  const std::string token = challenge.substr(at, 64);
  for (const std::string_view action :
       {"/settings/user/totp/begin", "/settings/user/totp/off", "/settings/user/totp/codes",
        "/settings/user/totp/confirm", "/settings/user/devices", "/login/v2/grant"}) {
    const WholeAnswer answer =
        browser.Post(action, {{"requesttoken", token}, {"password", "alice-password"}});
    EXPECT_EQ(answer.status, 303) << action;
    EXPECT_THAT(answer.Header("Location"), HasSubstr("/login")) << action;
  }
  EXPECT_TRUE(second_factors_.StateOf(*engine_.kv().Published(), IdOf("alice"))->totp);
  EXPECT_TRUE(app_passwords_.List(*engine_.kv().Published(), IdOf("alice"))->empty());
}

TEST_F(SecondStepTest, APendingLoginIsOver) {
  const Enrolled enrolled = Enrol();
  Browser late(*this);
  late.LogIn("alice", "alice-password");
  late.Get("/login/challenge");
  const std::string page = late.page();
  clock_.Advance(10min);
  const WholeAnswer over = late.Submit("/login/challenge", {{"code", Code(enrolled.secret)}});
  EXPECT_EQ(over.status, 303);
  EXPECT_THAT(over.Header("Location"), HasSubstr("/login?"));
  EXPECT_EQ(Browser(*this).Get("/login/challenge").status, 303);
}

TEST_F(SecondStepTest, TriesAreThrottled) {
  const Enrolled enrolled = Enrol();
  clock_.Advance(1h);
  Browser browser(*this);
  browser.LogIn("alice", "alice-password");
  browser.Get("/login/challenge");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(browser.Submit("/login/challenge", {{"code", "000000"}}).status, 403);
  const WholeAnswer refused = browser.Submit("/login/challenge", {{"code", Code(enrolled.secret)}});
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "120");
}

TEST_F(SecondStepTest, IsTurnedOffByThePasswordOnly) {
  const Enrolled enrolled = Enrol();
  Browser browser(*this);
  browser.LogIn("alice", "alice-password");
  browser.Get("/login/challenge");
  browser.Submit("/login/challenge", {{"code", Code(enrolled.secret)}});
  browser.Get("/settings/user");
  EXPECT_EQ(browser.Submit("/settings/user/totp/off", {{"password", "guess"}}).status, 403);
  const WholeAnswer renewed =
      browser.Submit("/settings/user/totp/codes", {{"password", "alice-password"}});
  EXPECT_EQ(renewed.status, 200);
  EXPECT_THAT(renewed.body, Not(HasSubstr(enrolled.backup_code)));
  EXPECT_EQ(browser.Submit("/settings/user/totp/off", {{"password", "alice-password"}}).status,
            303);
  EXPECT_TRUE(Opens("alice", "alice-password"));
}

}  // namespace
}  // namespace cairn::web
