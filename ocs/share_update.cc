// PUT …/shares/ID: whoever has made a share, or owns what is shared, changes it.
#include <utility>

#include "ocs/endpoints.h"
#include "ocs/share_fields.h"
#include "ocs/share_replies.h"
#include "ocs/share_viewer.h"

namespace cairn::ocs {
namespace {

Result<Reply> ChangeShare(const Call& call) {
  const ShareId id{ParseUint(call.params[0]).value_or(0)};
  ASSIGN_OR_RETURN(const ShareViewer before, ShareViewer::Of(call));
  ASSIGN_OR_RETURN(const auto seen, before.ShareOf(id));
  if (!seen) return WrongShareId();
  ASSIGN_OR_RETURN(const auto place, before.PathOf(seen->chain));
  const ShareAsked asked{
      .verb = ShareVerb::kUpdate,
      .type = shares::TypeOf(seen->share),
      .path = place ? place->path : std::string(),
      .name = seen->chain.leaf().name(),
      .folder = seen->chain.leaf().is_collection(),
      .most_days = MostDays(call.services.shares.rules(), shares::TypeOf(seen->share))};
  if (!seen->mine) return RefusalReply(shares::Refusal::kIncoming, asked);
  if (!GivesFields(call)) return Reply::Failure(400, "Wrong or no update parameter given");
  ShareFields fields = FieldsOf(call, asked);
  if (fields.refused) return std::move(*fields.refused);
  ASSIGN_OR_RETURN(const auto outcome,
                   call.services.shares.Update(call.user().caller, id, fields.set));
  if (outcome.refused) return RefusalReply(*outcome.refused, asked);

  ASSIGN_OR_RETURN(ShareViewer after, ShareViewer::Of(call));
  ASSIGN_OR_RETURN(const auto changed, after.ShareOf(id));
  if (!changed) return WrongShareId();
  ASSIGN_OR_RETURN(auto data, after.Tell(*changed));
  return Reply::Of(std::move(data));
}

}  // namespace

ReplyTask UpdateShare(Call& call) {
  auto work = [&] { return ChangeShare(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

}  // namespace cairn::ocs
