// What must hold for any bytes given to the path decoder.
#pragma once

#include "http/url.h"
#include "tests/fuzz/clean_path.h"

namespace cairn::fuzz {

inline void CheckPath(std::string_view input) {
  const auto path = http::DecodePath(input);
  if (path.has_value()) {
    CheckCleanSegments(path->segments);
    const std::string encoded = http::EncodePath(*path);
    const auto again = http::DecodePath(encoded);
    CAIRN_CHECK(again.has_value() && *again == *path);
    CAIRN_CHECK(http::EncodePath(*again) == encoded);
  }
}

}  // namespace cairn::fuzz
