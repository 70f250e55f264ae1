#include "dav/propfind_body.h"

#include "dav/multistatus_stream.h"

namespace cairn::dav {

net::awaitable<Result<PropertySet>> ReadPropfind(Ctx& ctx) {
  auto read = co_await http::ReadWholeBody(ctx.exchange, kMaxXmlBody);
  CO_ASSIGN_OR_RETURN(const std::string body, std::move(read));
  auto compiled = ctx.services.propfinds.Compile(body);
  CO_ASSIGN_OR_RETURN(PropertySet set, std::move(compiled));
  if (PrefersMinimal(ctx.request().headers)) set.skip_missing = true;
  co_return set;
}

}  // namespace cairn::dav
