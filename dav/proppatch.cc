// PROPPATCH (RFC 4918 section 9.2): all properties or none.
#include "dav/dav_error.h"
#include "dav/methods.h"
#include "dav/preconditions.h"
#include "dav/property_patch.h"
#include "dav/property_table.h"
#include "dav/write_errors.h"
#include "storage/commit.h"

namespace cairn::dav {
namespace {

Result<PatchPlan> CompileProppatch(std::string_view body) {
  ASSIGN_OR_RETURN(const XmlElement root, ParseProppatch(body));
  PatchPlan plan = CompilePatch(root, PatchKind::kProppatch);
  if (plan.statuses.empty()) return Fail(ErrorCode::kInvalidArgument, "no property to change");
  return plan;
}

// A cap of storage/properties.h was hit: the stored properties are what there is no room for (RFC
// 4918 section 9.2.1).
void MarkFull(PatchPlan& plan) {
  for (auto& [name, status] : plan.statuses) {
    const PropertyRow* row = FindProperty(name.ns, name.local);
    if (row == nullptr || row->patch == PatchRule::kStored) status = 507;
  }
}

Outcome Answer(Ctx& ctx, const PatchPlan& plan) {
  http::Response response = PatchResponse(ctx, plan.statuses);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace

Outcome Proppatch(Ctx& ctx) {
  auto body = co_await http::ReadWholeBody(ctx.exchange, kMaxXmlBody);
  CO_ASSIGN_OR_RETURN(const std::string text, std::move(body));
  auto compiled = CompileProppatch(text);
  CO_ASSIGN_OR_RETURN(PatchPlan plan, std::move(compiled));
  if (ctx.link) RefuseUsersOwn(plan);
  const auto path = ctx.path();
  storage::Engine& engine = ctx.services.engine;

  // Before any property is talked about: is there anything, and may the server grow?
  auto look = [&]() -> Result<void> {
    ASSIGN_OR_RETURN(const auto chain,
                     engine.tree().ResolveFor(*engine.kv().Published(), ctx.principal.caller, path,
                                              storage::Permission::kRead));
    if (plan.refused() || plan.patch.dead.empty()) return {};
    return engine.faults().CheckMayGrow();
  };
  auto seen = co_await ctx.services.pools.read.Run(look);
  CO_RETURN_IF_ERROR(seen);
  if (plan.refused()) co_return co_await Answer(ctx, plan);

  auto parsed = RequestPreconditions::Parse(ctx, path);
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions, std::move(parsed));
  const storage::WriteContext context{ctx.principal.caller, &conditions, conditions.lock_tokens()};
  auto patch = [&](storage::KvTxn& txn) {
    return storage::PatchProperties(engine.tree(), txn, context, path, plan.patch);
  };
  std::vector<storage::WriterKey> keys{storage::SpaceKey(path.home)};
  auto patched =
      co_await storage::Commit(engine.kv(), ctx.services.pools.write, std::move(keys), patch);
  if (patched.has_error() && Is(patched.error(), ErrorCode::kTooLarge)) {
    MarkFull(plan);
  } else if (patched.has_error()) {
    const DavError error = ExplainWrite("PROPPATCH", patched.error());
    co_return co_await Refuse(ctx, error);
  }
  co_return co_await Answer(ctx, plan);
}

}  // namespace cairn::dav
