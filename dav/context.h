// What every DAV handler works with: the server's parts (Services) and one request's state (Ctx).
//
// A handler is a coroutine `net::awaitable<Result<void>> F(Ctx&, Target)`; an error it returns
// before answering is turned into the Sabre-style XML by one table (dav/error_body.h).
// dav/dispatcher.h does authentication, path decoding and the choice of tree and method; handlers
// never look at credentials.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "auth/app_passwords.h"
#include "auth/authenticator.h"
#include "auth/principal.h"
#include "auth/users.h"
#include "base/offload.h"
#include "dav/propfind_cache.h"
#include "dav/read_ahead_budget.h"
#include "http/exchange.h"
#include "quota/space_quota.h"
#include "shares/link_door.h"
#include "shares/shares.h"
#include "storage/engine.h"

namespace cairn::dav {

// Lives as long as the server. Everything in it is thread-safe.
struct Services {
  storage::Engine& engine;
  Pools& pools;
  auth::Users& users;
  auth::Authenticator& authenticator;
  quota::SpaceQuota& quota;
  shares::Shares& shares;
  shares::LinkDoor& links;
  std::string public_url;  // "https://host[/sub]", without a trailing slash; empty: taken from the
                           // request's Host
  ReadAheadBudget read_ahead = {};  // shared by all downloads
  PropfindCache propfinds = {};
  std::atomic<bool> maintenance = false;  // everything is answered 503
};

// One request. Lives in the dispatcher's coroutine frame.
struct Ctx {
  Services& services;
  http::Exchange& exchange;
  auth::Principal principal;
  std::string
      base;  // raw prefix of the tree as the client wrote it, e.g. "/remote.php/dav/files/alice"
  std::vector<std::string> segments;  // decoded, below `base`
  bool trailing_slash = false;
  // Where the request's path leads: in the files tree of the caller's view (dav/locate.h).
  storage::TreePath place = {};
  // By which he came, if he did not log in: the principal is its caller then, and no user.
  std::optional<shares::LinkVisit> link = {};

  const http::Request& request() const { return exchange.request(); }
  const storage::TreePath& path() const { return place; }
  bool in_mount() const { return place.start != FileId{}; }
  storage::KvStore& kv() const { return services.engine.kv(); }
};

using Outcome = net::awaitable<Result<void>>;

struct DavError;
// Answers with exactly this error, where FromError(Error) would say too little. `error` is a named
// local of the caller.
Outcome Refuse(Ctx& ctx, const DavError& error);

}  // namespace cairn::dav
