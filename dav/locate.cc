#include "dav/locate.h"

#include <utility>

namespace cairn::dav {

namespace {

storage::TreePath BelowLink(const shares::LinkVisit& link, std::vector<std::string> segments) {
  return {link.home(), std::move(segments), link.chain.leaf().id()};
}

// Who comes by a link sees one mount: all that there is.
shares::Mounts MountOfLink(const shares::LinkVisit& link) {
  shares::Mount mount;
  mount.name = link.chain.leaf().name();
  mount.node = link.chain.leaf().id();
  mount.shares.push_back(link.share);
  shares::Mounts mounts;
  mounts.all.push_back(std::move(mount));
  return mounts;
}

}  // namespace

Result<storage::TreePath> LocateOn(const storage::KvView& view, Services& services,
                                   const auth::Principal& principal,
                                   std::vector<std::string> segments) {
  ASSIGN_OR_RETURN(const auto mounts,
                   services.shares.mounts().Of(view, principal.caller.user, principal.home));
  return shares::Locate(view, *mounts, principal.home, std::move(segments),
                        services.engine.clock().NowSeconds());
}

net::awaitable<Result<storage::TreePath>> Locate(Ctx& ctx, std::vector<std::string> segments) {
  if (ctx.link) co_return BelowLink(*ctx.link, std::move(segments));
  Services& services = ctx.services;
  const auth::Principal& principal = ctx.principal;
  const auto view = services.engine.kv().Published();
  const auto known = services.shares.mounts().Known(*view, principal.caller.user);
  if (known != nullptr && known->empty())
    co_return storage::TreePath{.home = principal.home, .segments = std::move(segments)};
  auto look = [&] { return LocateOn(*view, services, principal, std::move(segments)); };
  co_return co_await services.pools.read.Run(look);
}

net::awaitable<Result<void>> LocateIn(Ctx& ctx, storage::TreePath& path) {
  auto located = co_await Locate(ctx, std::move(path.segments));
  if (located.has_error()) co_return std::move(located).error();
  path = std::move(*located);
  co_return Result<void>();
}

Result<std::shared_ptr<const shares::Mounts>> MountsOf(const storage::KvView& view,
                                                       const Ctx& ctx) {
  if (ctx.link) return std::make_shared<const shares::Mounts>(MountOfLink(*ctx.link));
  return ctx.services.shares.mounts().Of(view, ctx.principal.caller.user, ctx.principal.home);
}

}  // namespace cairn::dav
