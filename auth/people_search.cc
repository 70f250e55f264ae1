#include "auth/people_search.h"

#include <set>
#include <string>
#include <utility>

#include "auth/records.h"
#include "auth/user_mails.h"
#include "auth/user_search.h"
#include "base/bytes.h"
#include "base/unicode.h"

namespace cairn::auth {

using conf::SearchScope;
using storage::Group;
using storage::KvView;
using storage::User;

namespace {

constexpr std::size_t kMostNamed = 100;  // accounts with one address

// Cuts what one more was asked for than the page has. True: there was one.
template <class T>
bool CutToPage(std::vector<T>& page, std::size_t limit) {
  if (page.size() <= limit) return false;
  page.resize(limit);
  return true;
}

}  // namespace

void PeopleSearch::SetRules(const conf::Sharing& rules) {
  scope_.store(rules.search, std::memory_order_relaxed);
  min_length_.store(rules.min_search_length, std::memory_order_relaxed);
}

Result<void> PeopleSearch::Admit(UserId caller) {
  return throttle_.Take(ThrottleRule::kPeople, AccountSubject(caller));
}

bool PeopleSearch::Accepts(std::string_view text) const {
  return text.size() <= kMaxSearchText &&
         CharactersIn(text) >= min_length_.load(std::memory_order_relaxed);
}

bool PeopleSearch::Suggests(std::string_view text) const {
  return scope_.load(std::memory_order_relaxed) != SearchScope::kExact && Accepts(text);
}

Result<FoundPeople> PeopleSearch::Find(const KvView& view, UserId caller,
                                       const PeopleQuery& query) const {
  FoundPeople found;
  if (!Accepts(query.text)) return found;
  RETURN_IF_ERROR(FindUsers(view, caller, query, found));
  if (query.groups) RETURN_IF_ERROR(FindGroups(view, caller, query, found));
  return found;
}

// Accounts that may be used and whose name or address is `text`.
Result<std::vector<User>> PeopleSearch::Named(const KvView& view, std::string_view text) const {
  std::vector<User> named;
  ASSIGN_OR_RETURN(auto by_name, users_.FindByName(view, text));
  if (by_name && !by_name->disabled()) named.push_back(std::move(*by_name));
  ASSIGN_OR_RETURN(const auto by_mail, FindAllByMail(view, text, kMostNamed));
  for (const UserId id : by_mail) {
    ASSIGN_OR_RETURN(auto user, users_.Find(view, id));
    const bool again = !named.empty() && named.front().id() == Raw(id);
    if (user && !user->disabled() && !again) named.push_back(std::move(*user));
  }
  return named;
}

Result<void> PeopleSearch::FindUsers(const KvView& view, UserId caller, const PeopleQuery& query,
                                     FoundPeople& found) const {
  const SearchScope scope = scope_.load(std::memory_order_relaxed);
  ASSIGN_OR_RETURN(auto named, Named(view, query.text));
  found.names_a_user = !named.empty();
  if (!query.users) return {};
  std::set<UserId> except = {caller};
  for (User& user : named) {
    if (!except.insert(UserId{user.id()}).second || query.offset > 0) continue;
    // Who knows a name does not learn the address by it where addresses are not for everybody.
    if (scope != SearchScope::kAll && !EqualsIgnoreCase(user.email(), query.text))
      user.clear_email();
    found.exact_users.push_back(std::move(user));
  }
  if (scope == SearchScope::kExact) return {};

  std::set<UserId> fellows;
  if (scope == SearchScope::kGroups) {
    ASSIGN_OR_RETURN(const auto groups, GroupsOf(view, caller));
    ASSIGN_OR_RETURN(fellows, MembersOf(view, groups, kMaxFoundUsers));
  }
  const UserSearch search{.text = query.text,
                          .among = scope == SearchScope::kGroups ? &fellows : nullptr,
                          .except = &except,
                          .state = AccountState::kEnabled,
                          .order = PageOrder::kDisplayName,
                          .offset = query.offset,
                          .limit = query.limit + 1};
  ASSIGN_OR_RETURN(auto page, SearchUsers(view, search));
  found.more |= CutToPage(page, query.limit);
  for (const FoundUser& one : page) {
    ASSIGN_OR_RETURN(auto user, LoadUser(view, one.id));
    if (!user) continue;
    auto& list = EqualsIgnoreCase(ShownName(*user), query.text) ? found.exact_users : found.users;
    list.push_back(std::move(*user));
  }
  return {};
}

Result<void> PeopleSearch::FindGroups(const KvView& view, UserId caller, const PeopleQuery& query,
                                      FoundPeople& found) const {
  const SearchScope scope = scope_.load(std::memory_order_relaxed);
  ASSIGN_OR_RETURN(auto named, groups_.Find(view, query.text));
  if (named && query.offset == 0) found.exact_groups.push_back(*named);
  if (scope == SearchScope::kExact) return {};

  std::set<std::string> own;
  if (scope == SearchScope::kGroups) {
    ASSIGN_OR_RETURN(const auto groups, GroupsOf(view, caller));
    own.insert(groups.begin(), groups.end());
  }
  const auto wanted = [&](const Group& group) {
    if (named && named->name() == group.name()) return false;
    return scope == SearchScope::kAll || own.contains(group.name());
  };
  ASSIGN_OR_RETURN(auto page,
                   groups_.Search(view, {query.text, query.offset, query.limit + 1}, wanted));
  found.more |= CutToPage(page, query.limit);
  for (Group& group : page) {
    const bool exact = EqualsIgnoreCase(group.name(), query.text) ||
                       EqualsIgnoreCase(ShownName(group), query.text);
    (exact ? found.exact_groups : found.groups).push_back(std::move(group));
  }
  return {};
}

}  // namespace cairn::auth
