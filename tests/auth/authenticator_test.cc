#include "auth/authenticator.h"

#include "tests/auth/auth_case.h"

namespace cairn::auth {
namespace {

using namespace std::chrono_literals;

class AuthenticatorTest : public AuthCase {
 protected:
  AuthenticatorTest() : AuthCase({.remembered_logins = 10, .remembered_refusals = 10}) {}

  std::optional<Result<Principal>> Fast(std::string_view header) {
    return authenticator_.CheckFast({std::string(header)}, *View());
  }
  Result<Principal> Slow(std::string_view header) {
    return authenticator_.CheckSlow({std::string(header)}, *View());
  }
  // Known or refused without a hash.
  bool IsFast(std::string_view header) { return Fast(header).has_value(); }
  bool IsLetIn(std::string_view header) { return Slow(header).has_value(); }
};

TEST_F(AuthenticatorTest, PasswordIsHashedOnceThenKnown) {
  const UserId id = Add("Alice");
  ASSERT_TRUE(users_.SetDisplayName(id, "Alice L.").has_value());
  const std::string header = Basic("alice", "secret");
  EXPECT_FALSE(IsFast(header));
  const auto slow = Slow(header);
  ASSERT_TRUE(slow.has_value());
  EXPECT_EQ(slow->caller.user, id);
  EXPECT_EQ(slow->caller.user_name, "Alice");
  EXPECT_FALSE(slow->caller.token);
  EXPECT_EQ(slow->display_name, "Alice L.");
  EXPECT_EQ(slow->home, SpaceId{Record("alice")->space()});
  EXPECT_FALSE(slow->app_password);
  EXPECT_FALSE(slow->admin);
  const auto fast = Fast(header);
  ASSERT_TRUE(fast && fast->has_value());
  EXPECT_EQ((*fast)->caller.user, id);
}

TEST_F(AuthenticatorTest, AppPasswordNeedsNoHash) {
  const UserId id = Add("alice");
  const auto made = AddToken(id, "phone");
  const auto fast = Fast(Basic("ALICE", made.secret));
  ASSERT_TRUE(fast && fast->has_value());
  EXPECT_TRUE((*fast)->app_password);
  EXPECT_EQ((*fast)->caller.token, TokenId{1});
  EXPECT_EQ((*fast)->caller.token_name, "phone");
  EXPECT_EQ((*fast)->caller.user_name, "alice");
}

TEST_F(AuthenticatorTest, AppPasswordOfAnotherUserIsRefused) {
  const auto made = AddToken(Add("alice"));
  Add("bob");
  EXPECT_FALSE(IsLetIn(Basic("bob", made.secret)));
  EXPECT_FALSE(IsLetIn(Basic("nobody", made.secret)));
  EXPECT_TRUE(IsLetIn(Basic("alice", made.secret)));
}

TEST_F(AuthenticatorTest, WrongAndUnknownAreOneAnswer) {
  Add("alice");
  const auto wrong = Slow(Basic("alice", "wrong"));
  const auto unknown = Slow(Basic("nobody", "wrong"));
  ASSERT_TRUE(wrong.has_error() && unknown.has_error());
  EXPECT_EQ(wrong.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(unknown.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(wrong.error().message, unknown.error().message);
}

TEST_F(AuthenticatorTest, NewPasswordEndsTheKnownLogin) {
  const UserId id = Add("alice");
  const std::string header = Basic("alice", "secret");
  ASSERT_TRUE(IsLetIn(header));
  ASSERT_TRUE(users_.SetPassword(id, "other").has_value());
  EXPECT_FALSE(IsFast(header));
  EXPECT_FALSE(IsLetIn(header));
  EXPECT_TRUE(IsLetIn(Basic("alice", "other")));
}

TEST_F(AuthenticatorTest, AppPasswordOutlivesTheLoginPassword) {
  const UserId id = Add("alice");
  const auto made = AddToken(id);
  ASSERT_TRUE(IsLetIn(Basic("alice", made.secret)));
  ASSERT_TRUE(users_.SetPassword(id, "other").has_value());
  EXPECT_TRUE(IsLetIn(Basic("alice", made.secret)));
}

TEST_F(AuthenticatorTest, DisabledAtTheNextRequest) {
  const UserId id = Add("alice");
  const auto made = AddToken(id);
  const std::string headers[] = {Basic("alice", "secret"), Basic("alice", made.secret)};
  for (const auto& header : headers) ASSERT_TRUE(IsLetIn(header));
  ASSERT_TRUE(users_.SetDisabled(id, true).has_value());
  for (const auto& header : headers) EXPECT_FALSE(IsLetIn(header));
  ASSERT_TRUE(users_.SetDisabled(id, false).has_value());
  for (const auto& header : headers) EXPECT_TRUE(IsLetIn(header));
}

TEST_F(AuthenticatorTest, DeletedAtTheNextRequest) {
  const UserId id = Add("alice");
  const auto made = AddToken(id);
  const std::string headers[] = {Basic("alice", "secret"), Basic("alice", made.secret)};
  for (const auto& header : headers) ASSERT_TRUE(IsLetIn(header));
  ASSERT_TRUE(users_.Delete(id).has_value());
  for (const auto& header : headers) EXPECT_FALSE(IsLetIn(header));
  Add("alice", "new");  // another account of the same name
  for (const auto& header : headers) EXPECT_FALSE(IsLetIn(header));
}

TEST_F(AuthenticatorTest, DeletedAndExpiredAppPasswords) {
  const UserId id = Add("alice");
  const auto gone = AddToken(id);
  const auto brief = AddToken(id, "brief", {.expires = clock_.NowSeconds() + 60});
  ASSERT_TRUE(IsLetIn(Basic("alice", gone.secret)));
  ASSERT_TRUE(IsLetIn(Basic("alice", brief.secret)));
  ASSERT_TRUE(app_passwords_.Delete(id, TokenId{gone.token.id()}).has_value());
  clock_.Advance(60s);
  EXPECT_FALSE(IsLetIn(Basic("alice", gone.secret)));
  EXPECT_FALSE(IsLetIn(Basic("alice", brief.secret)));
}

TEST_F(AuthenticatorTest, ARefusedSecretCostsOneHash) {
  const UserId id = Add("alice");
  const std::string header = Basic("alice", "wrong");
  EXPECT_FALSE(IsLetIn(header));
  const auto again = Fast(header);
  ASSERT_TRUE(again);
  EXPECT_EQ(CodeOf(*again), ErrorCode::kUnauthenticated);
  ASSERT_TRUE(users_.SetPassword(id, "wrong").has_value());
  EXPECT_FALSE(IsFast(header));
  EXPECT_TRUE(IsLetIn(header));
}

TEST_F(AuthenticatorTest, ARefusedNameMayBeCreatedLater) {
  const std::string header = Basic("alice", "secret");
  EXPECT_FALSE(IsLetIn(header));
  Add("alice");
  EXPECT_TRUE(IsLetIn(header));
}

TEST_F(AuthenticatorTest, WhatIsRememberedIsBounded) {
  Add("alice");
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(IsLetIn(Basic("alice", "guess" + std::to_string(i))));
  for (int i = 0; i < 50; ++i) {
    Add("user" + std::to_string(i));
    EXPECT_TRUE(IsLetIn(Basic("user" + std::to_string(i), "secret")));
  }
  EXPECT_EQ(authenticator_.remembered(), 20u);
}

TEST_F(AuthenticatorTest, GuessesDoNotPushOutKnownLogins) {
  Add("alice");
  ASSERT_TRUE(IsLetIn(Basic("alice", "secret")));
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(IsLetIn(Basic("alice", "guess" + std::to_string(i))));
  EXPECT_TRUE(IsFast(Basic("alice", "secret")));
}

TEST_F(AuthenticatorTest, AUserWithoutPasswordHasNone) {
  Add("robot", "");
  EXPECT_FALSE(IsLetIn(Basic("robot", "x")));
  EXPECT_FALSE(IsLetIn(Basic("robot", "")));
}

TEST_F(AuthenticatorTest, MalformedHeadersAreRefusedWithoutAHash) {
  Add("alice");
  const std::string headers[] = {"",
                                 "Basic",
                                 "Basic ",
                                 "Basic !!!",
                                 "Digest abc",
                                 "Basic " + ToBase64("alice"),
                                 "Basic " + ToBase64(":secret"),
                                 "Basic " + ToBase64("alice:"),
                                 "Basic " + ToBase64(std::string("al\0ice:secret", 13)),
                                 "Basic " + ToBase64("alice:" + std::string(1025, 'x')),
                                 "Basic " + ToBase64(std::string(300, 'a') + ":x")};
  for (const auto& header : headers) {
    const auto fast = Fast(header);
    ASSERT_TRUE(fast) << header;
    EXPECT_EQ(CodeOf(*fast), ErrorCode::kUnauthenticated) << header;
  }
}

TEST_F(AuthenticatorTest, TheSchemeHasNoLetterCaseAndColonsBelongToThePassword) {
  Add("alice", "a:b:c");
  EXPECT_TRUE(IsLetIn("bASIC " + ToBase64("alice:a:b:c")));
}

TEST_F(AuthenticatorTest, AdminIsReadAnew) {
  const UserId id = Add("alice");
  const std::string header = Basic("alice", "secret");
  ASSERT_FALSE(Slow(header)->admin);
  ASSERT_TRUE(users_.SetAdmin(id, true).has_value());
  EXPECT_TRUE(Slow(header)->admin);
}

TEST_F(AuthenticatorTest, TimesOfUseAreWrittenInBulkAndCoarsely) {
  const UserId id = Add("alice");
  const auto made = AddToken(id);
  const std::string header = Basic("alice", made.secret);
  const auto first = clock_.NowSeconds();
  ASSERT_TRUE(IsLetIn(header));
  EXPECT_EQ(app_passwords_.List(*View(), id)->front().last_used(), 0);
  EXPECT_EQ(authenticator_.last_used().Of(id), first);  // known before it is written
  EXPECT_EQ(authenticator_.last_used().Of(UserId{Raw(id) + 1}), std::nullopt);
  EXPECT_EQ(authenticator_.last_used().Flush(100).value(), 2u);
  EXPECT_EQ(authenticator_.last_used().Of(id), std::nullopt);
  EXPECT_EQ(app_passwords_.List(*View(), id)->front().last_used(), first);
  EXPECT_EQ(Record("alice")->last_login(), first);

  clock_.Advance(299s);
  ASSERT_TRUE(IsLetIn(header));
  EXPECT_EQ(authenticator_.last_used().Flush(100).value(), 0u);
  clock_.Advance(1s);
  ASSERT_TRUE(IsLetIn(header));
  EXPECT_EQ(authenticator_.last_used().Flush(1).value(), 1u);
  EXPECT_EQ(authenticator_.last_used().Flush(1).value(), 1u);
  EXPECT_EQ(app_passwords_.List(*View(), id)->front().last_used(), first + 300);
}

TEST_F(AuthenticatorTest, ADeletedAppPasswordStaysDeletedWhenItsTimeIsWritten) {
  const UserId id = Add("alice");
  const auto made = AddToken(id);
  ASSERT_TRUE(IsLetIn(Basic("alice", made.secret)));
  ASSERT_TRUE(app_passwords_.Delete(id, TokenId{1}).has_value());
  ASSERT_TRUE(authenticator_.last_used().Flush(100).has_value());
  EXPECT_EQ(Rows(storage::Table::kTokens), 0u);
}

TEST_F(AuthenticatorTest, ABearerNeedsNoName) {
  const UserId id = Add("alice");
  const auto made = AddToken(id);
  const auto fast = Fast("Bearer " + made.secret);
  ASSERT_TRUE(fast && fast->has_value());
  EXPECT_EQ((*fast)->caller.user, id);
  EXPECT_TRUE((*fast)->app_password);
  EXPECT_TRUE(IsLetIn("bearer " + made.secret));
  for (const std::string bad :
       {"Bearer nonsense", "Bearer secret", "Bearer", "Bearer alice:secret"})
    EXPECT_FALSE(IsLetIn(bad)) << bad;
  EXPECT_FALSE(IsLetIn(Basic("", made.secret)));
  ASSERT_TRUE(app_passwords_.Delete(id, TokenId{1}).has_value());
  EXPECT_FALSE(IsLetIn("Bearer " + made.secret));
}

TEST_F(AuthenticatorTest, AOneTimePasswordOpensNothingButItsExchange) {
  const UserId id = Add("alice");
  const auto made = AddToken(id, "phone", {.one_time = true});
  const std::string header = Basic("alice", made.secret);
  EXPECT_FALSE(IsLetIn(header));
  Attempt exchange{header};
  exchange.one_time_too = true;
  const auto principal = authenticator_.CheckSlow(exchange, *View());
  ASSERT_TRUE(principal.has_value());
  EXPECT_TRUE(principal->one_time);
  EXPECT_FALSE(IsLetIn(header));  // remembering it opens nothing
  const auto fresh = app_passwords_.Rotate(id, TokenId{1});
  ASSERT_TRUE(fresh.has_value());
  EXPECT_TRUE(authenticator_.CheckSlow(exchange, *View()).has_error());
  EXPECT_TRUE(IsLetIn(Basic("alice", fresh->secret)));
}

TEST_F(AuthenticatorTest, GuessesAreThrottledAndAppPasswordsAreNot) {
  const UserId id = Add("alice");
  const auto made = AddToken(id);
  const auto from = [&](std::string header) {
    return authenticator_.CheckSlow({std::move(header), "192.0.2.1"}, *View());
  };
  int looked_at = 0;
  for (int i = 0; i < 40; ++i) {
    const auto guess = from(Basic("alice", "guess " + std::to_string(i)));
    looked_at += CodeOf(guess) == ErrorCode::kUnauthenticated ? 1 : 0;
  }
  EXPECT_EQ(looked_at, 10);
  const auto right = from(Basic("alice", "secret"));
  EXPECT_EQ(CodeOf(right), ErrorCode::kThrottled);
  EXPECT_EQ(right.error().retry_after, 120u);
  EXPECT_TRUE(from(Basic("alice", made.secret)).has_value());
  EXPECT_TRUE(from("Bearer " + made.secret).has_value());
  // From elsewhere the account is open.
  EXPECT_TRUE(
      authenticator_.CheckSlow({Basic("alice", "secret"), "192.0.2.2"}, *View()).has_value());
  // What is known needs no hash and passes from the throttled place, too.
  EXPECT_TRUE(from(Basic("alice", "secret")).has_value());
}

TEST_F(AuthenticatorTest, ADeviceThatRepeatsAWrongPasswordIsCountedOnce) {
  Add("alice");
  for (int i = 0; i < 100; ++i) {
    const auto stale = authenticator_.CheckSlow({Basic("alice", "stale"), "192.0.2.1"}, *View());
    EXPECT_EQ(CodeOf(stale), ErrorCode::kUnauthenticated) << i;
  }
  EXPECT_TRUE(
      authenticator_.CheckSlow({Basic("alice", "secret"), "192.0.2.1"}, *View()).has_value());
}

TEST_F(AuthenticatorTest, AHundredFailuresFromAnywhereLeaveOnlyTokens) {
  const UserId id = Add("alice");
  const auto made = AddToken(id);
  for (int i = 0; i < 100; ++i) {
    const std::string remote = "192.0.2." + std::to_string(i);
    EXPECT_EQ(
        CodeOf(authenticator_.CheckSlow({Basic("alice", std::to_string(i)), remote}, *View())),
        ErrorCode::kUnauthenticated);
  }
  const Attempt right{Basic("alice", "secret"), "198.51.100.1"};
  EXPECT_EQ(CodeOf(authenticator_.CheckSlow(right, *View())), ErrorCode::kThrottled);
  EXPECT_TRUE(IsLetIn(Basic("alice", made.secret)));
}

TEST_F(AuthenticatorTest, TheFormTakesTheLoginPasswordAlone) {
  const UserId id = Add("alice");
  const auto made = AddToken(id);
  const auto form = [&](std::string_view login, std::string_view password) {
    return authenticator_.CheckForm(login, password, "192.0.2.1", *View());
  };
  EXPECT_TRUE(form("Alice", "secret").has_value());
  ASSERT_TRUE(IsLetIn(Basic("alice", made.secret)));
  EXPECT_EQ(CodeOf(form("alice", made.secret)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(form("", "secret")), ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(form("alice", "")), ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(form("alice", std::string(2000, 'x'))), ErrorCode::kUnauthenticated);
}

}  // namespace
}  // namespace cairn::auth
