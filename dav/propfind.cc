// PROPFIND on the files tree (RFC 4918 section 9.1). One view, one hop per page; an answer that
// cannot be completed breaks the connection: a well-formed 207 that lacks members makes clients
// delete files.
#include "dav/listing_answer.h"
#include "dav/methods.h"
#include "dav/multistatus_stream.h"
#include "http/dav_headers.h"

namespace cairn::dav {

Outcome Propfind(Ctx& ctx) {
  auto body = co_await http::ReadWholeBody(ctx.exchange, kMaxXmlBody);
  CO_ASSIGN_OR_RETURN(const std::string text, std::move(body));
  auto compiled = ctx.services.propfinds.Compile(text);
  CO_ASSIGN_OR_RETURN(PropertySet set, std::move(compiled));
  const http::Headers& headers = ctx.request().headers;
  if (PrefersMinimal(headers)) set.skip_missing = true;
  co_return co_await SendListing(ctx, set, http::PropfindDepth(headers));
}

}  // namespace cairn::dav
