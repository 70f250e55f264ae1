#include "auth/access_control.h"

#include "tests/auth/auth_case.h"

namespace cairn::auth {
namespace {

using namespace std::chrono_literals;
using storage::Caller;
using storage::Permission;
using storage::Permissions;

class AccessControlTest : public AuthCase {
 protected:
  Caller LogIn(std::string_view name, std::string_view secret) {
    auto principal = authenticator_.CheckSlow({Basic(name, secret)}, *View());
    EXPECT_TRUE(principal.has_value());
    return principal.has_value() ? principal->caller : Caller();
  }
  Result<void> Live(const Caller& caller) { return access_.CheckLive(*View(), caller); }
  // A root of `space` with `depth` nodes below it.
  static storage::Chain ChainIn(SpaceId space, storage::RootKind kind, std::size_t depth) {
    storage::Chain chain;
    chain.entries.resize(depth + 1);
    chain.entries.front().node.set_space(Raw(space));
    chain.entries.front().node.set_root(kind);
    return chain;
  }
  Permissions For(const Caller& caller, const storage::Chain& chain) {
    return access_.For(*View(), caller, chain);
  }
};

TEST_F(AccessControlTest, LiveUntilThePasswordChanges) {
  const UserId id = Add("alice");
  const Caller caller = LogIn("alice", "secret");
  EXPECT_TRUE(Live(caller).has_value());
  ASSERT_TRUE(users_.SetPassword(id, "other").has_value());
  EXPECT_EQ(CodeOf(Live(caller)), ErrorCode::kUnauthenticated);
}

TEST_F(AccessControlTest, DisabledAndDeletedUsersAreNotLive) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  const Caller callers[] = {LogIn("alice", "secret"), LogIn("alice", AddToken(alice).secret),
                            LogIn("bob", "secret"), LogIn("bob", AddToken(bob).secret)};
  for (const Caller& caller : callers) ASSERT_TRUE(Live(caller).has_value());
  ASSERT_TRUE(users_.SetDisabled(alice, true).has_value());
  ASSERT_TRUE(users_.Delete(bob).has_value());
  for (const Caller& caller : callers) EXPECT_EQ(CodeOf(Live(caller)), ErrorCode::kUnauthenticated);
}

TEST_F(AccessControlTest, AppPasswordIsLiveUntilItIsDeletedOrExpires) {
  const UserId id = Add("alice");
  const auto one = AddToken(id);
  const auto two = AddToken(id, "brief", {.expires = clock_.NowSeconds() + 60});
  const Caller first = LogIn("alice", one.secret);
  const Caller second = LogIn("alice", two.secret);
  ASSERT_TRUE(users_.SetPassword(id, "other").has_value());
  EXPECT_TRUE(Live(first).has_value());
  EXPECT_TRUE(Live(second).has_value());
  ASSERT_TRUE(app_passwords_.Delete(id, TokenId{one.token.id()}).has_value());
  clock_.Advance(60s);
  EXPECT_EQ(CodeOf(Live(first)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(Live(second)), ErrorCode::kUnauthenticated);
}

TEST_F(AccessControlTest, AppPasswordWithoutFilesReachesNone) {
  const auto made = AddToken(Add("alice"), "calendar", {.no_files = true});
  EXPECT_EQ(CodeOf(Live(LogIn("alice", made.secret))), ErrorCode::kForbidden);
}

TEST_F(AccessControlTest, NobodyIsNotLive) {
  EXPECT_EQ(CodeOf(Live(Caller())), ErrorCode::kUnauthenticated);
}

TEST_F(AccessControlTest, TheOwnerMayDoEverythingButDeleteTheRoot) {
  Add("alice");
  const Caller alice = LogIn("alice", "secret");
  const SpaceId home{Record("alice")->space()};
  EXPECT_EQ(For(alice, ChainIn(home, storage::ROOT_FILES, 2)), storage::kAllPermissions);
  const Permissions root = For(alice, ChainIn(home, storage::ROOT_FILES, 0));
  EXPECT_FALSE(storage::Allows(root, Permission::kDelete));
  EXPECT_TRUE(storage::Allows(root, Permission::kCreate));
}

TEST_F(AccessControlTest, OthersMayDoNothing) {
  Add("alice");
  Add("bob");
  const SpaceId home{Record("alice")->space()};
  EXPECT_EQ(For(LogIn("bob", "secret"), ChainIn(home, storage::ROOT_FILES, 1)), 0u);
  EXPECT_EQ(For(Caller(), ChainIn(home, storage::ROOT_FILES, 1)), 0u);
}

TEST_F(AccessControlTest, WhatIsNotInTheFilesIsOutOfReach) {
  Add("alice");
  const Caller alice = LogIn("alice", "secret");
  const SpaceId home{Record("alice")->space()};
  EXPECT_EQ(For(alice, ChainIn(home, storage::ROOT_PURGE, 1)), 0u);
  EXPECT_EQ(For(alice, ChainIn(home, storage::ROOT_STAGING, 1)), 0u);
  EXPECT_EQ(For(alice, ChainIn(SpaceId{77}, storage::ROOT_FILES, 1)), 0u);
  const Permissions trash = For(alice, ChainIn(home, storage::ROOT_TRASH, 1));
  EXPECT_TRUE(storage::Allows(trash, Permission::kRead));
  EXPECT_FALSE(storage::Allows(trash, Permission::kUpdate));
}

}  // namespace
}  // namespace cairn::auth
