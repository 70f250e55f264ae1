#include "auth/sessions.h"

#include "tests/auth/auth_case.h"

namespace cairn::auth {
namespace {

using namespace std::chrono_literals;

class SessionsTest : public AuthCase {
 protected:
  std::string Open(std::string_view user, std::string_view agent = "Browser/1.0") {
    auto opened = sessions_.Open(UserId{Record(user)->id()}, Record(user)->version(), agent);
    EXPECT_TRUE(opened.has_value());
    return opened.has_value() ? opened->cookie : std::string();
  }
  bool Opens(std::string_view cookie) {
    const auto found = sessions_.Find(*View(), cookie);
    EXPECT_TRUE(found.has_value());
    return found.has_value() && found->has_value();
  }

  Sessions sessions_{engine_.kv(), clock_, random_};
};

TEST_F(SessionsTest, OpensForItsUserAndNobodyElse) {
  const UserId alice = Add("alice");
  const std::string cookie = Open("alice", "Mozilla/5.0\x01 (X11)");
  EXPECT_EQ(cookie.size(), kSecretLength);
  const auto live = sessions_.Find(*View(), cookie);
  ASSERT_TRUE(live.has_value() && live->has_value());
  EXPECT_EQ((*live)->user.id(), Raw(alice));
  EXPECT_EQ((*live)->record.agent(), "Mozilla/5.0 (X11)");
  EXPECT_FALSE(Opens(""));
  EXPECT_FALSE(Opens(std::string(kSecretLength, 'a')));
  EXPECT_FALSE(Opens(cookie.substr(1)));
}

TEST_F(SessionsTest, TheStoreHasNoCookie) {
  Add("alice");
  const std::string cookie = Open("alice");
  auto search = [&](std::string_view key, std::string_view value) {
    EXPECT_EQ(key.find(cookie), std::string_view::npos);
    EXPECT_EQ(value.find(cookie), std::string_view::npos);
    return true;
  };
  ASSERT_TRUE(View()->Scan(storage::Table::kSessions, {}, {}, search).has_value());
}

TEST_F(SessionsTest, ACookieIsNoAppPassword) {
  Add("alice");
  const std::string cookie = Open("alice");
  for (const std::string& header : {Basic("alice", cookie), "Bearer " + cookie})
    EXPECT_TRUE(authenticator_.CheckSlow({header}, *View()).has_error());
  EXPECT_FALSE(Opens(AddToken(UserId{Record("alice")->id()}).secret));
}

TEST_F(SessionsTest, AChangeIsRefusedWhenItsSessionHasEndedMeanwhile) {
  const UserId alice = Add("alice");
  const auto live = sessions_.Find(*View(), Open("alice"));
  ASSERT_TRUE(live.has_value() && live->has_value());
  const Precondition open = sessions_.StillOpen(**live);
  EXPECT_TRUE(users_.SetDisplayName(alice, "Alice", open).has_value());
  EXPECT_TRUE(factors_.BeginTotp(alice, open).has_value());
  ASSERT_TRUE(sessions_.End(alice, (*live)->record.id()).has_value());
  EXPECT_EQ(CodeOf(users_.SetDisplayName(alice, "Mallory", open)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(users_.SetPassword(alice, "another one", open)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(app_passwords_.Create(alice, "x", {}, open)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(factors_.BeginTotp(alice, open)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(factors_.TurnOff(alice, open)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(factors_.NewBackupCodes(alice, open)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(Record("alice")->display_name(), "Alice");
}

TEST_F(SessionsTest, WhateverEndsLoginsEndsIt) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  const UserId carol = Add("carol");
  const std::string of_alice = Open("alice");
  const std::string of_bob = Open("bob");
  const std::string of_carol = Open("carol");
  ASSERT_TRUE(users_.SetPassword(alice, "another one").has_value());
  ASSERT_TRUE(users_.SetDisabled(bob, true).has_value());
  ASSERT_TRUE(users_.Delete(carol).has_value());
  EXPECT_FALSE(Opens(of_alice));
  EXPECT_FALSE(Opens(of_bob));
  EXPECT_FALSE(Opens(of_carol));
  ASSERT_TRUE(users_.SetDisabled(bob, false).has_value());
  EXPECT_FALSE(Opens(of_bob));
  EXPECT_TRUE(sessions_.List(*View(), alice)->empty());
  EXPECT_EQ(Rows(storage::Table::kUserSessions), 2u);  // carol's went with her account
}

TEST_F(SessionsTest, IdleAndAbsoluteExpiry) {
  Add("alice");
  const std::string idle = Open("alice");
  const std::string used = Open("alice");
  for (int day = 1; day <= 14; ++day) {
    clock_.Advance(23h + 50min);
    const auto live = sessions_.Find(*View(), used);
    ASSERT_TRUE(live.has_value() && live->has_value()) << day;
    ASSERT_TRUE(sessions_.Touch(**live).has_value());
    EXPECT_EQ(Opens(idle), day == 1) << day;
  }
  clock_.Advance(12h);
  EXPECT_FALSE(Opens(used));
  EXPECT_EQ(*sessions_.ExpireStep(100), 2u);
  EXPECT_EQ(Rows(storage::Table::kSessions) + Rows(storage::Table::kUserSessions), 0u);
}

TEST_F(SessionsTest, TouchWritesSeldom) {
  Add("alice");
  const std::string cookie = Open("alice");
  const auto seq = [&] { return engine_.kv().LatestSeq(); };
  const auto before = seq();
  clock_.Advance(299s);
  ASSERT_TRUE(sessions_.Touch(**sessions_.Find(*View(), cookie)).has_value());
  EXPECT_EQ(seq(), before);
  clock_.Advance(1s);
  ASSERT_TRUE(sessions_.Touch(**sessions_.Find(*View(), cookie)).has_value());
  EXPECT_NE(seq(), before);
}

TEST_F(SessionsTest, EndsOnlyOnesOwn) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  const std::string cookie = Open("alice");
  const auto listed = sessions_.List(*View(), alice);
  ASSERT_TRUE(listed.has_value());
  ASSERT_EQ(listed->size(), 1u);
  const std::uint64_t id = listed->front().id();
  EXPECT_EQ(CodeOf(sessions_.End(bob, id)), ErrorCode::kNotFound);
  EXPECT_TRUE(Opens(cookie));
  EXPECT_TRUE(sessions_.End(alice, id).has_value());
  EXPECT_FALSE(Opens(cookie));
}

TEST_F(SessionsTest, APasswordCheckedBeforeAChangeOpensNothing) {
  const UserId alice = Add("alice");
  const std::uint64_t version = Record("alice")->version();
  ASSERT_TRUE(users_.SetPassword(alice, "another one").has_value());
  EXPECT_EQ(CodeOf(sessions_.Open(alice, version, "")), ErrorCode::kUnauthenticated);
}

TEST_F(SessionsTest, TheOldestGivesWay) {
  Add("alice");
  const std::string first = Open("alice");
  clock_.Advance(1s);
  std::string last;
  for (std::size_t i = 0; i < kMaxSessions; ++i) last = Open("alice");
  EXPECT_FALSE(Opens(first));
  EXPECT_TRUE(Opens(last));
  EXPECT_EQ(Rows(storage::Table::kSessions), kMaxSessions);
}

}  // namespace
}  // namespace cairn::auth
