// Preconditions of RFC 9110 section 13, evaluated in the order of its section 13.2.2.
//
// Thread-safe, does not block.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/headers.h"

namespace cairn::http {

// What the target is now.
struct Validators {
  bool exists = true;
  std::string etag;                   // opaque, without quotes; empty: none
  std::optional<std::int64_t> mtime;  // seconds; nullopt: no Last-Modified
};

enum class Precondition {
  kProceed,
  kNotModified,  // 304, only for GET and HEAD
  kFailed,       // 412
};

// If-Match (strong comparison), If-Unmodified-Since, If-None-Match (weak), If-Modified-Since.
// Entity tags without quotes are accepted, as some clients send them. A date that is not one is
// ignored.
Precondition EvaluatePreconditions(std::string_view method, const Headers& headers,
                                   const Validators& current);

// True when a request carries any of the four headers.
bool HasPreconditions(const Headers& headers);

// Whether a list of entity tags (the value of If-Match or If-None-Match) names `etag`. "*" is not
// treated here.
bool EntityTagListContains(std::string_view list, std::string_view etag, bool weak_comparison);

}  // namespace cairn::http
