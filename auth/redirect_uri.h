// Where an OAuth client may have browsers sent. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace cairn::auth {

inline constexpr std::size_t kMaxRedirectUri = 2000;  // bytes

// An absolute http or https URL without user name, or "scheme:/..." of a native program; no
// fragment, printable ASCII, none of the schemes that run script or read files (RFC 6749 section
// 3.1.2, RFC 8252 section 7.1). kInvalidArgument with a message for people.
Result<void> CheckRedirectUri(std::string_view uri);

// What a Content-Security-Policy calls the place: "https://host:port", or "scheme:" where the host
// cannot be said. `uri` has passed CheckRedirectUri.
std::string PolicySource(std::string_view uri);

// `uri` with `parameters` ("a=b&c=d") behind the query that it may have.
std::string WithParameters(std::string_view uri, std::string_view parameters);

}  // namespace cairn::auth
