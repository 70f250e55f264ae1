#include "dav/destination.h"

#include "http/url.h"

namespace cairn::dav {

namespace {

DavError Outside() {
  return {
      403, "Sabre\\DAV\\Exception\\Forbidden", "The destination is outside of your files", {}, {}};
}

}  // namespace

boost::system::result<TreeRoute, DavError> RouteDestination(const Ctx& ctx,
                                                            std::string_view value) {
  const http::Request& request = ctx.request();
  const auto parsed = http::ParseDestination(value, request.host(), ctx.services.public_url);
  if (parsed.status == http::DestinationStatus::kForeignHost) {
    return DavError{
        502, "Sabre\\DAV\\Exception\\BadGateway", "The destination is on another server", {}, {}};
  }
  if (parsed.status == http::DestinationStatus::kMalformed) {
    return BadRequest("The Destination header is malformed");
  }
  const std::string encoded = http::EncodePath(parsed.path);
  auto route = RouteOf(http::StripSubPath(encoded, request.mount));
  if (route.has_error()) {
    return BadRequest("The Destination header is malformed");
  }
  const bool own = ctx.link ? route->user == ctx.link->share.token()
                            : EqualsIgnoreCase(route->user, ctx.principal.caller.user_name);
  if (!route->user.empty() && !own) return Outside();
  return std::move(*route);
}

boost::system::result<Destination, DavError> ParseDestination(const Ctx& ctx,
                                                              std::string_view value) {
  auto route = RouteDestination(ctx, value);
  if (route.has_error()) return route.error();
  if (route->tree != (ctx.link ? Tree::kPublic : Tree::kFiles)) return Outside();
  return Destination{{ctx.principal.home, std::move(route->segments)}, route->trailing_slash};
}

}  // namespace cairn::dav
