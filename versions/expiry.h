// What the timer does about versions: thinning as time goes by, and room when they take too much.
// Thread-safe. Blocking until durable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/engine.h"
#include "storage/keeping.h"

namespace cairn::versions {

// Where a pass over all versions of the store is. A value; empty: at the beginning, or done.
struct ThinCursor {
  std::string after;  // key in Table::kVersions
};

struct ThinReport {
  std::uint64_t examined = 0;  // versions
  std::uint64_t files = 0;     // whose versions were thinned
  std::uint64_t versions = 0;  // that went, or would
  std::uint64_t bytes = 0;     // of them
};

// One bounded step of the pass: looks at the versions of the next files, about `limit` rows.
// Versions of what lies in the trash are left alone. `dry_run`: changes nothing.
Result<ThinReport> ThinStep(storage::Engine& engine, const storage::Keeping& keeping,
                            ThinCursor& cursor, std::size_t limit, bool dry_run);

// The same for the files of one space, all of them.
Result<ThinReport> ThinSpace(storage::Engine& engine, const storage::Keeping& keeping,
                             SpaceId space, bool dry_run);

// Removes up to `limit` of the oldest versions of a space if they take more than they may. 0: done.
Result<ThinReport> MakeRoomStep(storage::Engine& engine, const storage::Keeping& keeping,
                                SpaceId space, std::size_t limit, bool dry_run);

// Removes up to `limit` versions of a space, labelled ones too: versions:cleanup. 0: none is left.
Result<ThinReport> CleanUpStep(storage::Engine& engine, SpaceId space, std::size_t limit);

}  // namespace cairn::versions
