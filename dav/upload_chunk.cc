// PUT of a chunk: straight into a blob, durable before the 201.
#include <algorithm>

#include "dav/destination.h"
#include "dav/discard.h"
#include "dav/methods.h"
#include "dav/upload_headers.h"
#include "dav/upload_target.h"
#include "dav/write_errors.h"
#include "storage/commit.h"

namespace cairn::dav {
namespace {

struct ChunkJob {
  Ctx& ctx;
  const UploadHeaders& headers;
  const std::uint64_t declared;  // 0 when the client does not say
  storage::SessionInfo session = {};
  std::unique_ptr<storage::BlobWriter> blob = nullptr;
  std::vector<Hasher> hashers = {};
  quota::Reservation reservation = {};
};

// 507 here saves the transfer. AddChunk decides again.
Result<void> Reserve(ChunkJob& job, const storage::KvView& view, const storage::Space& space,
                     std::uint64_t used) {
  quota::SpaceQuota& quota = job.ctx.services.quota;
  // The whole file, where the client says its length now or said it at MKCOL: what is reserved may
  // be for its other chunks.
  const std::uint64_t total =
      std::max(job.headers.total_length.value_or(0), job.session.record.total_length());
  const auto whole = static_cast<std::int64_t>(std::min<std::uint64_t>(total, INT64_MAX));
  RETURN_IF_ERROR(quota.Charge(space, used, whole, quota.reserved(SpaceId{space.id()})));
  ASSIGN_OR_RETURN(const std::uint64_t others, job.ctx.services.engine.uploads().BytesBeside(
                                                   view, job.session, job.ctx.segments[1]));
  RETURN_IF_ERROR(quota.Charge(space, used, static_cast<std::int64_t>(others + job.declared), 0));
  ASSIGN_OR_RETURN(job.reservation, quota.Reserve(space, used, job.declared));
  return {};
}

// One hop before the body is read: what would be refused anyway, and the reservation.
Result<void> Begin(ChunkJob& job) {
  storage::Engine& engine = job.ctx.services.engine;
  RETURN_IF_ERROR(engine.faults().CheckMayGrow());
  const auto view = engine.kv().Published();
  const storage::Caller& caller = job.ctx.principal.caller;
  RETURN_IF_ERROR(engine.tree().policies().access.CheckLive(*view, caller));
  ASSIGN_OR_RETURN(auto session, engine.uploads().Find(*view, caller.user, job.ctx.segments[0]));
  if (!session) return Fail(ErrorCode::kNotFound, "no such upload");
  job.session = std::move(*session);
  ASSIGN_OR_RETURN(auto space, engine.tree().FindSpace(*view, job.ctx.principal.home));
  if (!space) return Fail(ErrorCode::kNotFound, "the space is gone");
  ASSIGN_OR_RETURN(const auto root, engine.tree().Resolve(*view, {job.ctx.principal.home, {}}));
  RETURN_IF_ERROR(Reserve(job, *view, *space, root.leaf().recursive_size()));
  for (const Checksum& checksum : job.headers.expected) job.hashers.emplace_back(checksum.kind);
  ASSIGN_OR_RETURN(job.blob, engine.uploads().BeginChunk(job.session));
  return {};
}

net::awaitable<Result<void>> Receive(ChunkJob& job) {
  for (;;) {
    auto piece = co_await job.ctx.exchange.ReadBody();
    CO_RETURN_IF_ERROR(piece);
    if (piece->empty()) co_return Result<void>();
    auto append = [&]() -> Result<void> {
      for (Hasher& hasher : job.hashers) hasher.Update(*piece);
      RETURN_IF_ERROR(job.blob->Append(*piece));
      if (job.blob->length() > storage::kMaxUploadBytes)
        return Fail(ErrorCode::kTooLarge, "the chunk is too large");
      return job.declared == 0 ? job.reservation.Grow(job.blob->length()) : Result<void>();
    };
    auto appended = co_await job.ctx.services.pools.data.Run(append);
    CO_RETURN_IF_ERROR(appended);
  }
}

Result<storage::NewChunk> Finish(ChunkJob& job) {
  std::vector<Checksum> actual;
  for (const Hasher& hasher : job.hashers) actual.push_back(hasher.Current());
  RETURN_IF_ERROR(
      VerifyChecksums(job.headers.expected, actual));  // dropping the writer removes its file
  RETURN_IF_ERROR(job.blob->Finish());
  return storage::NewChunk{job.blob->id(), job.blob->length()};
}

net::awaitable<Result<storage::Uploads::AddedChunk>> Store(ChunkJob& job,
                                                           storage::NewChunk& chunk) {
  auto received = co_await Receive(job);
  CO_RETURN_IF_ERROR(received);
  auto finish = [&] { return Finish(job); };
  auto finished = co_await job.ctx.services.pools.data.Run(finish);
  CO_ASSIGN_OR_RETURN(chunk, finished);
  const storage::Caller& caller = job.ctx.principal.caller;
  storage::Uploads& uploads = job.ctx.services.engine.uploads();
  auto add = [&](storage::KvTxn& txn) {
    chunk.reserved = job.reservation.bytes();
    auto added = uploads.AddChunk(txn, caller, job.ctx.segments[0], job.ctx.segments[1], chunk);
    // Whoever has the key next finds the bytes in the session: they must not count twice.
    if (added.has_value()) job.reservation.Release();
    return added;
  };
  std::vector<storage::WriterKey> keys{storage::SessionKey(caller.user, job.ctx.segments[0])};
  auto added =
      co_await storage::Commit(job.ctx.kv(), job.ctx.services.pools.write, std::move(keys), add);
  if (added.has_error() && CertainlyRefused(added.error()))
    co_await DiscardBlob(job.ctx, chunk.blob);
  co_return added;
}

}  // namespace

Outcome UploadsPut(Ctx& ctx) {
  if (LevelOf(ctx) != UploadLevel::kChunk || ctx.segments[1] == kFutureFile) {
    const DavError error = ForbiddenUpload("Permission denied to put into this file");
    co_return co_await Refuse(ctx, error);
  }
  if (!storage::IsChunkName(ctx.segments[1]))
    co_return Fail(ErrorCode::kInvalidName, "not a chunk name");
  CO_ASSIGN_OR_RETURN(const UploadHeaders headers, ParseUploadHeaders(ctx.request()));
  ChunkJob job{ctx, headers, ctx.request().content_length};
  auto begin = [&] { return Begin(job); };
  auto begun = co_await ctx.services.pools.read.Run(begin);
  CO_RETURN_IF_ERROR(begun);
  storage::NewChunk chunk;
  auto stored = co_await Store(job, chunk);
  job.reservation.Release();  // before the answer to a refused one
  CO_ASSIGN_OR_RETURN(const auto added, stored);

  const std::string etag = "\"" + added.etag.Text() + "\"";
  http::Response response(added.created ? 201 : 204);
  response.With("ETag", etag).With("OC-ETag", etag);
  auto sent = co_await ctx.exchange.Send(std::move(response));
  // After the answer, and not waited for: the running checksum reads the chunk back while the
  // client goes on. When the pool is full, the MOVE will.
  auto account = [&uploads = ctx.services.engine.uploads(), session = job.session,
                  name = ctx.segments[1],
                  chunk] { uploads.ChunkAdded(session, name, chunk, nullptr); };
  std::ignore = ctx.services.pools.data.Post(account);
  co_return sent;
}

}  // namespace cairn::dav
