// PROPFIND of the trash. As in the files tree, an answer that cannot be completed breaks the
// connection.
#include "dav/methods.h"
#include "dav/multistatus_stream.h"
#include "dav/propfind_body.h"
#include "dav/trash_listing.h"
#include "http/dav_headers.h"

namespace cairn::dav {

Outcome TrashPropfind(Ctx& ctx) {
  auto asked = co_await ReadPropfind(ctx);
  CO_ASSIGN_OR_RETURN(const PropertySet set, std::move(asked));
  TrashListing listing(ctx, set, ctx.kv().Published(), http::PropfindDepth(ctx.request().headers));
  bool opened = false;
  auto produce = [&](std::string& out) -> Result<bool> {
    if (!opened) RETURN_IF_ERROR(listing.Open());
    opened = true;
    RETURN_IF_ERROR(listing.Fill(out));
    return !listing.done();
  };
  co_return co_await StreamMultistatus(ctx, produce);
}

}  // namespace cairn::dav
