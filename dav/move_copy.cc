// MOVE and COPY (RFC 4918 sections 9.8, 9.9) inside the files tree.
#include "dav/destination.h"
#include "dav/locate.h"
#include "dav/methods.h"
#include "dav/preconditions.h"
#include "dav/transfer.h"
#include "dav/write_errors.h"
#include "http/dav_headers.h"
#include "storage/commit.h"

namespace cairn::dav {
namespace {

using storage::TreePath;

struct Transfer {
  TreePath from;
  TreePath to;
  bool overwrite = true;
  bool members = true;  // COPY with Depth 0: false
};

// Headers to a transfer; refuses what needs no look at the tree.
boost::system::result<Transfer, DavError> ParseTransfer(const Ctx& ctx, bool copy) {
  const http::Headers& headers = ctx.request().headers;
  Transfer transfer{{ctx.principal.home, ctx.segments}, {}, true, true};  // located later
  if (!headers.Has("Destination")) return BadRequest("The Destination header is missing");
  auto destination = ParseDestination(ctx, headers.Get("Destination"));
  if (destination.has_error()) return destination.error();
  transfer.to = std::move(destination->path);
  auto overwrite = http::ParseOverwrite(headers);
  if (overwrite.has_error()) return BadRequest("The HTTP Overwrite header should be either T or F");
  transfer.overwrite = *overwrite;
  if (copy) {
    const http::Depth depth = http::ParseDepth(headers);
    if (depth.kind == http::Depth::Kind::kGarbage ||
        (depth.kind == http::Depth::Kind::kLevels && depth.levels != 0)) {
      return BadRequest("The Depth of a COPY is 0 or infinity");
    }
    transfer.members = depth.kind != http::Depth::Kind::kLevels;
  }
  if (transfer.from.is_root()) {
    return DavError{409,
                    "Sabre\\DAV\\Exception\\Conflict",
                    "The destination may not be part of the same subtree as the source path.",
                    {},
                    {}};
  }
  if (transfer.from.segments == transfer.to.segments) {
    return DavError{403,
                    "Sabre\\DAV\\Exception\\Forbidden",
                    "Source and destination uri are identical.",
                    {},
                    {}};
  }
  return transfer;
}

// What a transfer begins with. `parent`: of the destination; none for the root, which the
// transaction refuses.
struct Seen {
  storage::Entry source;
  std::optional<storage::SeenParent> parent;
};

// Both ends as they are now: 404 for whatever is missing on the way to the source.
net::awaitable<Result<Seen>> Look(Ctx& ctx, const Transfer& transfer) {
  storage::Engine& engine = ctx.services.engine;
  auto look = [&]() -> Result<Seen> {
    const auto view = engine.kv().Published();
    auto chain = engine.tree().ResolveFor(*view, ctx.principal.caller, transfer.from,
                                          storage::Permission::kRead);
    if (chain.has_error()) {
      const ErrorCode code = chain.error().code;
      if (code == ErrorCode::kParentMissing || code == ErrorCode::kNotACollection) {
        return Fail(ErrorCode::kNotFound, chain.error().message);
      }
      return chain.error();
    }
    // Of a copy, or of a purge root for what is replaced.
    RETURN_IF_ERROR(engine.tree().ReserveIds(transfer.to));
    Seen seen{chain->leaf(), std::nullopt};
    if (transfer.to.is_root()) return seen;
    ASSIGN_OR_RETURN(seen.parent, engine.tree().SeeParent(*view, transfer.to));
    return seen;
  };
  co_return co_await ctx.services.pools.read.Run(look);
}

std::vector<storage::WriterKey> KeysOf(const Ctx& ctx, const Transfer& transfer) {
  return {storage::SpaceKey(transfer.from.home), storage::SpaceKey(transfer.to.home),
          storage::SpaceKey(ctx.principal.home)};
}

// A mount is moved in the caller's view alone: nothing of its owner's is touched.
Outcome MoveMount(Ctx& ctx, const Transfer& transfer) {
  auto move = [&]() -> Result<void> {
    return ctx.services.shares.MoveMount(ctx.principal.caller, ctx.principal.home,
                                         transfer.from.start, transfer.to);
  };
  auto moved = co_await ctx.services.pools.slow.Run(move);
  if (moved.has_error()) {
    if (Is(moved.error(), ErrorCode::kAlreadyExists)) moved = Fail(ErrorCode::kForbidden, "taken");
    const DavError error = ExplainWrite("MOVE", moved.error());
    co_return co_await Refuse(ctx, error);
  }
  http::Response response(201);
  response.With("OC-FileId", ctx.services.engine.OcId(transfer.from.start));
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace

Outcome Move(Ctx& ctx) {
  auto parsed = ParseTransfer(ctx, false);
  if (parsed.has_error()) co_return co_await Refuse(ctx, parsed.error());
  Transfer& transfer = *parsed;
  transfer.from = ctx.path();
  auto located = co_await LocateIn(ctx, transfer.to);
  CO_RETURN_IF_ERROR(located);
  if (transfer.from.is_mount()) co_return co_await MoveMount(ctx, transfer);
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions,
                      RequestPreconditions::Parse(ctx, transfer.from));
  auto looked = co_await Look(ctx, transfer);
  CO_ASSIGN_OR_RETURN(const Seen seen, std::move(looked));
  const storage::WriteContext context{
      ctx.principal.caller, &conditions,       conditions.lock_tokens(), 0,
      seen.parent,          ctx.principal.home};

  storage::FileTree& tree = ctx.services.engine.tree();
  if (ctx.in_mount() && transfer.from.home != transfer.to.home && seen.source.is_collection()) {
    // It is copied for its owner in steps, then moved: see FileTree::MoveAway.
    CO_RETURN_IF_ERROR(ctx.services.engine.faults().CheckMayGrow());
    auto move_away = [&] {
      return tree.MoveAway(ctx.kv(), context, transfer.from, transfer.to, {transfer.overwrite});
    };
    const auto moved = co_await ctx.services.pools.data.Run(move_away);
    co_return co_await AnswerTransfer(ctx, "MOVE", moved);
  }
  auto move = [&](storage::KvTxn& txn) {
    return tree.Move(txn, context, transfer.from, transfer.to, {transfer.overwrite});
  };
  auto keys = KeysOf(ctx, transfer);
  const auto moved =
      co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), move);
  co_return co_await AnswerTransfer(ctx, "MOVE", moved);
}

Outcome Copy(Ctx& ctx) {
  auto parsed = ParseTransfer(ctx, true);
  if (parsed.has_error()) co_return co_await Refuse(ctx, parsed.error());
  Transfer& transfer = *parsed;
  transfer.from = ctx.path();
  auto located = co_await LocateIn(ctx, transfer.to);
  CO_RETURN_IF_ERROR(located);
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions,
                      RequestPreconditions::Parse(ctx, transfer.from));
  auto looked = co_await Look(ctx, transfer);
  CO_ASSIGN_OR_RETURN(const Seen seen, std::move(looked));
  const storage::WriteContext context{
      ctx.principal.caller, &conditions,       conditions.lock_tokens(), 0,
      seen.parent,          ctx.principal.home};
  storage::Engine& engine = ctx.services.engine;
  CO_RETURN_IF_ERROR(engine.faults().CheckMayGrow());

  const storage::CopyOptions options{transfer.overwrite, transfer.members};
  if (seen.source.is_collection() && transfer.members) {
    // Steps of its own, each under the staging key, then one attach: see FileTree::CopyCollection.
    auto copy_all = [&] {
      return engine.tree().CopyCollection(engine.kv(), context, transfer.from, transfer.to,
                                          options);
    };
    const auto copied = co_await ctx.services.pools.data.Run(copy_all);
    co_return co_await AnswerTransfer(ctx, "COPY", copied);
  }
  auto copy = [&](storage::KvTxn& txn) {
    return engine.tree().CopyOne(txn, context, transfer.from, transfer.to, options);
  };
  auto keys = KeysOf(ctx, transfer);
  const auto copied =
      co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), copy);
  co_return co_await AnswerTransfer(ctx, "COPY", copied);
}

}  // namespace cairn::dav
