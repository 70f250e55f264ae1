#include "http/cookies.h"

#include <algorithm>

#include "base/bytes.h"

namespace cairn::http {
namespace {

constexpr std::string_view kHostPrefix = "__Host-";

std::string FullName(const Request& request, std::string_view name) {
  return (request.secure ? std::string(kHostPrefix) : std::string()).append(name);
}

}  // namespace

std::string CookieValue(const Request& request, std::string_view name) {
  const std::string wanted = FullName(request, name) + "=";
  const std::string all = request.headers.Joined("Cookie");
  std::string_view rest = all;
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of(";,");
    const std::string_view one = Trim(rest.substr(0, end));
    if (one.starts_with(wanted)) return std::string(one.substr(wanted.size()));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return {};
}

void SetCookie(Response& response, const Request& request, std::string_view name,
               std::string_view value, std::int64_t seconds) {
  std::string cookie = FullName(request, name).append("=").append(value);
  cookie += "; Path=/; HttpOnly; SameSite=Lax";
  if (request.secure) cookie += "; Secure";
  if (seconds != 0) cookie += "; Max-Age=" + std::to_string(std::max<std::int64_t>(seconds, 0));
  response.headers.Add("Set-Cookie", cookie);
}

}  // namespace cairn::http
