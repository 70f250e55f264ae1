#include "dav/link_knock.h"

#include <utility>

#include "auth/basic_credentials.h"
#include "base/bytes.h"
#include "dav/dav_error.h"
#include "http/base_url.h"
#include "http/cookies.h"
#include "http/url.h"

namespace cairn::dav {
namespace {

// A page of another site must not act with what the browser knows.
bool MayUseCookie(const http::Request& request) {
  const std::string_view site = request.headers.Get("Sec-Fetch-Site");
  return site.empty() || site == "same-origin" || site == "none" || request.method == "GET" ||
         request.method == "HEAD";
}

bool IsScript(const http::Request& request) {
  return EqualsIgnoreCase(request.headers.Get("X-Requested-With"), "XMLHttpRequest");
}

http::Response Refused(const http::Request& request, std::string message) {
  const DavError error{401, "Sabre\\DAV\\Exception\\NotAuthenticated", std::move(message), {}, {}};
  http::Response response = ErrorResponse(error);
  // A script asks by itself: no dialogue of the browser's.
  if (IsScript(request)) response.headers.Remove("WWW-Authenticate");
  return response;
}

}  // namespace

shares::Knock KnockOf(const http::Request& request, const std::string& token) {
  shares::Knock knock;
  knock.remote = request.remote;
  knock.token = token;
  if (auto pair = auth::ParseBasic(request.headers.Get("Authorization"))) {
    if (token.empty()) knock.token = std::move(pair->login);
    knock.password = std::move(pair->secret);
  }
  if (MayUseCookie(request)) knock.pass = http::CookieValue(request, shares::PassCookie(token));
  return knock;
}

http::Response LinkRefusal(const http::Request& request, const std::string& token,
                           std::string_view public_url, const Error& error) {
  const bool legacy = token.empty();
  const bool given = request.headers.Has("Authorization");
  const bool form = request.method == "POST" && !legacy && !IsScript(request);
  if (form && Is(error, ErrorCode::kUnauthenticated)) {
    http::Response response(303);
    return response.With("Location",
                         http::LocalBase(public_url, request) + "/s/" + http::EncodeSegment(token));
  }
  if (Is(error, ErrorCode::kUnauthenticated) || (legacy && Is(error, ErrorCode::kNotFound))) {
    if (given) return Refused(request, "Username or password was incorrect");
    return Refused(request, legacy ? "No 'Authorization: Basic' header found. Either the client "
                                     "didn't send one, or the server is misconfigured"
                                   : "");
  }
  if (Is(error, ErrorCode::kNotFound)) {
    return ErrorResponse({404, "Sabre\\DAV\\Exception\\NotFound", "There is no such link", {}, {}});
  }
  return http::Response(0);
}

}  // namespace cairn::dav
