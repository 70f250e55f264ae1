// The OCS dispatcher and the first-contact handler over an engine in memory, with the users alice,
// bob and the administrator root: verbs for tests that compare whole answers.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ocs/endpoint.h"
#include "ocs/first_contact.h"
#include "shares/access.h"
#include "shares/shares.h"
#include "tests/support/fake_exchange.h"
#include "tests/support/roomy_keeping.h"
#include "trash/trash_can.h"
#include "versions/keeper.h"

namespace cairn::ocs {

using support::HeaderList;

struct Answer : support::WholeAnswer {
  // The JSON below ocs.data.
  boost::json::value Data() const;
};

class OcsCase : public testing::Test {
 protected:
  OcsCase();
  ~OcsCase() override;

  // `target`: path and query. `user`: who asks with the login password "<name>-password"; "" =
  // nobody.
  Answer Ask(std::string_view method, std::string_view target, std::string_view user = "alice",
             const HeaderList& headers = {}, std::string body = {});
  Answer Get(std::string_view target, std::string_view user = "alice",
             const HeaderList& headers = {}) {
    return Ask("GET", target, user, headers);
  }
  // With these credentials as they stand in the header.
  static HeaderList Basic(std::string_view name, std::string_view secret);
  // A path outside /ocs.
  Answer Contact(std::string_view method, std::string_view target);

  // ---- state
  UserId IdOf(std::string_view name);
  std::string MakeToken(std::string_view user, std::string_view name);
  std::vector<std::string> TokenNames(std::string_view user);

  std::string remote_;  // where requests come from; "" is not counted by the throttle
  FakeClock clock_;
  SeededRandom random_{1};
  shares::Access access_{clock_};
  quota::SpaceQuota quota_;
  versions::Keeper versions_{clock_, support::RoomyKeeping(quota_)};
  trash::Can trash_{clock_, support::RoomyKeeping(quota_)};
  storage::Engine engine_;
  shares::MountTable mounts_{clock_};
  shares::Shares shares_;
  shares::Transfers transfers_;
  auth::Users users_;
  auth::Groups groups_;
  auth::AppPasswords app_passwords_;
  auth::Throttle throttle_;
  auth::PeopleSearch people_;
  auth::SecondFactors second_factors_;
  auth::Authenticator authenticator_;
  // One per request. A pool's thread may still be in it when the request is over: they end after
  // the pools.
  std::deque<net::io_context> contexts_;
  Pools pools_{2, 1, 1, 1};
  Services services_;
  Dispatcher dispatcher_;
  FirstContact first_contact_;

 private:
  Answer Run(http::Handler& handler, std::string_view method, std::string_view target,
             const HeaderList& headers, std::string body);
};

}  // namespace cairn::ocs
