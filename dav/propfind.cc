// PROPFIND on the files tree (RFC 4918 section 9.1). One view, one hop per page; an answer that
// cannot be completed breaks the connection: a well-formed 207 that lacks members makes clients
// delete files.
#include "dav/dav_error.h"
#include "dav/methods.h"
#include "dav/multistatus_stream.h"
#include "dav/tree_listing.h"
#include "http/dav_headers.h"

namespace cairn::dav {

Outcome Propfind(Ctx& ctx) {
  auto body = co_await http::ReadWholeBody(ctx.exchange, kMaxXmlBody);
  CO_ASSIGN_OR_RETURN(const std::string text, std::move(body));
  auto compiled = CompilePropfind(text);
  CO_ASSIGN_OR_RETURN(PropertySet set, std::move(compiled));
  if (PrefersMinimal(ctx.request().headers)) set.skip_missing = true;

  TreeListing listing(ctx, set, ctx.kv().Published(), http::PropfindDepth(ctx.request().headers));
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
