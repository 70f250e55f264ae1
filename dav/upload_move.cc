// MOVE of SESSION/.file: the chunks become the destination's content. O(1) in the bytes.
#include <chrono>
#include <utility>
#include <vector>

#include "dav/destination.h"
#include "dav/locate.h"
#include "dav/methods.h"
#include "dav/preconditions.h"
#include "dav/upload_headers.h"
#include "dav/upload_target.h"
#include "dav/write_errors.h"
#include "http/checksum_header.h"
#include "http/dav_headers.h"

namespace cairn::dav {
namespace {

// Verifying a checksum over terabytes takes its time.
constexpr std::chrono::minutes kLongestTurn{10};

boost::system::result<storage::FinishRequest, DavError> ParseFinish(const Ctx& ctx) {
  const http::Headers& headers = ctx.request().headers;
  if (LevelOf(ctx) != UploadLevel::kChunk || ctx.segments[1] != kFutureFile) {
    return ForbiddenUpload("Only the assembled file can be moved");
  }
  if (!headers.Has("Destination")) return BadRequest("The Destination header is missing");
  auto destination = ParseDestination(ctx, headers.Get("Destination"));
  if (destination.has_error()) return destination.error();
  const auto overwrite = http::ParseOverwrite(headers);
  if (overwrite.has_error()) return BadRequest("The HTTP Overwrite header should be either T or F");
  auto upload = ParseUploadHeaders(ctx.request());
  if (upload.has_error()) return BadRequest("OC-Total-Length is not a length");

  storage::FinishRequest request;
  request.session = ctx.segments[0];
  request.destination = std::move(destination->path);
  request.overwrite = *overwrite;
  request.total_length = upload->total_length;
  request.put = std::move(upload->put);
  request.put.checksums =
      http::FormatChecksums(upload->expected);  // verified before anything is stored
  request.expected = std::move(upload->expected);
  request.mtime_accepted = upload->mtime_accepted;
  request.ctime_accepted = upload->ctime_accepted;
  return request;
}

}  // namespace

Outcome UploadsMove(Ctx& ctx) {
  auto parsed = ParseFinish(ctx);
  if (parsed.has_error()) co_return co_await Refuse(ctx, parsed.error());
  auto located = co_await LocateIn(ctx, parsed->destination);
  CO_RETURN_IF_ERROR(located);
  const storage::FinishRequest& request = *parsed;
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions,
                      RequestPreconditions::Parse(ctx, request.destination));
  const storage::WriteContext context{ctx.principal.caller, &conditions, conditions.lock_tokens()};
  storage::Engine& engine = ctx.services.engine;
  auto finish = [&]() -> Result<storage::FinishOutcome> {
    RETURN_IF_ERROR(engine.faults().CheckMayWrite());
    RETURN_IF_ERROR(engine.tree().ReserveIds(request.destination));
    return engine.uploads().Finish(context, request);
  };
  // Whoever repeats a MOVE that still runs awaits it here, on no thread, and gets its answer.
  std::vector<storage::WriterKey> key{
      storage::AssemblyKey(ctx.principal.caller.user, request.session)};
  auto acquired = co_await ctx.kv().writers().Acquire(std::move(key), kLongestTurn);
  if (acquired.has_error()) co_return std::move(acquired).error();
  storage::WriterGuard turn = std::move(*acquired);
  const auto finished = co_await ctx.services.pools.data.Run(finish);
  turn.Release();
  if (finished.has_error()) {
    const DavError error = ExplainWrite("ASSEMBLE", finished.error());
    co_return co_await Refuse(ctx, error);
  }
  const WrittenNode written{
      finished->node,           finished->etag,           finished->created,  finished->permissions,
      finished->mtime_accepted, finished->ctime_accepted, request.destination};
  http::Response response = WrittenResponse(ctx, written);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
