#include "base/room.h"

#include <algorithm>

namespace cairn {

std::uint64_t HalfOfWhatIsLeft(const Room& room) {
  if (!room.quota) return room.disk_free / 2;
  const std::uint64_t rest = *room.quota - std::min(*room.quota, room.used);
  return std::min(rest, room.disk_free) / 2;
}

}  // namespace cairn
