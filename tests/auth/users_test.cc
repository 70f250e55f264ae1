#include "auth/users.h"

#include "tests/auth/auth_case.h"

namespace cairn::auth {
namespace {

using storage::Table;

class UsersTest : public AuthCase {
 protected:
  storage::Space HomeOf(std::string_view name) {
    const auto space = engine_.tree().FindSpace(*View(), SpaceId{Record(name)->space()});
    EXPECT_TRUE(space.has_value() && space->has_value());
    return **space;
  }
  void MakeFolder(UserId user, std::string name) {
    const auto record = users_.Find(*View(), user);
    ASSERT_TRUE(record.has_value() && record->has_value());
    storage::Caller caller;
    caller.user = user;
    caller.user_version = (*record)->version();
    const storage::TreePath path{SpaceId{(*record)->space()}, {std::move(name)}};
    ASSERT_TRUE(engine_.tree().ids().Reserve(16).has_value());
    const storage::WriteContext context{.caller = caller};
    auto body = [&](storage::KvTxn& txn) {
      return engine_.tree().MakeCollection(txn, context, path, {});
    };
    const auto made = storage::CommitBlocking(engine_.kv(), {storage::SpaceKey(path.home)}, body);
    ASSERT_TRUE(made.has_value()) << made.error().message;
  }
};

TEST_F(UsersTest, CreatedWithAHome) {
  const UserId id = Add("Alice");
  const auto user = Record("aLICE");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->name(), "Alice");
  EXPECT_EQ(UserId{user->id()}, id);
  EXPECT_EQ(user->created(), clock_.NowSeconds());
  EXPECT_EQ(HomeOf("alice").owner(), Raw(id));
  EXPECT_FALSE(HomeOf("alice").has_quota());
  EXPECT_EQ(user->password_hash().find("$argon2id$"), 0u);
}

TEST_F(UsersTest, IdsAreDense) {
  EXPECT_EQ(Raw(Add("a")), 1u);
  EXPECT_EQ(Raw(Add("b")), 2u);
  EXPECT_EQ(HomeOf("b").id(), 2u);
}

TEST_F(UsersTest, OneNameOneUserInAnyLetterCase) {
  Add("admin");
  EXPECT_EQ(CodeOf(users_.Create({.name = "ADMIN", .password = "x"})), ErrorCode::kAlreadyExists);
  EXPECT_EQ(Rows(Table::kUsers), 1u);
  EXPECT_EQ(Rows(Table::kSpaces), 1u);
}

TEST_F(UsersTest, BadRequestsLeaveNothing) {
  EXPECT_EQ(CodeOf(users_.Create({.name = "..", .password = "x"})), ErrorCode::kInvalidName);
  EXPECT_EQ(CodeOf(users_.Create({.name = "a", .password = std::string(1025, 'x')})),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(users_.Create({.name = "a", .display_name = "a\nb"})),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(users_.Create({.name = "a", .email = "nobody"})), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(users_.Create({.name = "a", .groups = {"a/b"}})), ErrorCode::kInvalidName);
  EXPECT_EQ(Rows(Table::kUsers), 0u);
  EXPECT_EQ(Rows(Table::kUserNames), 0u);
  EXPECT_EQ(Rows(Table::kSpaces), 0u);
}

TEST_F(UsersTest, ListedInPagesByName) {
  for (const char* name : {"carol", "Alice", "bob"}) Add(name);
  const auto first = users_.List(*View(), {}, 2);
  ASSERT_TRUE(first.has_value());
  ASSERT_EQ(first->users.size(), 2u);
  EXPECT_EQ(first->users[0].name(), "Alice");
  EXPECT_EQ(first->users[1].name(), "bob");
  EXPECT_TRUE(first->more);
  const auto second = users_.List(*View(), first->last, 2);
  ASSERT_EQ(second->users.size(), 1u);
  EXPECT_EQ(second->users[0].name(), "carol");
  EXPECT_FALSE(second->more);
}

TEST_F(UsersTest, WhatEndsLoginsRaisesTheVersion) {
  const UserId id = Add("alice");
  const auto before = Record("alice")->version();
  ASSERT_TRUE(users_.SetPassword(id, "other").has_value());
  EXPECT_EQ(Record("alice")->version(), before + 1);
  ASSERT_TRUE(users_.SetDisabled(id, true).has_value());
  EXPECT_EQ(Record("alice")->version(), before + 2);
  ASSERT_TRUE(users_.SetDisabled(id, true).has_value());
  EXPECT_EQ(Record("alice")->version(), before + 2);
  ASSERT_TRUE(users_.SetDisplayName(id, "Alice L.").has_value());
  ASSERT_TRUE(users_.SetEmail(id, "alice@example.org").has_value());
  EXPECT_EQ(Record("alice")->version(), before + 2);
  EXPECT_EQ(Record("alice")->display_name(), "Alice L.");
}

TEST_F(UsersTest, AdminIsAMemberOfTheGroup) {
  const UserId id = Add("alice");
  ASSERT_TRUE(users_.SetAdmin(id, true).has_value());
  EXPECT_TRUE(Record("alice")->admin());
  EXPECT_EQ(groups_.Of(*View(), id).value(), std::vector<std::string>{"admin"});
  ASSERT_TRUE(groups_.RemoveMember("admin", id).has_value());
  EXPECT_FALSE(Record("alice")->admin());
}

TEST_F(UsersTest, GroupsHaveMembers) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  ASSERT_TRUE(groups_.Create("staff").has_value());
  EXPECT_EQ(CodeOf(groups_.Create("staff")), ErrorCode::kAlreadyExists);
  EXPECT_EQ(CodeOf(groups_.AddMember("nobody", alice)), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(groups_.AddMember("staff", UserId{99})), ErrorCode::kNotFound);
  ASSERT_TRUE(groups_.AddMember("staff", alice).has_value());
  ASSERT_TRUE(groups_.AddMember("staff", bob).has_value());
  EXPECT_EQ(groups_.Members(*View(), "staff", UserId{}, 10).value(),
            (std::vector<UserId>{alice, bob}));
  EXPECT_EQ(groups_.Members(*View(), "staff", alice, 10).value(), std::vector<UserId>{bob});
  EXPECT_EQ(CodeOf(groups_.Remove("admin")), ErrorCode::kForbidden);
  ASSERT_TRUE(groups_.Remove("staff").has_value());
  EXPECT_EQ(Rows(Table::kGroupMembers), 0u);
  EXPECT_TRUE(groups_.Of(*View(), alice)->empty());
}

TEST_F(UsersTest, GroupsNamedAtCreationAreMade) {
  ASSERT_TRUE(users_.Create({.name = "root", .groups = {"admin", "staff"}}).has_value());
  EXPECT_TRUE(Record("root")->admin());
  EXPECT_TRUE(groups_.Find(*View(), "staff")->has_value());
}

TEST_F(UsersTest, CreatedWithQuotaAndSettings) {
  ASSERT_TRUE(users_.Create({.name = "alice", .settings = {{"core/lang", "de"}}, .quota = "10 MB"})
                  .has_value());
  EXPECT_EQ(HomeOf("alice").quota(), 10 << 20);
  EXPECT_EQ(Users::Setting(*Record("alice"), "files", "quota"), "10 MB");
  EXPECT_EQ(Users::Setting(*Record("alice"), "core", "lang"), "de");
  EXPECT_EQ(CodeOf(users_.Create({.name = "bob", .quota = "lots"})), ErrorCode::kInvalidArgument);
}

TEST_F(UsersTest, SettingsAreKept) {
  const UserId id = Add("alice");
  ASSERT_TRUE(users_.SetSetting(id, "core", "lang", "de").has_value());
  EXPECT_EQ(Users::Setting(*Record("alice"), "core", "lang"), "de");
  ASSERT_TRUE(users_.SetSetting(id, "core", "lang", std::nullopt).has_value());
  EXPECT_EQ(Users::Setting(*Record("alice"), "core", "lang"), std::nullopt);
  EXPECT_EQ(CodeOf(users_.SetSetting(id, "a/b", "c", "d")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(users_.SetSetting(id, "a", "b", std::string(kMaxSettingValue + 1, 'x'))),
            ErrorCode::kTooLarge);
}

TEST_F(UsersTest, SettingsOfOneUserAreBounded) {
  const UserId id = Add("alice");
  Result<void> set;
  for (int i = 0; i < 40 && set.has_value(); ++i) {
    set = users_.SetSetting(id, "app", std::to_string(i), std::string(kMaxSettingValue, 'x'));
  }
  EXPECT_EQ(CodeOf(set), ErrorCode::kTooLarge);
  EXPECT_LE(Record("alice")->ByteSizeLong(), kMaxUserRecord);
}

TEST_F(UsersTest, QuotaIsTheSpacesAndTheSetting) {
  const UserId id = Add("alice");
  ASSERT_TRUE(users_.SetQuota(id, "10 MB").has_value());
  EXPECT_TRUE(HomeOf("alice").has_quota());
  EXPECT_EQ(HomeOf("alice").quota(), 10 << 20);
  EXPECT_EQ(Users::Setting(*Record("alice"), "files", "quota"), "10 MB");
  ASSERT_TRUE(users_.SetQuota(id, "none").has_value());
  EXPECT_FALSE(HomeOf("alice").has_quota());
  ASSERT_TRUE(users_.SetQuota(id, "default").has_value());
  EXPECT_EQ(Users::Setting(*Record("alice"), "files", "quota"), std::nullopt);
  EXPECT_EQ(CodeOf(users_.SetQuota(id, "-3")), ErrorCode::kInvalidArgument);
}

TEST_F(UsersTest, NobodyIsNotFound) {
  EXPECT_EQ(CodeOf(users_.SetPassword(UserId{5}, "x")), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(users_.SetQuota(UserId{5}, "1 GB")), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(users_.Delete(UserId{5})), ErrorCode::kNotFound);
}

TEST_F(UsersTest, DeletedAtOnceAndPurgedInSteps) {
  const UserId id = Add("alice");
  AddToken(id);
  ASSERT_TRUE(groups_.Create("staff").has_value());
  ASSERT_TRUE(groups_.AddMember("staff", id).has_value());
  for (int i = 0; i < 7; ++i) MakeFolder(id, "folder" + std::to_string(i));

  ASSERT_TRUE(users_.Delete(id).has_value());
  EXPECT_FALSE(Record("alice"));
  EXPECT_FALSE(users_.Find(*View(), id)->has_value());
  EXPECT_EQ(Rows(Table::kTokens) + Rows(Table::kUserTokens) + Rows(Table::kGroupMembers), 0u);
  EXPECT_EQ(CodeOf(users_.Delete(id)), ErrorCode::kNotFound);

  const UserId again = Add("alice");  // the name is free before the purge is over
  EXPECT_NE(Raw(again), Raw(id));
  MakeFolder(again, "kept");

  int steps = 0;
  for (std::uint64_t done = 1; done > 0 && steps < 100; ++steps) {
    const auto step = users_.PurgeStep(3);
    ASSERT_TRUE(step.has_value()) << step.error().message;
    done = *step;
  }
  EXPECT_GT(steps, 3);
  EXPECT_LT(steps, 100);
  EXPECT_EQ(Rows(Table::kUsers), 1u);
  EXPECT_EQ(Rows(Table::kSpaces), 1u);
  EXPECT_EQ(Rows(Table::kNodes), 2u);  // the new home's root and its folder
  EXPECT_EQ(Rows(Table::kEntries), 2u);
}

TEST_F(UsersTest, AnAddressOfOneUserIsALogin) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  const auto by = [&](std::string_view login) -> std::uint64_t {
    const auto user = users_.FindByLogin(*View(), login);
    EXPECT_TRUE(user.has_value());
    return *user ? (*user)->id() : 0;
  };
  ASSERT_TRUE(users_.SetEmail(alice, "Alice@Example.org").has_value());
  EXPECT_EQ(by("alice@example.ORG"), Raw(alice));
  EXPECT_EQ(by("alice"), Raw(alice));
  EXPECT_EQ(by("alice@example.or"), 0u);
  ASSERT_TRUE(users_.SetEmail(bob, "alice@example.org").has_value());
  EXPECT_EQ(by("alice@example.org"), 0u);
  ASSERT_TRUE(users_.SetEmail(alice, "a@example.org").has_value());
  EXPECT_EQ(by("alice@example.org"), Raw(bob));
  ASSERT_TRUE(users_.Delete(bob).has_value());
  EXPECT_EQ(by("alice@example.org"), 0u);
  // A name goes before an address.
  const UserId named = Add("a@example.org");
  EXPECT_EQ(by("a@example.org"), Raw(named));
  ASSERT_TRUE(users_.SetEmail(alice, "").has_value());
  EXPECT_EQ(Rows(Table::kUserMails), 0u);
}

}  // namespace
}  // namespace cairn::auth
