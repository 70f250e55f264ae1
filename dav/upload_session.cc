// Upload sessions: MKCOL begins one, DELETE ends one or takes a chunk out.
#include "dav/methods.h"
#include "dav/upload_headers.h"
#include "dav/upload_target.h"
#include "dav/write_errors.h"
#include "storage/commit.h"

namespace cairn::dav {

Outcome UploadsMkcol(Ctx& ctx) {
  if (LevelOf(ctx) != UploadLevel::kSession || !storage::IsSessionName(ctx.segments.front())) {
    const DavError error = ForbiddenUpload("Only upload folders can be created here");
    co_return co_await Refuse(ctx, error);
  }
  CO_ASSIGN_OR_RETURN(const UploadHeaders headers, ParseUploadHeaders(ctx.request()));
  storage::Engine& engine = ctx.services.engine;
  CO_RETURN_IF_ERROR(engine.faults().CheckMayGrow());
  const storage::Caller& caller = ctx.principal.caller;
  auto create = [&](storage::KvTxn& txn) {
    return engine.uploads().Create(txn, caller, ctx.principal.home, ctx.segments.front(),
                                   headers.total_length);
  };
  std::vector<storage::WriterKey> keys{storage::SessionKey(caller.user, ctx.segments.front())};
  const auto created =
      co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), create);
  if (created.has_error()) {
    const DavError error = ExplainWrite("MKCOL", created.error());
    co_return co_await Refuse(ctx, error);
  }
  http::Response response(201);
  co_return co_await ctx.exchange.Send(std::move(response));
}

Outcome UploadsRemove(Ctx& ctx) {
  const UploadLevel level = LevelOf(ctx);
  if (level == UploadLevel::kHome ||
      (level == UploadLevel::kChunk && ctx.segments[1] == kFutureFile)) {
    const DavError error = ForbiddenUpload("This cannot be deleted");
    co_return co_await Refuse(ctx, error);
  }
  if (level == UploadLevel::kDeeper) {
    const DavError error = NoSuchUpload();
    co_return co_await Refuse(ctx, error);
  }
  storage::Uploads& uploads = ctx.services.engine.uploads();
  const storage::Caller& caller = ctx.principal.caller;
  auto remove = [&](storage::KvTxn& txn) -> Result<void> {
    if (level == UploadLevel::kSession) return uploads.Abort(txn, caller, ctx.segments[0]);
    return uploads.RemoveChunk(txn, caller, ctx.segments[0], ctx.segments[1]);
  };
  std::vector<storage::WriterKey> keys{storage::SessionKey(caller.user, ctx.segments.front())};
  auto removed =
      co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), remove);
  CO_RETURN_IF_ERROR(removed);
  http::Response response(204);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
