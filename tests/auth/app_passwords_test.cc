#include "auth/app_passwords.h"

#include <algorithm>
#include <cctype>

#include "auth/live.h"
#include "base/hash.h"
#include "tests/auth/auth_case.h"

namespace cairn::auth {
namespace {

using storage::Table;
using namespace std::chrono_literals;

class AppPasswordsTest : public AuthCase {
 protected:
  std::vector<storage::Token> TokensOf(UserId user) {
    return app_passwords_.List(*View(), user).value();
  }
};

TEST_F(AppPasswordsTest, TheSecretIsLongAndNotStored) {
  const UserId alice = Add("alice");
  const auto made = AddToken(alice, "Alice's phone");
  ASSERT_EQ(made.secret.size(), 29u);  // xxxxx-xxxxx-xxxxx-xxxxx-xxxxx
  for (std::size_t i = 0; i < made.secret.size(); ++i) {
    const auto c = static_cast<unsigned char>(made.secret[i]);
    EXPECT_TRUE(i % 6 == 5 ? c == '-' : std::isalnum(c) != 0) << made.secret;
  }
  EXPECT_NE(made.secret, AddToken(alice).secret);
  auto search = [&](std::string_view key, std::string_view value) {
    EXPECT_EQ(std::string(key).find(made.secret), std::string::npos);
    EXPECT_EQ(std::string(value).find(made.secret), std::string::npos);
    EXPECT_NE(key, Sha256(made.secret));  // keyed, not a plain hash
    return true;
  };
  ASSERT_TRUE(View()->Scan(Table::kTokens, {}, {}, search).has_value());
}

TEST_F(AppPasswordsTest, ListedInOrder) {
  const UserId alice = Add("alice");
  AddToken(alice, "one");
  clock_.Advance(5s);
  AddToken(alice, "two");
  AddToken(Add("bob"), "his");
  const auto tokens = TokensOf(alice);
  ASSERT_EQ(tokens.size(), 2u);
  EXPECT_EQ(tokens[0].name(), "one");
  EXPECT_EQ(tokens[0].id(), 1u);
  EXPECT_EQ(tokens[1].id(), 2u);
  EXPECT_EQ(tokens[1].created(), tokens[0].created() + 5);
  EXPECT_EQ(tokens[1].last_used(), 0);
}

TEST_F(AppPasswordsTest, IdsAreNotUsedTwice) {
  const UserId alice = Add("alice");
  AddToken(alice);
  ASSERT_TRUE(app_passwords_.Delete(alice, TokenId{1}).has_value());
  EXPECT_EQ(AddToken(alice).token.id(), 2u);
}

TEST_F(AppPasswordsTest, OnlyTheOwnersAreDeleted) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  AddToken(alice, "one");
  AddToken(alice, "two");
  EXPECT_EQ(CodeOf(app_passwords_.Delete(bob, TokenId{2})), ErrorCode::kNotFound);
  ASSERT_TRUE(app_passwords_.Delete(alice, TokenId{1}).has_value());
  EXPECT_EQ(CodeOf(app_passwords_.Delete(alice, TokenId{1})), ErrorCode::kNotFound);
  ASSERT_EQ(TokensOf(alice).size(), 1u);
  EXPECT_EQ(Rows(Table::kTokens), 1u);
}

TEST_F(AppPasswordsTest, BadNamesAndUsersAreRefused) {
  const UserId alice = Add("alice");
  EXPECT_EQ(CodeOf(app_passwords_.Create(alice, "", {})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(app_passwords_.Create(alice, "a\x1b[2J", {})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(app_passwords_.Create(alice, std::string(121, 'a'), {})),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(app_passwords_.Create(UserId{9}, "a", {})), ErrorCode::kNotFound);
}

TEST_F(AppPasswordsTest, AUserHasSoManyAndNoMore) {
  const UserId alice = Add("alice");
  for (std::size_t i = 0; i < kMaxAppPasswords; ++i) AddToken(alice);
  EXPECT_EQ(CodeOf(app_passwords_.Create(alice, "one too many", {})), ErrorCode::kTooLarge);
}

TEST_F(AppPasswordsTest, ExpiredOnesAreTakenAway) {
  const UserId alice = Add("alice");
  AddToken(alice, "old", {.expires = clock_.NowSeconds() + 60});
  AddToken(alice, "later", {.expires = clock_.NowSeconds() + 600});
  AddToken(alice, "never");
  EXPECT_EQ(app_passwords_.ExpireStep(100).value(), 0u);
  clock_.Advance(60s);
  EXPECT_EQ(app_passwords_.ExpireStep(100).value(), 1u);
  const auto left = TokensOf(alice);
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[0].name(), "later");
}

TEST_F(AppPasswordsTest, OneInstanceKeyForAllProcesses) {
  const UserId alice = Add("alice");
  EXPECT_EQ(app_passwords_.KeyOf("x").value(), std::nullopt);
  AddToken(alice);
  const AppPasswords later(engine_.kv(), clock_, random_);
  EXPECT_EQ(later.KeyOf("x").value(), app_passwords_.KeyOf("x").value());
  EXPECT_TRUE(later.KeyOf("x")->has_value());
}

TEST_F(AppPasswordsTest, RotationEndsTheOldSecretAndKeepsTheRest) {
  const UserId alice = Add("alice");
  const auto old = AddToken(alice, "phone", {.no_files = true});
  const auto fresh = app_passwords_.Rotate(alice, TokenId{1});
  ASSERT_TRUE(fresh.has_value());
  EXPECT_TRUE(authenticator_.CheckSlow({Basic("alice", old.secret)}, *View()).has_error());
  const auto principal = authenticator_.CheckSlow({Basic("alice", fresh->secret)}, *View());
  ASSERT_TRUE(principal.has_value());
  EXPECT_EQ(principal->caller.token, TokenId{1});
  EXPECT_EQ(principal->caller.token_name, "phone");
  EXPECT_TRUE(TokensOf(alice).front().no_files());
  EXPECT_EQ(Rows(Table::kTokens), 1u);
  EXPECT_EQ(CodeOf(app_passwords_.Rotate(alice, TokenId{2})), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(app_passwords_.Rotate(Add("bob"), TokenId{1})), ErrorCode::kNotFound);
}

TEST_F(AppPasswordsTest, ALoginThatHasEndedMeanwhileMakesNone) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  const auto token = AddToken(bob, "phone", {.expires = clock_.NowSeconds() + 60});
  const auto by_password = authenticator_.CheckSlow({Basic("alice", "secret")}, *View());
  const auto by_token = authenticator_.CheckSlow({Basic("bob", token.secret)}, *View());
  ASSERT_TRUE(by_password.has_value() && by_token.has_value());
  const auto make = [&](UserId user, const Principal& principal) {
    return app_passwords_.Create(user, "new", {}, StillLive(principal.caller, clock_));
  };
  EXPECT_TRUE(make(alice, *by_password).has_value());
  EXPECT_TRUE(make(bob, *by_token).has_value());
  ASSERT_TRUE(users_.SetPassword(alice, "another one").has_value());
  clock_.Advance(60s);
  EXPECT_EQ(CodeOf(make(alice, *by_password)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(make(bob, *by_token)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(TokensOf(alice).size(), 1u);
  ASSERT_TRUE(users_.SetDisabled(bob, true).has_value());
  EXPECT_EQ(CodeOf(make(bob, *by_token)), ErrorCode::kUnauthenticated);
}

TEST_F(AppPasswordsTest, WhatATokenHasBegunEndsWithItsRotation) {
  const UserId alice = Add("alice");
  const auto old = AddToken(alice);
  const auto principal = authenticator_.CheckSlow({Basic("alice", old.secret)}, *View());
  ASSERT_TRUE(principal.has_value());
  ASSERT_TRUE(access_.CheckLive(*View(), principal->caller).has_value());
  ASSERT_TRUE(app_passwords_.Rotate(alice, TokenId{1}).has_value());
  EXPECT_EQ(CodeOf(access_.CheckLive(*View(), principal->caller)), ErrorCode::kUnauthenticated);
}

TEST_F(AppPasswordsTest, AWipeClosesTheDoorsAndIsTold) {
  const UserId alice = Add("alice");
  const auto phone = AddToken(alice, "phone");
  const auto laptop = AddToken(alice, "laptop");
  const auto opens = [&](const NewAppPassword& made) {
    return authenticator_.CheckSlow({Basic("alice", made.secret)}, *View()).has_value();
  };
  const auto before = authenticator_.CheckSlow({Basic("alice", phone.secret)}, *View());
  ASSERT_TRUE(before.has_value());
  EXPECT_FALSE(*app_passwords_.ToBeWiped(*View(), phone.secret));
  ASSERT_TRUE(app_passwords_.OrderWipe(alice, TokenId{phone.token.id()}).has_value());
  EXPECT_FALSE(opens(phone));
  EXPECT_TRUE(opens(laptop));
  EXPECT_EQ(CodeOf(access_.CheckLive(*View(), before->caller)), ErrorCode::kUnauthenticated);
  EXPECT_TRUE(*app_passwords_.ToBeWiped(*View(), phone.secret));
  EXPECT_FALSE(*app_passwords_.ToBeWiped(*View(), laptop.secret));
  EXPECT_EQ(CodeOf(app_passwords_.Rotate(alice, TokenId{phone.token.id()})), ErrorCode::kNotFound);

  EXPECT_FALSE(*app_passwords_.WipeDone(laptop.secret));
  EXPECT_TRUE(*app_passwords_.WipeDone(phone.secret));
  EXPECT_FALSE(*app_passwords_.ToBeWiped(*View(), phone.secret));
  EXPECT_FALSE(*app_passwords_.WipeDone(phone.secret));
  EXPECT_TRUE(opens(laptop));
  EXPECT_EQ(TokensOf(alice).size(), 1u);
}

TEST_F(AppPasswordsTest, AWipeOfAllAndOfWhatIsNotThere) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  const auto phone = AddToken(alice);
  const auto of_bob = AddToken(bob);
  EXPECT_EQ(CodeOf(app_passwords_.OrderWipe(bob, TokenId{2})), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(app_passwords_.OrderWipe(UserId{99}, std::nullopt)), ErrorCode::kNotFound);
  ASSERT_TRUE(app_passwords_.OrderWipe(alice, std::nullopt).has_value());
  EXPECT_TRUE(*app_passwords_.ToBeWiped(*View(), phone.secret));
  EXPECT_FALSE(*app_passwords_.ToBeWiped(*View(), of_bob.secret));
}

}  // namespace
}  // namespace cairn::auth
