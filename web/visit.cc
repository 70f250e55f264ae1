#include "web/visit.h"

#include "auth/keyed_hash.h"
#include "base/bytes.h"
#include "http/base_url.h"

namespace cairn::web {
namespace {

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

std::string Visit::FlowCookie() const { return http::CookieValue(request, kFlowCookie); }

}  // namespace cairn::web
