// What a store counts while it works, for metrics. Thread-safe.
#pragma once

#include "base/measure.h"

namespace cairn::storage {

struct StoreTallies {
  Tally commits;        // that changed something
  DurationTally syncs;  // sync cycles of the log
};

}  // namespace cairn::storage
