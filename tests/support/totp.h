// The code that an application would show, by liboath on its own.
#pragma once

#include <cstdint>
#include <string>

namespace cairn::support {

std::string TotpCode(const std::string& base32_secret, std::int64_t at_seconds);

}  // namespace cairn::support
