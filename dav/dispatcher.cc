#include "dav/dispatcher.h"

#include <algorithm>
#include <array>

#include "auth/authenticate.h"
#include "base/log.h"
#include "dav/dav_error.h"
#include "dav/dav_exchange.h"
#include "dav/link_knock.h"
#include "dav/locate.h"
#include "dav/methods.h"
#include "dav/tree_route.h"

namespace cairn::dav {
namespace {

struct MethodRow {
  Tree tree;
  std::string_view method;
  Outcome (*run)(Ctx&);
};

constexpr std::array kMethods{
    MethodRow{Tree::kFiles, "PROPFIND", Propfind},
    MethodRow{Tree::kFiles, "GET", Get},
    MethodRow{Tree::kFiles, "HEAD", Get},
    MethodRow{Tree::kFiles, "PUT", Put},
    MethodRow{Tree::kFiles, "DELETE", Remove},
    MethodRow{Tree::kFiles, "MOVE", Move},
    MethodRow{Tree::kFiles, "COPY", Copy},
    MethodRow{Tree::kFiles, "MKCOL", Mkcol},
    MethodRow{Tree::kFiles, "PROPPATCH", Proppatch},
    MethodRow{Tree::kFiles, "REPORT", Report},
    MethodRow{Tree::kFiles, "LOCK", Lock},
    MethodRow{Tree::kFiles, "UNLOCK", Unlock},
    MethodRow{Tree::kFiles, "OPTIONS", Options},
    MethodRow{Tree::kFiles, "PATCH", Patch},
    MethodRow{Tree::kUploads, "PROPFIND", UploadsPropfind},
    MethodRow{Tree::kUploads, "PUT", UploadsPut},
    MethodRow{Tree::kUploads, "MKCOL", UploadsMkcol},
    MethodRow{Tree::kUploads, "DELETE", UploadsRemove},
    MethodRow{Tree::kUploads, "MOVE", UploadsMove},
    MethodRow{Tree::kUploads, "OPTIONS", OptionsOfTree},
    MethodRow{Tree::kTrashbin, "PROPFIND", TrashPropfind},
    MethodRow{Tree::kTrashbin, "GET", TrashGet},
    MethodRow{Tree::kTrashbin, "HEAD", TrashGet},
    MethodRow{Tree::kTrashbin, "DELETE", TrashRemove},
    MethodRow{Tree::kTrashbin, "MOVE", TrashMove},
    MethodRow{Tree::kTrashbin, "COPY", TrashCopy},
    MethodRow{Tree::kTrashbin, "PUT", TrashPut},
    MethodRow{Tree::kTrashbin, "MKCOL", TrashMkcol},
    MethodRow{Tree::kTrashbin, "PROPPATCH", TrashProppatch},
    MethodRow{Tree::kTrashbin, "OPTIONS", OptionsOfTree},
    MethodRow{Tree::kVersions, "PROPFIND", VersionsPropfind},
    MethodRow{Tree::kVersions, "GET", VersionsGet},
    MethodRow{Tree::kVersions, "HEAD", VersionsGet},
    MethodRow{Tree::kVersions, "DELETE", VersionsRemove},
    MethodRow{Tree::kVersions, "MOVE", VersionsMove},
    MethodRow{Tree::kVersions, "COPY", VersionsCopy},
    MethodRow{Tree::kVersions, "PUT", VersionsRefuse},
    MethodRow{Tree::kVersions, "MKCOL", VersionsRefuse},
    MethodRow{Tree::kVersions, "PROPPATCH", VersionsProppatch},
    MethodRow{Tree::kVersions, "OPTIONS", OptionsOfTree},
    MethodRow{Tree::kPublic, "PROPFIND", Propfind},
    MethodRow{Tree::kPublic, "GET", Get},
    MethodRow{Tree::kPublic, "HEAD", Get},
    MethodRow{Tree::kPublic, "PUT", Put},
    MethodRow{Tree::kPublic, "DELETE", Remove},
    MethodRow{Tree::kPublic, "MOVE", Move},
    MethodRow{Tree::kPublic, "COPY", Copy},
    MethodRow{Tree::kPublic, "MKCOL", Mkcol},
    MethodRow{Tree::kPublic, "PROPPATCH", Proppatch},
    MethodRow{Tree::kPublic, "LOCK", Lock},
    MethodRow{Tree::kPublic, "UNLOCK", Unlock},
    MethodRow{Tree::kPublic, "OPTIONS", Options},
    MethodRow{Tree::kPublic, "POST", UploadForm},
    MethodRow{Tree::kDrop, "PUT", DropPut},
    MethodRow{Tree::kDrop, "MKCOL", DropMkcol},
    MethodRow{Tree::kDrop, "GET", DropGet},
    MethodRow{Tree::kDrop, "HEAD", DropGet},
    MethodRow{Tree::kDrop, "OPTIONS", DropOptions},
    MethodRow{Tree::kDrop, "POST", DropForm},
    MethodRow{Tree::kRoot, "PROPFIND", RootPropfind},
    MethodRow{Tree::kRoot, "GET", RootGet},
    MethodRow{Tree::kRoot, "HEAD", RootGet},
    MethodRow{Tree::kRoot, "OPTIONS", OptionsOfTree},
};

DavError NotFound() {
  return {
      404, "Sabre\\DAV\\Exception\\NotFound", "The file or folder could not be located", {}, {}};
}

// The row, or what to say when there is none: 405 for a method that other trees have, 501 for one
// that none has.
boost::system::result<const MethodRow*, DavError> FindMethod(Tree tree, std::string_view method) {
  bool known = method == "TRACE" || method == "CONNECT";
  for (const MethodRow& row : kMethods) {
    if (row.method != method) continue;
    if (row.tree == tree) return &row;
    known |= method != "POST";  // the forms of links: to all others as a method that none has
  }
  if (known) {
    return DavError{405,
                    "Sabre\\DAV\\Exception\\MethodNotAllowed",
                    tree == Tree::kDrop ? "Only PUT, MKCOL and MOVE are allowed on files drop"
                                        : "The method is not possible here",
                    {},
                    {}};
  }
  return DavError{501,
                  "Sabre\\DAV\\Exception\\NotImplemented",
                  "There was no plugin in the system that was willing to handle this method.",
                  {},
                  {}};
}

// Whose tree it is: nobody learns here which other users exist. nullopt: the caller's own.
std::optional<DavError> CheckOwner(const TreeRoute& route, const auth::Principal& principal) {
  if (route.tree == Tree::kUnknown) return NotFound();
  if (route.user.empty() || EqualsIgnoreCase(route.user, principal.caller.user_name))
    return std::nullopt;
  if (route.tree == Tree::kFiles) return NotFound();
  return DavError{403, "Sabre\\DAV\\Exception\\Forbidden", "This belongs to another user", {}, {}};
}

http::Response ResponseTo(const http::Request& request, const Error& error) {
  if (Is(error, ErrorCode::kUnauthenticated)) {
    return UnauthenticatedResponse(
        EqualsIgnoreCase(request.headers.Get("X-Requested-With"), "XMLHttpRequest"));
  }
  http::Response response = ErrorResponse(FromError(error));
  if (error.retry_after > 0) response.With("Retry-After", std::to_string(error.retry_after));
  return response;
}

// To a request about what is there it is all one which part of the path is missing; to one that
// makes something it is not (409, RFC 4918 section 9.3.1).
Error Explain(const http::Request& request, Error error) {
  constexpr std::array<std::string_view, 5> kReading = {"GET", "HEAD", "PROPFIND", "PROPPATCH",
                                                        "REPORT"};
  if (std::find(kReading.begin(), kReading.end(), request.method) == kReading.end()) return error;
  if (Is(error, ErrorCode::kParentMissing) || Is(error, ErrorCode::kNotACollection) ||
      Is(error, ErrorCode::kInvalidName)) {
    error.code = ErrorCode::kNotFound;
  }
  return error;
}

Outcome SendError(DavExchange& exchange, const DavError& error) {
  http::Response response = ErrorResponse(error);
  co_return co_await exchange.Send(std::move(response));
}

Outcome SendClosed(DavExchange& exchange) {
  http::Response response = ErrorResponse({503,
                                           "OCA\\DAV\\Exception\\ServerMaintenanceMode",
                                           "System is in maintenance mode.",
                                           {},
                                           {}});
  response.With("Retry-After", "120").With("X-Nextcloud-Maintenance-Mode", "1");
  co_return co_await exchange.Send(std::move(response));
}

// A user with his tree, or somebody with a link and what it leads to.
struct Admitted {
  auth::Principal principal = {};
  std::optional<shares::LinkVisit> link = {};
  Tree tree = Tree::kNone;
};

net::awaitable<Result<Admitted>> AdmitUser(Services& services, const http::Request& request,
                                           Tree tree) {
  auth::Attempt attempt{std::string(request.headers.Get("Authorization")), request.remote};
  auto authenticated = co_await auth::Authenticate(services.authenticator, services.pools,
                                                   services.engine.kv(), std::move(attempt));
  CO_ASSIGN_OR_RETURN(auth::Principal principal, std::move(authenticated));
  co_return Admitted{std::move(principal), std::nullopt, tree};
}

net::awaitable<Result<Admitted>> AdmitByLink(Services& services, const http::Request& request,
                                             const TreeRoute& route) {
  auto entered = co_await shares::Enter(services.links, services.pools, services.engine.kv(),
                                        KnockOf(request, route.user));
  CO_ASSIGN_OR_RETURN(shares::LinkVisit visit, std::move(entered));
  auth::Principal principal;
  principal.caller = visit.caller;
  principal.home = visit.home();
  const Tree tree = shares::IsDrop(visit.rights) ? Tree::kDrop : Tree::kPublic;
  co_return Admitted{std::move(principal), std::move(visit), tree};
}

net::awaitable<Result<void>> Place(Ctx& ctx, Tree tree) {
  if (tree == Tree::kFiles || ctx.link) {
    auto located = co_await Locate(ctx, ctx.segments);
    CO_ASSIGN_OR_RETURN(ctx.place, std::move(located));
  } else {
    ctx.place = {.home = ctx.principal.home, .segments = ctx.segments};
  }
  co_return Result<void>();
}

// Everything until an answer has been sent, or an error that is still to be answered.
Outcome Answer(Services& services, DavExchange& exchange) {
  const http::Request& request = exchange.request();
  if (services.maintenance.load(std::memory_order_relaxed)) co_return co_await SendClosed(exchange);
  auto routed = RouteOf(request.path);
  if (routed.has_value() && routed->tree == Tree::kNone) {
    const DavError error = NotFound();
    co_return co_await SendError(exchange, error);
  }
  // No login makes a path of /public.php readable.
  if (routed.has_error() && request.path.starts_with("/public.php/")) co_return routed.error();
  const bool by_link = routed.has_value() && routed->tree == Tree::kPublic;
  Result<Admitted> entered = Fail(ErrorCode::kCancelled);
  if (by_link) {
    entered = co_await AdmitByLink(services, request, *routed);
    if (entered.has_error()) {
      http::Response refused =
          LinkRefusal(request, routed->user, services.public_url, entered.error());
      if (refused.status != 0) co_return co_await exchange.Send(std::move(refused));
    }
  } else {
    entered =
        co_await AdmitUser(services, request, routed.has_value() ? routed->tree : Tree::kUnknown);
  }
  CO_ASSIGN_OR_RETURN(Admitted admitted, std::move(entered));
  exchange.Admit(admitted.principal.caller.user_name);
  CO_ASSIGN_OR_RETURN(TreeRoute route, std::move(routed));
  if (!by_link) {
    if (const auto refused = CheckOwner(route, admitted.principal))
      co_return co_await SendError(exchange, *refused);
  }
  const auto row = FindMethod(admitted.tree, request.method);
  if (row.has_error()) {
    http::Response refused = ErrorResponse(row.error());
    if (admitted.tree == Tree::kDrop) refused.With("Allow", kDropAllow);
    co_return co_await exchange.Send(std::move(refused));
  }

  Ctx ctx{services,
          exchange,
          std::move(admitted.principal),
          request.mount + route.base,
          std::move(route.segments),
          route.trailing_slash};
  ctx.link = std::move(admitted.link);
  auto placed = co_await Place(ctx, admitted.tree);
  CO_RETURN_IF_ERROR(placed);
  auto answered = co_await (*row)->run(ctx);
  if (answered.has_error() && Is(answered.error(), ErrorCode::kLocked) && !exchange.answered()) {
    const DavError error = FromError(answered.error());
    co_return co_await Refuse(ctx, error);
  }
  co_return answered;
}

void LogFailure(const http::Request& request, const Error& error) {
  if (Is(error, ErrorCode::kIo) || Is(error, ErrorCode::kCorruption)) {
    log::error("request {}: {}: {}", request.id, Name(error.code), error.message);
  }
}

}  // namespace

net::awaitable<void> Dispatcher::Handle(http::Exchange& exchange) {
  DavExchange dav(exchange);
  auto outcome = co_await Answer(services_, dav);
  if (outcome.has_value()) co_return;
  LogFailure(exchange.request(), outcome.error());
  if (dav.answered()) co_return;
  http::Response response =
      ResponseTo(exchange.request(), Explain(exchange.request(), outcome.error()));
  auto sent = co_await dav.Send(std::move(response));
  if (sent.has_error()) log::debug("request {}: {}", exchange.request().id, sent.error().message);
}

}  // namespace cairn::dav
