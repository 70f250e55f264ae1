// Where a node stands in the tree that a user sees.
#pragma once

#include <optional>
#include <string>

#include "shares/mounts.h"

namespace cairn::shares {

struct ViewPath {
  std::string path;   // "/a/b"; "/" for his own root
  std::string mount;  // the path of the mount that it is in or is; empty: it is his own

  bool is_own() const { return mount.empty(); }
  bool is_mount() const { return path == mount; }
};

// By the nearest mount at or above the node, where that is not the user's own. nullopt: there is
// none. Says nothing of what he may do there. Blocking.
Result<std::optional<ViewPath>> ViewPathOf(const storage::KvView& view, const Mounts& mounts,
                                           SpaceId home, const storage::Chain& chain);

}  // namespace cairn::shares
