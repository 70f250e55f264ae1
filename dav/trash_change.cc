// What changes the trash: DELETE of one deletion or of all, MOVE out of it. Nothing can be put
// there but by deleting a file.
#include "dav/methods.h"
#include "dav/property_patch.h"
#include "dav/transfer.h"
#include "dav/trash_target.h"
#include "storage/commit.h"
#include "trash/links.h"

namespace cairn::dav {
namespace {

// Refuses what is not a deletion; nullopt: it is one.
std::optional<DavError> CheckIsDeletion(const Ctx& ctx) {
  switch (TrashLevelOf(ctx)) {
    case TrashLevel::kMember:
      return std::nullopt;
    case TrashLevel::kNowhere:
      return NoSuchDeletion();
    case TrashLevel::kHome:
    case TrashLevel::kTrash:
    case TrashLevel::kRestore:
      break;
  }
  return ForbiddenInTrash("This collection stays where it is");
}

constexpr std::size_t kLinksPerCommit = 1000;

net::awaitable<Result<void>> DropAllLinks(Ctx& ctx) {
  const auth::Principal& principal = ctx.principal;
  auto drop = [&](storage::KvTxn& txn) -> Result<std::size_t> {
    RETURN_IF_ERROR(ctx.services.engine.tree().policies().access.CheckLive(txn, principal.caller));
    return trash::DropLinks(txn, principal.caller.user, kLinksPerCommit);
  };
  for (std::size_t dropped = kLinksPerCommit; dropped == kLinksPerCommit;) {
    std::vector<storage::WriterKey> keys{storage::SpaceKey(principal.home)};
    auto done = co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), drop);
    if (done.has_error()) co_return std::move(done).error();
    dropped = *done;
  }
  co_return Result<void>();
}

}  // namespace

Outcome TrashRemove(Ctx& ctx) {
  const bool all = TrashLevelOf(ctx) == TrashLevel::kTrash;
  if (const auto refused = all ? std::nullopt : CheckIsDeletion(ctx))
    co_return co_await Refuse(ctx, *refused);
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions,
                      RequestPreconditions::ParseShown(ctx, TrashState(ctx)));
  const storage::WriteContext context{ctx.principal.caller, &conditions, conditions.lock_tokens()};
  storage::FileTree& tree = ctx.services.engine.tree();
  const trash::TrashPath path = TrashPathOf(ctx);
  auto reserve = [&] { return tree.ReserveIds({path.space, {}}); };  // of the roots that are made
  auto reserved = co_await ctx.services.pools.read.Run(reserve);
  CO_RETURN_IF_ERROR(reserved);
  auto remove = [&](storage::KvTxn& txn) -> Result<void> {
    if (!all) return trash::Purge(tree, txn, context, path);
    RETURN_IF_ERROR(conditions.Check(txn, nullptr));
    auto emptied = trash::Empty(tree, txn, context, path.space);
    return emptied.has_error() ? Result<void>(std::move(emptied).error()) : Result<void>();
  };
  std::vector<storage::WriterKey> keys{storage::SpaceKey(path.space)};
  auto removed =
      co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), remove);
  if (removed.has_error()) {
    const DavError error = ExplainWayOut("DELETE", removed.error());
    co_return co_await Refuse(ctx, error);
  }
  if (all) {
    auto dropped = co_await DropAllLinks(ctx);
    CO_RETURN_IF_ERROR(dropped);
  }
  http::Response response(204);
  co_return co_await ctx.exchange.Send(std::move(response));
}

Outcome TrashMove(Ctx& ctx) {
  if (const auto refused = CheckIsDeletion(ctx)) co_return co_await Refuse(ctx, *refused);
  const auto way = ParseWayOut(ctx, Tree::kTrashbin);
  if (way.has_error()) co_return co_await Refuse(ctx, way.error());
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions,
                      RequestPreconditions::ParseShown(ctx, TrashState(ctx)));
  trash::TrashPath path = TrashPathOf(ctx);
  auto prepare = [&]() -> Result<std::optional<storage::SeenParent>> {
    ASSIGN_OR_RETURN(path.linked,
                     trash::SpaceOf(*ctx.kv().Published(), ctx.principal.caller, path));
    return PrepareWayOut(ctx, *way);
  };
  const auto parent = co_await ctx.services.pools.read.Run(prepare);
  CO_RETURN_IF_ERROR(parent);
  const storage::WriteContext context{ctx.principal.caller, &conditions, conditions.lock_tokens(),
                                      0, *parent};
  storage::FileTree& tree = ctx.services.engine.tree();
  auto move = [&](storage::KvTxn& txn) {
    return way->restore ? trash::Restore(tree, txn, context, path)
                        : trash::MoveOut(tree, txn, context, path, way->to, way->overwrite);
  };
  std::vector<storage::WriterKey> keys{storage::SpaceKey(path.space),
                                       storage::SpaceKey(path.linked)};
  const auto moved =
      co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), move);
  if (path.linked != path.space && moved.has_error() && Is(moved.error(), ErrorCode::kForbidden)) {
    const DavError error = ForbiddenInTrash(
        "It lies in its owner's trash bin: it can be restored only there, and only by who may "
        "still write where it was");
    co_return co_await Refuse(ctx, error);
  }
  co_return co_await AnswerWayOut(ctx, "MOVE", *way, moved);
}

Outcome TrashCopy(Ctx& ctx) {
  const DavError error = ForbiddenInTrash("What was deleted can be moved out of the trashbin only");
  co_return co_await Refuse(ctx, error);
}

Outcome TrashPut(Ctx& ctx) {
  const DavError error = ForbiddenInTrash("Not allowed to create files in the trashbin");
  co_return co_await Refuse(ctx, error);
}

Outcome TrashMkcol(Ctx& ctx) {
  const DavError error = ForbiddenInTrash("Not allowed to create folders in the trashbin");
  co_return co_await Refuse(ctx, error);
}

Outcome TrashProppatch(Ctx& ctx) {
  auto read = co_await http::ReadWholeBody(ctx.exchange, kMaxXmlBody);
  CO_ASSIGN_OR_RETURN(const std::string body, std::move(read));
  CO_ASSIGN_OR_RETURN(const XmlElement root, ParseProppatch(body));
  const TrashLevel level = TrashLevelOf(ctx);
  if (level == TrashLevel::kNowhere) {
    const DavError error = NoSuchDeletion();
    co_return co_await Refuse(ctx, error);
  }
  auto look = [&]() -> Result<void> {
    if (level != TrashLevel::kMember) return {};
    auto found = trash::ResolveFor(ctx.services.engine.tree(), *ctx.kv().Published(),
                                   ctx.principal.caller, TrashPathOf(ctx));
    return found.has_error() ? Result<void>(std::move(found).error()) : Result<void>();
  };
  auto seen = co_await ctx.services.pools.read.Run(look);
  CO_RETURN_IF_ERROR(seen);
  const auto refuse = [](const XmlElement&, bool) { return 403; };  // nothing is kept here
  const PatchStatuses statuses = JudgePatch(root, PatchKind::kProppatch, refuse);
  if (statuses.empty()) co_return Fail(ErrorCode::kInvalidArgument, "no property to change");
  http::Response response = PatchResponse(ctx, statuses);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
