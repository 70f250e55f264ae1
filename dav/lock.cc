// LOCK and UNLOCK (RFC 4918 sections 9.10, 9.11). The dialect of the files_lock app (X-User-Lock)
// is not advertised and not spoken.
#include "dav/dav_error.h"
#include "dav/methods.h"
#include "dav/preconditions.h"
#include "dav/property_table.h"
#include "dav/tree_listing.h"
#include "dav/write_errors.h"
#include "http/dav_headers.h"
#include "http/if_header.h"
#include "storage/commit.h"
#include "storage/tree_locks.h"

namespace cairn::dav {
namespace {

constexpr std::string_view kPropOpen =
    "<?xml version=\"1.0\"?>\n"
    "<d:prop xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\" "
    "xmlns:oc=\"http://owncloud.org/ns\" "
    "xmlns:nc=\"http://nextcloud.org/ns\"><d:lockdiscovery>";
constexpr std::string_view kPropClose = "</d:lockdiscovery></d:prop>";

bool IsUserLock(const http::Request& request) { return request.headers.Get("X-User-Lock") == "1"; }

DavError UserLockUnsupported() {
  return {501,
          "Sabre\\DAV\\Exception\\NotImplemented",
          "Manual file locks are not supported by this server",
          {},
          {}};
}

// nullopt: the client asks for none.
std::optional<std::int64_t> TimeoutOf(const http::Headers& headers) {
  const auto asked = http::ParseTimeout(headers);
  if (!asked) return std::nullopt;
  return asked->infinite ? storage::kMaxLockTimeout : static_cast<std::int64_t>(asked->seconds);
}

// Clients name the owner by text or by d:href.
std::string OwnerText(const XmlElement& owner) {
  std::string text(Trim(owner.text));
  for (const XmlElement& child : owner.children) {
    if (text.empty()) text = Trim(child.text);
  }
  return text;
}

Result<storage::LockTable::Request> CompileLock(const http::Request& request,
                                                std::string_view body) {
  ASSIGN_OR_RETURN(const XmlElement root, ParseXml(body));
  if (root.name.ns != kDavNs || root.name.local != "lockinfo") {
    return Fail(ErrorCode::kInvalidArgument, "the root element is not d:lockinfo");
  }
  const XmlElement* scope = root.Child(kDavNs, "lockscope");
  const XmlElement* type = root.Child(kDavNs, "locktype");
  const bool exclusive = scope != nullptr && scope->Child(kDavNs, "exclusive") != nullptr;
  const bool shared = scope != nullptr && scope->Child(kDavNs, "shared") != nullptr;
  if (exclusive == shared || type == nullptr || type->Child(kDavNs, "write") == nullptr) {
    return Fail(ErrorCode::kInvalidArgument, "a lock needs one scope and the type write");
  }
  storage::LockTable::Request lock;
  lock.scope = shared ? storage::LOCK_SHARED : storage::LOCK_EXCLUSIVE;
  lock.timeout = TimeoutOf(request.headers).value_or(storage::kDefaultLockTimeout);
  const http::Depth depth = http::ParseDepth(request.headers);
  switch (depth.kind) {
    case http::Depth::Kind::kAbsent:
    case http::Depth::Kind::kInfinity:
      lock.infinite = true;
      break;
    case http::Depth::Kind::kLevels:
      if (depth.levels != 0)
        return Fail(ErrorCode::kInvalidArgument, "LOCK takes Depth 0 or infinity");
      break;
    case http::Depth::Kind::kGarbage:
      return Fail(ErrorCode::kInvalidArgument, "LOCK takes Depth 0 or infinity");
  }
  if (const XmlElement* owner = root.Child(kDavNs, "owner")) {
    lock.owner = owner->inner_xml;
    lock.owner_name = OwnerText(*owner);
  }
  return lock;
}

http::Response LockResponse(const Ctx& ctx, const storage::LockOutcome& outcome) {
  // In a mount the chain's places are not the path's.
  const std::size_t at = ctx.in_mount() ? ctx.segments.size()
                                        : std::min(outcome.held.chain_index, ctx.segments.size());
  const bool collection = at < ctx.segments.size() || outcome.entry.is_collection();
  const ShownLock shown{outcome.held, HrefOf(ctx, at, collection)};
  http::Response response(outcome.created ? 201 : 200);
  response.With("Content-Type", kXmlContentType);
  response.With("Lock-Token", "<" + outcome.held.lock.token() + ">");
  if (outcome.created) response.With("OC-FileId", ctx.services.engine.OcId(outcome.entry.id()));
  response.body = kPropOpen;
  AppendActiveLock(response.body, shown, ctx.principal.caller.lock_user(),
                   ctx.services.engine.clock().NowSeconds());
  response.body += kPropClose;
  return response;
}

DavError ExplainLock(const Error& error) {
  switch (error.code) {
    case ErrorCode::kLocked:
      return {423, "Sabre\\DAV\\Exception\\ConflictingLock", {}, {}, "no-conflicting-lock"};
    case ErrorCode::kTooLarge:
      return {507,
              "Sabre\\DAV\\Exception\\InsufficientStorage",
              "Too many locks, or the owner of the lock is too long",
              {},
              {}};
    default:
      return ExplainWrite("LOCK", error);
  }
}

DavError ExplainUnlock(const Error& error) {
  if (Is(error, ErrorCode::kNotFound)) {
    return {409,
            "Sabre\\DAV\\Exception\\LockTokenMatchesRequestUri",
            "The lock token does not belong to a lock on this resource",
            {},
            "lock-token-matches-request-uri"};
  }
  return ExplainWrite("UNLOCK", error);
}

// Before a lock that may make an empty file: an id for it, and room.
Result<void> PrepareTake(Ctx& ctx, const storage::TreePath& path) {
  storage::Engine& engine = ctx.services.engine;
  auto found = engine.tree().Resolve(*engine.kv().Published(), path);
  if (found.has_value() || !Is(found.error(), ErrorCode::kNotFound)) return {};
  RETURN_IF_ERROR(engine.faults().CheckMayGrow());
  return engine.tree().ReserveIds(path);
}

Outcome TakeNew(Ctx& ctx, const std::string& body, const storage::WriteContext& context) {
  auto compiled = CompileLock(ctx.request(), body);
  CO_ASSIGN_OR_RETURN(const storage::LockTable::Request request, std::move(compiled));
  const auto path = ctx.path();
  storage::Engine& engine = ctx.services.engine;
  auto prepare = [&]() -> Result<void> { return PrepareTake(ctx, path); };
  auto prepared = co_await ctx.services.pools.read.Run(prepare);
  CO_RETURN_IF_ERROR(prepared);
  auto take = [&](storage::KvTxn& txn) {
    return storage::TakeLock(engine.tree(), txn, context, path, request);
  };
  std::vector<storage::WriterKey> keys{storage::SpaceKey(path.home)};
  auto taken =
      co_await storage::Commit(engine.kv(), ctx.services.pools.write, std::move(keys), take);
  if (taken.has_error()) {
    const DavError error = ExplainLock(taken.error());
    co_return co_await Refuse(ctx, error);
  }
  http::Response response = LockResponse(ctx, *taken);
  co_return co_await ctx.exchange.Send(std::move(response));
}

// The first of the submitted tokens that is a lock of the caller's on or above the resource.
Result<storage::LockOutcome> RefreshAny(Ctx& ctx, storage::KvTxn& txn,
                                        const storage::WriteContext& context,
                                        const storage::TreePath& path,
                                        std::optional<std::int64_t> timeout) {
  Result<storage::LockOutcome> outcome = Fail(ErrorCode::kPreconditionFailed, "If");
  for (const std::string& token : context.lock_tokens) {
    outcome = storage::RefreshLock(ctx.services.engine.tree(), txn, context, path, token, timeout);
    if (outcome.has_value() || !Is(outcome.error(), ErrorCode::kPreconditionFailed)) break;
  }
  return outcome;
}

Outcome Refresh(Ctx& ctx, const storage::WriteContext& context) {
  if (context.lock_tokens.empty()) {
    const DavError error =
        BadRequest("A lock needs a lockinfo body, its refresh an If header with the lock token");
    co_return co_await Refuse(ctx, error);
  }
  const auto path = ctx.path();
  const auto timeout = TimeoutOf(ctx.request().headers);
  auto refresh = [&](storage::KvTxn& txn) { return RefreshAny(ctx, txn, context, path, timeout); };
  std::vector<storage::WriterKey> keys{storage::SpaceKey(path.home)};
  auto refreshed =
      co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), refresh);
  if (refreshed.has_error()) {
    DavError error = ExplainLock(refreshed.error());
    if (error.status == 412) {
      error.message = "The submitted token is not that of a lock on this resource";
      error.header = "If";
    }
    co_return co_await Refuse(ctx, error);
  }
  http::Response response = LockResponse(ctx, *refreshed);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace

Outcome Lock(Ctx& ctx) {
  if (IsUserLock(ctx.request())) {
    const DavError error = UserLockUnsupported();
    co_return co_await Refuse(ctx, error);
  }
  auto read = co_await http::ReadWholeBody(ctx.exchange, kMaxXmlBody);
  CO_ASSIGN_OR_RETURN(const std::string body, std::move(read));
  auto parsed = RequestPreconditions::Parse(ctx, ctx.path());
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions, std::move(parsed));
  const storage::WriteContext context{ctx.principal.caller, &conditions, conditions.lock_tokens()};
  if (body.empty()) co_return co_await Refresh(ctx, context);
  co_return co_await TakeNew(ctx, body, context);
}

Outcome Unlock(Ctx& ctx) {
  if (IsUserLock(ctx.request())) {
    const DavError error = UserLockUnsupported();
    co_return co_await Refuse(ctx, error);
  }
  const auto token = http::ParseLockToken(ctx.request().headers.Get("Lock-Token"));
  if (!token) {
    const DavError error = BadRequest("No lock token was supplied");
    co_return co_await Refuse(ctx, error);
  }
  auto parsed = RequestPreconditions::Parse(ctx, ctx.path());
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions, std::move(parsed));
  const storage::WriteContext context{ctx.principal.caller, &conditions, conditions.lock_tokens()};
  const auto path = ctx.path();
  storage::FileTree& tree = ctx.services.engine.tree();
  auto release = [&](storage::KvTxn& txn) {
    return storage::ReleaseLock(tree, txn, context, path, *token);
  };
  std::vector<storage::WriterKey> keys{storage::SpaceKey(path.home)};
  auto released =
      co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), release);
  if (released.has_error()) {
    const DavError error = ExplainUnlock(released.error());
    co_return co_await Refuse(ctx, error);
  }
  http::Response response(204);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
