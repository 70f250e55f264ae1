#include "web/visit.h"

#include "auth/keyed_hash.h"
#include "base/bytes.h"
#include "http/base_url.h"

namespace cairn::web {
namespace {

constexpr std::string_view kHostPrefix = "__Host-";

std::string FullName(const http::Request& request, std::string_view name) {
  return (request.secure ? std::string(kHostPrefix) : std::string()).append(name);
}

// "https://host/cloud" -> "/cloud".
std::string_view PathOf(std::string_view url) {
  const auto host = url.find("://");
  const auto path = host == std::string_view::npos ? host : url.find('/', host + 3);
  return path == std::string_view::npos ? std::string_view() : url.substr(path);
}

}  // namespace

std::string Visit::base_url() const { return http::BaseUrl(services.public_url, request); }

std::string Visit::Absolute(std::string_view path) const { return base_url().append(path); }

std::string Visit::Local(std::string_view path) const {
  const std::string_view base =
      services.public_url.empty() ? std::string_view(request.mount) : PathOf(services.public_url);
  return std::string(base).append(path);
}

std::string Visit::RequestToken() const { return ToHex(auth::KeyedHash(cookie, "requesttoken")); }

std::string Visit::FlowCookie() const { return CookieValue(request, kFlowCookie); }

std::string CookieValue(const http::Request& request, std::string_view name) {
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

void SetCookie(http::Response& response, const http::Request& request, std::string_view name,
               std::string_view value, std::int64_t seconds) {
  std::string cookie = FullName(request, name).append("=").append(value);
  cookie += "; Path=/; HttpOnly; SameSite=Lax";
  if (request.secure) cookie += "; Secure";
  if (seconds != 0) cookie += "; Max-Age=" + std::to_string(std::max<std::int64_t>(seconds, 0));
  response.headers.Add("Set-Cookie", cookie);
}

}  // namespace cairn::web
