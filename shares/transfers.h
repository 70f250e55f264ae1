// Offers to take over what somebody owns: made by the owner, accepted or rejected by whom they are
// made to, told by a notification.
//
// An offer and its notification are one: whoever dismisses the notification rejects the offer, and
// an offer whose notification goes is over. What is accepted goes over at once (shares/transfer.h).
//
// Each change is one transaction that asks everything again, durable when it returns. Thread-safe.
// Every call may block.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "notifications/notifications.h"
#include "shares/transfer.h"

namespace cairn::shares {

inline constexpr std::size_t kMostOffers = 100;  // that wait, from one user to another

enum class TransferRefusal {
  kNoRecipient,  // no such user, or he is disabled
  kNoNode,       // the caller has no such file or folder
  kTooMany,      // wait for the same recipient already
  kNoTransfer,   // no such offer, or what was offered is gone
  kForeign,      // it was neither made by the caller nor to him
};
// nullopt: it is done.
using TransferAnswer = std::optional<TransferRefusal>;

class Transfers {
 public:
  Transfers(storage::KvStore& store, storage::FileTree& tree, const MountTable& mounts)
      : store_(store), tree_(tree), mounts_(mounts) {}

  // Errors of all by callers: kUnauthenticated, kForbidden: the login, as AccessPolicy::CheckLive.

  // `node` is the caller's own, or his files root for all that is in it. An offer that waits
  // already is not made twice; to oneself nothing is offered.
  Result<TransferAnswer> Offer(const storage::Caller& caller, UserId to, FileId node);
  // By whom it was made to. Errors besides: as TransferIn; the offer stays.
  Result<TransferAnswer> Accept(const storage::Caller& caller, TransferId id);
  // He rejects it, or whoever made it takes it back.
  Result<TransferAnswer> End(const storage::Caller& caller, TransferId id);
  // His notification goes, or all of them: offers that they tell of are rejected.
  Result<void> Dismiss(const storage::Caller& caller, std::optional<NotificationId> one);

  // By the administrator: without offer and at once. Errors: as TransferIn, which finds both users
  // as they are then; kNotFound too for one who is gone.
  Result<Transferred> Now(const TransferRequest& request);

  // Background job: ends up to `limit` offers whose maker, recipient or node is gone; returns how
  // many were looked at, 0: it begins anew.
  Result<std::size_t> CleanStep(std::size_t limit);

 private:
  Result<TransferAnswer> OfferIn(storage::KvTxn& txn, const storage::Caller& caller, UserId to,
                                 FileId node) const;
  Result<TransferAnswer> AcceptIn(storage::KvTxn& txn, const storage::Caller& caller,
                                  const storage::Transfer& offer) const;

  storage::KvStore& store_;
  storage::FileTree& tree_;
  const MountTable& mounts_;
  std::mutex clean_mu_;
  std::string clean_after_;  // guarded by clean_mu_; key of the last offer looked at
};

}  // namespace cairn::shares
