// One request of a browser, or of a device that logs in: what every handler of this folder works
// with. A handler is a coroutine that returns the whole answer; an error it returns becomes a page.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/app_passwords.h"
#include "auth/authenticator.h"
#include "auth/login_flows.h"
#include "auth/oauth.h"
#include "auth/principal.h"
#include "auth/second_factor.h"
#include "auth/sessions.h"
#include "auth/throttle.h"
#include "auth/users.h"
#include "base/offload.h"
#include "http/cookies.h"
#include "http/exchange.h"
#include "http/url.h"
#include "quota/space_quota.h"
#include "shares/link_door.h"
#include "storage/engine.h"

namespace cairn::web {

// Lives as long as the server. Everything in it is thread-safe; public_url is set before the first
// request.
struct Services {
  storage::Engine& engine;
  Pools& pools;
  auth::Users& users;
  auth::AppPasswords& app_passwords;
  auth::Authenticator& authenticator;
  auth::Sessions& sessions;
  auth::LoginFlows& login_flows;
  auth::SecondFactors& second_factors;
  auth::Throttle& throttle;
  auth::OAuth& oauth;
  quota::SpaceQuota& quota;
  shares::LinkDoor& links;
  Random& random;
  std::string public_url = {};  // "https://host[/sub]"; empty: taken from the request's Host
  std::atomic<bool> maintenance = false;
  std::atomic<std::uint64_t> pixels = 0;  // of pictures that are being decoded at this moment
};

struct Visit {
  Services& services;
  const http::Request& request;
  std::vector<std::string> params = {};  // what stood for {…} in the row's pattern
  http::Form query = {};
  http::Form form = {};  // of the body, for rows that have one
  // The session's cookie, or that of a visitor who is not logged in: it opens nothing, it only ties
  // forms to this browser. Drawn anew when the browser has sent none.
  std::string cookie = {};
  std::optional<auth::LiveSession> session = {};
  // Of rows that take credentials, when there were any.
  std::optional<auth::Principal> caller = {};
  std::string body = {};  // of rows that take it as it is

  // Absolute, for other programs; of this server's pages.
  std::string Absolute(std::string_view path) const;
  // For links and forms of a page.
  std::string Local(std::string_view path) const;
  std::string base_url() const;

  // For the transaction of a change that the session asks for.
  auth::Precondition StillOpen() const { return services.sessions.StillOpen(*session); }

  // What a form must bring back. Another cookie has another one.
  std::string RequestToken() const;
  // The cookie that ties a login flow to this browser, as sent; empty = none.
  std::string FlowCookie() const;
};

using Outcome = net::awaitable<Result<http::Response>>;

inline constexpr std::string_view kSessionCookie = "cairn_session";
inline constexpr std::string_view kFlowCookie = "cairn_flow";

}  // namespace cairn::web
