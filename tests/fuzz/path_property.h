// What must hold for any bytes given to the path, Destination and form decoders.
#pragma once

#include "base/unicode.h"
#include "http/url.h"

namespace cairn::fuzz {

inline void CheckPath(std::string_view input) {
  const auto path = http::DecodePath(input);
  if (path.has_value()) {
    for (const std::string& segment : path->segments) {
      CAIRN_CHECK(!segment.empty() && segment != "." && segment != "..");
      CAIRN_CHECK(segment.find_first_of(std::string_view("/\0", 2)) == std::string::npos);
      CAIRN_CHECK(IsValidUtf8(segment));
    }
    const std::string encoded = http::EncodePath(*path);
    const auto again = http::DecodePath(encoded);
    CAIRN_CHECK(again.has_value() && *again == *path);
    CAIRN_CHECK(http::EncodePath(*again) == encoded);
  }
  const auto destination = http::ParseDestination(input, "h", "https://example.org/cloud");
  if (destination.status == http::DestinationStatus::kOk) {
    const std::string encoded = http::EncodePath(destination.path);
    CAIRN_CHECK(http::DecodePath(encoded).has_value());
  } else {
    CAIRN_CHECK(destination.path.segments.empty());
  }
  CAIRN_CHECK(http::Form::Parse(input).fields().size() <= 1000);
}

}  // namespace cairn::fuzz
