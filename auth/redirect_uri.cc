#include "auth/redirect_uri.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace cairn::auth {
namespace {

constexpr std::array<std::string_view, 11> kForbiddenSchemes = {
    "javascript", "data",        "file", "vbscript", "blob", "about",
    "filesystem", "view-source", "ws",   "wss",      "ftp"};
// Printable, but no part of a URI (RFC 3986 section 2), or the fragment that codes cannot follow.
constexpr std::string_view kNoUriCharacters = "\"#<>\\^`{|}";

bool IsScheme(std::string_view text) {
  const auto fits = [](char c) { return IsAlphaNumeric(c) || c == '+' || c == '-' || c == '.'; };
  return !text.empty() && IsAlphaNumeric(text.front()) && !IsDigit(text.front()) &&
         std::all_of(text.begin(), text.end(), fits);
}

bool IsHttp(std::string_view scheme) {
  return EqualsIgnoreCase(scheme, "http") || EqualsIgnoreCase(scheme, "https");
}

// "host:8080" of "http://host:8080/path"; empty: there is none.
std::string_view AuthorityOf(std::string_view uri) {
  const auto start = uri.find("://");
  if (start == std::string_view::npos) return {};
  const std::string_view rest = uri.substr(start + 3);
  return rest.substr(0, rest.find_first_of("/?"));
}

// A name, an address, or an IPv6 address in brackets, and maybe a port.
bool IsAuthority(std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    const std::string_view address = text.substr(1, end - 1);
    if (address.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos)
      return false;
    port = text.substr(end + 1);
  } else {
    const auto colon = text.find(':');
    const std::string_view host = text.substr(0, colon);
    const auto fits = [](char c) { return IsAlphaNumeric(c) || c == '.' || c == '-' || c == '_'; };
    if (host.empty() || !std::all_of(host.begin(), host.end(), fits)) return false;
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (port.empty()) return true;
  const auto number = port.front() == ':' ? ParseUint(port.substr(1)) : std::nullopt;
  return number && *number >= 1 && *number <= 65535;
}

Error BadUri(std::string_view why) {
  return Fail(ErrorCode::kInvalidArgument, "the redirect URI " + std::string(why));
}

}  // namespace

Result<void> CheckRedirectUri(std::string_view uri) {
  if (uri.empty() || uri.size() > kMaxRedirectUri) return BadUri("has 1 to 2000 bytes");
  for (const char c : uri) {
    if (c <= 0x20 || c >= 0x7f || kNoUriCharacters.find(c) != std::string_view::npos)
      return BadUri("has a character that no URI has, or a fragment (#)");
  }
  const auto colon = uri.find(':');
  const std::string_view scheme = uri.substr(0, colon);
  if (colon == std::string_view::npos || !IsScheme(scheme))
    return BadUri("is not absolute: it begins with https:// or the scheme of a program");
  if (IsHttp(scheme)) {
    if (!uri.substr(colon).starts_with("://") || !IsAuthority(AuthorityOf(uri)))
      return BadUri("has no host, or a user name, or a port that is none");
    return {};
  }
  const auto is_scheme = [&](std::string_view other) { return EqualsIgnoreCase(scheme, other); };
  if (std::any_of(kForbiddenSchemes.begin(), kForbiddenSchemes.end(), is_scheme))
    return BadUri("has a scheme that is not allowed");
  if (!uri.substr(colon).starts_with(":/")) return BadUri("has no / behind the scheme");
  return {};
}

std::string PolicySource(std::string_view uri) {
  const std::string_view scheme = uri.substr(0, uri.find(':'));
  const std::string_view authority = AuthorityOf(uri);
  // A policy knows no IPv6 addresses, and no hosts of other schemes.
  const bool whole = IsHttp(scheme) && !authority.starts_with('[') &&
                     authority.find('_') == std::string_view::npos;
  std::string source = ToLower(scheme) + ":";
  if (whole) source.append("//").append(ToLower(authority));
  return source;
}

std::string WithParameters(std::string_view uri, std::string_view parameters) {
  std::string out(uri);
  if (parameters.empty()) return out;
  const auto query = out.find('?');
  if (query == std::string::npos) {
    out += '?';
  } else if (query + 1 != out.size() && out.back() != '&') {
    out += '&';
  }
  return out.append(parameters);
}

}  // namespace cairn::auth
