// What absolute URLs begin with. Pure.
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

}  // namespace cairn::http
