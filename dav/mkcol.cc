// MKCOL (RFC 4918 section 9.3) and extended MKCOL (RFC 5689).
#include "dav/methods.h"
#include "dav/preconditions.h"
#include "dav/property_patch.h"
#include "dav/write_errors.h"
#include "dav/xml_reader.h"
#include "storage/commit.h"
#include "storage/properties.h"

namespace cairn::dav {
namespace {

// The properties an extended MKCOL sets; nothing for a plain one. The error is ready to be
// answered.
net::awaitable<boost::system::result<std::optional<XmlElement>, DavError>> ReadMkcolBody(Ctx& ctx) {
  auto body = co_await http::ReadWholeBody(ctx.exchange, kMaxXmlBody);
  if (body.has_error()) co_return FromError(body.error());
  if (body->empty()) co_return std::nullopt;
  const std::string type = ToLower(ctx.request().headers.Get("Content-Type"));
  if (type.find("xml") == std::string::npos) {
    co_return DavError{415,
                       "Sabre\\DAV\\Exception\\UnsupportedMediaType",
                       "The request body for the MKCOL request must have an xml Content-Type",
                       {},
                       {}};
  }
  auto parsed = ParseXml(*body);
  if (parsed.has_error()) co_return FromError(parsed.error());
  if (parsed->name != XmlName{std::string(kDavNs), "mkcol"}) {
    co_return DavError{415,
                       "Sabre\\DAV\\Exception\\UnsupportedMediaType",
                       "The request body for the MKCOL request must be a d:mkcol element",
                       {},
                       {}};
  }
  co_return std::optional<XmlElement>(std::move(*parsed));
}

}  // namespace

Outcome Mkcol(Ctx& ctx) {
  auto body = co_await ReadMkcolBody(ctx);
  if (body.has_error()) {
    const DavError error = body.error();
    co_return co_await Refuse(ctx, error);
  }
  PatchPlan plan;
  if (*body) {
    plan = CompilePatch(**body, PatchKind::kMkcol);
    if (ctx.link) RefuseUsersOwn(plan);
    if (plan.refused()) {
      http::Response response = PatchResponse(ctx, plan.statuses);
      co_return co_await ctx.exchange.Send(std::move(response));
    }
  }
  const auto path = ctx.path();
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions,
                      RequestPreconditions::Parse(ctx, path));
  const storage::WriteContext context{ctx.principal.caller, &conditions, conditions.lock_tokens()};
  storage::Engine& engine = ctx.services.engine;
  auto reserve = [&]() -> Result<void> {
    RETURN_IF_ERROR(engine.faults().CheckMayGrow());
    return engine.tree().ReserveIds(path);
  };
  auto reserved = co_await ctx.services.pools.read.Run(reserve);
  CO_RETURN_IF_ERROR(reserved);

  auto make = [&](storage::KvTxn& txn) -> Result<storage::WriteOutcome> {
    ASSIGN_OR_RETURN(auto made, engine.tree().MakeCollection(txn, context, path, {}));
    if (plan.statuses.empty()) return made;
    const storage::WriteContext unconditional{ctx.principal.caller, nullptr,
                                              conditions.lock_tokens()};
    return storage::PatchProperties(engine.tree(), txn, unconditional, path, plan.patch);
  };
  std::vector<storage::WriterKey> keys{storage::SpaceKey(path.home)};
  auto made =
      co_await storage::Commit(engine.kv(), ctx.services.pools.write, std::move(keys), make);
  if (made.has_error()) {
    DavError error = ExplainWrite("MKCOL", made.error());
    co_return co_await Refuse(ctx, error);
  }
  http::Response response(201);
  response.With("OC-FileId", engine.OcId(made->entry.id()));
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
