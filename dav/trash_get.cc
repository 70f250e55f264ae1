// GET and HEAD of what was deleted.
#include "dav/download.h"
#include "dav/methods.h"
#include "dav/trash_target.h"
#include "storage/hot_read.h"

namespace cairn::dav {
namespace {

struct DeletedThing {
  bool folder = false;
  Download download = {};
};

Result<DeletedThing> LookAtDeleted(Ctx& ctx, const storage::KvView& view) {
  ASSIGN_OR_RETURN(const auto chain, trash::ResolveFor(ctx.services.engine.tree(), view,
                                                       ctx.principal.caller, TrashPathOf(ctx)));
  const storage::Entry& entry = chain.leaf();
  DeletedThing found{entry.is_collection()};
  if (found.folder) return found;
  RETURN_IF_ERROR(MayHaveBytes(ctx, view, chain));
  const ShownState shown = TrashState(ctx);
  Offer offer;
  offer.id = entry.id();
  offer.name = offer.shown_name = entry.name();
  offer.etag = shown.etag;
  offer.quoted = false;
  offer.mtime = std::max<std::int64_t>(1, shown.mtime);
  offer.size = entry.node.size();
  offer.content = entry.node.content();
  offer.tells_id = false;
  ASSIGN_OR_RETURN(found.download, OpenDownload(ctx, view, std::move(offer)));
  return found;
}

}  // namespace

Outcome TrashGet(Ctx& ctx) {
  const TrashLevel level = TrashLevelOf(ctx);
  if (level == TrashLevel::kNowhere) {
    const DavError error = NoSuchDeletion();
    co_return co_await Refuse(ctx, error);
  }
  DeletedThing found{true};
  if (level == TrashLevel::kMember) {
    auto look = [&](const storage::KvView& view) { return LookAtDeleted(ctx, view); };
    auto looked = co_await storage::ReadHot(ctx.kv(), ctx.services.pools.read, look);
    CO_ASSIGN_OR_RETURN(found, std::move(looked));
  }
  if (!found.folder) co_return co_await SendDownload(ctx, found.download);
  http::Response response = FolderResponse();
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
