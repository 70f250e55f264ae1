// PATCH with X-Recalculate-Hash: the desktop's way out of a checksum that does not fit
// (clients.md 1.1, golden 03 patch-recalculate-hash). Reads the file once and stores what it hashes
// to.
#include "dav/methods.h"
#include "dav/preconditions.h"
#include "dav/write_errors.h"
#include "http/checksum_header.h"
#include "storage/commit.h"

namespace cairn::dav {
namespace {

struct Hashed {
  std::string content;  // raw content id that was read
  std::string text;     // "SHA1:<hex>"
};

Result<Hashed> HashFile(Ctx& ctx, HashKind kind) {
  storage::Engine& engine = ctx.services.engine;
  const auto view = engine.kv().Published();
  ASSIGN_OR_RETURN(const auto chain,
                   engine.tree().ResolveFor(*view, ctx.principal.caller, ctx.path(),
                                            storage::Permission::kRead));
  if (chain.leaf().is_collection())
    return Fail(ErrorCode::kIsACollection, "a folder has no checksum");
  const std::string& raw = chain.leaf().node.content();
  ASSIGN_OR_RETURN(const auto reader,
                   engine.contents().Open(*view, ContentId::FromBytes(raw).value_or(ContentId{})));
  Hasher hasher(kind);
  std::string buffer;
  for (std::uint64_t offset = 0; offset < reader->size(); offset += buffer.size()) {
    RETURN_IF_ERROR(reader->Read(offset, 256 * 1024, buffer));
    hasher.Update(AsBytes(buffer));
  }
  return Hashed{raw, http::FormatChecksums({hasher.Current()})};
}

}  // namespace

Outcome Patch(Ctx& ctx) {
  const auto kind = HashKindFromName(ctx.request().headers.Get("X-Recalculate-Hash"));
  if (!kind) co_return Fail(ErrorCode::kUnsupported, "PATCH only recalculates checksums");
  const auto path = ctx.path();
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions,
                      RequestPreconditions::Parse(ctx, path));
  const storage::WriteContext context{ctx.principal.caller, &conditions, conditions.lock_tokens()};
  auto hash = [&] { return HashFile(ctx, *kind); };
  auto hashed = co_await ctx.services.pools.data.Run(hash);
  CO_ASSIGN_OR_RETURN(const Hashed result, hashed);

  storage::FileTree& tree = ctx.services.engine.tree();
  auto store = [&](storage::KvTxn& txn) -> Result<storage::WriteOutcome> {
    ASSIGN_OR_RETURN(const auto chain, tree.Resolve(txn, path));
    if (chain.leaf().node.content() != result.content)
      return Fail(ErrorCode::kConflict, "the file changed meanwhile");
    storage::AttributeChange change;
    change.checksums = result.text;
    return tree.SetAttributes(txn, context, path, change);
  };
  std::vector<storage::WriterKey> keys{storage::SpaceKey(path.home)};
  auto stored =
      co_await storage::Commit(ctx.kv(), ctx.services.pools.write, std::move(keys), store);
  CO_RETURN_IF_ERROR(stored);
  http::Response response(204);
  response.With("OC-Checksum", result.text);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
