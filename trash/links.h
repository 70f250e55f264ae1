// The trash links of a user (storage/trash_links.h): what his trash shows besides his own
// deletions.
//
// In his trash a link is named like a deletion, and no deletion of his own has its name. Changes
// need the key of his own space. Thread-safe. Blocking.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/engine.h"
#include "storage/trash_links.h"

namespace cairn::trash {

// Makes the deletion at chain.entries[1] look as the link's user sees it: its name in his trash,
// and where it was in his view. For reading alone.
void ShowAsLinked(storage::Chain& chain, const storage::TrashLink& link);

// Members of the user's trash that are links, in key order after `after`, at most `limit`: as
// ShowAsLinked. A few look-ups per link.
Result<storage::Page> ListLinks(const storage::KvView& view, UserId user, std::string_view after,
                                std::size_t limit);

// Ends up to `limit` of the user's links, whatever they lead to. Returns how many.
Result<std::size_t> DropLinks(storage::KvTxn& txn, UserId user, std::size_t limit);

// Background job: of the next `limit` links of all users those go that have ended. Returns how many
// went. Takes the keys itself.
struct LinkCursor {
  std::string after;  // key of the last one looked at; empty: from the first
};
Result<std::uint64_t> CleanLinks(storage::Engine& engine, LinkCursor& cursor, std::size_t limit);

}  // namespace cairn::trash
