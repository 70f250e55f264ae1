#include "auth/oauth.h"

#include <thread>

#include "auth/redirect_uri.h"
#include "tests/auth/auth_case.h"

namespace cairn::auth {
namespace {

using namespace std::chrono_literals;
using storage::Table;

// RFC 7636, appendix B.
constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr std::string_view kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

class OAuthTest : public AuthCase {
 protected:
  OAuthTest() { alice_ = Add("Alice"); }

  OAuthCredentials Client(std::string_view name = "OpenProject") {
    auto made = oauth_.Add(name, "https://op.example/callback");
    EXPECT_TRUE(made.has_value());
    return {made->client.identifier(), made->secret};
  }
  std::string Code(const OAuthCredentials& client, const OAuthChallenge& challenge = {}) {
    auto code = oauth_.Grant({client.identifier, alice_, Record("alice")->version(), challenge});
    EXPECT_TRUE(code.has_value());
    return code.has_value() ? *code : std::string();
  }
  OAuthAnswer Exchange(const OAuth::Exchanged& given) {
    auto answer = oauth_.Exchange(given);
    EXPECT_TRUE(answer.has_value());
    return answer.has_value() ? *answer : OAuthAnswer();
  }
  OAuthAnswer Refresh(const OAuthCredentials& client, std::string_view token) {
    auto answer = oauth_.Refresh(client, token);
    EXPECT_TRUE(answer.has_value());
    return answer.has_value() ? *answer : OAuthAnswer();
  }
  OAuthTokens Connect(const OAuthCredentials& client) {
    const OAuthAnswer answer = Exchange({client, Code(client)});
    EXPECT_TRUE(answer.tokens);
    return answer.tokens.value_or(OAuthTokens());
  }
  bool Opens(std::string_view access_token) {
    return authenticator_.CheckSlow({"Bearer " + std::string(access_token)}, *View()).has_value();
  }

  OAuth oauth_{engine_.kv(), clock_, random_};
  UserId alice_{};
};

TEST_F(OAuthTest, ACodeBecomesAnAccess) {
  const OAuthCredentials client = Client();
  const std::string code = Code(client);
  EXPECT_EQ(Rows(Table::kTokens), 0u);  // none lies in wait
  const OAuthAnswer answer = Exchange({client, code, "https://op.example/callback"});
  ASSERT_TRUE(answer.tokens);
  EXPECT_EQ(answer.tokens->user, "Alice");
  EXPECT_EQ(answer.tokens->client, "OpenProject");
  EXPECT_EQ(answer.tokens->refresh_token.size(), OAuth::kRefreshLength);
  EXPECT_TRUE(Opens(answer.tokens->access_token));
  EXPECT_FALSE(Opens(answer.tokens->refresh_token));
  EXPECT_TRUE(
      authenticator_.CheckSlow({Basic("alice", answer.tokens->access_token)}, *View()).has_value());
  const auto listed = app_passwords_.List(*View(), alice_);
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->front().name(), "OpenProject");
  clock_.Advance(1h - 1s);
  EXPECT_TRUE(Opens(answer.tokens->access_token));
  clock_.Advance(1s);
  EXPECT_FALSE(Opens(answer.tokens->access_token));
}

TEST_F(OAuthTest, ACodeLivesForTenMinutes) {
  const OAuthCredentials client = Client();
  const std::string early = Code(client);
  const std::string late = Code(client);
  clock_.Advance(10min - 1s);
  EXPECT_TRUE(Exchange({client, early}).tokens);
  clock_.Advance(1s);
  const OAuthAnswer answer = Exchange({client, late});
  EXPECT_FALSE(answer.tokens);
  EXPECT_EQ(answer.refusal, OAuthRefusal::kUnknown);
  EXPECT_EQ(*oauth_.ExpireStep(10), 2u);
  EXPECT_EQ(Rows(Table::kOAuthGrants), 1u);  // what renews the access stays
  EXPECT_EQ(Rows(Table::kTokens), 1u);
}

TEST_F(OAuthTest, ACodeThatComesTwiceEndsTheAccess) {
  const OAuthCredentials client = Client();
  const std::string code = Code(client);
  const OAuthTokens tokens = *Exchange({client, code}).tokens;
  ASSERT_TRUE(Opens(tokens.access_token));
  // A stranger who has seen the code ends nothing.
  const OAuthCredentials other = Client("other");
  EXPECT_EQ(Exchange({other, code}).refusal, OAuthRefusal::kWrongClient);
  EXPECT_TRUE(Opens(tokens.access_token));
  const OAuthAnswer again = Exchange({client, code});
  EXPECT_FALSE(again.tokens);
  EXPECT_EQ(again.stolen_from, "Alice");
  EXPECT_FALSE(Opens(tokens.access_token));
  EXPECT_FALSE(Refresh(client, tokens.refresh_token).tokens);
  EXPECT_EQ(Rows(Table::kTokens) + Rows(Table::kUserTokens) + Rows(Table::kOAuthGrants), 0u);
}

TEST_F(OAuthTest, ParallelExchangesGiveOne) {
  const OAuthCredentials client = Client();
  const std::string code = Code(client);
  std::atomic<int> got = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { got += Exchange({client, code}).tokens ? 1 : 0; });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(got, 1);
  EXPECT_EQ(Rows(Table::kTokens), 0u);  // seven of them look like theft
}

TEST_F(OAuthTest, ParallelRefreshesGiveOne) {
  const OAuthCredentials client = Client();
  const OAuthTokens tokens = Connect(client);
  std::atomic<int> got = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { got += Refresh(client, tokens.refresh_token).tokens ? 1 : 0; });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(got, 1);
}

TEST_F(OAuthTest, TheClientMustProveItself) {
  const OAuthCredentials client = Client();
  const OAuthCredentials other = Client("other");
  const std::string code = Code(client);
  for (const OAuthCredentials& wrong :
       {OAuthCredentials{client.identifier, "wrong"}, OAuthCredentials{client.identifier, ""},
        OAuthCredentials{other.identifier, client.secret}, OAuthCredentials{"", client.secret},
        other, OAuthCredentials{}}) {
    EXPECT_EQ(Exchange({wrong, code}).refusal, OAuthRefusal::kWrongClient);
  }
  const OAuthTokens tokens = *Exchange({client, code}).tokens;  // none of them has spent it
  EXPECT_EQ(Refresh(other, tokens.refresh_token).refusal, OAuthRefusal::kWrongClient);
  EXPECT_TRUE(Refresh(client, tokens.refresh_token).tokens);
  EXPECT_EQ(Exchange({client, "abc"}).refusal, OAuthRefusal::kUnknown);
  EXPECT_EQ(Exchange({client, std::string(kSecretLength, 'x')}).refusal, OAuthRefusal::kUnknown);
}

TEST_F(OAuthTest, TheProofMustFitAndOneTryIsAll) {
  const OAuthCredentials client = Client();
  const OAuthChallenge s256{std::string(kChallenge), storage::OAUTH_S256};
  const OAuthChallenge plain{std::string(kVerifier), storage::OAUTH_PLAIN};
  const std::string verifier(kVerifier);
  const std::string wrong(43, 'w');
  EXPECT_TRUE(Exchange({client, Code(client, s256), {}, verifier}).tokens);
  EXPECT_TRUE(Exchange({client, Code(client, plain), {}, verifier}).tokens);
  const std::size_t tokens = Rows(Table::kTokens);
  struct Case {
    OAuthChallenge challenge;
    std::optional<std::string> verifier;
    std::optional<std::string> redirect_uri = {};
  };
  for (const Case& c :
       {Case{s256, wrong}, Case{s256, {}}, Case{s256, std::string(kChallenge)},
        Case{s256, verifier + "="}, Case{plain, wrong}, Case{plain, {}}, Case{{}, verifier},
        Case{{}, {}, "https://op.example/callback/"}, Case{{}, {}, "https://evil.example/"}}) {
    const std::string code = Code(client, c.challenge);
    EXPECT_EQ(Exchange({client, code, c.redirect_uri, c.verifier}).refusal,
              OAuthRefusal::kWrongProof);
    EXPECT_FALSE(Exchange({client, code, {}, verifier}).tokens);
  }
  EXPECT_EQ(Rows(Table::kTokens), tokens);
}

TEST_F(OAuthTest, ChallengesAreThoseOfTheRfc) {
  EXPECT_EQ(ChallengeOf(kVerifier, storage::OAUTH_S256), kChallenge);
  EXPECT_EQ(ChallengeOf(kVerifier, storage::OAUTH_PLAIN), kVerifier);
  EXPECT_EQ(ChallengeOf(kVerifier, storage::OAUTH_NO_CHALLENGE), std::nullopt);
  EXPECT_EQ(ChallengeOf(std::string(42, 'a'), storage::OAUTH_S256), std::nullopt);
  EXPECT_EQ(ChallengeOf(std::string(129, 'a'), storage::OAUTH_S256), std::nullopt);
  EXPECT_TRUE(IsChallenge({}));
  EXPECT_TRUE(IsChallenge({std::string(128, 'a'), storage::OAUTH_PLAIN}));
  EXPECT_FALSE(IsChallenge({std::string(44, 'a'), storage::OAUTH_S256}));
  EXPECT_FALSE(IsChallenge({std::string(43, '+'), storage::OAUTH_S256}));
  EXPECT_FALSE(IsChallenge({"", storage::OAUTH_S256}));
  EXPECT_EQ(CodeOf(oauth_.Grant({Client().identifier,
                                 alice_,
                                 Record("alice")->version(),
                                 {"short", storage::OAUTH_PLAIN}})),
            ErrorCode::kInvalidArgument);
}

TEST_F(OAuthTest, ARefreshGivesNewSecretsAndEndsTheOldOnes) {
  const OAuthCredentials client = Client();
  const OAuthTokens first = Connect(client);
  clock_.Advance(2h);  // the access token has expired
  ASSERT_EQ(*app_passwords_.ExpireStep(10), 0u);
  const OAuthTokens second = *Refresh(client, first.refresh_token).tokens;
  EXPECT_NE(second.access_token, first.access_token);
  EXPECT_NE(second.refresh_token, first.refresh_token);
  EXPECT_TRUE(Opens(second.access_token));
  const OAuthTokens third = *Refresh(client, second.refresh_token).tokens;
  EXPECT_FALSE(Opens(first.access_token));
  EXPECT_FALSE(Opens(second.access_token));
  EXPECT_TRUE(Opens(third.access_token));
  EXPECT_EQ(app_passwords_.List(*View(), alice_)->size(), 1u);  // one device all the time
}

TEST_F(OAuthTest, ARefreshTokenThatComesTwiceEndsTheAccess) {
  const OAuthCredentials client = Client();
  const OAuthTokens first = Connect(client);
  const OAuthTokens second = *Refresh(client, first.refresh_token).tokens;
  const OAuthTokens third = *Refresh(client, second.refresh_token).tokens;
  const OAuthAnswer again = Refresh(client, first.refresh_token);
  EXPECT_FALSE(again.tokens);
  EXPECT_EQ(again.refusal, OAuthRefusal::kUnknown);
  EXPECT_EQ(again.stolen_from, "Alice");
  EXPECT_FALSE(Opens(third.access_token));
  EXPECT_FALSE(Refresh(client, third.refresh_token).tokens);
  EXPECT_EQ(Rows(Table::kTokens) + Rows(Table::kUserTokens), 0u);
}

TEST_F(OAuthTest, UnusedForNinetyDaysIsOver) {
  const OAuthCredentials client = Client();
  const OAuthTokens used = Connect(client);
  const OAuthTokens unused = Connect(client);
  clock_.Advance(24h * 60);
  const OAuthTokens renewed = *Refresh(client, used.refresh_token).tokens;
  clock_.Advance(24h * 30 - 1s);
  EXPECT_EQ(*app_passwords_.ExpireStep(10), 0u);
  clock_.Advance(1s);
  EXPECT_FALSE(Refresh(client, unused.refresh_token).tokens);
  EXPECT_EQ(*app_passwords_.ExpireStep(10), 1u);
  EXPECT_EQ(*oauth_.ExpireStep(10), 3u);  // two codes, one renewal
  EXPECT_EQ(*oauth_.ExpireStep(10), 0u);
  EXPECT_TRUE(Refresh(client, renewed.refresh_token).tokens);
}

TEST_F(OAuthTest, WhatIsRevokedIsNotRenewed) {
  const OAuthCredentials client = Client();
  const OAuthTokens tokens = Connect(client);
  const TokenId id{app_passwords_.List(*View(), alice_)->front().id()};
  ASSERT_TRUE(app_passwords_.Delete(alice_, id).has_value());
  EXPECT_FALSE(Opens(tokens.access_token));
  EXPECT_FALSE(Refresh(client, tokens.refresh_token).tokens);
  EXPECT_EQ(Rows(Table::kTokens), 0u);
}

TEST_F(OAuthTest, WhatIsToBeWipedIsNotRenewed) {
  const OAuthCredentials client = Client();
  const OAuthTokens tokens = Connect(client);
  ASSERT_TRUE(app_passwords_.OrderWipe(alice_, std::nullopt).has_value());
  EXPECT_FALSE(Refresh(client, tokens.refresh_token).tokens);
  EXPECT_TRUE(app_passwords_.ToBeWiped(*View(), tokens.access_token)->has_value());
}

TEST_F(OAuthTest, ADisabledUserGivesNothing) {
  const OAuthCredentials client = Client();
  const OAuthTokens tokens = Connect(client);
  const std::string code = Code(client);
  const std::uint64_t version = Record("alice")->version();
  ASSERT_TRUE(users_.SetDisabled(alice_, true).has_value());
  EXPECT_FALSE(Opens(tokens.access_token));
  EXPECT_FALSE(Refresh(client, tokens.refresh_token).tokens);
  EXPECT_EQ(CodeOf(oauth_.Grant({client.identifier, alice_, version})),
            ErrorCode::kUnauthenticated);
  ASSERT_TRUE(users_.SetDisabled(alice_, false).has_value());
  EXPECT_FALSE(Exchange({client, code}).tokens);  // of before
  EXPECT_TRUE(Refresh(client, tokens.refresh_token).tokens);
}

TEST_F(OAuthTest, ADeletedUserLeavesNothing) {
  const OAuthCredentials client = Client();
  const OAuthTokens tokens = Connect(client);
  const std::string code = Code(client);
  ASSERT_TRUE(users_.Delete(alice_).has_value());
  while (users_.PurgeStep(10).value() > 0) continue;
  EXPECT_FALSE(Opens(tokens.access_token));
  EXPECT_FALSE(Refresh(client, tokens.refresh_token).tokens);
  EXPECT_FALSE(Exchange({client, code}).tokens);
  Add("alice");  // somebody else by the same name
  EXPECT_FALSE(Refresh(client, tokens.refresh_token).tokens);
  clock_.Advance(10min);
  ASSERT_TRUE(oauth_.ExpireStep(100).has_value());
  EXPECT_EQ(Rows(Table::kOAuthGrants) + Rows(Table::kTokens), 0u);
}

TEST_F(OAuthTest, ANewPasswordEndsCodesAndKeepsTokens) {
  const OAuthCredentials client = Client();
  const OAuthTokens tokens = Connect(client);
  const std::string code = Code(client);
  const std::uint64_t version = Record("alice")->version();
  ASSERT_TRUE(users_.SetPassword(alice_, "another one").has_value());
  EXPECT_TRUE(Opens(tokens.access_token));
  EXPECT_TRUE(Refresh(client, tokens.refresh_token).tokens);
  EXPECT_FALSE(Exchange({client, code}).tokens);
  EXPECT_EQ(CodeOf(oauth_.Grant({client.identifier, alice_, version})),
            ErrorCode::kUnauthenticated);
}

TEST_F(OAuthTest, ARemovedClientTakesItsAccessAlong) {
  const OAuthCredentials client = Client();
  const OAuthCredentials other = Client("other");
  const OAuthTokens ended = Connect(client);
  const OAuthTokens kept = Connect(other);
  const std::string code = Code(client);
  ASSERT_TRUE(oauth_.Remove(client.identifier).has_value());
  EXPECT_FALSE(Opens(ended.access_token));
  EXPECT_FALSE(Refresh(client, ended.refresh_token).tokens);
  EXPECT_FALSE(Exchange({client, code}).tokens);
  EXPECT_EQ(CodeOf(oauth_.Grant({client.identifier, alice_, Record("alice")->version()})),
            ErrorCode::kNotFound);
  EXPECT_TRUE(Opens(kept.access_token));
  EXPECT_EQ(CodeOf(oauth_.Remove(client.identifier)), ErrorCode::kNotFound);
  EXPECT_EQ(oauth_.List(*View())->size(), 1u);
  EXPECT_EQ(oauth_.List(*View())->front().name(), "other");
  EXPECT_EQ(oauth_.Add("third", "https://op.example/")->client.id(), 3u);
}

TEST_F(OAuthTest, TheStoreHasNoSecret) {
  const OAuthCredentials client = Client();
  const OAuthChallenge plain{std::string(kVerifier), storage::OAUTH_PLAIN};
  const std::string code = Code(client, plain);
  const OAuthTokens tokens = Connect(client);
  const std::vector<std::string> secrets = {client.secret,
                                            code,
                                            std::string(kVerifier),
                                            tokens.access_token,
                                            tokens.refresh_token.substr(0, kSecretLength),
                                            tokens.refresh_token.substr(kSecretLength)};
  for (const Table table :
       {Table::kOAuthClients, Table::kOAuthGrants, Table::kTokens, Table::kUserTokens}) {
    auto search = [&](std::string_view key, std::string_view value) {
      for (const std::string& secret : secrets) {
        EXPECT_EQ(key.find(secret), std::string_view::npos);
        EXPECT_EQ(value.find(secret), std::string_view::npos);
      }
      return true;
    };
    ASSERT_TRUE(View()->Scan(table, {}, {}, search).has_value());
  }
}

TEST(RedirectUri, WhereBrowsersMayBeSent) {
  for (const std::string_view good :
       {"https://op.example/callback", "http://127.0.0.1:9/cb", "https://op.example",
        "https://op.example:8443/a?b=c&d=%20", "http://[::1]:8080/", "org.example.app:/back",
        "myapp://back/here"})
    EXPECT_TRUE(CheckRedirectUri(good).has_value()) << good;
  const std::string too_long = "https://op.example/" + std::string(kMaxRedirectUri, 'a');
  const std::vector<std::string_view> all_bad = {"",
                                                 "/callback",
                                                 "//op.example/",
                                                 "op.example/callback",
                                                 "https:op.example",
                                                 "https:///x",
                                                 "https:/op.example/",
                                                 "https://user@op.example/",
                                                 "https://op.example:x/",
                                                 "https://op.example:0/",
                                                 "https://op.example:70000/",
                                                 "https://op.example/#x",
                                                 "https://op.example/a b",
                                                 "https://op.example/\r\nX: y",
                                                 "https://op.ex\xc3\xa4mple/",
                                                 "https://op.example\\@evil/",
                                                 "https://a;b/",
                                                 "https://a,b/",
                                                 "javascript:/x",
                                                 "JavaScript://x/%0aalert(1)",
                                                 "data:/text",
                                                 "file:///etc/passwd",
                                                 "vbscript:/x",
                                                 "myapp:back",
                                                 "1app:/x",
                                                 ":/x",
                                                 "https://[::1/",
                                                 too_long};
  for (const std::string_view bad : all_bad) EXPECT_TRUE(CheckRedirectUri(bad).has_error()) << bad;
}

TEST(RedirectUri, WhatAPolicyCallsThePlace) {
  EXPECT_EQ(PolicySource("https://Op.example:8443/a?b"), "https://op.example:8443");
  EXPECT_EQ(PolicySource("https://op.example?b"), "https://op.example");
  EXPECT_EQ(PolicySource("http://[::1]:8080/"), "http:");
  EXPECT_EQ(PolicySource("org.example.app:/back"), "org.example.app:");
  EXPECT_EQ(PolicySource("myapp://back;script-src/"), "myapp:");
}

TEST(RedirectUri, ParametersGoBehindAQuery) {
  EXPECT_EQ(WithParameters("https://a/b", "c=d"), "https://a/b?c=d");
  EXPECT_EQ(WithParameters("https://a/b?", "c=d"), "https://a/b?c=d");
  EXPECT_EQ(WithParameters("https://a/b?x=y", "c=d"), "https://a/b?x=y&c=d");
  EXPECT_EQ(WithParameters("https://a/b?x=y&", "c=d"), "https://a/b?x=y&c=d");
  EXPECT_EQ(WithParameters("https://a/b", ""), "https://a/b");
}

}  // namespace
}  // namespace cairn::auth
