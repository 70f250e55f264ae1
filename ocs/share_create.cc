// POST …/shares: what stands at a path of the caller is shared with a user, a group, or whoever has
// the link.
#include <utility>

#include "ocs/endpoints.h"
#include "ocs/provisioning.h"
#include "ocs/share_fields.h"
#include "ocs/share_params.h"
#include "ocs/share_replies.h"
#include "ocs/share_viewer.h"

namespace cairn::ocs {
namespace {

using shares::ShareType;

std::optional<ShareType> KnownType(std::uint64_t number) {
  if (number == static_cast<std::uint64_t>(ShareType::kUser)) return ShareType::kUser;
  if (number == static_cast<std::uint64_t>(ShareType::kGroup)) return ShareType::kGroup;
  if (number == static_cast<std::uint64_t>(ShareType::kLink)) return ShareType::kLink;
  return std::nullopt;
}

constexpr std::uint64_t kNoType = ~std::uint64_t{0};

// Who `shareWith` names. A group is looked for when the share is made.
Result<std::optional<shares::Refusal>> FindRecipient(const Call& call, const ShareViewer& viewer,
                                                     shares::NewShare& request) {
  if (request.type == ShareType::kLink) return std::optional<shares::Refusal>();
  const std::string name = Argument(call, "shareWith");
  if (request.type == ShareType::kGroup) {
    request.group = name;
    return name.empty() ? std::optional(shares::Refusal::kNoRecipient) : std::nullopt;
  }
  // Whether a name exists is told at the price of a search for it.
  RETURN_IF_ERROR(call.services.people.Admit(viewer.user()));
  ASSIGN_OR_RETURN(const auto user, call.services.users.FindByName(viewer.view(), name));
  if (!user) return std::optional(shares::Refusal::kNoRecipient);
  request.recipient = UserId{user->id()};
  return std::optional<shares::Refusal>();
}

// The object of a share that is there now. A recorded server says of a new one whether a mail was
// asked for, and never again.
Result<Reply> Made(const Call& call, ShareId id, bool existed) {
  ASSIGN_OR_RETURN(ShareViewer viewer, ShareViewer::Of(call));
  ASSIGN_OR_RETURN(const auto seen, viewer.ShareOf(id));
  if (!seen) return WrongShareId();
  ASSIGN_OR_RETURN(auto data, viewer.Tell(*seen));
  const bool mail = !existed && IsTrue(FindArgument(call, "sendMail").value_or("true"));
  data["mail_send"] = mail ? 1 : 0;
  return Reply::Of(std::move(data));
}

Result<Reply> MakeShare(const Call& call) {
  const auto path = FindArgument(call, "path");
  if (!path) return Reply::Failure(404, "Please specify a file or folder path");
  ASSIGN_OR_RETURN(const ShareViewer viewer, ShareViewer::Of(call));
  ASSIGN_OR_RETURN(const auto node, viewer.NodeAt(*path));
  if (!node) return WrongPath();
  ASSIGN_OR_RETURN(const auto place, viewer.PathOf(*node));

  ShareAsked asked{.path = place ? place->path : std::string(), .name = node->leaf().name()};
  const std::uint64_t number = ParseUint(Argument(call, "shareType")).value_or(kNoType);
  const auto type = KnownType(number);
  if (!type) return UnknownShareType(number, call.user().caller.user_name, asked.path);
  asked.type = *type;
  asked.folder = node->leaf().is_collection();
  asked.most_days = MostDays(call.services.shares.rules(), *type);

  ShareFields fields = FieldsOf(call, asked);
  shares::NewShare request;
  request.node = node->leaf().id();
  request.type = *type;
  request.set = std::move(fields.set);
  ASSIGN_OR_RETURN(auto refused, FindRecipient(call, viewer, request));
  if (!refused && fields.refused) return std::move(*fields.refused);
  asked.with_himself = request.recipient == viewer.user();
  if (refused) return RefusalReply(*refused, asked);
  ASSIGN_OR_RETURN(const auto outcome, call.services.shares.Create(call.user().caller, request));
  if (outcome.refused) return RefusalReply(*outcome.refused, asked);
  return Made(call, ShareId{outcome.share.id()}, outcome.existed);
}

}  // namespace

// Changes of shares run on the slow pool: they wait for the directory key and for a space's, and
// who holds those needs the write pool.
ReplyTask CreateShare(Call& call) {
  auto work = [&] { return MakeShare(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

}  // namespace cairn::ocs
