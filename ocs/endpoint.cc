#include "ocs/endpoint.h"

#include <algorithm>
#include <utility>

#include "auth/authenticate.h"
#include "base/log.h"
#include "http/base_url.h"
#include "http/conditional.h"
#include "http/path_pattern.h"

namespace cairn::ocs {
namespace {

constexpr std::string_view kUnknownRoute =
    "Invalid query, please check the syntax. API specifications are here: "
    "http://www.freedesktop.org/wiki/Specifications/open-collaboration-services.\n";

http::Response NotAllowed() {
  http::Response response(405);
  response.With("Content-Type", "application/json; charset=utf-8")
      .With("Allow", "GET, HEAD, POST, PUT, DELETE");
  return response;
}

bool Unchanged(const http::Request& request, const std::string& etag) {
  http::Headers only;
  if (!request.headers.Has("If-None-Match")) return false;
  only.Set("If-None-Match", request.headers.Joined("If-None-Match"));
  return http::EvaluatePreconditions("GET", only,
                                     {.exists = true, .etag = etag, .mtime = std::nullopt}) ==
         http::Precondition::kNotModified;
}

void LogFailure(const http::Request& request, const Error& error) {
  if (Is(error, ErrorCode::kIo) || Is(error, ErrorCode::kCorruption)) {
    log::error("request {}: {}: {}", request.id, Name(error.code), error.message);
  }
}

// What a request's form asks for.
struct Style {
  ApiVersion version = ApiVersion::kV2;
  Format format = Format::kXml;
};

http::Response UnknownRoute(const Style& style) {
  http::Response response =
      Render(Reply::Failure(kNotFound, std::string(kUnknownRoute)), style.version, style.format);
  if (style.format == Format::kXml) response.With("Content-Type", "text/xml; charset=UTF-8");
  return response;
}

http::Response Closed(const Style& style) {
  http::Response response =
      Render(Reply::Failure(503, "Service unavailable"), style.version, style.format);
  if (style.format == Format::kXml) response.With("Content-Type", "text/xml; charset=UTF-8");
  return response.With("X-Nextcloud-Maintenance-Mode", "1").With("Retry-After", "120");
}

// `given`: a name and a password were given, and they are wrong.
http::Response Unauthenticated(const Style& style, bool given) {
  const Reply reply =
      Reply::Failure(kUnauthenticated, given ? "Unauthorised" : "Current user is not logged in");
  http::Response response = Render(reply, style.version, style.format);
  if (given) response.With("WWW-Authenticate", "Basic realm=\"Authorisation Required\"");
  return response;
}

http::Response Refused(const Error& error, const Style& style) {
  http::Response response = Render(ReplyTo(error), style.version, style.format);
  if (error.retry_after > 0) response.With("Retry-After", std::to_string(error.retry_after));
  return response;
}

http::Response RenderFor(const http::Request& request, const Reply& reply, const Style& style) {
  if (!reply.cacheable || reply.code != 200) return Render(reply, style.version, style.format);
  const std::string etag = EtagOf(reply.data);
  http::Response response =
      Unchanged(request, etag) ? http::Response(304) : Render(reply, style.version, style.format);
  response.With("ETag", "\"" + etag + "\"");
  return response;
}

std::string TextOf(const boost::json::value& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  if (const auto* flag = value.if_bool()) return *flag ? "1" : "0";
  return value.is_number() ? boost::json::serialize(value) : std::string();
}

}  // namespace

http::Form FormOf(std::string_view content_type, std::string_view body) {
  const std::string_view type = Trim(content_type.substr(0, content_type.find(';')));
  if (!EqualsIgnoreCase(type, "application/json")) return http::Form::Parse(body);
  boost::system::error_code bad;
  const boost::json::value parsed = boost::json::parse(body, bad);
  const auto* object = bad ? nullptr : parsed.if_object();
  if (object == nullptr) return {};
  std::string encoded;
  const auto add = [&](const std::string& name, const boost::json::value& value) {
    encoded += http::EncodeUriComponent(name) + "=" + http::EncodeUriComponent(TextOf(value)) + "&";
  };
  for (const auto& [key, value] : *object) {
    const std::string name(key);
    const auto* list = value.if_array();
    if (list == nullptr && !value.is_null()) add(name, value);
    if (list == nullptr) continue;
    for (const boost::json::value& item : *list) add(name + "[]", item);
  }
  return http::Form::Parse(encoded);
}

std::string BaseUrl(const Services& services, const http::Request& request) {
  return http::BaseUrl(services.public_url, request);
}

Match FindEndpoint(std::string_view verb, std::span<const std::string> segments) {
  if (verb == "HEAD") verb = "GET";
  Match match;
  for (const Endpoint& row : Endpoints()) {
    auto params = http::MatchPattern(row.pattern, segments);
    if (!params) continue;
    match.known_path = true;
    if (row.verb != verb) continue;
    match.endpoint = &row;
    match.params = std::move(*params);
    return match;
  }
  return match;
}

net::awaitable<http::Response> Dispatcher::Answer(http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  const http::Form query = http::Form::Parse(request.query);
  Style style{.format = FormatOf(query, request.headers.Get("Accept"))};
  const auto path = http::DecodePath(request.path);
  if (path.has_error() || path->segments.size() < 2) co_return UnknownRoute(style);
  if (path->segments[1] == "v1.php") style.version = ApiVersion::kV1;
  if (services_.maintenance.load(std::memory_order_relaxed)) co_return Closed(style);
  Match match = FindEndpoint(request.method, std::span(path->segments).subspan(2));
  if (match.endpoint == nullptr) co_return match.known_path ? NotAllowed() : UnknownRoute(style);

  Call call{services_, request, std::move(match.params), std::nullopt, {}};
  auth::Attempt attempt{std::string(request.headers.Get("Authorization")), request.remote,
                        match.endpoint->auth == AuthRule::kOneTimeToo};
  if (!attempt.authorization.empty()) {
    const bool basic = !EqualsIgnoreCase(attempt.authorization.substr(0, 7), "Bearer ");
    auto checked = co_await auth::Authenticate(services_.authenticator, services_.pools,
                                               services_.engine.kv(), std::move(attempt));
    if (checked.has_error()) {
      LogFailure(request, checked.error());
      if (Is(checked.error(), ErrorCode::kUnauthenticated)) co_return Unauthenticated(style, basic);
      co_return Refused(checked.error(), style);
    }
    call.principal = std::move(*checked);
    exchange.SetUser(call.user().caller.user_name);
  } else if (match.endpoint->auth != AuthRule::kAnyone) {
    co_return Unauthenticated(style, false);
  }

  if (match.endpoint->has_form) {
    auto body = co_await http::ReadWholeBody(exchange, kMaxFormBytes);
    if (body.has_error()) {
      const Reply refused = Is(body.error(), ErrorCode::kTooLarge)
                                ? Reply::Failure(413, "The form is too long")
                                : ReplyTo(body.error());
      co_return Render(refused, style.version, style.format);
    }
    call.form = FormOf(request.headers.Get("Content-Type"), *body);
  }
  auto reply = co_await match.endpoint->run(call);
  if (reply.has_error()) LogFailure(request, reply.error());
  http::Response response =
      reply.has_error() ? Refused(reply.error(), style) : RenderFor(request, *reply, style);
  if (call.principal) response.With("X-User-Id", call.user().caller.user_name);
  co_return response;
}

net::awaitable<void> Dispatcher::Handle(http::Exchange& exchange) {
  http::Response response = co_await Answer(exchange);
  response.With("Cache-Control", "no-cache, no-store, must-revalidate");
  auto sent = co_await exchange.Send(std::move(response));
  if (sent.has_error()) log::debug("request {}: {}", exchange.request().id, sent.error().message);
}

}  // namespace cairn::ocs
