// Quotas as administrators write them, with the units of occ: 1024-based, "10 MB" = 10 * 1024 *
// 1024. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cairn::auth {

struct Quota {
  bool is_default = false;            // what the server's configuration says
  std::optional<std::int64_t> bytes;  // absent = unlimited
};

// "none", "default", or a number with an optional fraction and an optional unit (B, K, KB, M, MB,
// ... P, PB; any letter case; blanks between). kInvalidArgument: anything else, negative, or 2^63
// bytes and more.
Result<Quota> ParseQuota(std::string_view text);

// "10 MB", "1.5 GB", "512 B": one decimal at most, as occ prints sizes.
std::string SizeText(std::uint64_t bytes);

}  // namespace cairn::auth
