// Dates of HTTP and XML. English whatever the locale; UTC only. Times are seconds since 1970-01-01
// UTC and are cut to the years 0000 to 9999 when formatted. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::http {

// IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string HttpDate(std::int64_t seconds);

// All three forms of RFC 9110: IMF-fixdate, RFC 850 (two-digit years: 70 to 99 are the 1900s) and
// asctime. nullopt for anything else; the weekday is not compared with the date.
std::optional<std::int64_t> ParseHttpDate(std::string_view text);

// "1970-01-01T00:00:00+00:00" and "1970-01-01T00:00:00Z".
std::string IsoDateWithOffset(std::int64_t seconds);
std::string IsoDateZulu(std::int64_t seconds);

// "2026-11-21", or with "T01:30:00", a fraction (cut) and "Z", "+01:00" or "+0100" (none means
// UTC).
std::optional<std::int64_t> ParseIsoDate(std::string_view text);

}  // namespace cairn::http
