// What users are told: rows per user, the oldest of which go where there are too many.
//
// Changes belong to a transaction under the directory key. Blocking; thread-safe, no state.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "storage/kv_store.h"
#include "storage/records.pb.h"

namespace cairn::notifications {

inline constexpr std::size_t kMostPerUser = 1000;

// All that the user has, newest first.
Result<std::vector<storage::Notification>> ListOf(const storage::KvView& view, UserId user);
// nullopt: he has none of this id.
Result<std::optional<storage::Notification>> Find(const storage::KvView& view, UserId user,
                                                  NotificationId id);

struct Told {
  NotificationId id{};
  std::vector<storage::Notification> dropped;  // of the same user, as he had too many
};
// Gives the notification its id.
Result<Told> Tell(storage::KvTxn& txn, UserId user, storage::Notification notification);
void Erase(storage::KvTxn& txn, UserId user, NotificationId id);

}  // namespace cairn::notifications
