#include <boost/json.hpp>

#include "tests/web/web_fixture.h"

namespace cairn::web {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class FlowV2Test : public WebCase {
 protected:
  // Up to the page with the button.
  WholeAnswer Approach(Browser& browser, const Flow& flow) {
    browser.Visit(flow.path);
    browser.Visit(browser.Link("Log in"));
    const WholeAnswer in =
        browser.Submit("/login", {{"user", "alice"}, {"password", "alice-password"}});
    EXPECT_EQ(in.status, 303);
    return browser.Get(in.Header("Location"));
  }
};

TEST_F(FlowV2Test, ADeviceIsConnected) {
  const WholeAnswer started = Send("POST", "/login/v2", {{"User-Agent", "Phone <1>"}});
  EXPECT_EQ(started.status, 200);
  EXPECT_EQ(started.Header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_THAT(started.body, HasSubstr(R"("endpoint":"https:\/\/cloud.example\/login\/v2\/poll"})"));
  EXPECT_THAT(started.body, HasSubstr(R"("login":"https:\/\/cloud.example\/login\/v2\/flow\/)"));

  const Flow flow = StartFlow();
  const WholeAnswer pending = Poll(flow.poll_token);
  EXPECT_EQ(pending.status, 404);
  EXPECT_EQ(pending.body, "[]");

  Browser browser(*this);
  const WholeAnswer opened = browser.Get(flow.path);
  EXPECT_EQ(opened.status, 303);
  EXPECT_EQ(opened.Header("Location"), "/login/v2/flow?user=&direct=0");
  browser.Get("/login/v2/flow?user=&direct=0");
  EXPECT_THAT(browser.page(), HasSubstr("<strong>Phone &lt;1&gt;</strong>"));
  const WholeAnswer page = Approach(browser, flow);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("account <strong>alice</strong>"));
  EXPECT_EQ(Poll(flow.poll_token).status, 404);  // seen is not granted
  const WholeAnswer granted = browser.Submit("/login/v2/grant", {});
  EXPECT_EQ(granted.status, 200);
  EXPECT_THAT(granted.body, HasSubstr("Account connected"));

  const WholeAnswer done = Poll(flow.poll_token);
  EXPECT_EQ(done.status, 200);
  const auto json = boost::json::parse(done.body);
  EXPECT_EQ(json.at("server").as_string(), "https://cloud.example");
  EXPECT_EQ(json.at("loginName").as_string(), "alice");
  EXPECT_TRUE(Opens("alice", std::string(json.at("appPassword").as_string())));
  EXPECT_EQ(Poll(flow.poll_token).status, 404);
}

TEST_F(FlowV2Test, ThePollTokenMayStandInTheQueryOrInJson) {
  const Flow flow = StartFlow();
  EXPECT_EQ(Send("POST", "/login/v2/poll?token=" + flow.poll_token).status, 404);
  EXPECT_EQ(Send("POST", "/login/v2/poll", {{"Content-Type", "application/json"}},
                 R"({"token": ")" + flow.poll_token + "\"}")
                .status,
            404);
  EXPECT_EQ(Send("POST", "/login/v2/poll").status, 400);
  EXPECT_EQ(Send("POST", "/login/v2/poll", {}, "token=abc").status, 404);
  EXPECT_EQ(Send("GET", "/login/v2").status, 405);
  EXPECT_EQ(Send("GET", "/login/v2").Header("Allow"), "POST");
}

TEST_F(FlowV2Test, AnOpenSessionAloneGrantsNothing) {
  Browser browser(*this);
  ASSERT_EQ(browser.LogIn("alice", "alice-password").status, 303);
  clock_.Advance(1min);
  const Flow flow = StartFlow();
  browser.Visit(flow.path);
  // The password is asked for again.
  const WholeAnswer login = browser.Visit(browser.Link("Log in"));
  EXPECT_THAT(login.body, HasSubstr("value=\"alice\""));
  const std::string grant =
      Unescape(login.body.substr(login.body.find("/login/v2/grant"),
                                 login.body.find("\">", login.body.find("/login/v2/grant")) -
                                     login.body.find("/login/v2/grant")));
  EXPECT_EQ(browser.Get(grant).status, 303);
  const WholeAnswer posted = browser.Post(
      "/login/v2/grant",
      {{"stateToken", grant.substr(grant.find('=') + 1)}, {"requesttoken", "of no use"}});
  EXPECT_EQ(posted.status, 403);
  EXPECT_EQ(Poll(flow.poll_token).status, 404);
}

TEST_F(FlowV2Test, GrantingNeedsTheFormOfThisBrowser) {
  const Flow flow = StartFlow();
  Browser browser(*this);
  Approach(browser, flow);
  const std::string page = browser.page();
  // Another site's form has no request token, or a wrong one.
  EXPECT_EQ(browser.Submit("/login/v2/grant", {{"requesttoken", ""}}).status, 403);
  Browser stranger(*this);
  stranger.LogIn("bob", "bob-password");
  const std::size_t at = page.find("name=\"stateToken\" value=\"") + 25;
  const std::string state = page.substr(at, 64);
  stranger.Get("/settings/user");
  const std::size_t token = stranger.page().find("name=\"requesttoken\" value=\"") + 27;
  EXPECT_EQ(stranger
                .Post("/login/v2/grant",
                      {{"stateToken", state}, {"requesttoken", stranger.page().substr(token, 64)}})
                .status,
            403);
  EXPECT_EQ(Poll(flow.poll_token).status, 404);
}

TEST_F(FlowV2Test, ACrossSitePostIsRefusedWhateverItBrings) {
  const Flow flow = StartFlow();
  Browser browser(*this);
  const WholeAnswer page = Approach(browser, flow);
  const std::size_t state = page.body.find("name=\"stateToken\" value=\"") + 25;
  const std::size_t token = page.body.find("name=\"requesttoken\" value=\"") + 27;
  const Fields fields{{"stateToken", page.body.substr(state, 64)},
                      {"requesttoken", page.body.substr(token, 64)}};
  EXPECT_EQ(browser.Post("/login/v2/grant", fields, {{"Sec-Fetch-Site", "cross-site"}}).status,
            403);
  EXPECT_EQ(Poll(flow.poll_token).status, 404);
  EXPECT_EQ(browser.Post("/login/v2/grant", fields, {{"Sec-Fetch-Site", "same-origin"}}).status,
            200);
  EXPECT_EQ(Poll(flow.poll_token).status, 200);
}

TEST_F(FlowV2Test, IsOverAfterTwentyMinutes) {
  const Flow flow = StartFlow();
  Browser browser(*this);
  Approach(browser, flow);
  clock_.Advance(20min);
  EXPECT_EQ(browser.Submit("/login/v2/grant", {}).status, 403);
  EXPECT_EQ(Poll(flow.poll_token).status, 404);
  EXPECT_EQ(Browser(*this).Get(flow.path).status, 403);
}

TEST_F(FlowV2Test, APasswordChangeBetweenTheStepsEndsThem) {
  const Flow flow = StartFlow();
  Browser browser(*this);
  Approach(browser, flow);
  ASSERT_TRUE(users_.SetPassword(IdOf("alice"), "another password").has_value());
  const WholeAnswer late = browser.Submit("/login/v2/grant", {});
  EXPECT_EQ(late.status, 303);
  EXPECT_THAT(late.Header("Location"), HasSubstr("/login"));
  EXPECT_EQ(Poll(flow.poll_token).status, 404);
}

TEST_F(FlowV2Test, MissesAreThrottledAndKnownTokensAreNot) {
  const Flow flow = StartFlow();
  int misses = 0;
  for (int i = 0; i < 100; ++i) misses += Poll(std::string(128, 'x')).status == 404 ? 1 : 0;
  EXPECT_EQ(misses, 60);
  const WholeAnswer refused = Poll(std::string(128, 'x'));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "60");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Poll(flow.poll_token).status, 404);
}

TEST_F(FlowV2Test, StartsAreThrottled) {
  int started = 0;
  for (int i = 0; i < 100; ++i) started += Send("POST", "/login/v2").status == 200 ? 1 : 0;
  EXPECT_EQ(started, 60);
}

TEST_F(FlowV2Test, LinksLeadBelowTheSubPath) {
  services_.public_url = "https://cloud.example/nextcloud";
  const WholeAnswer started = Send("POST", "/login/v2");
  EXPECT_THAT(started.body, HasSubstr(R"(https:\/\/cloud.example\/nextcloud\/login\/v2\/flow\/)"));
  EXPECT_THAT(Send("GET", "/login").body, HasSubstr("action=\"/nextcloud/login\""));
  EXPECT_EQ(Send("GET", "/settings/user").Header("Location"),
            "/nextcloud/login?redirect_url=/settings/user");
}

class FlowV1Test : public WebCase {};

TEST_F(FlowV1Test, EndsAtTheApplicationsAddress) {
  Browser browser(*this);
  browser.Get("/login/flow");
  EXPECT_THAT(browser.page(), HasSubstr("Browser/1.0"));
  browser.Visit(browser.Link("Log in"));
  const WholeAnswer in =
      browser.Submit("/login", {{"user", "ALICE"}, {"password", "alice-password"}});
  ASSERT_EQ(in.status, 303);
  browser.Get(in.Header("Location"));
  const WholeAnswer done = browser.Submit("/login/flow/grant", {});
  EXPECT_EQ(done.status, 303);
  const std::string start = "nc://login/server:https://cloud.example&user:alice&password:";
  ASSERT_THAT(done.Header("Location"), testing::StartsWith(start));
  EXPECT_TRUE(Opens("alice", done.Header("Location").substr(start.size())));
}

TEST_F(FlowV1Test, AnOldLoginIsConfirmed) {
  Browser browser(*this);
  browser.LogIn("alice", "alice-password");
  clock_.Advance(6min);
  browser.Get("/login/flow");
  const std::string login = browser.Link("Log in");
  const WholeAnswer page = browser.Get(login);
  EXPECT_THAT(page.body, HasSubstr("name=\"password\""));
  EXPECT_EQ(browser.Get("/login/flow/grant?stateToken=nonsense").status, 403);
}

}  // namespace
}  // namespace cairn::web
