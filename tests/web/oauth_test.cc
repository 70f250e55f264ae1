#include <boost/json.hpp>

#include "base/hash.h"
#include "tests/support/totp.h"
#include "tests/web/web_fixture.h"

namespace cairn::web {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kConsent = "/apps/oauth2/authorize";
constexpr std::string_view kToken = "/apps/oauth2/api/v1/token";
constexpr std::string_view kCallback = "https://op.example:8443/callback";

class OAuthPagesTest : public WebCase {
 protected:
  OAuthPagesTest() { client_ = Register(kCallback); }

  auth::OAuthCredentials Register(std::string_view redirect_uri,
                                  std::string_view name = "Open <Project>") {
    auto made = oauth_.Add(name, redirect_uri);
    CAIRN_CHECK(made.has_value());
    return {made->client.identifier(), made->secret};
  }
  std::string Query(const Fields& more = {}) const {
    Fields fields{{"response_type", "code"}, {"client_id", client_.identifier}};
    for (const auto& [name, value] : more) fields[name] = value;
    return std::string(kConsent) + "?" + Encode(fields);
  }
  // From the client's link through the login to the page that asks.
  WholeAnswer Approach(Browser& browser, const std::string& query,
                       const std::string& user = "alice") {
    const WholeAnswer login = browser.Visit(query);
    EXPECT_EQ(login.status, 200) << login.body;
    const WholeAnswer in =
        browser.Submit("/login", {{"user", user}, {"password", user + "-password"}});
    EXPECT_EQ(in.status, 303);
    EXPECT_THAT(in.Header("Location"), StartsWith("/apps/oauth2/authorize?"));
    return browser.Get(in.Header("Location"));
  }
  std::string CodeFor(Browser& browser, const Fields& more = {}) {
    Approach(browser, Query(more));
    const std::string location =
        browser.Submit(kConsent, {{"decision", "allow"}}).Header("Location");
    const std::size_t at = location.find("code=");
    EXPECT_NE(at, std::string::npos) << location;
    return at == std::string::npos ? std::string() : location.substr(at + 5);
  }
  std::string Code() {
    Browser browser(*this);
    return CodeFor(browser);
  }
  WholeAnswer Ask(const Fields& fields, const support::HeaderList& headers = {}) {
    support::HeaderList all = headers;
    all.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    return Send("POST", kToken, all, Encode(fields));
  }
  Fields ByCode(const std::string& code) const {
    return {{"grant_type", "authorization_code"},
            {"code", code},
            {"client_id", client_.identifier},
            {"client_secret", client_.secret}};
  }
  Fields ByRefresh(const std::string& token) const {
    return {{"grant_type", "refresh_token"},
            {"refresh_token", token},
            {"client_id", client_.identifier},
            {"client_secret", client_.secret}};
  }
  static std::string Member(const WholeAnswer& answer, std::string_view name) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return std::string(boost::json::parse(answer.body).at(name).as_string());
  }
  bool Bears(const std::string& token) {
    return authenticator_.CheckSlow({"Bearer " + token}, *engine_.kv().Published()).has_value();
  }
  static void ExpectRefused(const WholeAnswer& answer, std::string_view error) {
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, "{\"error\":\"" + std::string(error) + "\"}");
    EXPECT_EQ(answer.Header("Content-Type"), "application/json; charset=utf-8");
    EXPECT_EQ(answer.Header("Cache-Control"), "no-cache, no-store, must-revalidate");
  }

  auth::OAuthCredentials client_;
};

TEST_F(OAuthPagesTest, AProgramIsConnected) {
  Browser browser(*this);
  const std::string query =
      Query({{"state", "gold-state"}, {"redirect_uri", std::string(kCallback)}});
  EXPECT_THAT(browser.Get(query).Header("Location"),
              StartsWith("/login?redirect_url=/apps/oauth2/authorize?response_type%3Dcode%26"));
  const WholeAnswer page = Approach(browser, query);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("<strong>Open &lt;Project&gt;</strong>"));
  EXPECT_THAT(page.body, HasSubstr("the account <strong>alice</strong>"));
  EXPECT_THAT(page.body, HasSubstr("sent back to https://op.example:8443."));
  EXPECT_THAT(page.Header("Content-Security-Policy"),
              HasSubstr("form-action 'self' nc: https://op.example:8443;"));
  EXPECT_EQ(page.Header("X-Frame-Options"), "DENY");
  const WholeAnswer back = browser.Submit(kConsent, {{"decision", "allow"}});
  EXPECT_EQ(back.status, 303);
  const std::string start = std::string(kCallback) + "?state=gold-state&code=";
  ASSERT_THAT(back.Header("Location"), StartsWith(start));

  const std::string code = back.Header("Location").substr(start.size());
  const WholeAnswer answer = Ask(ByCode(code));
  const std::string access = Member(answer, "access_token");
  const std::string refresh = Member(answer, "refresh_token");
  EXPECT_EQ(answer.body, "{\"access_token\":\"" + access +
                             "\",\"token_type\":\"Bearer\",\"expires_in\":3600,"
                             "\"refresh_token\":\"" +
                             refresh + "\",\"user_id\":\"alice\"}");
  EXPECT_EQ(answer.Header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(answer.Header("Cache-Control"), "no-cache, no-store, must-revalidate");
  EXPECT_TRUE(Bears(access));

  const WholeAnswer renewed = Ask(ByRefresh(refresh));
  EXPECT_TRUE(Bears(Member(renewed, "access_token")));
  EXPECT_FALSE(Bears(access));
  ExpectRefused(Ask(ByRefresh(refresh)), "invalid_request");
  EXPECT_FALSE(Bears(Member(renewed, "access_token")));  // somebody has stolen it
}

TEST_F(OAuthPagesTest, WhoIsLoggedInIsAskedAtOnce) {
  Browser browser(*this);
  browser.LogIn("bob", "bob-password");
  const WholeAnswer page = browser.Get(Query());
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("the account <strong>bob</strong>"));
  const WholeAnswer back = browser.Submit(kConsent, {{"decision", "allow"}});
  EXPECT_THAT(back.Header("Location"), StartsWith(std::string(kCallback) + "?code="));
}

TEST_F(OAuthPagesTest, ToDenyGivesNothing) {
  Browser browser(*this);
  Approach(browser, Query({{"state", "s"}}));
  const std::string refused = std::string(kCallback) + "?error=access_denied&state=s";
  EXPECT_EQ(browser.Submit(kConsent, {{"decision", "deny"}}).Header("Location"), refused);
  EXPECT_EQ(browser.Submit(kConsent, {}).Header("Location"), refused);
}

TEST_F(OAuthPagesTest, NobodyIsSentAnywhereElse) {
  Browser browser(*this);
  browser.LogIn("alice", "alice-password");
  const std::string base = std::string(kCallback);
  for (const std::string& target :
       {std::string("https://evil.example/"), base + "/", base + "?", base + "#", base + "/../x",
        base + "@evil.example", std::string("https://op.example/callback"),
        std::string("https://OP.example:8443/callback"), std::string("//op.example:8443/callback"),
        std::string("javascript:alert(1)"), base + "%0d%0aX: y"}) {
    for (const std::string type : {"code", "token"}) {
      const WholeAnswer answer =
          browser.Get(Query({{"redirect_uri", target}, {"response_type", type}}));
      EXPECT_EQ(answer.status, 400) << target;
      EXPECT_FALSE(answer.headers.Has("Location")) << target;
      EXPECT_THAT(answer.body, Not(HasSubstr("evil"))) << target;
    }
  }
  for (const std::string& query :
       {std::string(kConsent), std::string(kConsent) + "?response_type=code&client_id=x&state=s",
        Query() + "&client_id=" + client_.identifier, Query() + "&state=a&state=b",
        Query({{"redirect_uri", base}}) + "&redirect_uri=https%3A%2F%2Fevil.example%2F"}) {
    EXPECT_EQ(browser.Get(query).status, 400) << query;
  }
  // The form is read as strictly as the link.
  browser.Get(Query());
  const WholeAnswer answer =
      browser.Submit(kConsent, {{"decision", "allow"},
                                {"request", "response_type=code&client_id=" + client_.identifier +
                                                "&redirect_uri=https%3A%2F%2Fevil.example%2F"}});
  EXPECT_EQ(answer.status, 400);
}

TEST_F(OAuthPagesTest, OtherMistakesGoBackToTheClient) {
  const std::string base = std::string(kCallback);
  EXPECT_EQ(
      Send("GET", Query({{"response_type", "token"}, {"state", "gold-state"}})).Header("Location"),
      base + "?error=unsupported_response_type&state=gold-state");
  EXPECT_EQ(Send("GET", Query({{"response_type", ""}})).Header("Location"),
            base + "?error=unsupported_response_type");
  const std::string invalid = base + "?error=invalid_request";
  const std::string challenge(43, 'c');
  for (const Fields& fields :
       {Fields{{"code_challenge", "short"}},
        Fields{{"code_challenge", challenge}, {"code_challenge_method", "S512"}},
        Fields{{"code_challenge", challenge + "c"}, {"code_challenge_method", "S256"}},
        Fields{{"code_challenge_method", "S256"}}}) {
    EXPECT_EQ(Send("GET", Query(fields)).Header("Location"), invalid);
  }
  const std::string state(3000, 's');
  EXPECT_EQ(Send("GET", Query({{"state", state}})).Header("Location"), invalid + "&state=" + state);
}

TEST_F(OAuthPagesTest, TheStateComesBackUntouched) {
  std::string state = "a b&c=d#e\"<>'%0d%0a+/?\r\n\xc3\xa4";
  state.append(1, '\0').append("\xff end");
  Browser browser(*this);
  Approach(browser, Query({{"state", state}}));
  EXPECT_THAT(browser.page(), Not(HasSubstr("\xff")));
  const std::string location = browser.Submit(kConsent, {{"decision", "allow"}}).Header("Location");
  EXPECT_EQ(location.find_first_of(" \"<>'\r\n#"), std::string::npos) << location;
  const http::Form back = http::Form::Parse(location.substr(location.find('?') + 1));
  EXPECT_EQ(back.Last("state"), state);
  EXPECT_EQ(back.fields().size(), 2u);
}

TEST_F(OAuthPagesTest, ParametersGoBehindTheClientsOwnQuery) {
  client_ = Register("https://op.example/callback?provider=cairn");
  Browser browser(*this);
  Approach(browser, Query({{"state", "s"}}));
  EXPECT_THAT(browser.Submit(kConsent, {{"decision", "allow"}}).Header("Location"),
              StartsWith("https://op.example/callback?provider=cairn&state=s&code="));
}

TEST_F(OAuthPagesTest, NativeProgramsHaveTheirOwnScheme) {
  client_ = Register("org.example.app:/back");
  Browser browser(*this);
  const WholeAnswer page = Approach(browser, Query());
  EXPECT_THAT(page.Header("Content-Security-Policy"),
              HasSubstr("form-action 'self' nc: org.example.app:;"));
  EXPECT_THAT(browser.Submit(kConsent, {{"decision", "allow"}}).Header("Location"),
              StartsWith("org.example.app:/back?code="));
}

TEST_F(OAuthPagesTest, AgreeingNeedsTheFormOfThisBrowser) {
  Browser browser(*this);
  Approach(browser, Query());
  Browser stranger(*this);
  stranger.LogIn("bob", "bob-password");
  stranger.Get(Query());
  const std::size_t at = stranger.page().find("name=\"requesttoken\" value=\"") + 27;
  for (const std::string& token :
       {std::string(), std::string("x"), stranger.page().substr(at, 64)}) {
    browser.Get(Query());
    const Fields fields{{"decision", "allow"}, {"requesttoken", token}};
    EXPECT_EQ(browser.Submit(kConsent, fields).status, 403);
  }
  EXPECT_EQ(stranger.Submit(kConsent, {{"decision", "allow"}}).status, 303);
  // Without a session there is nothing to agree with.
  const WholeAnswer anonymous = Send("POST", kConsent, {}, "decision=allow");
  EXPECT_EQ(anonymous.status, 303);
  EXPECT_THAT(anonymous.Header("Location"), StartsWith("/login"));
}

TEST_F(OAuthPagesTest, ACrossSitePostIsRefusedWhateverItBrings) {
  Browser browser(*this);
  const WholeAnswer page = Approach(browser, Query());
  const std::size_t at = page.body.find("name=\"requesttoken\" value=\"") + 27;
  const Fields fields{{"requesttoken", page.body.substr(at, 64)},
                      {"request", Query().substr(kConsent.size() + 1)},
                      {"decision", "allow"}};
  EXPECT_EQ(browser.Post(kConsent, fields, {{"Sec-Fetch-Site", "cross-site"}}).status, 403);
  EXPECT_EQ(browser.Post(kConsent, fields, {{"Sec-Fetch-Site", "same-origin"}}).status, 303);
}

TEST_F(OAuthPagesTest, ANewPasswordEndsAConsentUnderWay) {
  Browser browser(*this);
  Approach(browser, Query());
  const std::string code = Code();
  ASSERT_TRUE(users_.SetPassword(IdOf("alice"), "another password").has_value());
  EXPECT_THAT(browser.Submit(kConsent, {{"decision", "allow"}}).Header("Location"),
              StartsWith("/login"));
  ExpectRefused(Ask(ByCode(code)), "invalid_request");
}

TEST_F(OAuthPagesTest, APasswordAloneAgreesToNothingWhereASecondFactorIsAskedFor) {
  const auto secret = second_factors_.BeginTotp(IdOf("alice"));
  ASSERT_TRUE(secret.has_value());
  const auto now = [&] { return support::TotpCode(*secret, clock_.NowSeconds()); };
  ASSERT_TRUE(second_factors_.ConfirmTotp(IdOf("alice"), now()).has_value());
  clock_.Advance(30s);
  Browser browser(*this);
  browser.Visit(Query({{"state", "a&b=c"}}));
  const WholeAnswer in =
      browser.Submit("/login", {{"user", "alice"}, {"password", "alice-password"}});
  const std::string challenge = in.Header("Location");
  EXPECT_THAT(challenge, StartsWith("/login/challenge?"));
  EXPECT_THAT(browser.Get(Query()).Header("Location"), StartsWith("/login"));
  browser.Get(challenge);
  const WholeAnswer code = browser.Submit("/login/challenge", {{"code", now()}});
  const WholeAnswer page = browser.Get(code.Header("Location"));
  EXPECT_THAT(page.body, HasSubstr("the account <strong>alice</strong>"));
  EXPECT_THAT(browser.Submit(kConsent, {{"decision", "allow"}}).Header("Location"),
              StartsWith(std::string(kCallback) + "?state=a%26b%3Dc&code="));
}

TEST_F(OAuthPagesTest, ProofKeys) {
  const std::string verifier(64, 'v');
  const std::string plain = verifier;
  std::string s256 = ToBase64(Sha256(verifier));
  s256.erase(s256.find('='));
  std::replace(s256.begin(), s256.end(), '+', '-');
  std::replace(s256.begin(), s256.end(), '/', '_');
  for (const Fields& challenge :
       {Fields{{"code_challenge", s256}, {"code_challenge_method", "S256"}},
        Fields{{"code_challenge", plain}, {"code_challenge_method", "plain"}},
        Fields{{"code_challenge", plain}}}) {
    Fields fields = ByCode({});
    for (const std::string& wrong : {std::string(), std::string(64, 'w'), s256 + "="}) {
      Browser browser(*this);
      fields["code"] = CodeFor(browser, challenge);
      fields["code_verifier"] = wrong;
      ExpectRefused(Ask(fields), "invalid_grant");
    }
    Browser browser(*this);
    fields["code"] = CodeFor(browser, challenge);
    fields["code_verifier"] = verifier;
    EXPECT_EQ(Ask(fields).status, 200);
  }
  Fields fields = ByCode(Code());
  fields["code_verifier"] = verifier;
  ExpectRefused(Ask(fields), "invalid_grant");
}

TEST_F(OAuthPagesTest, TheTokenEndpointAnswersAsRecorded) {
  ExpectRefused(Ask({{"grant_type", "authorization_code"}, {"code", "abc"}}), "invalid_request");
  ExpectRefused(Ask({{"grant_type", "password"}, {"username", "a"}}), "invalid_grant");
  ExpectRefused(Ask({{"grant_type", "authorization_code"},
                     {"code", "abc"},
                     {"client_id", "x"},
                     {"client_secret", "y"}}),
                "invalid_request");
  ExpectRefused(Ask({{"grant_type", "refresh_token"},
                     {"refresh_token", "abc"},
                     {"client_id", "x"},
                     {"client_secret", "y"}}),
                "invalid_request");
  const WholeAnswer empty = Ask({});
  EXPECT_EQ(empty.status, 400);
  EXPECT_EQ(empty.body, "");
  EXPECT_EQ(empty.Header("Content-Type"), "text/html; charset=UTF-8");

  const std::string code = Code();
  Fields wrong = ByCode(code);
  wrong["client_secret"] = "wrong";
  ExpectRefused(Ask(wrong), "invalid_client");
  const std::string access = Member(Ask(ByCode(code)), "access_token");
  ExpectRefused(Ask(ByCode(code)), "invalid_request");
  EXPECT_FALSE(Bears(access));
  EXPECT_EQ(Send("GET", kToken).status, 405);
}

TEST_F(OAuthPagesTest, TheClientMayNameItselfInTheHeader) {
  const std::string basic = "Basic " + ToBase64(client_.identifier + ":" + client_.secret);
  Fields fields{{"grant_type", "authorization_code"},
                {"code", Code()},
                {"redirect_uri", std::string(kCallback)},
                {"client_secret", "of no use"}};
  EXPECT_EQ(Ask(fields, {{"Authorization", basic}}).status, 200);
  fields["code"] = Code();
  const std::string wrong = "Basic " + ToBase64(client_.identifier + ":x");
  ExpectRefused(Ask(fields, {{"Authorization", wrong}}), "invalid_client");
  fields["redirect_uri"] = "https://evil.example/";
  ExpectRefused(Ask(fields, {{"Authorization", basic}}), "invalid_grant");
}

TEST_F(OAuthPagesTest, CodesLiveForTenMinutes) {
  const std::string code = Code();
  clock_.Advance(10min);
  ExpectRefused(Ask(ByCode(code)), "invalid_request");
}

TEST_F(OAuthPagesTest, RevokedInTheSettingsIsRevoked) {
  Browser browser(*this);
  const WholeAnswer answer = Ask(ByCode(CodeFor(browser)));
  browser.Get("/settings/user");
  EXPECT_THAT(browser.page(), HasSubstr("Revoke Open &lt;Project&gt;"));
  EXPECT_EQ(browser.Submit("/settings/user/devices/end", {{"what", "revoke"}}).status, 303);
  EXPECT_FALSE(Bears(Member(answer, "access_token")));
  ExpectRefused(Ask(ByRefresh(Member(answer, "refresh_token"))), "invalid_request");
}

TEST_F(OAuthPagesTest, MissesAreThrottledAndGoodOnesAreNot) {
  std::string refresh = Member(Ask(ByCode(Code())), "refresh_token");
  int misses = 0;
  for (int i = 0; i < 100; ++i)
    misses += Ask(ByRefresh(std::string(128, 'x'))).status == 400 ? 1 : 0;
  EXPECT_EQ(misses, 60);
  const WholeAnswer refused = Ask(ByCode("guess"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "60");
  for (int i = 0; i < 5; ++i) refresh = Member(Ask(ByRefresh(refresh)), "refresh_token");
}

TEST_F(OAuthPagesTest, LinksLeadBelowTheSubPath) {
  services_.public_url = "https://cloud.example/nextcloud";
  EXPECT_THAT(Send("GET", Query()).Header("Location"),
              StartsWith("/nextcloud/login?redirect_url=/apps/oauth2/authorize?"));
}

}  // namespace
}  // namespace cairn::web
