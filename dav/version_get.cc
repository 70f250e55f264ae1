// GET and HEAD of a version.
#include <algorithm>

#include "dav/download.h"
#include "dav/methods.h"
#include "dav/version_target.h"
#include "storage/hot_read.h"

namespace cairn::dav {
namespace {

Result<Download> LookAtVersion(Ctx& ctx, const storage::KvView& view, const VersionTarget& target) {
  ASSIGN_OR_RETURN(auto found, FindContent(ctx, view, target));
  // A version that goes may leave its name to the current content: nobody gets one for the other.
  if (found.content.is_current) return Fail(ErrorCode::kNotFound, "the current content");
  RETURN_IF_ERROR(MayHaveBytes(ctx, view, found.history.chain));
  const storage::Entry& file = found.history.chain.leaf();
  Offer offer;
  offer.id = file.id();
  offer.name = offer.shown_name = file.name();
  offer.etag = std::to_string(found.content.stamp);
  offer.quoted = false;
  offer.mtime = std::max<std::int64_t>(1, found.content.stamp);
  offer.size = found.content.size;
  offer.content = std::move(found.content.content);
  offer.tells_id = false;
  return OpenDownload(ctx, view, std::move(offer));
}

}  // namespace

Outcome VersionsGet(Ctx& ctx) {
  const VersionTarget target = VersionTargetOf(ctx);
  if (target.level == VersionLevel::kVersion) {
    auto look = [&](const storage::KvView& view) { return LookAtVersion(ctx, view, target); };
    auto looked = co_await storage::ReadHot(ctx.kv(), ctx.services.pools.read, look);
    CO_ASSIGN_OR_RETURN(Download download, std::move(looked));
    co_return co_await SendDownload(ctx, download);
  }
  auto look = [&](const storage::KvView& view) {
    return CheckVersionCollection(ctx, view, target);
  };
  auto there = co_await storage::ReadHot(ctx.kv(), ctx.services.pools.read, look);
  CO_RETURN_IF_ERROR(there);
  http::Response response = FolderResponse();
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
