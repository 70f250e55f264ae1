// GET and HEAD in the files tree. One hop resolves, evaluates and opens; small files are read in
// it, too.
#include <algorithm>

#include "dav/archive.h"
#include "dav/download.h"
#include "dav/methods.h"
#include "storage/hot_read.h"

namespace cairn::dav {
namespace {

// A folder, or a file that is ready to be sent.
struct Found {
  bool folder = false;
  Download download = {};
};

Result<Found> Look(Ctx& ctx, const storage::KvView& view) {
  ASSIGN_OR_RETURN(const auto chain,
                   ctx.services.engine.tree().ResolveFor(view, ctx.principal.caller, ctx.path(),
                                                         storage::Permission::kRead));
  const storage::Entry& entry = chain.leaf();
  RETURN_IF_ERROR(MayHaveBytes(ctx, view, chain));
  Found found{entry.is_collection()};
  if (found.folder) return found;
  Offer offer;
  offer.id = entry.id();
  offer.name = entry.name();
  // The form of the name that the client asked by, composed or not: it may know no other.
  offer.shown_name = ctx.segments.empty() ? entry.name() : ctx.segments.back();
  offer.etag = entry.etag().Text();
  offer.mtime = std::max<std::int64_t>(1, entry.node.mtime());
  offer.size = entry.node.size();
  offer.checksums = entry.node.checksums();
  offer.content = entry.node.content();
  ASSIGN_OR_RETURN(found.download, OpenDownload(ctx, view, std::move(offer)));
  return found;
}

}  // namespace

Outcome Get(Ctx& ctx) {
  auto look = [&](const storage::KvView& view) { return Look(ctx, view); };
  auto looked = co_await storage::ReadHot(ctx.kv(), ctx.services.pools.read, look);
  CO_ASSIGN_OR_RETURN(Found found, std::move(looked));
  if (!found.folder) co_return co_await SendDownload(ctx, found.download);
  auto wish = ArchiveWishOf(ctx.request());
  CO_RETURN_IF_ERROR(wish);
  if (*wish) co_return co_await SendArchive(ctx, std::move(**wish));
  http::Response response = FolderResponse();
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
