// The bytes of an answer's head. A pure function of its arguments, but for the Date of the moment.
//
// CR, LF, NUL and other control characters never get into a head: they become blanks in values; a
// field whose name is not a token is left out. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.h"

namespace cairn::server {

enum class BodyFraming {
  kNone,     // 204 and 304 may have no body; nothing is said about it
  kLength,   // Content-Length
  kChunked,  // Transfer-Encoding: chunked
  kClose,    // HTTP/1.0 and length unknown: ends with the connection
};

struct HeadParts {
  BodyFraming framing = BodyFraming::kLength;
  std::uint64_t length = 0;  // kLength
  bool keep_alive = true;
  int version_minor = 1;         // of the request
  std::string_view request_id;   // empty: no X-Request-Id
  std::int64_t now_seconds = 0;  // Date
  std::chrono::seconds hsts{0};  // Strict-Transport-Security; 0: left out
};

// Connection, Content-Length, Transfer-Encoding and Date come from `parts` alone. The security
// headers that the protocol's servers put on every answer are added unless the handler has set
// them.
std::string SerializeHead(const http::Response& response, const HeadParts& parts);

}  // namespace cairn::server
