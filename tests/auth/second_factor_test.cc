#include "auth/second_factor.h"

#include <atomic>
#include <thread>

#include "auth/sessions.h"
#include "storage/records.h"
#include "tests/auth/auth_case.h"
#include "tests/support/totp.h"

namespace cairn::auth {
namespace {

using namespace std::chrono_literals;

class SecondFactorTest : public AuthCase {
 protected:
  // With codes on; returns the secret. The code that confirmed it is used up.
  std::string Enrol(UserId user) {
    const auto secret = factors_.BeginTotp(user);
    EXPECT_TRUE(secret.has_value());
    EXPECT_TRUE(factors_.ConfirmTotp(user, Code(*secret)).has_value());
    clock_.Advance(30s);
    return *secret;
  }
  std::string Code(const std::string& secret, std::int64_t offset = 0) {
    return support::TotpCode(secret, clock_.NowSeconds() + offset);
  }
  bool Takes(UserId user, std::string_view code) {
    const auto checked = factors_.Check(user, code);
    EXPECT_TRUE(checked.has_value() || Is(checked.error(), ErrorCode::kUnauthenticated));
    return checked.has_value();
  }
  bool Required(UserId user) { return *factors_.IsRequired(*View(), user); }
};

TEST_F(SecondFactorTest, IsOnOnceACodeHasConfirmedIt) {
  const UserId alice = Add("alice");
  EXPECT_FALSE(Required(alice));
  const auto secret = factors_.BeginTotp(alice);
  ASSERT_TRUE(secret.has_value());
  EXPECT_EQ(secret->size(), 32u);
  EXPECT_FALSE(Required(alice));
  EXPECT_FALSE(Takes(alice, Code(*secret)));
  EXPECT_EQ(CodeOf(factors_.ConfirmTotp(alice, "000000")), ErrorCode::kUnauthenticated);
  ASSERT_TRUE(factors_.ConfirmTotp(alice, Code(*secret)).has_value());
  EXPECT_TRUE(Required(alice));
  EXPECT_EQ(CodeOf(factors_.BeginTotp(alice)), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(factors_.ConfirmTotp(alice, Code(*secret, 30))), ErrorCode::kConflict);
  ASSERT_TRUE(factors_.TurnOff(alice).has_value());
  EXPECT_FALSE(Required(alice));
}

TEST_F(SecondFactorTest, AnotherBeginMakesAnotherSecret) {
  const UserId alice = Add("alice");
  const auto first = factors_.BeginTotp(alice);
  const auto second = factors_.BeginTotp(alice);
  EXPECT_NE(*first, *second);
  EXPECT_EQ(CodeOf(factors_.ConfirmTotp(alice, Code(*first))), ErrorCode::kUnauthenticated);
  EXPECT_TRUE(factors_.ConfirmTotp(alice, Code(*second)).has_value());
}

// RFC 6238, section 5.2: one step to either side.
TEST_F(SecondFactorTest, TheWindowIsOneStep) {
  const UserId alice = Add("alice");
  const std::string secret = Enrol(alice);
  clock_.Advance(10min);
  EXPECT_FALSE(Takes(alice, Code(secret, -60)));
  EXPECT_FALSE(Takes(alice, Code(secret, 60)));
  EXPECT_TRUE(Takes(alice, Code(secret, -30)));
  EXPECT_TRUE(Takes(alice, Code(secret)));
  EXPECT_TRUE(Takes(alice, Code(secret, 30)));
}

TEST_F(SecondFactorTest, ACodeIsGoodOnce) {
  const UserId alice = Add("alice");
  const std::string secret = Enrol(alice);
  EXPECT_TRUE(Takes(alice, Code(secret)));
  EXPECT_FALSE(Takes(alice, Code(secret)));
  EXPECT_FALSE(Takes(alice, Code(secret, -30)));  // an earlier one after a later one
}

TEST_F(SecondFactorTest, AndOnceAtTheSameTime) {
  const UserId alice = Add("alice");
  const std::string secret = Enrol(alice);
  const auto codes = factors_.NewBackupCodes(alice);
  ASSERT_TRUE(codes.has_value());
  clock_.Advance(1h);
  for (const std::string& code : {Code(secret), codes->front()}) {
    clock_.Advance(code.size() == 6 ? 0s : 3600s);
    std::atomic<int> taken = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] { taken += factors_.Check(alice, code).has_value() ? 1 : 0; });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(taken, 1) << code;
  }
}

TEST_F(SecondFactorTest, BackupCodes) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  Enrol(alice);
  Enrol(bob);
  const auto old = factors_.NewBackupCodes(alice);
  const auto codes = factors_.NewBackupCodes(alice);
  ASSERT_TRUE(old.has_value() && codes.has_value());
  ASSERT_EQ(codes->size(), 10u);
  EXPECT_FALSE(Takes(alice, old->front()));
  EXPECT_FALSE(Takes(bob, codes->front()));
  EXPECT_TRUE(Takes(alice, codes->front()));
  EXPECT_FALSE(Takes(alice, codes->front()));
  clock_.Advance(1h);
  std::string typed = (*codes)[1];
  typed.insert(8, "-").insert(4, " ");
  EXPECT_TRUE(Takes(alice, typed));
  EXPECT_EQ(factors_.StateOf(*View(), alice)->backup_codes, 8u);
  auto search = [&](std::string_view, std::string_view value) {
    for (const std::string& code : *codes) EXPECT_EQ(value.find(code), std::string_view::npos);
    return true;
  };
  ASSERT_TRUE(View()->Scan(storage::Table::kSecondFactors, {}, {}, search).has_value());
}

// G4: at most 10 tries in any 10 minutes.
TEST_F(SecondFactorTest, TriesAreThrottledForTheAccount) {
  const UserId alice = Add("alice");
  const std::string secret = Enrol(alice);
  clock_.Advance(1h);
  std::vector<std::int64_t> looked_at;  // seconds
  for (int second = 0; second < 3600; ++second) {
    const auto checked = factors_.Check(alice, "x");
    if (!Is(checked.error(), ErrorCode::kThrottled)) looked_at.push_back(clock_.NowSeconds());
    clock_.Advance(1s);
  }
  for (std::size_t i = 0; i + 10 < looked_at.size(); ++i)
    EXPECT_GE(looked_at[i + 10] - looked_at[i], 600) << i;
  EXPECT_GT(looked_at.size(), 30u);
  while (!Is(factors_.Check(alice, "x").error(), ErrorCode::kThrottled)) {
  }
  const auto refused = factors_.Check(alice, Code(secret));
  EXPECT_EQ(CodeOf(refused), ErrorCode::kThrottled);
  EXPECT_GT(refused.error().retry_after, 0u);
}

TEST_F(SecondFactorTest, ThePasswordAloneOpensNoDoorButTheForm) {
  const UserId alice = Add("alice");
  const auto device = AddToken(alice);
  const Attempt basic{Basic("alice", "secret")};
  ASSERT_TRUE(authenticator_.CheckSlow(basic, *View()).has_value());
  Enrol(alice);
  const auto fast = authenticator_.CheckFast(basic, *View());  // remembered, and refused
  ASSERT_TRUE(fast);
  EXPECT_EQ(CodeOf(*fast), ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(authenticator_.CheckSlow(basic, *View())), ErrorCode::kUnauthenticated);
  EXPECT_TRUE(authenticator_.CheckForm("alice", "secret", "", *View()).has_value());
  EXPECT_TRUE(authenticator_.CheckSlow({Basic("alice", device.secret)}, *View()).has_value());
  EXPECT_TRUE(authenticator_.CheckSlow({"Bearer " + device.secret}, *View()).has_value());
  ASSERT_TRUE(factors_.TurnOff(alice).has_value());
  EXPECT_TRUE(authenticator_.CheckSlow(basic, *View()).has_value());
}

TEST_F(SecondFactorTest, APendingSessionOpensNothing) {
  const UserId alice = Add("alice");
  Sessions sessions(engine_.kv(), clock_, random_);
  const auto pending = sessions.OpenPending(alice, Record("alice")->version(), "");
  ASSERT_TRUE(pending.has_value());
  EXPECT_FALSE(*sessions.Find(*View(), pending->cookie));
  EXPECT_TRUE(sessions.List(*View(), alice)->empty());
  for (const std::string& header : {Basic("alice", pending->cookie), "Bearer " + pending->cookie})
    EXPECT_TRUE(authenticator_.CheckSlow({header}, *View()).has_error());
  const auto waiting = sessions.FindPending(*View(), pending->cookie);
  ASSERT_TRUE(waiting.has_value() && waiting->has_value());
  const auto opened = sessions.Complete(**waiting);
  ASSERT_TRUE(opened.has_value());
  EXPECT_NE(opened->cookie, pending->cookie);
  EXPECT_TRUE(*sessions.Find(*View(), opened->cookie));
  EXPECT_FALSE(*sessions.FindPending(*View(), pending->cookie));
  EXPECT_EQ(CodeOf(sessions.Complete(**waiting)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(Rows(storage::Table::kSessions), 1u);
}

TEST_F(SecondFactorTest, AChangeBetweenTheStepsEndsThem) {
  const UserId alice = Add("alice");
  Sessions sessions(engine_.kv(), clock_, random_);
  const auto wait = [&] {
    const auto pending = sessions.OpenPending(alice, Record("alice")->version(), "");
    return **sessions.FindPending(*View(), pending->cookie);
  };
  const LiveSession late = wait();
  clock_.Advance(10min);
  EXPECT_EQ(CodeOf(sessions.Complete(late)), ErrorCode::kUnauthenticated);
  const LiveSession old = wait();
  ASSERT_TRUE(users_.SetPassword(alice, "another one").has_value());
  EXPECT_EQ(CodeOf(sessions.Complete(old)), ErrorCode::kUnauthenticated);
  const LiveSession disabled = wait();
  ASSERT_TRUE(users_.SetDisabled(alice, true).has_value());
  EXPECT_EQ(CodeOf(sessions.Complete(disabled)), ErrorCode::kUnauthenticated);
}

TEST_F(SecondFactorTest, WhatCannotBeReadOpensNothing) {
  const UserId alice = Add("alice");
  const std::string secret = Enrol(alice);
  clock_.Advance(1min);
  auto damage = [&](storage::KvTxn& txn) -> Result<void> {
    txn.Put(storage::Table::kSecondFactors, storage::keys::User(alice), "\xff\xff");
    return {};
  };
  ASSERT_TRUE(storage::CommitBlocking(engine_.kv(), {storage::DirectoryKey()}, damage).has_value());
  EXPECT_EQ(CodeOf(factors_.Check(alice, Code(secret))), ErrorCode::kCorruption);
  EXPECT_TRUE(authenticator_.CheckSlow({Basic("alice", "secret")}, *View()).has_error());
  auto cut = [&](storage::KvTxn& txn) -> Result<void> {
    storage::SecondFactor factor;
    factor.set_totp_active(true);
    factor.set_totp_secret("short");
    storage::WriteRecord(txn, storage::Table::kSecondFactors, storage::keys::User(alice), factor);
    return {};
  };
  ASSERT_TRUE(storage::CommitBlocking(engine_.kv(), {storage::DirectoryKey()}, cut).has_value());
  EXPECT_EQ(CodeOf(factors_.Check(alice, Code(secret))), ErrorCode::kCorruption);
}

TEST_F(SecondFactorTest, ThePolicyNamesGroups) {
  NewUser staff{.name = "carol", .password = "secret", .groups = {"staff"}};
  NewUser both{.name = "dora", .password = "secret", .groups = {"staff", "robots"}};
  const UserId carol{users_.Create(staff)->id()};
  const UserId dora{users_.Create(both)->id()};
  const UserId alice = Add("alice");
  storage::SecondFactorPolicy policy;
  policy.set_enforced(true);
  ASSERT_TRUE(factors_.SetPolicy(policy).has_value());
  EXPECT_TRUE(Required(alice) && Required(carol) && Required(dora));
  policy.add_groups("staff");
  policy.add_excluded("robots");
  ASSERT_TRUE(factors_.SetPolicy(policy).has_value());
  EXPECT_FALSE(Required(alice));
  EXPECT_TRUE(Required(carol));
  EXPECT_FALSE(Required(dora));
  EXPECT_TRUE(authenticator_.CheckSlow({Basic("alice", "secret")}, *View()).has_value());
  EXPECT_TRUE(authenticator_.CheckSlow({Basic("carol", "secret")}, *View()).has_error());
}

TEST_F(SecondFactorTest, GoesWithTheAccount) {
  const UserId alice = Add("alice");
  Enrol(alice);
  ASSERT_TRUE(users_.Delete(alice).has_value());
  EXPECT_EQ(Rows(storage::Table::kSecondFactors), 0u);
}

TEST_F(SecondFactorTest, TheAddressForTheCamera) {
  EXPECT_EQ(TotpUri("a@b.c", "ABC"), "otpauth://totp/Cairn:a%40b.c?secret=ABC&issuer=Cairn");
}

}  // namespace
}  // namespace cairn::auth
