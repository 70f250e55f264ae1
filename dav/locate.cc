#include "dav/locate.h"

#include <utility>

namespace cairn::dav {

Result<storage::TreePath> LocateOn(const storage::KvView& view, Services& services,
                                   const auth::Principal& principal,
                                   std::vector<std::string> segments) {
  ASSIGN_OR_RETURN(const auto mounts,
                   services.shares.mounts().Of(view, principal.caller.user, principal.home));
  return shares::Locate(view, *mounts, principal.home, std::move(segments),
                        services.engine.clock().NowSeconds());
}

net::awaitable<Result<storage::TreePath>> Locate(Services& services,
                                                 const auth::Principal& principal,
                                                 std::vector<std::string> segments) {
  const auto view = services.engine.kv().Published();
  const auto known = services.shares.mounts().Known(*view, principal.caller.user);
  if (known != nullptr && known->empty())
    co_return storage::TreePath{.home = principal.home, .segments = std::move(segments)};
  auto look = [&] { return LocateOn(*view, services, principal, std::move(segments)); };
  co_return co_await services.pools.read.Run(look);
}

net::awaitable<Result<void>> LocateIn(Ctx& ctx, storage::TreePath& path) {
  auto located = co_await Locate(ctx.services, ctx.principal, std::move(path.segments));
  if (located.has_error()) co_return std::move(located).error();
  path = std::move(*located);
  co_return Result<void>();
}

Result<std::shared_ptr<const shares::Mounts>> MountsOf(const storage::KvView& view,
                                                       const Ctx& ctx) {
  return ctx.services.shares.mounts().Of(view, ctx.principal.caller.user, ctx.principal.home);
}

}  // namespace cairn::dav
