// The one door through which people find other people: to share with, to mention. What the
// administrator allows (sharing.search, sharing.min_search_length) and how often one may ask are
// kept here, so that they hold on every route (T-35).
//
//   RETURN_IF_ERROR(people.Admit(caller));   // once per request
//   ASSIGN_OR_RETURN(const auto found, people.Find(view, caller, query));
//
// Thread-safe. Admit and Find may block: Admit waits for the directory key, Find reads every
// account once.
//
// Invariants: the caller, disabled and deleted accounts are never found. By his whole name or
// address everybody is found under every rule, as he has to be shared with; by less only whom the
// rules show. A text shorter than the rules ask for finds nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>
#include <vector>

#include "auth/groups.h"
#include "auth/throttle.h"
#include "auth/users.h"
#include "base/ids.h"
#include "conf/config.h"
#include "storage/kv_store.h"
#include "storage/records.pb.h"

namespace cairn::auth {

inline constexpr std::size_t kMaxSearchText = 320;  // bytes; nothing is called more

struct PeopleQuery {
  std::string_view text = {};  // empty: everybody whom the rules let the caller look through
  bool users = true;
  bool groups = true;
  std::size_t offset = 0;  // of each list
  std::size_t limit = 0;   // of each list
};

struct FoundPeople {
  // Called exactly what was asked for, in any letter case of ASCII: users by name, address or
  // display name, groups by name or display name.
  std::vector<storage::User> exact_users;
  std::vector<storage::Group> exact_groups;
  // Those who have it somewhere: users in the order of display names, groups of names.
  std::vector<storage::User> users;
  std::vector<storage::Group> groups;
  bool more = false;  // there is a next page
  bool names_a_user =
      false;  // the text is the name or the address of an account, maybe the caller's
};

class PeopleSearch {
 public:
  PeopleSearch(storage::KvStore& store, const Users& users, Throttle& throttle)
      : groups_(store), users_(users), throttle_(throttle) {}

  // From now on; before that the defaults hold.
  void SetRules(const conf::Sharing& rules);

  // kThrottled: the caller has asked too often.
  Result<void> Admit(UserId caller);
  // Whether a search for `text` finds anything.
  bool Accepts(std::string_view text) const;
  // Whether it finds more than what is called exactly that.
  bool Suggests(std::string_view text) const;

  Result<FoundPeople> Find(const storage::KvView& view, UserId caller,
                           const PeopleQuery& query) const;

 private:
  Result<std::vector<storage::User>> Named(const storage::KvView& view,
                                           std::string_view text) const;
  Result<void> FindUsers(const storage::KvView& view, UserId caller, const PeopleQuery& query,
                         FoundPeople& found) const;
  Result<void> FindGroups(const storage::KvView& view, UserId caller, const PeopleQuery& query,
                          FoundPeople& found) const;

  const Groups groups_;
  const Users& users_;
  Throttle& throttle_;
  std::atomic<conf::SearchScope> scope_{conf::SearchScope::kAll};
  std::atomic<std::size_t> min_length_{0};
};

}  // namespace cairn::auth
