// OCS endpoints as table rows, and the handler that finds the row, authenticates and renders the
// reply.
//
// An endpoint is a coroutine that reads its Call and returns a Reply; an error it returns is turned
// into a failure by ReplyTo. It never sees credentials, formats or versions.
#pragma once

#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/app_passwords.h"
#include "auth/authenticator.h"
#include "auth/groups.h"
#include "auth/people_search.h"
#include "auth/principal.h"
#include "auth/users.h"
#include "base/offload.h"
#include "http/handler.h"
#include "http/url.h"
#include "ocs/envelope.h"
#include "ocs/version.h"
#include "quota/space_quota.h"
#include "shares/shares.h"
#include "shares/transfers.h"
#include "storage/engine.h"

namespace cairn::ocs {

// Lives as long as the server. Everything in it is thread-safe; public_url is set before the first
// request.
struct Services {
  storage::Engine& engine;
  Pools& pools;
  auth::Users& users;
  auth::AppPasswords& app_passwords;
  auth::Authenticator& authenticator;
  quota::SpaceQuota& quota;
  shares::Shares& shares;
  shares::Transfers& transfers;
  auth::PeopleSearch& people;
  ServerVersion version;
  std::string public_url =
      {};  // "https://host[/sub]", without a trailing slash; empty: taken from the request's Host
  std::atomic<bool> maintenance = false;  // everything but status.php is answered 503
};

// What absolute URLs of an answer begin with.
std::string BaseUrl(const Services& services, const http::Request& request);

// One request to an endpoint. Lives in the dispatcher's coroutine frame.
struct Call {
  Services& services;
  const http::Request& request;
  std::vector<std::string> params;           // what stood for {…}, decoded, in order
  std::optional<auth::Principal> principal;  // always there for AuthRule::kUser
  http::Form form = {};                      // of the body, for rows that have one

  const auth::Principal& user() const { return *principal; }
};

using ReplyTask = net::awaitable<Result<Reply>>;

enum class AuthRule {
  kAnyone,  // credentials are checked when there are any
  kUser,
  kOneTimeToo,  // users, and bearers of a one-time app password (Principal::one_time)
};

struct Endpoint {
  std::string_view verb;     // "GET" answers HEAD too
  std::string_view pattern;  // below /ocs/vN.php: "/cloud/users/{id}"
  AuthRule auth = AuthRule::kUser;
  ReplyTask (*run)(Call&) = nullptr;
  // The body is read, up to kMaxFormBytes: application/x-www-form-urlencoded, or a JSON object of
  // texts, numbers and lists of them.
  bool has_form = false;
};
inline constexpr std::size_t kMaxFormBytes = 64 * 1024;

// The fields of a body: of a JSON object when `content_type` says so, where a list is `name[]`;
// else of a form. What is no JSON object has none.
http::Form FormOf(std::string_view content_type, std::string_view body);

// All endpoints there are.
std::span<const Endpoint> Endpoints();

// The row for a request. `known_path`: there are rows for the path, with other verbs (405).
struct Match {
  const Endpoint* endpoint = nullptr;
  bool known_path = false;
  std::vector<std::string> params;
};
Match FindEndpoint(std::string_view verb, std::span<const std::string> segments);

class Dispatcher final : public http::Handler {
 public:
  explicit Dispatcher(Services& services) : services_(services) {}
  // For /ocs/v1.php/… and /ocs/v2.php/…: always answers.
  net::awaitable<void> Handle(http::Exchange& exchange) override;

 private:
  net::awaitable<http::Response> Answer(http::Exchange& exchange);

  Services& services_;
};

}  // namespace cairn::ocs
