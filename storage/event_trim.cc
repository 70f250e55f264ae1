#include "storage/event_trim.h"

#include <string>
#include <vector>

#include "storage/commit.h"
#include "storage/records.h"

namespace cairn::storage {
namespace {

// Only this writes to events that are there; appending new ones needs the space's key.
WriterKey TrimKey() { return {KeyKind::kStaging, "events"}; }

}  // namespace

Result<std::uint64_t> TrimEvents(KvStore& store, SpaceId space, std::int64_t now,
                                 const EventLimits& limits, std::size_t limit) {
  const auto view = store.Published();
  ASSIGN_OR_RETURN(const auto record, ReadRecord<Space>(*view, Table::kSpaces, keys::Space(space)));
  if (!record.has_value()) return std::uint64_t{0};
  std::vector<std::string> old;
  const std::string prefix = Big64(Raw(space));
  const auto visit = [&](std::string_view number, std::string_view value) {
    Event event;
    const bool readable = ParseInto(value, event);
    const bool too_old = readable && event.at() < now - limits.keep_millis;
    const bool too_many = ReadBig64(number) + limits.keep_events <= record->event_seq();
    if (!too_old && !too_many) return false;
    old.push_back(prefix + std::string(number));
    return old.size() < limit;
  };
  RETURN_IF_ERROR(view->Scan(Table::kEvents, prefix, {}, visit));
  if (old.empty()) return std::uint64_t{0};
  auto body = [&](KvTxn& txn) -> Result<std::uint64_t> {
    for (const std::string& key : old) txn.Erase(Table::kEvents, key);
    return std::uint64_t{old.size()};
  };
  return CommitBlocking(store, {TrimKey()}, body);
}

}  // namespace cairn::storage
