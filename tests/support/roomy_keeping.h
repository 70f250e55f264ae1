// What trash and versions are told in tests: a large disk, and what the retention setting says.
#pragma once

#include <string_view>

#include "storage/keeping.h"

namespace cairn::support {

inline storage::Keeping RoomyKeeping(const storage::QuotaGate& quota,
                                     std::string_view retention = "auto") {
  const auto parsed = ParseRetention(retention);
  CAIRN_CHECK(parsed.has_value());
  return {.retention = [kept = *parsed] { return kept; },
          .free_disk = [] { return std::uint64_t{1} << 50; },
          .quota = quota,
          .crowded = [](SpaceId) {}};
}

}  // namespace cairn::support
