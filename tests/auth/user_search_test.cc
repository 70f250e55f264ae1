#include "auth/user_search.h"

#include "tests/auth/auth_case.h"

namespace cairn::auth {
namespace {

class UserSearchTest : public AuthCase {
 protected:
  void AddNamed(std::string name, std::string display_name, std::string email = {}) {
    NewUser user;
    user.name = std::move(name);
    user.display_name = std::move(display_name);
    user.email = std::move(email);
    ASSERT_TRUE(users_.Create(user).has_value());
  }
  std::string Found(const UserSearch& search) {
    const auto users = SearchUsers(*View(), search);
    EXPECT_TRUE(users.has_value());
    std::string names;
    for (const FoundUser& user : *users) names.append(names.empty() ? "" : " ").append(user.name);
    return names;
  }
};

TEST_F(UserSearchTest, NameDisplayNameAndMailInAnyLetterCase) {
  AddNamed("alice", "Carla", "first@example.org");
  AddNamed("bob", "", "second@example.net");
  EXPECT_EQ(Found({.text = "ALI"}), "alice");
  EXPECT_EQ(Found({.text = "carl"}), "alice");
  EXPECT_EQ(Found({.text = "Example.NET"}), "bob");
  EXPECT_EQ(Found({.text = "example"}), "alice bob");
  EXPECT_EQ(Found({.text = "nobody"}), "");
  EXPECT_EQ(Found({}), "alice bob");
}

TEST_F(UserSearchTest, PagesFollowDisplayNamesAndAreSortedByName) {
  AddNamed("gold1", "Gold One");
  AddNamed("gold2", "gold two");
  AddNamed("gold3", "Gold Three");
  EXPECT_EQ(Found({.limit = 1}), "gold1");
  EXPECT_EQ(Found({.offset = 1, .limit = 1}), "gold3");
  EXPECT_EQ(Found({.offset = 1}), "gold2 gold3");
  EXPECT_EQ(Found({.offset = 3}), "");
  EXPECT_EQ(Found({.limit = 0}), "");
  EXPECT_EQ(Found({.offset = SIZE_MAX, .limit = SIZE_MAX}), "");
}

TEST_F(UserSearchTest, APageInTheOrderOfDisplayNames) {
  AddNamed("c", "Alpha");
  AddNamed("a", "beta");
  AddNamed("b", "");
  EXPECT_EQ(Found({.order = PageOrder::kDisplayName}), "c b a");
  EXPECT_EQ(Found({.order = PageOrder::kDisplayName, .offset = 1, .limit = 1}), "b");
}

TEST_F(UserSearchTest, LeavesOut) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  const std::set<UserId> except = {alice};
  EXPECT_EQ(Found({.except = &except}), "bob");
  EXPECT_EQ(Found({.except = &except, .limit = 1}), "bob");
  ASSERT_TRUE(users_.SetDisabled(bob, true).has_value());
  EXPECT_EQ(Found({.state = AccountState::kEnabled}), "alice");
  EXPECT_EQ(Found({.except = &except, .state = AccountState::kEnabled}), "");
}

TEST_F(UserSearchTest, OnlyThoseAskedAbout) {
  const UserId alice = Add("alice");
  const UserId bob = Add("bob");
  const std::set<UserId> some = {bob};
  EXPECT_EQ(Found({.among = &some}), "bob");
  ASSERT_TRUE(users_.SetDisabled(alice, true).has_value());
  EXPECT_EQ(Found({.state = AccountState::kDisabled}), "alice");
  EXPECT_EQ(Found({.among = &some, .state = AccountState::kDisabled}), "");
  ASSERT_TRUE(users_.Delete(alice).has_value());  // its record waits for the purge
  EXPECT_EQ(Found({.state = AccountState::kDisabled}), "");
  EXPECT_EQ(Found({}), "bob");
}

}  // namespace
}  // namespace cairn::auth
