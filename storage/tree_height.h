// How many levels a collection has below itself, so that a MOVE or COPY makes nothing deeper than
// kMaxDepth. The exact number would cost a walk at each removal; a bound that is only ever raised
// costs nothing (docs/decisions/005-height-is-a-bound.md). Blocking.
#pragma once

#include <cstddef>
#include <cstdint>

#include "storage/kv_store.h"
#include "storage/records.h"

namespace cairn::storage {

// Not less than the levels below `node`. A record without a height has as many folders, and files
// in the last.
std::uint64_t HeightBound(const Node& node);

// kInvalidArgument: something below `node` would be deeper than kMaxDepth if `node` stood at
// `depth`, the length of a path. Where the bound does not tell it looks at up to 10,000 entries
// below, and refuses what it cannot make out with them.
Result<void> CheckHeight(const KvView& view, const Node& node, std::size_t depth);

}  // namespace cairn::storage
