// The pages over an engine in memory, and a browser of a few lines: it keeps cookies, follows links
// and redirects, and fills in forms by reading the HTML.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "shares/access.h"
#include "tests/support/fake_exchange.h"
#include "tests/support/roomy_keeping.h"
#include "trash/trash_can.h"
#include "versions/keeper.h"
#include "web/dispatcher.h"

namespace cairn::web {

using Fields = std::map<std::string, std::string>;
using support::WholeAnswer;

class WebCase : public testing::Test {
 protected:
  WebCase();
  ~WebCase() override;

  // Without cookies, from 192.0.2.1: what devices and strangers send.
  WholeAnswer Send(std::string_view method, std::string_view target,
                   const support::HeaderList& headers = {}, std::string body = {});
  static std::string Encode(const Fields& fields);

  class Browser {
   public:
    explicit Browser(WebCase& test, std::string remote = "198.51.100.7")
        : test_(test), remote_(std::move(remote)) {}
    // GET; follows no redirect.
    WholeAnswer Get(std::string_view target);
    // GET, and on through all redirects within the server.
    WholeAnswer Visit(std::string_view target);
    // Sends the form of the last page whose action is `action`, with its hidden fields and these;
    // follows no redirect.
    WholeAnswer Submit(std::string_view action, const Fields& fields);
    WholeAnswer Post(std::string_view target, const Fields& fields,
                     const support::HeaderList& headers = {});
    WholeAnswer Ask(std::string_view method, std::string_view target, support::HeaderList headers,
                    std::string body);
    // The target of the link with this text on the last page.
    std::string Link(std::string_view text) const;
    // Logs in; the answer to the form.
    WholeAnswer LogIn(std::string_view user, std::string_view password,
                      std::string_view redirect = "");
    const std::string& page() const { return page_; }
    std::map<std::string, std::string> cookies;

   private:
    WebCase& test_;
    const std::string remote_;
    std::string page_;
  };

  // Who answers a browser.
  virtual http::Handler& HandlerOf(std::string_view) { return dispatcher_; }

  UserId IdOf(std::string_view name);
  bool Opens(std::string_view user, std::string_view secret);
  // A device's start of login flow v2: poll token and path of the browser's address.
  struct Flow {
    std::string poll_token;
    std::string path;
  };
  Flow StartFlow(std::string_view device = "Phone <1>");
  WholeAnswer Poll(std::string_view token) {
    return Send("POST", "/login/v2/poll", {}, "token=" + std::string(token));
  }

  FakeClock clock_;
  SeededRandom random_{1};
  shares::Access access_{clock_};
  quota::SpaceQuota quota_;
  versions::Keeper versions_{clock_, support::RoomyKeeping(quota_)};
  trash::Can trash_{clock_, support::RoomyKeeping(quota_)};
  storage::Engine engine_;
  auth::Users users_;
  auth::AppPasswords app_passwords_;
  auth::Throttle throttle_;
  auth::SecondFactors second_factors_;
  auth::Authenticator authenticator_;
  auth::Sessions sessions_;
  auth::LoginFlows login_flows_;
  auth::OAuth oauth_;
  shares::LinkDoor links_;
  std::deque<net::io_context> contexts_;  // end after the pools
  Pools pools_{2, 1, 1, 1};
  Services services_;
  Dispatcher dispatcher_;
};

// "a&amp;b" -> "a&b", for what the pages escape.
std::string Unescape(std::string_view html);

}  // namespace cairn::web
