// When some tables were changed last, without a look at the store: what was derived from them holds
// for every view with the same mark.
//
//   mark.BeginWrite(); ... write ...; mark.EndWrite(seq);     // a commit that touches them
//   if (auto state = mark.StateOf(view_seq)) ...              // a view
//
// Whatever a view contains was committed before it was taken, so its BeginWrite came before StateOf
// looks. Either its EndWrite came too, then `changed_` tells; or it did not, then `writers_` does.
// Thread-safe; never blocks.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "storage/schema.h"
#include "storage/sync_gate.h"

namespace cairn::storage {

// Which other users' files a user sees is a matter of these tables, and of the clock.
constexpr bool DecidesViews(Table table) {
  switch (table) {
    case Table::kShares:
    case Table::kNodeShares:
    case Table::kUserShares:
    case Table::kGroupShares:
    case Table::kGroupMembers:
      return true;
    default:
      return false;
  }
}

class ChangeMark {
 public:
  void BeginWrite() { writers_.fetch_add(1); }
  // `seq`: the store's latest commit, at or after the one that was written.
  void EndWrite(CommitSeq seq) {
    const auto at = static_cast<std::uint64_t>(seq);
    std::uint64_t before = changed_.load();
    while (before < at && !changed_.compare_exchange_weak(before, at)) {
    }
    writers_.fetch_sub(1);
  }

  // The last change, for a view that contains it; nullopt: that cannot be told, or it does not.
  std::optional<std::uint64_t> StateOf(CommitSeq view) const {
    if (writers_.load() != 0) return std::nullopt;
    const std::uint64_t changed = changed_.load();
    if (static_cast<std::uint64_t>(view) < changed) return std::nullopt;
    return changed;
  }

 private:
  std::atomic<std::uint32_t> writers_{0};
  std::atomic<std::uint64_t> changed_{0};
};

}  // namespace cairn::storage
