// The room that a user has, from which trash and versions take their share. Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace cairn {

// Bytes.
struct Room {
  std::optional<std::uint64_t> quota;  // nullopt = unlimited: a type of its own, never a number
  std::uint64_t used = 0;              // what counts against the quota: neither trash nor versions
  std::uint64_t disk_free = 0;         // for everybody
};

// What the trash, or the versions, may take: half of what the user could still write, which is the
// rest of the quota or the free disk, whichever is less. Without a quota the disk alone decides.
std::uint64_t HalfOfWhatIsLeft(const Room& room);

}  // namespace cairn
