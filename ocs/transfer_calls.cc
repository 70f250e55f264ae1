// transferownership: what somebody owns is offered to somebody else, who accepts or rejects it. The
// recorded refusals have no text.
#include "ocs/endpoints.h"
#include "ocs/provisioning.h"
#include "ocs/share_viewer.h"
#include "shares/transfers.h"

namespace cairn::ocs {
namespace {

using shares::TransferRefusal;

Reply ReplyOf(const shares::TransferAnswer& answer) {
  if (!answer) return Reply();
  switch (*answer) {
    case TransferRefusal::kNoRecipient:
    case TransferRefusal::kNoNode:
      return Reply::Failure(400, "");
    case TransferRefusal::kTooMany:
      return Reply::Failure(400, "Too many transfers to this account wait for an answer");
    case TransferRefusal::kNoTransfer:
      return Reply::Failure(404, "");
    case TransferRefusal::kForeign:
      return Reply::Failure(403, "");
  }
  return Reply::Failure(kServerError, "");
}

// What keeps an offer from being accepted now; it waits on.
Result<Reply> HinderedBy(const Error& error) {
  switch (error.code) {
    case ErrorCode::kLocked:
      return Reply::Failure(423, "It is locked, or something in it is");
    case ErrorCode::kQuotaExceeded:
      return Reply::Failure(507, "There is not enough space for it");
    case ErrorCode::kTooLarge:
      return Reply::Failure(400, "It is too much for one transfer");
    default:
      return error;
  }
}

// 0, which is no transfer's, for what is no id.
TransferId TransferOf(const Call& call) {
  return TransferId{ParseUint(call.params[0]).value_or(0)};
}

Result<Reply> OfferIt(const Call& call) {
  const auto path = FindArgument(call, "path");
  const auto name = FindArgument(call, "recipient");
  if (!path || !name) return Reply::Failure(400, "");
  ASSIGN_OR_RETURN(const ShareViewer viewer, ShareViewer::Of(call));
  // Whether a name exists is told at the price of a search for it.
  RETURN_IF_ERROR(call.services.people.Admit(viewer.user()));
  ASSIGN_OR_RETURN(const auto recipient, call.services.users.FindByName(viewer.view(), *name));
  if (!recipient) return Reply::Failure(400, "");
  ASSIGN_OR_RETURN(const auto node, viewer.NodeAt(*path));
  if (!node) return Reply::Failure(400, "");
  if (node->root().id() != viewer.root()) return Reply::Failure(403, "");
  ASSIGN_OR_RETURN(const auto answer,
                   call.services.transfers.Offer(call.user().caller, UserId{recipient->id()},
                                                 node->leaf().id()));
  return ReplyOf(answer);
}

Result<Reply> AcceptIt(const Call& call) {
  const auto answer = call.services.transfers.Accept(call.user().caller, TransferOf(call));
  return answer.has_error() ? HinderedBy(answer.error()) : ReplyOf(*answer);
}

Result<Reply> EndIt(const Call& call) {
  ASSIGN_OR_RETURN(const auto answer,
                   call.services.transfers.End(call.user().caller, TransferOf(call)));
  return ReplyOf(answer);
}

}  // namespace

// As changes of shares, on the slow pool.
ReplyTask OfferTransfer(Call& call) {
  auto work = [&] { return OfferIt(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask AcceptTransfer(Call& call) {
  auto work = [&] { return AcceptIt(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask EndTransfer(Call& call) {
  auto work = [&] { return EndIt(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

}  // namespace cairn::ocs
