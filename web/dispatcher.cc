#include "web/dispatcher.h"

#include <boost/json.hpp>

#include "auth/authenticate.h"
#include "base/bytes.h"
#include "base/log.h"
#include "http/path_pattern.h"
#include "web/page.h"

namespace cairn::web {
namespace {

constexpr std::size_t kMaxFormBytes = 64 * 1024;

// The row, or the methods that the path has.
struct Found {
  const Route* route = nullptr;
  std::string allowed;
};
Found FindRoute(Visit& visit) {
  Found found;
  const auto path = http::DecodePath(visit.request.path);
  if (path.has_error()) return found;
  std::string_view verb = visit.request.method;
  if (verb == "HEAD") verb = "GET";
  for (const Route& row : Routes()) {
    auto params = http::MatchPattern(row.pattern, path->segments);
    if (!params) continue;
    if (row.verb == verb) {
      found.route = &row;
      visit.params = std::move(*params);
      return found;
    }
    found.allowed += (found.allowed.empty() ? "" : ", ") +
                     (row.verb == "GET" ? std::string("GET, HEAD") : std::string(row.verb));
  }
  return found;
}

// The fields of a body. A JSON object counts as one; some devices label a form as JSON.
http::Form ParseForm(const http::Request& request, const std::string& body) {
  const std::string_view type = request.headers.Get("Content-Type");
  if (!type.starts_with("application/json")) return http::Form::Parse(body);
  boost::system::error_code failed;
  const auto value = boost::json::parse(body, failed);
  const auto* object = failed ? nullptr : value.if_object();
  if (object == nullptr) return http::Form::Parse(body);
  std::string form;
  for (const auto& member : *object) {
    const auto* text = member.value().if_string();
    if (text == nullptr) continue;
    form += (form.empty() ? "" : "&") + http::EncodeUriComponent(member.key()) + "=" +
            http::EncodeUriComponent(*text);
  }
  return http::Form::Parse(form);
}

// The browser's own word that another site has sent it here (Fetch Metadata).
bool IsCrossSite(const http::Request& request) {
  return request.headers.Get("Sec-Fetch-Site") == "cross-site";
}

bool HasRequestToken(const Visit& visit, bool sent_cookie) {
  const auto given = visit.form.Last("requesttoken");
  return sent_cookie && given && ConstantTimeEqual(*given, visit.RequestToken());
}

http::Response Closed(const Visit& visit) {
  http::Response response =
      Message(visit, 503, "In maintenance", "The server is in maintenance. Try again later.");
  return response.With("X-Nextcloud-Maintenance-Mode", "1").With("Retry-After", "120");
}

http::Response ErrorPage(const Visit& visit, const Error& error) {
  switch (error.code) {
    case ErrorCode::kThrottled: {
      http::Response response =
          Message(visit, 429, "Too many attempts", "Too many attempts. Try again later.");
      return response.With("Retry-After", std::to_string(error.retry_after));
    }
    case ErrorCode::kBusy:
    case ErrorCode::kDiskFull: {
      http::Response response =
          Message(visit, 503, "Busy", "The server is busy at the moment. Try again later.");
      return response.With("Retry-After", "5");
    }
    case ErrorCode::kUnauthenticated:
      return SeeOther(visit.Local("/login"));
    case ErrorCode::kTooLarge:
      return Message(visit, 413, "Too large", "What was sent is too long.");
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kCancelled:  // a body that did not come: nobody is left to read it
      return Message(visit, 400, "Bad request", "The request could not be understood.");
    default:
      log::error("request {}: {}: {}", visit.request.id, Name(error.code), error.message);
      return Message(
          visit, 500, "Something went wrong",
          "The server could not do this. The number of the request is " + visit.request.id + ".");
  }
}

bool TakesCredentials(Guard guard) {
  return guard == Guard::kCredentials || guard == Guard::kCaller;
}

// Who a program is. Wrong credentials are refused whatever the guard; none are refused by
// kCredentials alone. True: the answer is 401.
net::awaitable<Result<bool>> RefusesCaller(http::Exchange& exchange, Visit& visit, Guard guard) {
  auth::Attempt attempt{std::string(visit.request.headers.Get("Authorization")),
                        visit.request.remote};
  if (attempt.authorization.empty()) co_return guard == Guard::kCredentials;
  auto checked = co_await auth::Authenticate(visit.services.authenticator, visit.services.pools,
                                             visit.services.engine.kv(), std::move(attempt));
  if (checked.has_error() && Is(checked.error(), ErrorCode::kUnauthenticated)) co_return true;
  if (checked.has_error()) co_return std::move(checked).error();
  visit.caller = std::move(*checked);
  exchange.SetUser(visit.caller->caller.user_name);
  co_return false;
}

// The body, as the row wants it.
net::awaitable<Result<void>> ReadBodyOf(http::Exchange& exchange, Visit& visit,
                                        const Route& route) {
  const bool raw = route.raw_body > 0;
  auto body = co_await http::ReadWholeBody(exchange, raw ? route.raw_body : kMaxFormBytes);
  if (body.has_error()) co_return std::move(body).error();
  if (raw) {
    visit.body = std::move(*body);
  } else {
    visit.form = ParseForm(visit.request, *body);
  }
  co_return Result<void>();
}

}  // namespace

Outcome Dispatcher::Answer(http::Exchange& exchange, Visit& visit) {
  if (services_.maintenance.load(std::memory_order_relaxed)) co_return Closed(visit);
  const Found found = FindRoute(visit);
  if (found.route == nullptr) {
    if (found.allowed.empty()) co_return Message(visit, 404, "Not found", "There is no such page.");
    http::Response refused(405);
    co_return refused.With("Allow", found.allowed).With("Content-Type", "text/html; charset=UTF-8");
  }
  visit.query = http::Form::Parse(visit.request.query);
  visit.cookie = http::CookieValue(visit.request, kSessionCookie);
  const bool sent_cookie = visit.cookie.size() == auth::kSecretLength;
  if (sent_cookie) {
    auto work = [&] {
      return services_.sessions.Find(*services_.engine.kv().Published(), visit.cookie);
    };
    auto session = co_await services_.pools.read.Run(work);
    if (session.has_error()) co_return std::move(session).error();
    visit.session = std::move(*session);
  } else {
    visit.cookie = auth::Secrets(services_.engine.kv(), services_.random).Draw();
  }
  if (visit.session) exchange.SetUser(visit.session->user.name());

  if (TakesCredentials(found.route->guard)) {
    auto refused = co_await RefusesCaller(exchange, visit, found.route->guard);
    if (refused.has_error()) co_return std::move(refused).error();
    if (*refused) co_return Challenge();
    if (found.route->verb != "GET" && IsCrossSite(visit.request)) co_return StaleForm(visit);
  }
  if (found.route->verb == "POST") {
    auto read = co_await ReadBodyOf(exchange, visit, *found.route);
    if (read.has_error()) co_return std::move(read).error();
  }
  const bool guarded = found.route->guard == Guard::kForm || found.route->guard == Guard::kSession;
  if (found.route->guard == Guard::kSession && !visit.session) {
    co_return SeeOther(visit.Local(
        LoginPath(found.route->verb == "GET" ? visit.request.path : std::string(kHome))));
  }
  if (guarded && found.route->verb == "POST" &&
      (IsCrossSite(visit.request) || !HasRequestToken(visit, sent_cookie)))
    co_return StaleForm(visit);

  if (visit.session) {
    auto touch = [&] { return services_.sessions.Touch(*visit.session); };
    auto touched = co_await services_.pools.slow.Run(touch);
    if (touched.has_error()) log::warn("last use of a session: {}", touched.error().message);
  }
  auto answered = co_await found.route->run(visit);
  if (answered.has_error()) co_return std::move(answered).error();
  // A page with forms ties them to this browser.
  if (!sent_cookie && answered->headers.Get("Content-Type").starts_with("text/html") &&
      visit.request.method == "GET" && !answered->headers.Has("Set-Cookie"))
    http::SetCookie(*answered, visit.request, kSessionCookie, visit.cookie, 0);
  co_return std::move(*answered);
}

net::awaitable<void> Dispatcher::Handle(http::Exchange& exchange) {
  Visit visit{services_, exchange.request()};
  auto answered = co_await Answer(exchange, visit);
  http::Response response =
      answered.has_error() ? ErrorPage(visit, answered.error()) : std::move(*answered);
  auto sent = co_await exchange.Send(std::move(response));
  if (sent.has_error()) log::debug("request {}: {}", visit.request.id, sent.error().message);
}

}  // namespace cairn::web
