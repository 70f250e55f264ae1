#include "notifications/notifications.h"

#include <algorithm>
#include <utility>

#include "auth/records.h"
#include "storage/records.h"
#include "storage/schema.h"

namespace cairn::notifications {

using storage::KvTxn;
using storage::KvView;
using storage::Notification;
using storage::Table;
namespace keys = storage::keys;

Result<std::vector<Notification>> ListOf(const KvView& view, UserId user) {
  std::vector<Notification> all;
  bool broken = false;
  auto collect = [&](std::string_view, std::string_view value) {
    broken = broken || !storage::ParseInto(value, all.emplace_back());
    return !broken;
  };
  RETURN_IF_ERROR(view.Scan(Table::kNotifications, keys::User(user), {}, collect));
  if (broken) return storage::BadRecord(Notification());
  std::reverse(all.begin(), all.end());
  return all;
}

Result<std::optional<Notification>> Find(const KvView& view, UserId user, NotificationId id) {
  return storage::ReadRecord<Notification>(view, Table::kNotifications,
                                           keys::Notification(user, id));
}

Result<Told> Tell(KvTxn& txn, UserId user, Notification notification) {
  Told told;
  ASSIGN_OR_RETURN(auto all, ListOf(txn, user));
  for (; all.size() >= kMostPerUser; all.pop_back()) {
    Erase(txn, user, NotificationId{all.back().id()});
    told.dropped.push_back(std::move(all.back()));
  }
  ASSIGN_OR_RETURN(const std::uint64_t id, auth::NextId(txn, keys::kNotificationIds));
  notification.set_id(id);
  told.id = NotificationId{id};
  storage::WriteRecord(txn, Table::kNotifications, keys::Notification(user, told.id), notification);
  return told;
}

void Erase(KvTxn& txn, UserId user, NotificationId id) {
  txn.Erase(Table::kNotifications, keys::Notification(user, id));
}

}  // namespace cairn::notifications
