// PROPFIND on the files tree (RFC 4918 section 9.1). One view, one hop per page; an answer that
// cannot be completed breaks the connection: a well-formed 207 that lacks members makes clients
// delete files.
#include "dav/listing_answer.h"
#include "dav/methods.h"
#include "dav/propfind_body.h"
#include "http/dav_headers.h"

namespace cairn::dav {

Outcome Propfind(Ctx& ctx) {
  auto asked = co_await ReadPropfind(ctx);
  CO_ASSIGN_OR_RETURN(PropertySet set, std::move(asked));
  co_return co_await SendListing(ctx, set, http::PropfindDepth(ctx.request().headers));
}

}  // namespace cairn::dav
