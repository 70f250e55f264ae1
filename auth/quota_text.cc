#include "auth/quota_text.h"

#include "base/bytes.h"
#include "base/quantity.h"

namespace cairn::auth {

Result<Quota> ParseQuota(std::string_view text) {
  const std::string lower = ToLower(Trim(text));
  if (lower == "none") return Quota{};
  if (lower == "default") return Quota{.is_default = true, .bytes = {}};
  const auto bytes = ParseSize(lower);
  if (!bytes) {
    return Fail(ErrorCode::kInvalidArgument,
                "a quota is \"none\", \"default\" or a size as \"10 GB\"");
  }
  return Quota{.is_default = false, .bytes = static_cast<std::int64_t>(*bytes)};
}

}  // namespace cairn::auth
