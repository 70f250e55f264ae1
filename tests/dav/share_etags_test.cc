// A folder's etag changes with what its user can list below it, and only then: random operations of
// three users who share with each other, against a hash of each folder's whole listing.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "base/bytes.h"
#include "tests/dav/dav_fixture.h"
#include "tests/support/sanitizer.h"

namespace cairn::dav {
namespace {

class ShareEtagsTest : public DavCase {
 protected:
  struct Seen {
    std::string id, etag, letters;
    bool folder = false;
  };
  struct State {
    std::string etag, hash;
  };
  using Listing = std::map<std::string, Seen>;  // by href
  using States = std::map<std::string, State>;  // of folders, by href

  ShareEtagsTest() {
    auth::NewUser carol;
    carol.name = "carol";
    carol.password = "carol-password";
    CAIRN_CHECK(users_->Create(carol).has_value());
    for (const std::string name : {"alice", "bob", "carol"}) {
      const auto header = "Basic " + ToBase64(name + ":" + name + "-password");
      callers_.push_back(authenticator_->CheckSlow({header}, *kv().Published())->caller);
    }
  }

  static std::string Home(const std::string& user) { return "/remote.php/dav/files/" + user + "/"; }
  const std::string& NameOf(std::size_t user) const { return callers_[user].user_name; }

  Listing List(const std::string& user) {
    const Answer answer =
        PropfindAt(Home(user), "infinity", "<d:getetag/><oc:fileid/><oc:permissions/>", {}, user);
    EXPECT_EQ(answer.status, 207);
    Listing listing;
    std::string_view rest = answer.body;
    const auto next = [&](std::string_view open) {
      rest.remove_prefix(std::min(rest.find(open), rest.size()));
      rest.remove_prefix(std::min(open.size(), rest.size()));
      return std::string(rest.substr(0, rest.find('<')));
    };
    while (rest.find("<d:href>") != std::string_view::npos) {
      const std::string href = next("<d:href>");
      Seen& seen = listing[href];
      seen.etag = next("<d:getetag>");
      seen.id = next("<oc:fileid>");
      seen.letters = next("<oc:permissions>");
      seen.folder = href.ends_with('/');
    }
    return listing;
  }

  // What can be listed at and below each folder, as one text.
  static States StatesOf(const Listing& listing) {
    States states;
    for (const auto& [href, seen] : listing) {
      if (!seen.folder) continue;
      std::string text;
      for (auto below = listing.lower_bound(href);
           below != listing.end() && below->first.starts_with(href); ++below) {
        const Seen& member = below->second;
        text += below->first.substr(href.size()) + " " + member.id + " " + member.letters + " " +
                (member.folder ? "" : member.etag) + "\n";
      }
      states[href] = {seen.etag, text};
    }
    return states;
  }

  std::size_t Roll(std::size_t below) { return dice_() % below; }
  // A member of the user's view; folders only when `folder` is set.
  std::string Any(const Listing& listing, bool folder) {
    std::vector<std::string> hrefs;
    for (const auto& [href, seen] : listing)
      if (!folder || seen.folder) hrefs.push_back(href);
    return hrefs[Roll(hrefs.size())];
  }

  void Act(std::size_t user, const Listing& listing) {
    const std::string& name = NameOf(user);
    const std::string path = Any(listing, false);
    const std::string folder = Any(listing, true);
    const std::string fresh = folder + "n" + std::to_string(Roll(4));
    switch (Roll(9)) {
      case 0:
        Do("PUT", fresh + ".txt", {}, std::to_string(Roll(1000)), name);
        break;
      case 1:
        if (listing.size() < 25) Do("MKCOL", fresh, {}, {}, name);
        break;
      case 2:
        if (!listing.at(path).folder) Do("PUT", path, {}, std::to_string(Roll(1000)), name);
        break;
      case 3:
        if (Roll(3) == 0) Do("DELETE", path, {}, {}, name);
        break;
      case 4:
        Do("MOVE", path, {{"Destination", fresh}, {"Overwrite", "F"}}, {}, name);
        break;
      case 5:
      case 6: {
        shares::NewShare request;
        request.node = FileId{ParseUint(listing.at(path).id).value_or(0)};
        request.recipient = callers_[Roll(callers_.size())].user;
        request.set.permissions = static_cast<storage::Permissions>(1 + Roll(31));
        const auto made = shares_->Create(callers_[user], request);
        ASSERT_TRUE(made.has_value()) << made.error().message;
        if (!made->refused) ids_.insert(made->share.id());
        break;
      }
      case 7: {
        if (ids_.empty()) break;
        const ShareId id{*std::next(ids_.begin(), static_cast<std::ptrdiff_t>(Roll(ids_.size())))};
        const shares::ShareAttributes change{.permissions =
                                                 static_cast<storage::Permissions>(1 + Roll(31))};
        ASSERT_TRUE(shares_->Update(callers_[user], id, change).has_value());
        break;
      }
      default: {
        if (ids_.empty()) break;
        const ShareId id{*std::next(ids_.begin(), static_cast<std::ptrdiff_t>(Roll(ids_.size())))};
        const auto ended = shares_->Remove(callers_[user], id);
        ASSERT_TRUE(ended.has_value()) << ended.error().message;
        if (!ended->refused) ids_.erase(Raw(id));
        break;
      }
    }
  }

  std::vector<storage::Caller> callers_;
  std::set<std::uint64_t> ids_;
  std::mt19937_64 dice_{1};
};

TEST_F(ShareEtagsTest, ChangesWhenAndOnlyWhenTheListingDoes) {
  const int all = std::getenv("CAIRN_LONG_TESTS") != nullptr ? 10'000 : 2'000;
  const int steps = all / support::kOneIn;
  std::vector<Listing> listings;
  std::vector<States> states;
  for (std::size_t user = 0; user < callers_.size(); ++user) {
    listings.push_back(List(NameOf(user)));
    states.push_back(StatesOf(listings.back()));
  }
  int changed = 0;
  int same = 0;
  std::size_t mounted = 0;
  for (int step = 0; step < steps && !HasFailure(); ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const std::size_t actor = Roll(callers_.size());
    Act(actor, listings[actor]);
    for (std::size_t user = 0; user < callers_.size(); ++user) {
      listings[user] = List(NameOf(user));
      const States now = StatesOf(listings[user]);
      for (const auto& [href, seen] : listings[user]) mounted += seen.letters.starts_with('S');
      for (const auto& [href, state] : now) {
        const auto before = states[user].find(href);
        if (before == states[user].end()) continue;
        const bool other = state.hash != before->second.hash;
        EXPECT_EQ(state.etag != before->second.etag, other) << href << "\nbefore:\n"
                                                            << before->second.hash << "now:\n"
                                                            << state.hash;
        (other ? changed : same) += 1;
      }
      states[user] = now;
    }
  }
  EXPECT_GT(changed, steps / 10);
  EXPECT_GT(same, steps);
  EXPECT_GT(mounted, static_cast<std::size_t>(steps)) << "too little is shared to say anything";
}

}  // namespace
}  // namespace cairn::dav
