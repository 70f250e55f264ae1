#include "tests/web/web_fixture.h"

namespace cairn::web {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class LoginTest : public WebCase {};

TEST_F(LoginTest, ThePageIsSafe) {
  const WholeAnswer page = Send("GET", "/login");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.Header("Content-Type"), "text/html; charset=UTF-8");
  EXPECT_EQ(page.Header("X-Frame-Options"), "DENY");
  EXPECT_EQ(page.Header("Cache-Control"), "no-cache, no-store, must-revalidate");
  EXPECT_THAT(page.Header("Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(page.Header("Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(page.Header("Content-Security-Policy"), Not(HasSubstr("unsafe")));
  EXPECT_THAT(page.body, Not(HasSubstr("<script")));
  EXPECT_THAT(page.body, Not(HasSubstr(" style=")));
  const WholeAnswer style = Send("GET", "/core/css/cairn.css");
  EXPECT_EQ(style.status, 200);
  EXPECT_EQ(style.Header("Content-Type"), "text/css; charset=utf-8");
}

TEST_F(LoginTest, LogsInAndOut) {
  Browser browser(*this);
  EXPECT_EQ(browser.Get("/settings/user").Header("Location"), "/login?redirect_url=/settings/user");
  const WholeAnswer in = browser.LogIn("alice", "alice-password");
  EXPECT_EQ(in.status, 303);
  EXPECT_EQ(in.Header("Location"), "/settings/user");
  const WholeAnswer page = browser.Get("/settings/user");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.user, "alice");
  EXPECT_EQ(browser.Get("/login").Header("Location"), "/settings/user");
  const Fields kept = browser.cookies;
  browser.Get("/settings/user");
  EXPECT_EQ(browser.Submit("/logout", {}).status, 303);
  EXPECT_TRUE(browser.cookies.empty());
  browser.cookies = kept;
  EXPECT_EQ(browser.Get("/settings/user").status, 303);
}

TEST_F(LoginTest, WrongAndUnknownAreOnePage) {
  Browser browser(*this);
  const WholeAnswer wrong = browser.LogIn("alice", "guess");
  const WholeAnswer unknown = browser.LogIn("nobody", "guess");
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(unknown.status, 403);
  EXPECT_THAT(wrong.body, HasSubstr("Wrong user name or password."));
  EXPECT_THAT(unknown.body, HasSubstr("Wrong user name or password."));
  EXPECT_THAT(wrong.body, Not(HasSubstr("guess")));
  EXPECT_EQ(browser.Get("/settings/user").status, 303);
}

TEST_F(LoginTest, GuessesAreThrottled) {
  Browser browser(*this);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(browser.LogIn("alice", "guess" + std::to_string(i)).status, 403);
  const WholeAnswer refused = browser.LogIn("alice", "alice-password");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "120");
  EXPECT_THAT(refused.body, HasSubstr("Too many attempts"));
  Browser elsewhere(*this, "198.51.100.8");
  EXPECT_EQ(elsewhere.LogIn("alice", "alice-password").status, 303);
}

TEST_F(LoginTest, ACookieThatWasThereBeforeIsNotRaised) {
  Browser browser(*this);
  const std::string planted(auth::kSecretLength, 'p');
  browser.cookies["__Host-cairn_session"] = planted;
  ASSERT_EQ(browser.LogIn("alice", "alice-password").status, 303);
  const std::string own = browser.cookies["__Host-cairn_session"];
  EXPECT_NE(own, planted);
  browser.cookies["__Host-cairn_session"] = planted;
  EXPECT_EQ(browser.Get("/settings/user").status, 303);
  // A second login ends the first one's session.
  browser.cookies["__Host-cairn_session"] = own;
  ASSERT_EQ(browser.LogIn("alice", "alice-password", "/login/flow").status, 303);
  browser.cookies["__Host-cairn_session"] = own;
  EXPECT_EQ(browser.Get("/settings/user").status, 303);
}

TEST_F(LoginTest, TheFormNeedsItsTokenAndItsCookie) {
  Browser browser(*this);
  const Fields fields{{"user", "alice"}, {"password", "alice-password"}};
  EXPECT_EQ(browser.Post("/login", fields).status, 403);
  browser.Get("/login");
  EXPECT_EQ(browser.Post("/login", fields).status, 403);
  browser.Get("/login");
  browser.cookies.clear();
  EXPECT_EQ(browser.Submit("/login", fields).status, 403);
  EXPECT_EQ(throttle_.Attempts(auth::ThrottleRule::kLogin, "198.51.100.7").value(), 0u);
}

TEST_F(LoginTest, AnUnencryptedCookieIsNotReadOverTls) {
  Browser browser(*this);
  browser.LogIn("alice", "alice-password");
  const std::string cookie = browser.cookies["__Host-cairn_session"];
  browser.cookies = {{"cairn_session", cookie}};
  EXPECT_EQ(browser.Get("/settings/user").status, 303);
}

TEST_F(LoginTest, RedirectsStayHere) {
  for (const std::string bad :
       {"//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example",
        "%2f%2fevil.example", "javascript:alert(1)", "evil", "\\\\evil", "/a\nb", "/a b"}) {
    Browser browser(*this);
    const WholeAnswer in = browser.LogIn("alice", "alice-password", bad);
    EXPECT_EQ(in.Header("Location"), "/settings/user") << bad;
  }
  Browser browser(*this);
  EXPECT_EQ(browser.LogIn("alice", "alice-password", "/login/v2/grant?stateToken=a&b=c")
                .Header("Location"),
            "/login/v2/grant?stateToken=a&b=c");
}

TEST_F(LoginTest, WhatIsTypedIsEscaped) {
  Browser browser(*this);
  const WholeAnswer page = browser.LogIn("\"><script>alert(1)</script>", "x");
  EXPECT_EQ(page.status, 403);
  EXPECT_THAT(page.body, Not(HasSubstr("<script>")));
  EXPECT_THAT(page.body, HasSubstr("&quot;&gt;&lt;script&gt;"));
}

TEST_F(LoginTest, TooLongAndUnknown) {
  EXPECT_EQ(Send("POST", "/login", {}, std::string(70'000, 'x')).status, 413);
  EXPECT_EQ(Send("GET", "/settings/nothing").status, 404);
  EXPECT_EQ(Send("DELETE", "/login").status, 405);
  EXPECT_EQ(Send("HEAD", "/login").status, 200);
}

TEST_F(LoginTest, MaintenanceClosesThePages) {
  services_.maintenance = true;
  for (const std::string_view path : {"/login", "/settings/user", "/login/flow"}) {
    const WholeAnswer closed = Send("GET", path);
    EXPECT_EQ(closed.status, 503) << path;
    EXPECT_EQ(closed.Header("X-Nextcloud-Maintenance-Mode"), "1");
    EXPECT_EQ(closed.Header("Retry-After"), "120");
  }
}

class WipeTest : public WebCase {
 protected:
  WholeAnswer Ask(std::string_view what, std::string_view token) {
    return Send("POST", "/core/wipe/" + std::string(what), {}, "token=" + std::string(token));
  }
};

TEST_F(WipeTest, OnlyWhoIsToEraseIsTold) {
  const auto phone = app_passwords_.Create(IdOf("alice"), "phone", {});
  const auto laptop = app_passwords_.Create(IdOf("alice"), "laptop", {});
  for (const std::string_view what : {"check", "success"}) {
    EXPECT_EQ(Ask(what, phone->secret).status, 404);
    EXPECT_EQ(Ask(what, "unknown").body, "[]");
    EXPECT_EQ(Send("POST", "/core/wipe/" + std::string(what)).status, 400);
  }
  ASSERT_TRUE(app_passwords_.OrderWipe(IdOf("alice"), TokenId{phone->token.id()}).has_value());
  EXPECT_EQ(Ask("check", laptop->secret).status, 404);
  EXPECT_EQ(Ask("check", "alice-password").status, 404);
  const WholeAnswer told = Ask("check", phone->secret);
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.body, "{\"wipe\":true}");
  // iOS labels its form as JSON.
  EXPECT_EQ(Send("POST", "/core/wipe/check?format=json", {{"Content-Type", "application/json"}},
                 "token=" + phone->secret)
                .status,
            200);
  EXPECT_EQ(Ask("success", phone->secret).status, 200);
  EXPECT_EQ(Ask("check", phone->secret).status, 404);
}

TEST_F(WipeTest, MissesAreThrottled) {
  int misses = 0;
  for (int i = 0; i < 80; ++i) misses += Ask("check", "guess").status == 404 ? 1 : 0;
  EXPECT_EQ(misses, 60);
}

}  // namespace
}  // namespace cairn::web
