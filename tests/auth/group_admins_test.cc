#include "auth/group_admins.h"

#include "auth/account_rights.h"
#include "tests/auth/auth_case.h"

namespace cairn::auth {
namespace {

using storage::Table;
using Names = std::vector<std::string>;

class GroupAdminsTest : public AuthCase {
 protected:
  GroupAdminsTest() {
    for (const char* name : {"staff", "sales"}) EXPECT_TRUE(groups_.Create(name).has_value());
  }
  storage::Caller CallerOf(std::string_view name) {
    storage::Caller caller;
    caller.user = UserId{Record(name)->id()};
    caller.user_version = Record(name)->version();
    return caller;
  }
  bool Reaches(std::string_view who, std::string_view whom) {
    const auto rights = RightsOf(*View(), CallerOf(who), clock_);
    EXPECT_TRUE(rights.has_value());
    const auto may = MayLookAfter(*View(), *rights, *Record(whom));
    EXPECT_TRUE(may.has_value());
    return *may;
  }

  GroupAdmins admins_{engine_.kv()};
};

TEST_F(GroupAdminsTest, AddedAndRemoved) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  ASSERT_TRUE(admins_.Add("staff", alice).has_value());
  ASSERT_TRUE(admins_.Add("staff", alice).has_value());
  ASSERT_TRUE(admins_.Add("staff", bob).has_value());
  ASSERT_TRUE(admins_.Add("sales", alice).has_value());
  EXPECT_EQ(admins_.OfUser(*View(), alice).value(), (Names{"sales", "staff"}));
  EXPECT_EQ(admins_.OfGroup(*View(), "staff", UserId{}, 10).value(),
            (std::vector<UserId>{alice, bob}));
  EXPECT_EQ(admins_.OfGroup(*View(), "staff", alice, 10).value(), std::vector<UserId>{bob});
  EXPECT_TRUE(admins_.IsAdminOf(*View(), bob, "staff").value());
  EXPECT_FALSE(admins_.IsAdminOf(*View(), bob, "sales").value());

  ASSERT_TRUE(admins_.Remove("staff", bob).has_value());
  EXPECT_EQ(CodeOf(admins_.Remove("staff", bob)), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(admins_.Add("nobody", alice)), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(admins_.Add("staff", UserId{99})), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(admins_.Add("admin", alice)), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(users_.Create({.name = "x", .sub_admin_of = {"admin"}})), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(users_.Create({.name = "x", .sub_admin_of = {"nobody"}})), ErrorCode::kNotFound);
}

TEST_F(GroupAdminsTest, RowsGoWithTheirUserAndTheirGroup) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  for (const char* group : {"staff", "sales"}) ASSERT_TRUE(admins_.Add(group, alice).has_value());
  ASSERT_TRUE(admins_.Add("staff", bob).has_value());
  ASSERT_TRUE(users_.Delete(alice).has_value());
  EXPECT_EQ(Rows(Table::kGroupAdmins), 1u);
  ASSERT_TRUE(groups_.Remove("staff").has_value());
  EXPECT_EQ(Rows(Table::kGroupAdmins), 0u);
}

TEST_F(GroupAdminsTest, WhomRightsReach) {
  for (const char* name : {"root", "boss", "alice", "bob", "second"}) Add(name);
  ASSERT_TRUE(users_.SetAdmin(UserId{Record("root")->id()}, true).has_value());
  ASSERT_TRUE(users_.SetAdmin(UserId{Record("second")->id()}, true).has_value());
  for (const char* name : {"alice", "second"})
    ASSERT_TRUE(groups_.AddMember("staff", UserId{Record(name)->id()}).has_value());
  ASSERT_TRUE(admins_.Add("staff", UserId{Record("boss")->id()}).has_value());
  EXPECT_TRUE(Reaches("root", "bob"));
  EXPECT_TRUE(Reaches("root", "second"));
  EXPECT_TRUE(Reaches("boss", "alice"));
  EXPECT_FALSE(Reaches("boss", "bob"));
  EXPECT_FALSE(Reaches("boss", "second"));  // an administrator in his group
  EXPECT_FALSE(Reaches("alice", "boss"));

  const auto rights = RightsOf(*View(), CallerOf("boss"), clock_);
  EXPECT_TRUE(rights->Governs("staff"));
  EXPECT_FALSE(rights->Governs("sales"));
  EXPECT_FALSE(rights->Governs("admin"));
}

TEST_F(GroupAdminsTest, RightsEndWithTheLogin) {
  const UserId id = Add("alice");
  const storage::Caller before = CallerOf("alice");
  EXPECT_TRUE(RightsOf(*View(), before, clock_).has_value());
  ASSERT_TRUE(users_.SetPassword(id, "other").has_value());
  EXPECT_EQ(CodeOf(RightsOf(*View(), before, clock_)), ErrorCode::kUnauthenticated);
  const storage::Caller now = CallerOf("alice");
  ASSERT_TRUE(users_.SetDisabled(id, true).has_value());
  EXPECT_EQ(CodeOf(RightsOf(*View(), now, clock_)), ErrorCode::kUnauthenticated);
  ASSERT_TRUE(users_.Delete(id).has_value());
  EXPECT_EQ(CodeOf(RightsOf(*View(), now, clock_)), ErrorCode::kUnauthenticated);
}

// Two administrators who remove each other at the same time: the second finds his right gone.
TEST_F(GroupAdminsTest, AChangeAsksInItsTransaction) {
  const UserId id = Add("alice");
  const Precondition never = [](const storage::KvView&) -> Result<void> {
    return Fail(ErrorCode::kForbidden, "not any more");
  };
  EXPECT_EQ(CodeOf(users_.Delete(id, never)), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(users_.SetDisabled(id, true, never)), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(users_.SetPassword(id, "other", never)), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(users_.SetEmail(id, "a@b", never)), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(users_.SetQuota(id, "1 GB", never)), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(users_.Create({.name = "bob"}, never)), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(groups_.AddMember("staff", id, never)), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(groups_.RemoveMember("staff", id, never)), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(groups_.Create("new", {}, never)), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(groups_.Remove("staff", never)), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(admins_.Add("staff", id, never)), ErrorCode::kForbidden);
  EXPECT_FALSE(Record("alice")->disabled());
  EXPECT_EQ(Rows(Table::kUsers), 1u);
  EXPECT_EQ(Rows(Table::kGroupMembers) + Rows(Table::kGroupAdmins), 0u);
}

TEST_F(GroupAdminsTest, GroupsAreNamedAndCounted) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  ASSERT_TRUE(groups_.Create("r&d", "Research").has_value());
  EXPECT_EQ(groups_.Find(*View(), "r&d").value()->display_name(), "Research");
  ASSERT_TRUE(groups_.SetDisplayName("r&d", "R and D").has_value());
  EXPECT_EQ(groups_.Find(*View(), "r&d").value()->display_name(), "R and D");
  EXPECT_EQ(CodeOf(groups_.SetDisplayName("nobody", "x")), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(groups_.SetDisplayName("r&d", "\n")), ErrorCode::kInvalidArgument);
  for (const UserId id : {alice, bob}) ASSERT_TRUE(groups_.AddMember("staff", id).has_value());
  ASSERT_TRUE(users_.SetDisabled(bob, true).has_value());
  const auto all = groups_.List(*View(), {}, 10).value();
  const auto counts = groups_.Count(*View(), all).value();
  ASSERT_EQ(counts.size(), 4u);  // admin, r&d, sales, staff
  EXPECT_EQ(counts[1].all, 0u);
  EXPECT_EQ(counts[3].all, 2u);
  EXPECT_EQ(counts[3].disabled, 1u);
}

}  // namespace
}  // namespace cairn::auth
