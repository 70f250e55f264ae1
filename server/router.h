// From a request's path to the handler that answers it. Routes are rows; the longest pattern that
// matches wins.
//
// Patterns are compared segment by segment: duplicate slashes count as one, up to the end of the
// pattern; what follows is the handler's and stays as received. Thread-safe once built.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/handler.h"

namespace cairn::server {

// What a connection needs of the router: tests put their own behind it.
class RequestRouter {
 public:
  virtual ~RequestRouter() = default;
  // Unknown paths lead to a handler that says so. Rewrites request.path to the form that the
  // handler expects, and request.mount.
  virtual http::Handler& Route(http::Request& request) = 0;
};

enum class Match {
  kExact,   // the path itself, with or without a final slash
  kPrefix,  // and everything below it
};

struct RouteRow {
  std::string_view
      pattern;  // "/remote.php/dav": static text, no final slash; "" or "/" is the root
  Match match = Match::kPrefix;
  // Served below /index.php too, as the clients' web routes are; DAV and OCS entry points are
  // literal.
  bool below_index_php = false;
  http::Handler* handler = nullptr;
};

class Router final : public RequestRouter {
 public:
  // `sub_path`: "" or "/cloud", where the server is mounted; paths without it are served as well,
  // because proxies differ in whether they strip it.
  Router(std::vector<RouteRow> routes, std::string sub_path);
  ~Router() override;

  http::Handler& Route(http::Request& request) override;

 private:
  std::vector<RouteRow> routes_;  // longer patterns first
  const std::string sub_path_;
  std::unique_ptr<http::Handler> not_found_;
  std::unique_ptr<http::Handler> not_allowed_;   // TRACE, CONNECT
  std::unique_ptr<http::Handler> whole_server_;  // OPTIONS *
};

}  // namespace cairn::server
