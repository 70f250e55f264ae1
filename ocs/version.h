// The server version that clients are told: one value for status.php and the capabilities.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace cairn::ocs {

// "32.0.6.1": version; "32.0.6": what people read. Parts that are missing or no numbers are 0.
struct ServerVersion {
  explicit ServerVersion(std::string_view reported) : text(reported) {
    std::size_t at = 0;
    for (std::uint64_t& part : parts) {
      const std::size_t dot = std::min(reported.find('.', at), reported.size());
      part = ParseUint(reported.substr(at, dot - at)).value_or(0);
      at = std::min(dot + 1, reported.size());
    }
    string =
        std::to_string(parts[0]) + "." + std::to_string(parts[1]) + "." + std::to_string(parts[2]);
  }

  std::string text;
  std::string string;
  std::array<std::uint64_t, 3> parts{};  // major, minor, micro
};

}  // namespace cairn::ocs
