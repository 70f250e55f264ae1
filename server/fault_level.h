// The fault level of storage/faults.h as a value, for metrics, readiness and the doctor.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "storage/faults.h"

namespace cairn::server {

enum class FaultLevel { kNone, kReserve, kFull, kBroken };

inline constexpr std::array<std::pair<FaultLevel, std::string_view>, 4> kFaultLevels = {
    {{FaultLevel::kNone, "none"},
     {FaultLevel::kReserve, "reserve"},
     {FaultLevel::kFull, "full"},
     {FaultLevel::kBroken, "broken"}}};

inline FaultLevel FaultLevelOf(const storage::Faults& faults) {
  if (faults.broken()) return FaultLevel::kBroken;
  if (faults.CheckMayWrite().has_error()) return FaultLevel::kFull;
  return faults.CheckMayGrow().has_error() ? FaultLevel::kReserve : FaultLevel::kNone;
}

}  // namespace cairn::server
