#include "shares/transfers.h"

#include <utility>
#include <vector>

#include "auth/records.h"
#include "shares/share_change.h"
#include "storage/commit.h"
#include "storage/records.h"
#include "storage/schema.h"

namespace cairn::shares {

using notifications::Told;
using storage::Caller;
using storage::KvTxn;
using storage::KvView;
using storage::Notification;
using storage::Table;
using storage::User;
using Offered = storage::Transfer;
namespace keys = storage::keys;

namespace {

TransferAnswer Because(TransferRefusal why) { return TransferAnswer(why); }

Result<std::optional<Offered>> FindOffer(const KvView& view, TransferId id) {
  return storage::ReadRecord<Offered>(view, Table::kTransfers, keys::Transfer(id));
}

// The offer and what tells of it.
void EraseOffer(KvTxn& txn, const Offered& offer) {
  txn.Erase(Table::kTransfers, keys::Transfer(TransferId{offer.id()}));
  notifications::Erase(txn, UserId{offer.to()}, NotificationId{offer.notification()});
}

// Tells `user`; an offer whose notification had to make room is over.
Result<NotificationId> TellOf(KvTxn& txn, UserId user, storage::NotificationKind kind,
                              const Offered& offer, UserId other, std::int64_t now) {
  Notification notification;
  notification.set_kind(kind);
  notification.set_created(now);
  notification.set_object(offer.id());
  notification.set_other(Raw(other));
  notification.set_name(offer.name());
  ASSIGN_OR_RETURN(const Told told, notifications::Tell(txn, user, std::move(notification)));
  for (const Notification& dropped : told.dropped) {
    if (dropped.kind() == storage::NOTIFICATION_TRANSFER_OFFERED)
      txn.Erase(Table::kTransfers, keys::Transfer(TransferId{dropped.object()}));
  }
  return told.id;
}

// The offer is over, and whoever made it is told so.
Result<void> Conclude(KvTxn& txn, const Offered& offer, storage::NotificationKind how,
                      std::int64_t now) {
  EraseOffer(txn, offer);
  ASSIGN_OR_RETURN(const auto maker, auth::LoadUser(txn, UserId{offer.from()}));
  if (!maker) return {};
  RETURN_IF_ERROR(TellOf(txn, UserId{offer.from()}, how, offer, UserId{offer.to()}, now));
  return {};
}

Result<bool> IsOver(const KvView& view, const Offered& offer) {
  ASSIGN_OR_RETURN(const auto from, auth::LoadUser(view, UserId{offer.from()}));
  ASSIGN_OR_RETURN(const auto to, auth::LoadUser(view, UserId{offer.to()}));
  if (!from || !to) return true;
  ASSIGN_OR_RETURN(const auto place, view.Get(Table::kNodes, keys::Node(FileId{offer.node()})));
  return !place;
}

}  // namespace

Result<TransferAnswer> Transfers::Offer(const Caller& caller, UserId to, FileId node) {
  auto body = [&](KvTxn& txn) { return OfferIn(txn, caller, to, node); };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<TransferAnswer> Transfers::OfferIn(KvTxn& txn, const Caller& caller, UserId to,
                                          FileId node) const {
  RETURN_IF_ERROR(tree_.policies().access.CheckLive(txn, caller));
  ASSIGN_OR_RETURN(const auto recipient, auth::LoadUser(txn, to));
  if (!recipient || recipient->disabled()) return Because(TransferRefusal::kNoRecipient);
  ASSIGN_OR_RETURN(const auto chain, LiveChain(txn, node));
  if (!chain) return Because(TransferRefusal::kNoNode);
  ASSIGN_OR_RETURN(const UserId owner, OwnerOf(txn, *chain));
  if (owner != caller.user) return Because(TransferRefusal::kNoNode);
  if (to == caller.user) return TransferAnswer();

  ASSIGN_OR_RETURN(const auto told, notifications::ListOf(txn, to));
  std::size_t waiting = 0;
  for (const Notification& one : told) {
    if (one.kind() != storage::NOTIFICATION_TRANSFER_OFFERED || UserId{one.other()} != caller.user)
      continue;
    ASSIGN_OR_RETURN(const auto other, FindOffer(txn, TransferId{one.object()}));
    if (other && FileId{other->node()} == node) return TransferAnswer();
    if (++waiting >= kMostOffers) return Because(TransferRefusal::kTooMany);
  }

  const std::int64_t now = tree_.clock().NowSeconds();
  Offered offer;
  ASSIGN_OR_RETURN(const std::uint64_t id, auth::NextId(txn, keys::kTransferIds));
  offer.set_id(id);
  offer.set_from(Raw(caller.user));
  offer.set_to(Raw(to));
  offer.set_node(Raw(node));
  if (chain->depth() > 0) offer.set_name(chain->leaf().name());
  offer.set_created(now);
  ASSIGN_OR_RETURN(
      const NotificationId tells,
      TellOf(txn, to, storage::NOTIFICATION_TRANSFER_OFFERED, offer, caller.user, now));
  offer.set_notification(Raw(tells));
  storage::WriteRecord(txn, Table::kTransfers, keys::Transfer(TransferId{id}), offer);
  return TransferAnswer();
}

Result<TransferAnswer> Transfers::Accept(const Caller& caller, TransferId id) {
  const auto view = store_.Published();
  ASSIGN_OR_RETURN(const auto offer, FindOffer(*view, id));
  if (!offer) return Because(TransferRefusal::kNoTransfer);
  if (UserId{offer->to()} != caller.user) return Because(TransferRefusal::kForeign);
  ASSIGN_OR_RETURN(const auto from, auth::LoadUser(*view, UserId{offer->from()}));
  ASSIGN_OR_RETURN(const auto to, auth::LoadUser(*view, caller.user));
  if (!to) return Fail(ErrorCode::kUnauthenticated, "the user is gone");
  if (!from) return Because(TransferRefusal::kNoTransfer);
  RETURN_IF_ERROR(ReserveTransferIds(tree_, *to));
  auto body = [&](KvTxn& txn) { return AcceptIn(txn, caller, *offer); };
  return storage::CommitBlocking(store_, TransferKeys(*from, *to), body);
}

Result<TransferAnswer> Transfers::AcceptIn(KvTxn& txn, const Caller& caller,
                                           const Offered& seen) const {
  RETURN_IF_ERROR(tree_.policies().access.CheckLive(txn, caller));
  ASSIGN_OR_RETURN(const auto offer, FindOffer(txn, TransferId{seen.id()}));
  ASSIGN_OR_RETURN(auto from, auth::LoadUser(txn, UserId{seen.from()}));
  ASSIGN_OR_RETURN(auto to, auth::LoadUser(txn, caller.user));
  if (!to) return Fail(ErrorCode::kUnauthenticated, "the user is gone");
  if (!offer || !from || from->disabled()) return Because(TransferRefusal::kNoTransfer);
  ASSIGN_OR_RETURN(const auto chain, LiveChain(txn, FileId{offer->node()}));
  if (!chain || Raw(chain->space()) != from->space()) {
    EraseOffer(txn, *offer);
    return Because(TransferRefusal::kNoTransfer);
  }
  const TransferRequest request{
      .from = std::move(*from), .to = std::move(*to), .node = FileId{offer->node()}};
  RETURN_IF_ERROR(TransferIn(txn, tree_, mounts_, request));
  RETURN_IF_ERROR(
      Conclude(txn, *offer, storage::NOTIFICATION_TRANSFER_ACCEPTED, tree_.clock().NowSeconds()));
  return TransferAnswer();
}

Result<TransferAnswer> Transfers::End(const Caller& caller, TransferId id) {
  auto body = [&](KvTxn& txn) -> Result<TransferAnswer> {
    RETURN_IF_ERROR(tree_.policies().access.CheckLive(txn, caller));
    ASSIGN_OR_RETURN(const auto offer, FindOffer(txn, id));
    if (!offer) return Because(TransferRefusal::kNoTransfer);
    if (UserId{offer->from()} == caller.user) {
      EraseOffer(txn, *offer);
      return TransferAnswer();
    }
    if (UserId{offer->to()} != caller.user) return Because(TransferRefusal::kForeign);
    RETURN_IF_ERROR(
        Conclude(txn, *offer, storage::NOTIFICATION_TRANSFER_REJECTED, tree_.clock().NowSeconds()));
    return TransferAnswer();
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<void> Transfers::Dismiss(const Caller& caller, std::optional<NotificationId> one) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(tree_.policies().access.CheckLive(txn, caller));
    ASSIGN_OR_RETURN(const auto all, notifications::ListOf(txn, caller.user));
    for (const Notification& notification : all) {
      const NotificationId id{notification.id()};
      if (one && id != *one) continue;
      notifications::Erase(txn, caller.user, id);
      if (notification.kind() != storage::NOTIFICATION_TRANSFER_OFFERED) continue;
      ASSIGN_OR_RETURN(const auto offer, FindOffer(txn, TransferId{notification.object()}));
      if (!offer) continue;
      RETURN_IF_ERROR(Conclude(txn, *offer, storage::NOTIFICATION_TRANSFER_REJECTED,
                               tree_.clock().NowSeconds()));
    }
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<Transferred> Transfers::Now(const TransferRequest& request) {
  RETURN_IF_ERROR(ReserveTransferIds(tree_, request.to));
  auto body = [&](KvTxn& txn) -> Result<Transferred> {
    TransferRequest now = request;
    for (User* const user : {&now.from, &now.to}) {
      ASSIGN_OR_RETURN(auto record, auth::LoadUser(txn, UserId{user->id()}));
      if (!record) return Fail(ErrorCode::kNotFound, "the user " + user->name() + " is gone");
      *user = std::move(*record);
    }
    return TransferIn(txn, tree_, mounts_, now);
  };
  return storage::CommitBlocking(store_, TransferKeys(request.from, request.to), body);
}

Result<std::size_t> Transfers::CleanStep(std::size_t limit) {
  const std::lock_guard lock(clean_mu_);
  const auto view = store_.Published();
  std::vector<Offered> seen;
  std::string after = clean_after_;
  auto collect = [&](std::string_view key, std::string_view value) {
    Offered offer;
    after = key;
    if (storage::ParseInto(value, offer)) seen.push_back(std::move(offer));
    return seen.size() < limit;
  };
  RETURN_IF_ERROR(view->Scan(Table::kTransfers, {}, clean_after_, collect));
  for (const Offered& offer : seen) {
    ASSIGN_OR_RETURN(const bool over, IsOver(*view, offer));
    if (!over) continue;
    // None of what is gone comes back under the same id.
    auto body = [&](KvTxn& txn) -> Result<void> {
      EraseOffer(txn, offer);
      return {};
    };
    RETURN_IF_ERROR(storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  }
  clean_after_ = seen.size() < limit ? std::string() : after;
  return seen.size() < limit ? std::size_t{0} : seen.size();
}

}  // namespace cairn::shares
