#include "server/router.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/log.h"

namespace cairn::server {
namespace {

constexpr std::string_view kAllowedMethods =
    "OPTIONS, GET, HEAD, POST, PUT, PATCH, DELETE, MKCOL, COPY, MOVE, PROPFIND, PROPPATCH, LOCK, "
    "UNLOCK, REPORT, SEARCH";

// The same answer to everything.
class Fixed final : public http::Handler {
 public:
  explicit Fixed(http::Response response) : response_(std::move(response)) {}
  net::awaitable<void> Handle(http::Exchange& exchange) override {
    auto sent = co_await exchange.Send(response_);
    if (sent.has_error()) log::debug("answer not sent: {}", sent.error().message);
  }

 private:
  const http::Response response_;
};

std::unique_ptr<http::Handler> Plain(int status, std::string_view text) {
  http::Response response(status);
  if (!text.empty()) response.With("Content-Type", "text/plain; charset=UTF-8");
  if (status != 404) response.With("Allow", kAllowedMethods);
  response.body = text;
  return std::make_unique<Fixed>(std::move(response));
}

// What follows `pattern` at the front of `path`: "" or "/...". nullopt: it does not stand there.
std::optional<std::string_view> After(std::string_view path, std::string_view pattern) {
  const auto skip_slashes = [](std::string_view& text) {
    while (text.size() > 1 && text[0] == '/' && text[1] == '/') text.remove_prefix(1);
  };
  skip_slashes(path);
  while (!pattern.empty()) {
    const std::string_view segment = pattern.substr(0, pattern.find('/', 1));
    skip_slashes(path);
    if (!path.starts_with(segment)) return std::nullopt;
    path.remove_prefix(segment.size());
    if (!path.empty() && path.front() != '/') return std::nullopt;
    pattern.remove_prefix(segment.size());
  }
  skip_slashes(path);
  return path;
}

bool Matches(const RouteRow& route, std::string_view rest) {
  return route.match == Match::kPrefix || rest.empty() || rest == "/";
}

}  // namespace

Router::Router(std::vector<RouteRow> routes, std::string sub_path)
    : routes_(std::move(routes)),
      sub_path_(std::move(sub_path)),
      not_found_(Plain(404, "Not found\n")),
      not_allowed_(Plain(405, "Method not allowed\n")),
      whole_server_(Plain(200, "")) {
  for (RouteRow& route : routes_) {
    if (route.pattern == "/") route.pattern = "";
  }
  std::stable_sort(routes_.begin(), routes_.end(), [](const RouteRow& a, const RouteRow& b) {
    return a.pattern.size() > b.pattern.size();
  });
}

Router::~Router() = default;

http::Handler& Router::Route(http::Request& request) {
  if (request.method == "TRACE" || request.method == "CONNECT") return *not_allowed_;
  if (request.path == "*") return request.method == "OPTIONS" ? *whole_server_ : *not_found_;
  std::string_view path = request.path;
  if (!sub_path_.empty()) {
    if (const auto below = After(path, sub_path_)) {
      path = below->empty() ? std::string_view("/") : *below;
      request.mount = sub_path_;
    }
  }
  const auto below_index = After(path, "/index.php");
  for (const RouteRow& route : routes_) {
    auto rest = After(path, route.pattern);
    if (below_index && route.below_index_php &&
        (!rest || !Matches(route, *rest) || route.pattern.empty())) {
      rest = After(below_index->empty() ? std::string_view("/") : *below_index, route.pattern);
    }
    if (!rest || !Matches(route, *rest)) continue;
    std::string rewritten(route.pattern);
    rewritten += *rest;
    request.path = rewritten.empty() ? "/" : std::move(rewritten);
    return *route.handler;
  }
  return *not_found_;
}

}  // namespace cairn::server
