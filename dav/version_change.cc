// What is done with versions: restored, taken out, labelled, deleted.
#include "dav/methods.h"
#include "dav/property_patch.h"
#include "dav/transfer.h"
#include "dav/version_target.h"
#include "storage/commit.h"

namespace cairn::dav {
namespace {

// What a change begins with: the file's space, and what PrepareWayOut says.
struct VersionSeen {
  SpaceId space{};
  bool may_delete = false;
  std::optional<storage::SeenParent> parent;
};

Result<VersionSeen> LookForChange(const Ctx& ctx, const VersionTarget& target) {
  VersionSeen seen;
  const auto view = ctx.kv().Published();
  ASSIGN_OR_RETURN(const auto found, FindContent(ctx, *view, target));
  const storage::Chain& chain = found.history.chain;
  seen.space = chain.space();
  seen.may_delete = storage::Allows(
      ctx.services.engine.tree().policies().access.For(*view, ctx.principal.caller, chain),
      storage::Permission::kDelete);
  return seen;
}

std::vector<storage::WriterKey> KeysOf(SpaceId from, SpaceId to) {
  std::vector<storage::WriterKey> keys{storage::SpaceKey(from)};
  if (to != from) keys.push_back(storage::SpaceKey(to));
  return keys;
}

// Why a version that is there is not deleted.
DavError Undeletable(const VersionSeen& seen) {
  if (seen.may_delete) return ForbiddenVersion("What the file holds now is not deleted here");
  return {403,
          "OCA\\DAV\\Connector\\Sabre\\Exception\\Forbidden",
          "You cannot delete this version because you do not have delete permissions on the source "
          "file.",
          {},
          {}};
}

// Refuses what is not a version; nullopt: it may be one.
std::optional<DavError> CheckIsVersion(const VersionTarget& target) {
  if (target.level == VersionLevel::kVersion) return std::nullopt;
  if (target.level == VersionLevel::kNowhere) return NoSuchVersion();
  return ForbiddenVersion("This collection stays as it is");
}

Outcome TakeVersion(Ctx& ctx, std::string_view method, bool keep) {
  const VersionTarget target = VersionTargetOf(ctx);
  if (const auto refused = CheckIsVersion(target)) co_return co_await Refuse(ctx, *refused);
  const auto way = ParseWayOut(ctx, Tree::kVersions);
  if (way.has_error()) co_return co_await Refuse(ctx, way.error());
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions,
                      RequestPreconditions::ParseShown(ctx, VersionState(target)));
  storage::Engine& engine = ctx.services.engine;
  auto look = [&]() -> Result<VersionSeen> {
    if (keep) RETURN_IF_ERROR(engine.faults().CheckMayGrow());
    ASSIGN_OR_RETURN(VersionSeen seen, LookForChange(ctx, target));
    ASSIGN_OR_RETURN(seen.parent, PrepareWayOut(ctx, *way));
    return seen;
  };
  auto looked = co_await ctx.services.pools.read.Run(look);
  CO_ASSIGN_OR_RETURN(const VersionSeen seen, std::move(looked));
  const storage::WriteContext context{ctx.principal.caller, &conditions, conditions.lock_tokens(),
                                      0, seen.parent};
  auto take = [&](storage::KvTxn& txn) {
    storage::FileTree& tree = engine.tree();
    if (way->restore) return versions::Restore(tree, txn, context, target.file, target.stamp, keep);
    return versions::TakeOut(tree, txn, context, target.file, target.stamp, way->to, way->overwrite,
                             keep);
  };
  auto keys = KeysOf(seen.space, way->restore ? seen.space : way->to.home);
  const auto taken =
      co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), take);
  co_return co_await AnswerWayOut(ctx, method, *way, taken);
}

// What a PROPPATCH says of the label; anything else that it is about is refused.
struct LabelPatch {
  std::optional<std::string> label;
  PatchStatuses statuses;
};

LabelPatch CompileLabel(const XmlElement& root, bool of_a_version) {
  LabelPatch patch;
  const auto rule = [&](const XmlElement& property, bool set) {
    const bool is_label = property.name.ns == kNcNs && property.name.local == "version-label";
    if (!is_label || !of_a_version) return 403;
    if (!set) {
      patch.label.reset();
      return 204;
    }
    if (!property.children.empty() || property.text.size() > versions::kMaxLabelBytes) return 409;
    patch.label = property.text;
    return 200;
  };
  patch.statuses = JudgePatch(root, PatchKind::kProppatch, rule);
  return patch;
}

}  // namespace

Outcome VersionsMove(Ctx& ctx) { return TakeVersion(ctx, "MOVE", false); }
Outcome VersionsCopy(Ctx& ctx) { return TakeVersion(ctx, "COPY", true); }

Outcome VersionsRemove(Ctx& ctx) {
  const VersionTarget target = VersionTargetOf(ctx);
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions,
                      RequestPreconditions::ParseShown(ctx, VersionState(target)));
  auto look = [&]() -> Result<VersionSeen> {
    if (target.level == VersionLevel::kVersion) return LookForChange(ctx, target);
    RETURN_IF_ERROR(CheckVersionCollection(ctx, *ctx.kv().Published(), target));
    return VersionSeen();
  };
  auto looked = co_await ctx.services.pools.read.Run(look);
  CO_ASSIGN_OR_RETURN(const VersionSeen seen, std::move(looked));
  if (const auto refused = CheckIsVersion(target)) co_return co_await Refuse(ctx, *refused);
  const storage::WriteContext context{ctx.principal.caller, &conditions, conditions.lock_tokens()};
  auto remove = [&](storage::KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(
        versions::Delete(ctx.services.engine.tree(), txn, context, target.file, target.stamp));
    return conditions.Check(txn, nullptr);
  };
  auto keys = KeysOf(seen.space, seen.space);
  auto removed =
      co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), remove);
  if (removed.has_error()) {
    const DavError error = Is(removed.error(), ErrorCode::kForbidden)
                               ? Undeletable(seen)
                               : ExplainWayOut("DELETE", removed.error());
    co_return co_await Refuse(ctx, error);
  }
  http::Response response(204);
  co_return co_await ctx.exchange.Send(std::move(response));
}

Outcome VersionsProppatch(Ctx& ctx) {
  auto read = co_await http::ReadWholeBody(ctx.exchange, kMaxXmlBody);
  CO_ASSIGN_OR_RETURN(const std::string body, std::move(read));
  CO_ASSIGN_OR_RETURN(const XmlElement root, ParseProppatch(body));
  const VersionTarget target = VersionTargetOf(ctx);
  const bool of_a_version = target.level == VersionLevel::kVersion;
  const LabelPatch patch = CompileLabel(root, of_a_version);
  if (patch.statuses.empty()) co_return Fail(ErrorCode::kInvalidArgument, "no property to change");
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions,
                      RequestPreconditions::ParseShown(ctx, VersionState(target)));
  auto look = [&]() -> Result<VersionSeen> {
    if (of_a_version) return LookForChange(ctx, target);
    RETURN_IF_ERROR(CheckVersionCollection(ctx, *ctx.kv().Published(), target));
    return VersionSeen();
  };
  auto looked = co_await ctx.services.pools.read.Run(look);
  CO_ASSIGN_OR_RETURN(const VersionSeen seen, std::move(looked));
  if (!IsRefused(patch.statuses)) {
    const storage::WriteContext context{ctx.principal.caller, &conditions,
                                        conditions.lock_tokens()};
    auto label = [&](storage::KvTxn& txn) -> Result<void> {
      RETURN_IF_ERROR(versions::SetLabel(ctx.services.engine.tree(), txn, context, target.file,
                                         target.stamp, patch.label));
      return conditions.Check(txn, nullptr);
    };
    auto keys = KeysOf(seen.space, seen.space);
    auto labelled =
        co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), label);
    if (labelled.has_error()) {
      const DavError error = ExplainWayOut("PROPPATCH", labelled.error());
      co_return co_await Refuse(ctx, error);
    }
  }
  http::Response response = PatchResponse(ctx, patch.statuses);
  co_return co_await ctx.exchange.Send(std::move(response));
}

Outcome VersionsRefuse(Ctx& ctx) {
  const DavError error = ForbiddenVersion("Versions are made by writing the file");
  co_return co_await Refuse(ctx, error);
}

}  // namespace cairn::dav
