// Who is shown to whom, under each rule of the administrator (T-35).
#include "auth/people_search.h"

#include "tests/auth/auth_case.h"

namespace cairn::auth {
namespace {

using conf::SearchScope;

// ann and bob are of "staff", carl and dora of "sales". The one who asks is ann.
class PeopleSearchTest : public AuthCase {
 protected:
  PeopleSearchTest() {
    AddNamed("ann", "Ann Able", "ann@example.org", "staff");
    AddNamed("bob", "Bob Baker", "bob@example.org", "staff");
    AddNamed("carl", "Carl Baker", "carl@example.net", "sales");
    AddNamed("dora", "", "", "sales");
  }
  void AddNamed(std::string name, std::string display_name, std::string email, std::string group) {
    NewUser user;
    user.name = std::move(name);
    user.display_name = std::move(display_name);
    user.email = std::move(email);
    user.groups = {std::move(group)};
    ASSERT_TRUE(users_.Create(user).has_value());
  }
  UserId IdOf(std::string_view name) { return UserId{Record(name)->id()}; }
  void Rules(SearchScope scope, std::size_t min_length = 0) {
    people_.SetRules({scope, min_length});
  }

  FoundPeople Found(PeopleQuery query) {
    auto found = people_.Find(*View(), IdOf("ann"), query);
    EXPECT_TRUE(found.has_value());
    return found.has_value() ? *found : FoundPeople();
  }
  // "exact users; users | exact groups; groups"
  std::string Shown(std::string_view text, std::size_t offset = 0, std::size_t limit = 10) {
    const FoundPeople found = Found({.text = text, .offset = offset, .limit = limit});
    return Names(found.exact_users) + ";" + Names(found.users) + "|" + Names(found.exact_groups) +
           ";" + Names(found.groups) + (found.more ? " more" : "");
  }
  template <class Record>
  static std::string Names(const std::vector<Record>& records) {
    std::string names;
    for (const Record& one : records) names.append(names.empty() ? "" : " ").append(one.name());
    return names;
  }

  PeopleSearch people_{engine_.kv(), users_, throttle_};
};

TEST_F(PeopleSearchTest, EverybodyIsShownByAPart) {
  EXPECT_EQ(Shown("ba"), ";bob carl|;");
  EXPECT_EQ(Shown("EXAMPLE.N"), ";carl|;");
  EXPECT_EQ(Shown("a"), ";bob carl dora|;admin sales staff");
  EXPECT_EQ(Shown(""), ";bob carl dora|;admin sales staff");
  EXPECT_EQ(Shown("nobody"), ";|;");
}

TEST_F(PeopleSearchTest, WholeNamesAreExact) {
  EXPECT_EQ(Shown("BOB"), "bob;|;");
  EXPECT_EQ(Shown("bob baker"), "bob;|;");
  EXPECT_EQ(Shown("Bob@Example.org"), "bob;|;");
  EXPECT_EQ(Shown("sales"), ";|sales;");
  EXPECT_EQ(Shown("Sales"), ";|sales;");
  ASSERT_TRUE(groups_.SetDisplayName("sales", "The Sellers").has_value());
  EXPECT_EQ(Shown("the sellers"), ";|sales;");
  EXPECT_EQ(Shown("sell"), ";|;sales");
  AddNamed("bobby", "Bob", "", "sales");
  EXPECT_EQ(Shown("bob"), "bob bobby;|;");
  AddNamed("bob2", "Other", "bob@example.org", "sales");
  EXPECT_EQ(Shown("bob@example.org"), "bob bob2;|;");
}

TEST_F(PeopleSearchTest, NeverTheCallerNorWhoIsDisabledOrGone) {
  EXPECT_EQ(Shown("ann"), ";|;");
  EXPECT_EQ(Shown("ann@example.org"), ";|;");
  EXPECT_TRUE(Found({.text = "ann@example.org"}).names_a_user);
  EXPECT_FALSE(Found({.text = "zoe@example.org"}).names_a_user);
  for (const SearchScope scope : {SearchScope::kAll, SearchScope::kGroups, SearchScope::kExact}) {
    Rules(scope);
    ASSERT_TRUE(users_.SetDisabled(IdOf("bob"), true).has_value());
    EXPECT_EQ(Shown("bob"), ";|;");
    EXPECT_EQ(Shown("bob@example.org"), ";|;");
    EXPECT_EQ(Shown("Bob Baker"), ";|;");
    EXPECT_FALSE(Found({.text = "bob@example.org"}).names_a_user);
    ASSERT_TRUE(users_.SetDisabled(IdOf("bob"), false).has_value());
    EXPECT_EQ(Shown("bob"), "bob;|;");
  }
  ASSERT_TRUE(users_.Delete(IdOf("bob")).has_value());  // its record waits for the purge
  Rules(SearchScope::kAll);
  EXPECT_EQ(Shown("bob"), ";|;");
  EXPECT_EQ(Shown("bob@example.org"), ";|;");
}

TEST_F(PeopleSearchTest, OfGroupsOnlyThoseInOneWithTheCaller) {
  Rules(SearchScope::kGroups);
  EXPECT_EQ(Shown("ba"), ";bob|;");
  EXPECT_EQ(Shown(""), ";bob|;staff");
  EXPECT_EQ(Shown("bob baker"), "bob;|;");
  EXPECT_EQ(Shown("sal"), ";|;");
  EXPECT_EQ(Shown("carl baker"), ";|;") << "a display name is no address";
  EXPECT_EQ(Shown("carl"), "carl;|;");
  EXPECT_EQ(Shown("carl@example.net"), "carl;|;");
  EXPECT_EQ(Shown("sales"), ";|sales;");
  ASSERT_TRUE(groups_.AddMember("sales", IdOf("ann")).has_value());
  EXPECT_EQ(Shown("ba"), ";bob carl|;");
  ASSERT_TRUE(groups_.RemoveMember("sales", IdOf("ann")).has_value());
  ASSERT_TRUE(groups_.RemoveMember("staff", IdOf("ann")).has_value());
  EXPECT_EQ(Shown(""), ";|;");
}

TEST_F(PeopleSearchTest, ExactShowsNobodyByAPart) {
  Rules(SearchScope::kExact);
  EXPECT_FALSE(people_.Suggests("bob"));
  for (const std::string_view part : {"", "b", "bo", "Baker", "Bob Baker", "bob@example", "sale"})
    EXPECT_EQ(Shown(part), ";|;") << part;
  EXPECT_EQ(Shown("bob"), "bob;|;");
  EXPECT_EQ(Shown("bob@example.org"), "bob;|;");
  EXPECT_EQ(Shown("staff"), ";|staff;");
}

TEST_F(PeopleSearchTest, ANameDoesNotTellTheAddressWhereNotEverybodyIsShown) {
  EXPECT_EQ(Found({.text = "carl"}).exact_users.at(0).email(), "carl@example.net");
  for (const SearchScope scope : {SearchScope::kGroups, SearchScope::kExact}) {
    Rules(scope);
    EXPECT_EQ(Found({.text = "carl"}).exact_users.at(0).email(), "");
    EXPECT_EQ(Found({.text = "CARL@example.net"}).exact_users.at(0).email(), "carl@example.net");
  }
}

TEST_F(PeopleSearchTest, ShortTextsFindNobody) {
  Rules(SearchScope::kAll, 3);
  EXPECT_EQ(Shown("bo"), ";|;");
  EXPECT_EQ(Shown(""), ";|;");
  EXPECT_EQ(Shown("bak"), ";bob carl|;");
  EXPECT_FALSE(people_.Accepts("\xc3\xa4\xc3\xb6"));  // two characters, four bytes
  EXPECT_TRUE(people_.Accepts("\xc3\xa4\xc3\xb6\xc3\xbc"));
  EXPECT_FALSE(people_.Suggests("bo"));
  EXPECT_TRUE(people_.Suggests("bob"));
  EXPECT_FALSE(people_.Accepts(std::string(kMaxSearchText + 1, 'b')));
}

TEST_F(PeopleSearchTest, Pages) {
  EXPECT_EQ(Shown("", 0, 2), ";bob carl|;admin sales more");
  EXPECT_EQ(Shown("", 2, 2), ";dora|;staff");
  EXPECT_EQ(Shown("", 4, 2), ";|;");
  EXPECT_EQ(Shown("bob", 1, 1), ";|;") << "the exact ones are on the first page";
  EXPECT_EQ(Shown("a", SIZE_MAX - 1, 1), ";|;");
}

TEST_F(PeopleSearchTest, OnlyWhatIsAskedFor) {
  EXPECT_TRUE(Found({.text = "a", .users = false, .limit = 5}).users.empty());
  EXPECT_TRUE(Found({.text = "bob", .users = false}).exact_users.empty());
  EXPECT_TRUE(Found({.text = "bob", .users = false}).names_a_user);
  EXPECT_TRUE(Found({.text = "a", .groups = false, .limit = 5}).groups.empty());
}

TEST_F(PeopleSearchTest, HundredAndTwentyAtOnceThenOneASecond) {
  const auto granted = [&](std::string_view name, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += people_.Admit(IdOf(name)) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(granted("ann", 200), 120);
  EXPECT_EQ(CodeOf(people_.Admit(IdOf("ann"))), ErrorCode::kThrottled);
  EXPECT_EQ(people_.Admit(IdOf("ann")).error().retry_after, 1u);
  EXPECT_EQ(granted("bob", 5), 5) << "each user by himself";
  clock_.Advance(std::chrono::seconds(3));
  EXPECT_EQ(granted("ann", 10), 3);
  clock_.Advance(std::chrono::minutes(2));
  EXPECT_EQ(granted("ann", 200), 120);
  clock_.Advance(std::chrono::minutes(2));
  EXPECT_EQ(*throttle_.ExpireStep(100), 2u) << "no row is left for good";
}

}  // namespace
}  // namespace cairn::auth
