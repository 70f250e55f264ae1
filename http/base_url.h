// What the addresses that this server gives out begin with. Pure.
#pragma once

#include <string>
#include <string_view>

#include "http/exchange.h"

namespace cairn::http {

// `public_url` ("https://host[/sub]", without a slash at its end) when it is set; otherwise what
// the client itself has addressed.
inline std::string BaseUrl(std::string_view public_url, const Request& request) {
  if (!public_url.empty()) return std::string(public_url);
  return (request.secure ? "https://" : "http://") + std::string(request.host()) + request.mount;
}

// The path that the server's own addresses begin with: "/sub" of it, or empty.
inline std::string LocalBase(std::string_view public_url, const Request& request) {
  if (public_url.empty()) return request.mount;
  const auto host = public_url.find("://");
  const auto path = host == std::string_view::npos ? host : public_url.find('/', host + 3);
  return path == std::string_view::npos ? std::string() : std::string(public_url.substr(path));
}

}  // namespace cairn::http
