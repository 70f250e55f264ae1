// One share by its id. An id that is foreign is as one that is nobody's.
#include "ocs/endpoints.h"
#include "ocs/share_replies.h"
#include "ocs/share_viewer.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

constexpr std::string_view kInternal = "ocinternal:";

// 0, which is no share's, for what is no id.
ShareId IdOf(std::string_view text) { return ShareId{ParseUint(text).value_or(0)}; }

Result<Reply> ShowShare(const Call& call) {
  ASSIGN_OR_RETURN(ShareViewer viewer, ShareViewer::Of(call));
  ASSIGN_OR_RETURN(const auto seen, viewer.ShareOf(IdOf(call.params[0])));
  const bool declined = seen && !seen->mine && seen->acceptance == storage::SHARE_DECLINED;
  if (!seen || declined) return WrongShareId();
  ASSIGN_OR_RETURN(auto data, viewer.Tell(*seen));
  return Reply::Of(json::array{std::move(data)});
}

Result<Reply> ReplyOf(const Result<shares::ShareOutcome>& outcome) {
  RETURN_IF_ERROR(outcome);
  return outcome->refused ? RefusalReply(*outcome->refused, {}) : Reply();
}

Result<Reply> EndShare(const Call& call) {
  return ReplyOf(call.services.shares.Remove(call.user().caller, IdOf(call.params[0])));
}

Result<Reply> TakeShare(const Call& call) {
  return ReplyOf(call.services.shares.Accept(call.user().caller, IdOf(call.params[0])));
}

Result<Reply> TakeBackShare(const Call& call) {
  std::string_view text = call.params[0];
  text.remove_prefix(text.starts_with(kInternal) ? kInternal.size() : text.size());
  const ShareId id = IdOf(text);
  ASSIGN_OR_RETURN(const ShareViewer viewer, ShareViewer::Of(call));
  ASSIGN_OR_RETURN(const auto seen, viewer.ShareOf(id));
  if (!seen) return Reply::Failure(404, "Share not found");
  if (seen->mine || seen->acceptance != storage::SHARE_DECLINED)
    return Reply::Failure(404, "No deleted share found");
  return ReplyOf(call.services.shares.Accept(call.user().caller, id));
}

}  // namespace

ReplyTask GetShare(Call& call) {
  auto work = [&] { return ShowShare(call); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask DeleteShare(Call& call) {
  auto work = [&] { return EndShare(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask AcceptShare(Call& call) {
  auto work = [&] { return TakeShare(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask RestoreShare(Call& call) {
  auto work = [&] { return TakeBackShare(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask ListRemoteShares(Call&) { co_return Reply(); }

ReplyTask GetRemoteShare(Call&) { co_return Reply::Failure(404, "share does not exist"); }

}  // namespace cairn::ocs
