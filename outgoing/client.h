// The one way to servers that a user may have named: HTTP requests that cannot be turned against
// the network that Cairn runs in.
//
// https, certificates verified; http only with `allow_http`, and then only to listed addresses. The
// host is resolved once for each connection, and what is checked is the address of the socket that
// is being connected: a name that changes its mind gains nothing. No proxy, cookie, netrc or
// connection is shared with anything else. Time, bytes, redirects and calls per host are bounded.
//
// Redirects of methods that only read are followed, each checked anew; never from https to http. To
// another origin (scheme, host or port) neither the login goes nor a header that is not known to be
// harmless. A redirect of any other method is an answer like others.
//
// Thread-safe. Send blocks, for as long as `timeout` (or, while a name server is silent, the
// system's resolver) allows: for a pool of its own, see fetch.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "conf/network.h"
#include "http/headers.h"
#include "outgoing/budget.h"

namespace cairn::outgoing {

struct Login {
  std::string user;  // without ':'
  std::string password;
};

struct Request {
  std::string method = "GET";
  std::string url;
  http::Headers headers;  // not those that frame the message or name the host
  std::string body;
  std::optional<Login> login;  // Basic
};

struct Response {
  int status = 0;
  http::Headers headers;
  std::string body;
};

struct ClientOptions {
  std::vector<conf::Network> allowed;  // may be reached although they are not public
  bool allow_http = false;             // to `allowed` only
  std::filesystem::path authorities;   // PEM; empty: the system's
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{10'000};  // for a call with all its redirects
  std::chrono::seconds stalled{10};           // without a byte for so long: over
  std::size_t body_limit = 1 << 20;
  std::size_t header_limit = 64 << 10;
  int redirects = 3;
  BudgetLimits budget;
  // The addresses of a host; thread-safe. Empty function: the system's resolver.
  std::function<std::vector<std::string>(const std::string& host)> resolve;
};

class Client {
 public:
  virtual ~Client() = default;
  // kInvalidArgument: the request is not one (URL, method, a header). kForbidden: an address that
  // may not be reached, http, or a redirect to either. kTooLarge: the answer. kBusy: no answer in
  // time, or HostBudget's. kIo: no connection, a certificate that is not accepted, no HTTP, too
  // many redirects. Messages name the origin and nothing else of the URL; they are for the log, as
  // what they tell of this network is nothing for users.
  virtual Result<Response> Send(const Request& request) = 0;
};

// `clock` decides when a host that failed is asked again.
std::unique_ptr<Client> MakeClient(ClientOptions options, const Clock& clock);

}  // namespace cairn::outgoing
