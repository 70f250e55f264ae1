// The cookies of this server's pages. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/exchange.h"

namespace cairn::http {

// The value of a cookie that the browser has sent; empty = none. Names are told apart by whether
// the connection is encrypted: then a cookie that a neighbour host planted is not read (__Host-).
std::string CookieValue(const Request& request, std::string_view name);
// Adds a Set-Cookie for `seconds`, 0 = as long as the browser runs, negative = gone at once. Never
// readable by scripts, never sent along from other sites' forms.
void SetCookie(Response& response, const Request& request, std::string_view name,
               std::string_view value, std::int64_t seconds);

}  // namespace cairn::http
