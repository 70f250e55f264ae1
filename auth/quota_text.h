// Quotas as administrators write them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace cairn::auth {

struct Quota {
  bool is_default = false;            // what the server's configuration says
  std::optional<std::int64_t> bytes;  // absent = unlimited
};

// "none", "default", or a size as ParseSize takes it. kInvalidArgument: anything else.
Result<Quota> ParseQuota(std::string_view text);

}  // namespace cairn::auth
