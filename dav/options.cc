// OPTIONS: what clients probe before they trust a server to be WebDAV class 2 (clients.md 2.7).
#include "dav/methods.h"

namespace cairn::dav {
namespace {

constexpr std::string_view kMapped =
    "OPTIONS, GET, HEAD, DELETE, PROPFIND, PUT, PROPPATCH, COPY, MOVE, REPORT, LOCK, UNLOCK";
constexpr std::string_view kUnmapped =
    "OPTIONS, GET, HEAD, DELETE, PROPFIND, PUT, PROPPATCH, COPY, MOVE, REPORT, MKCOL, LOCK, UNLOCK";

http::Response OptionsResponse(std::string_view allow) {
  http::Response response(200);
  response.With("Allow", allow);
  response.With("MS-Author-Via", "DAV");
  response.With("Accept-Ranges", "bytes");
  return response;
}

}  // namespace

Outcome OptionsOfTree(Ctx& ctx) {
  http::Response response = OptionsResponse(kMapped);
  co_return co_await ctx.exchange.Send(std::move(response));
}

Outcome Options(Ctx& ctx) {
  const auto path = ctx.path();
  auto look = [&]() -> Result<bool> {
    auto found = ctx.services.engine.tree().ResolveFor(*ctx.kv().Published(), ctx.principal.caller,
                                                       path, storage::Permission::kRead);
    if (found.has_value()) return true;
    switch (found.error().code) {
      case ErrorCode::kNotFound:
      case ErrorCode::kParentMissing:
      case ErrorCode::kNotACollection:
      case ErrorCode::kInvalidName:
        return false;
      default:
        return std::move(found).error();
    }
  };
  auto mapped = co_await ctx.services.pools.read.Run(look);
  CO_RETURN_IF_ERROR(mapped);
  http::Response response = OptionsResponse(*mapped ? kMapped : kUnmapped);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
