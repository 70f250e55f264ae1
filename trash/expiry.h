// The expiry of a space's trash, in bounded steps: trash/expiry_rule.h says what goes.
// Thread-safe. Blocking until durable.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/engine.h"
#include "storage/keeping.h"
#include "trash/expiry_rule.h"

namespace cairn::trash {

struct TrashTotals {
  std::uint64_t entries = 0;  // deletions
  std::uint64_t bytes = 0;    // of files
  std::uint64_t version_bytes = 0;
};
// kNotFound: no such space.
Result<TrashTotals> TotalsOf(const storage::KvView& view, SpaceId space);

// One deletion that is to go, or has gone.
struct Expired {
  FileId id{};
  std::string name;
  std::string path;  // where it was, below the files root
  std::int64_t deleted_at = 0;
  std::uint64_t bytes = 0;  // with versions
  Reason reason = Reason::kAge;
};

// What would go now of the oldest `limit` deletions, oldest first. Nothing is changed.
Result<std::vector<Expired>> FindExpired(storage::Engine& engine, const storage::Keeping& keeping,
                                         SpaceId space, std::size_t limit);
// Takes away, to be purged, what FindExpired finds and what is still to go when its turn comes.
// Returns how many went; each is logged with its reason. 0: done for now.
Result<std::uint64_t> ExpireStep(storage::Engine& engine, const storage::Keeping& keeping,
                                 SpaceId space, std::size_t limit);

}  // namespace cairn::trash
