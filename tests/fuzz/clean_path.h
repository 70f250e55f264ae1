// What every decoded path keeps, whatever it was decoded from.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/unicode.h"

namespace cairn::fuzz {

inline void CheckCleanSegments(const std::vector<std::string>& segments) {
  for (const std::string& segment : segments) {
    CAIRN_CHECK(!segment.empty() && segment != "." && segment != "..");
    CAIRN_CHECK(segment.find_first_of(std::string_view("/\0", 2)) == std::string::npos);
    CAIRN_CHECK(IsValidUtf8(segment));
  }
}

}  // namespace cairn::fuzz
