// DELETE (RFC 4918 section 9.6): one detach, whatever hangs below.
#include "dav/methods.h"
#include "dav/preconditions.h"
#include "dav/write_errors.h"
#include "storage/commit.h"

namespace cairn::dav {

namespace {

// Who removes a mount leaves the share: nothing of its owner's goes.
Outcome LeaveMount(Ctx& ctx) {
  auto leave = [&]() -> Result<void> {
    return ctx.services.shares.LeaveMount(ctx.principal.caller, ctx.principal.home,
                                          ctx.path().start);
  };
  auto left = co_await ctx.services.pools.slow.Run(leave);
  CO_RETURN_IF_ERROR(left);
  http::Response response(204);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace

Outcome Remove(Ctx& ctx) {
  const auto& path = ctx.path();
  if (path.is_root() || (ctx.link && path.is_mount())) {
    const DavError error{
        403, "Sabre\\DAV\\Exception\\Forbidden", "Permission denied to delete home folder", {}, {}};
    co_return co_await Refuse(ctx, error);
  }
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions,
                      RequestPreconditions::Parse(ctx, path));
  if (path.is_mount()) co_return co_await LeaveMount(ctx);
  const storage::WriteContext context{.caller = ctx.principal.caller,
                                      .precondition = &conditions,
                                      .lock_tokens = conditions.lock_tokens(),
                                      .home = ctx.principal.home};
  const bool skip_trash = ctx.request().headers.Get("X-NC-Skip-Trashbin") == "true";
  storage::FileTree& tree = ctx.services.engine.tree();
  auto reserve = [&] { return tree.ReserveIds(path); };  // a purge root, the first time
  auto reserved = co_await ctx.services.pools.read.Run(reserve);
  CO_RETURN_IF_ERROR(reserved);
  auto remove = [&](storage::KvTxn& txn) { return tree.Remove(txn, context, path, skip_trash); };
  std::vector<storage::WriterKey> keys{storage::SpaceKey(path.home),
                                       storage::SpaceKey(ctx.principal.home)};
  auto removed =
      co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), remove);
  if (removed.has_error()) {
    const DavError error = ExplainWrite("DELETE", removed.error());
    co_return co_await Refuse(ctx, error);
  }
  http::Response response(204);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
