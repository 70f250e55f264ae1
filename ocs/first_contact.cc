#include "ocs/first_contact.h"

#include <array>

#include "base/log.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kHtml = "text/html; charset=UTF-8";

http::Response Body(int status, std::string_view type, std::string body) {
  http::Response response(status);
  response.With("Content-Type", type);
  response.body = std::move(body);
  return response;
}

http::Response Status(const Services& services, const http::Request&) {
  const json::object status{{"installed", true},
                            {"maintenance", services.maintenance.load()},
                            {"needsDbUpgrade", false},
                            {"version", services.version.text},
                            {"versionstring", services.version.string},
                            {"edition", ""},
                            {"productname", "Nextcloud"},
                            {"extendedSupport", false}};
  return Body(200, "application/json", ToJson(status)).With("Access-Control-Allow-Origin", "*");
}

http::Response Connectivity(const Services&, const http::Request&) {
  return Body(204, kHtml, {}).With("Cache-Control", "no-cache, no-store, must-revalidate");
}

// A browser's way in. Clients that look whether the address answers take any redirect.
http::Response RootPage(const Services& services, const http::Request& request) {
  return Body(302, kHtml, {}).With("Location", BaseUrl(services, request) + "/login");
}

http::Response Robots(const Services&, const http::Request&) {
  return Body(200, "text/plain", "User-agent: *\nDisallow: /\n");
}

// /.well-known/NAME -> the place where NAME is answered, as a web server in front of Nextcloud does
// it.
http::Response WellKnownRedirect(const Services& services, const http::Request& request) {
  const std::string base = BaseUrl(services, request);
  const bool dav = request.path == "/.well-known/caldav" || request.path == "/.well-known/carddav";
  std::string location = dav ? base + "/remote.php/dav/" : base + "/index.php" + request.path;
  if (!dav && !request.query.empty()) location += "?" + request.query;
  return http::Response(301).With("Location", location);
}

// Where password managers send people (W3C, "A Well-Known URL for Changing Passwords").
http::Response ChangePassword(const Services& services, const http::Request& request) {
  return Body(303, kHtml, {})
      .With("Location", BaseUrl(services, request) + "/settings/user/security")
      .With("X-NEXTCLOUD-WELL-KNOWN", "1");
}

http::Response WellKnownAbsent(const Services&, const http::Request& request) {
  const auto path = http::DecodePath(request.path);
  const std::string name =
      path.has_value() && path->segments.size() > 2 ? path->segments[2] : std::string();
  return Body(404, kJson, ToJson(json::object{{"message", name + " not supported"}}))
      .With("X-NEXTCLOUD-WELL-KNOWN", "1");
}

struct Row {
  std::string_view path;
  bool below;                // what lies below the path, too
  std::string_view methods;  // as Allow shows them
  http::Response (*answer)(const Services&, const http::Request&);
};

constexpr std::array kRows{
    Row{"/", false, "GET, HEAD", RootPage},
    Row{"/status.php", false, "GET, HEAD", Status},
    Row{"/204", false, "GET, HEAD", Connectivity},
    Row{"/robots.txt", false, "GET, HEAD", Robots},
    Row{"/.well-known", true, "GET, HEAD, PROPFIND", WellKnownRedirect},
    Row{"/index.php/.well-known/change-password", false, "GET, HEAD", ChangePassword},
    Row{"/index.php/.well-known", true, "GET, HEAD", WellKnownAbsent},
};

const Row* FindRow(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  for (const Row& row : kRows) {
    if (path == row.path) return &row;
    if (row.below && path.starts_with(row.path) && path[row.path.size()] == '/') return &row;
  }
  return nullptr;
}

bool Lists(std::string_view methods, std::string_view method) {
  while (!methods.empty()) {
    const std::string_view one = methods.substr(0, methods.find(','));
    if (one == method) return true;
    methods.remove_prefix(std::min(one.size() + 2, methods.size()));
  }
  return false;
}

}  // namespace

http::Response FirstContact::Answer(const http::Request& request) const {
  const Row* row = FindRow(request.path);
  if (row == nullptr) return Body(404, "text/plain; charset=UTF-8", "Not found\n");
  if (!Lists(row->methods, request.method)) return http::Response(405).With("Allow", row->methods);
  if (services_.maintenance.load(std::memory_order_relaxed) && row->answer != Status) {
    return Body(503, kHtml, "<!DOCTYPE html>\n<title>Cairn</title><p>In maintenance.</p>\n")
        .With("X-Nextcloud-Maintenance-Mode", "1")
        .With("Retry-After", "120");
  }
  return row->answer(services_, request);
}

net::awaitable<void> FirstContact::Handle(http::Exchange& exchange) {
  http::Response response = Answer(exchange.request());
  auto sent = co_await exchange.Send(std::move(response));
  if (sent.has_error()) log::debug("request {}: {}", exchange.request().id, sent.error().message);
}

}  // namespace cairn::ocs
