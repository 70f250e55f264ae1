#include "dav/dav_exchange.h"

namespace cairn::dav {
namespace {

constexpr std::string_view kClasses = "1, 3, extended-mkcol, nextcloud-checksum-update, 2";
constexpr std::string_view kAllow =
    "OPTIONS, GET, HEAD, DELETE, PROPFIND, PUT, PROPPATCH, COPY, MOVE, REPORT, LOCK, UNLOCK";

void SetDefault(http::Response& response, std::string_view name, std::string_view value) {
  if (!response.headers.Has(name)) response.With(name, value);
}

}  // namespace

void DavExchange::Complete(http::Response& response) const {
  SetDefault(response, "Content-Security-Policy", "default-src 'none';");
  SetDefault(response, "Cache-Control", "private, no-store");  // T-53
  if (response.status == 405) SetDefault(response, "Allow", kAllow);
  if (!admitted_) return;
  if (!user_.empty()) SetDefault(response, "X-User-Id", user_);
  const std::string& method = request().method;
  if (method == "PROPFIND" || method == "OPTIONS") SetDefault(response, "DAV", kClasses);
  if (method == "PROPFIND" || method == "REPORT") SetDefault(response, "Vary", "Brief,Prefer");
}

}  // namespace cairn::dav
