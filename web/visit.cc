#include "web/visit.h"

#include "auth/keyed_hash.h"
#include "base/bytes.h"
#include "http/base_url.h"

namespace cairn::web {

std::string Visit::base_url() const { return http::BaseUrl(services.public_url, request); }

std::string Visit::Absolute(std::string_view path) const { return base_url().append(path); }

std::string Visit::Local(std::string_view path) const {
  return http::LocalBase(services.public_url, request).append(path);
}

std::string Visit::RequestToken() const { return ToHex(auth::KeyedHash(cookie, "requesttoken")); }

std::string Visit::FlowCookie() const { return http::CookieValue(request, kFlowCookie); }

}  // namespace cairn::web
