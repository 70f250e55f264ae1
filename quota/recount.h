// What a space's files take, counted anew from its entries. Thread-safe. Blocking: O(nodes).
#pragma once

#include <cstdint>

#include "storage/file_tree.h"

namespace cairn::quota {

struct Usage {
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
  std::uint64_t folders = 0;
  bool operator==(const Usage&) const = default;
};

struct Recount {
  Usage stored;   // what the quota counts with
  Usage counted;  // what is there
};

// kNotFound: no such space. Both on one view: writes that go on do not disturb it.
Result<Recount> CountAgain(const storage::FileTree& tree, const storage::KvView& view,
                           SpaceId space);

}  // namespace cairn::quota
