// PUT of a file: a first look before the body is read, the body into a content, then one
// transaction that decides. A small body that is there already needs no first look: the transaction
// says the same, and nothing was read in vain.
#include "dav/put.h"

#include <algorithm>

#include "dav/discard.h"
#include "dav/drop.h"
#include "dav/methods.h"
#include "dav/preconditions.h"
#include "dav/upload_headers.h"
#include "dav/write_errors.h"
#include "http/checksum_header.h"
#include "storage/commit.h"
#include "storage/hot_read.h"
#include "storage/same_bytes.h"

namespace cairn::dav {
namespace {

using storage::ContentIngest;
using storage::NewContent;

// What is compared byte by byte at most; a larger file that is put again becomes a version of
// itself.
constexpr std::uint64_t kLargestCompared = std::uint64_t{64} << 20;

struct PutJob {
  Ctx& ctx;
  UploadHeaders headers;
  const storage::WriteContext& context;
  quota::Reservation reservation = {};
  std::unique_ptr<ContentIngest> ingest = nullptr;
  std::optional<storage::SeenParent> parent = {};  // what a first look saw
  bool dropped = false;                            // into a file drop
};

// Where it goes, as things are in `view`.
Result<storage::TreePath> PlaceOf(const PutJob& job, const storage::KvView& view) {
  return job.dropped ? DropPlace(view, job.ctx.path()) : job.ctx.path();
}

// The bytes a request announces; 0 when it does not say.
std::uint64_t DeclaredLength(const http::Request& request, const UploadHeaders& headers) {
  if (request.framing == http::Framing::kLength) return request.content_length;
  return headers.entity_length.value_or(headers.total_length.value_or(0));
}

bool NeedsFirstLook(const PutJob& job, std::uint64_t declared) {
  storage::Engine& engine = job.ctx.services.engine;
  return job.dropped || !job.ctx.exchange.BodyIsHere() ||
         engine.faults().CheckMayGrow().has_error() ||
         declared > engine.contents().inline_limit() || job.headers.total_length.value_or(0) != 0 ||
         !engine.tree().HasIds(job.ctx.path());
}

void BeginContent(PutJob& job) {
  std::vector<HashKind> kinds;
  for (const Checksum& checksum : job.headers.expected) kinds.push_back(checksum.kind);
  job.ingest = job.ctx.services.engine.contents().Begin(kinds);
}

// One hop: everything the body need not be read for, ids for what may be created, and the
// reservation.
Result<void> FirstLook(PutJob& job, const storage::KvView& view, std::uint64_t declared) {
  storage::Engine& engine = job.ctx.services.engine;
  RETURN_IF_ERROR(engine.faults().CheckMayGrow());
  ASSIGN_OR_RETURN(const auto path, PlaceOf(job, view));
  // A length beyond the quota says more than one that will not add up, too.
  const std::uint64_t largest = std::max(declared, job.headers.total_length.value_or(0));
  ASSIGN_OR_RETURN(job.parent, engine.tree().CheckPut(view, job.context, path, largest,
                                                      job.headers.put.make_parents));
  if (!engine.tree().HasIds(path)) {
    if (view.memory_only()) return view.Miss();  // a new block of ids has to become durable
    RETURN_IF_ERROR(engine.tree().ReserveIds(path));
  }
  if (declared > engine.contents().inline_limit() ||
      job.ctx.request().framing == http::Framing::kChunked) {
    ASSIGN_OR_RETURN(auto space, engine.tree().FindSpace(view, path.home));
    if (!space) return Fail(ErrorCode::kNotFound, "the space is gone");
    ASSIGN_OR_RETURN(const auto root, engine.tree().Resolve(view, {path.home, {}}));
    ASSIGN_OR_RETURN(job.reservation, job.ctx.services.quota.Reserve(
                                          *space, root.leaf().recursive_size(), declared));
  }
  BeginContent(job);
  return {};
}

// A body of unknown length reserves as it grows.
Result<void> Append(PutJob& job, Bytes piece) {
  RETURN_IF_ERROR(job.ingest->Append(piece));
  if (job.ctx.request().framing != http::Framing::kChunked) return {};
  return job.reservation.Grow(job.ingest->length());
}

net::awaitable<Result<void>> Receive(PutJob& job) {
  const std::size_t in_memory = job.ctx.services.engine.contents().inline_limit();
  for (;;) {
    auto piece = co_await job.ctx.exchange.ReadBody();
    CO_RETURN_IF_ERROR(piece);
    if (piece->empty()) co_return Result<void>();
    Result<void> appended;
    auto work = [&]() -> Result<void> { return Append(job, *piece); };
    if (job.ingest->length() + piece->size() <= in_memory) {
      appended = work();  // stays in memory: no hop
    } else {
      appended = co_await job.ctx.services.pools.data.Run(work);
    }
    CO_RETURN_IF_ERROR(appended);
  }
}

// Finds out whether the blob holds the bytes that the file has already, where nothing else tells:
// then nothing is lost, and no version is kept. A content that cannot be read is another one.
void NoteSameBytes(PutJob& job, const NewContent& content) {
  if (job.dropped || !content.blob || content.size() > kLargestCompared) return;
  storage::Engine& engine = job.ctx.services.engine;
  const auto view = engine.kv().Published();
  const auto chain = engine.tree().Resolve(*view, job.ctx.path());
  if (chain.has_error() || chain->leaf().is_collection()) return;
  const storage::Node& node = chain->leaf().node;
  if (node.size() != content.size()) return;
  const auto known = storage::SameBytes(*view, node, content, job.headers.put);
  if (known.has_error() || *known) return;
  const auto same = storage::BlobHasBytesOf(engine.contents(), *view, node, content);
  if (same.has_value() && *same) job.headers.put.same_as = storage::ContentOf(node);
}

// Lengths and checksums against what was announced; then the content is durable.
Result<NewContent> Finish(PutJob& job) {
  const std::uint64_t received = job.ingest->length();
  for (const auto& announced : {job.headers.total_length, job.headers.entity_length}) {
    if (announced && *announced != received) {
      return Fail(ErrorCode::kInvalidArgument, "Expected " + std::to_string(*announced) +
                                                   " bytes, received " + std::to_string(received));
    }
  }
  ASSIGN_OR_RETURN(NewContent content, job.ingest->Finish());
  if (auto verified = VerifyChecksums(job.headers.expected, content.checksums);
      verified.has_error()) {
    if (content.blob) (void)job.ctx.services.engine.contents().blobs().Remove(*content.blob);
    return std::move(verified).error();
  }
  job.headers.put.checksums = http::FormatChecksums(content.checksums);
  NoteSameBytes(job, content);
  return content;
}

// What a first look would have refused that the tree does not: where there is a quota, the new
// bytes must fit beside those they replace.
Result<void> MakeUpForTheLook(const PutJob& job, const storage::KvView& view,
                              const NewContent& content) {
  storage::FileTree& tree = job.ctx.services.engine.tree();
  const auto path = job.ctx.path();
  ASSIGN_OR_RETURN(const auto space, tree.FindSpace(view, path.home));
  if (!space || !job.ctx.services.quota.LimitOf(*space)) return {};
  auto fits = tree.CheckPut(view, job.context, path, content.size(), job.headers.put.make_parents);
  return fits.has_error() ? Result<void>(std::move(fits).error()) : Result<void>();
}

net::awaitable<Result<storage::WriteOutcome>> Store(PutJob& job) {
  storage::Engine& engine = job.ctx.services.engine;
  auto received = co_await Receive(job);
  CO_RETURN_IF_ERROR(received);
  auto finish = [&] { return Finish(job); };
  Result<NewContent> finished = Fail(ErrorCode::kCancelled);
  if (job.ingest->in_memory()) {
    finished = finish();  // nothing to write: no hop
  } else {
    finished = co_await job.ctx.services.pools.data.Run(finish);
  }
  CO_ASSIGN_OR_RETURN(const NewContent content, finished);
  storage::WriteContext context = job.context;
  // A folder on the way to what is dropped may be another one by now.
  if (!job.dropped) context.parent = job.parent;
  auto body = [&](storage::KvTxn& txn) -> Result<storage::WriteOutcome> {
    ASSIGN_OR_RETURN(const auto path, PlaceOf(job, txn));
    if (!job.parent) RETURN_IF_ERROR(MakeUpForTheLook(job, txn, content));
    context.reserved = job.reservation.bytes();
    auto put = engine.tree().Put(txn, context, path, content, job.headers.put);
    // Whoever has the key next finds the bytes in the tree: they must not count twice.
    if (put.has_value()) job.reservation.Release();
    return put;
  };
  std::vector<storage::WriterKey> keys{storage::SpaceKey(job.ctx.path().home)};
  auto stored =
      co_await storage::Commit(engine.kv(), job.ctx.services.pools.write, std::move(keys), body);
  if (stored.has_error() && content.blob && CertainlyRefused(stored.error())) {
    co_await DiscardBlob(job.ctx, *content.blob);
  }
  co_return stored;
}

// Reads the body and stores it; says whatever there is to say but the success.
net::awaitable<Result<std::optional<storage::WriteOutcome>>> Write(PutJob& job) {
  using Done = std::optional<storage::WriteOutcome>;
  Ctx& ctx = job.ctx;
  const std::uint64_t declared = DeclaredLength(ctx.request(), job.headers);

  auto look = [&](const storage::KvView& view) { return FirstLook(job, view, declared); };
  Result<void> looked;
  const bool look_first = NeedsFirstLook(job, declared);
  if (look_first) {
    looked = co_await storage::ReadHot(ctx.kv(), ctx.services.pools.read, look);
  } else {
    BeginContent(job);
  }
  if (looked.has_error()) {
    const DavError error = ExplainWrite("PUT", looked.error());
    auto refused = co_await Refuse(ctx, error);
    CO_RETURN_IF_ERROR(refused);
    co_return Done();
  }
  auto stored = co_await Store(job);
  job.reservation.Release();  // before the answer to a refused one
  if (stored.has_error() && !look_first) {
    // A body that does not add up, where nothing may be written anyway: the latter is the answer.
    looked = co_await storage::ReadHot(ctx.kv(), ctx.services.pools.read, look);
    if (looked.has_error()) stored = looked.error();
  }
  if (stored.has_error()) {
    const DavError error = ExplainWrite("PUT", stored.error());
    auto refused = co_await Refuse(ctx, error);
    CO_RETURN_IF_ERROR(refused);
    co_return Done();
  }
  co_return Done(std::move(*stored));
}

Outcome RefuseRange(Ctx& ctx) {
  const DavError error = BadRequest("Content-Range on PUT requests are forbidden.");
  co_return co_await Refuse(ctx, error);
}

}  // namespace

Outcome Put(Ctx& ctx) {
  const http::Request& request = ctx.request();
  if (request.headers.Has("Content-Range")) co_return co_await RefuseRange(ctx);
  CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions,
                      RequestPreconditions::Parse(ctx, ctx.path()));
  CO_ASSIGN_OR_RETURN(UploadHeaders headers, ParseUploadHeaders(request));
  headers.put.make_parents = request.headers.Get("X-NC-WebDAV-Auto-Mkcol") == "1";
  const storage::WriteContext context{ctx.principal.caller, &conditions, conditions.lock_tokens()};
  PutJob job{ctx, std::move(headers), context};
  auto stored = co_await Write(job);
  CO_RETURN_IF_ERROR(stored);
  if (!*stored) co_return Result<void>();
  const storage::WriteOutcome& outcome = **stored;
  const WrittenNode written{
      outcome.entry.id(),         outcome.entry.etag(),       outcome.created, outcome.permissions,
      job.headers.mtime_accepted, job.headers.ctime_accepted, ctx.path()};
  http::Response response = WrittenResponse(ctx, written);
  co_return co_await ctx.exchange.Send(std::move(response));
}

Outcome PutDropped(Ctx& ctx) {
  if (ctx.request().headers.Has("Content-Range")) co_return co_await RefuseRange(ctx);
  CO_ASSIGN_OR_RETURN(UploadHeaders headers, ParseUploadHeaders(ctx.request()));
  headers.put.make_parents = true;
  const storage::WriteContext context{ctx.principal.caller};
  PutJob job{ctx, std::move(headers), context};
  job.dropped = true;
  auto stored = co_await Write(job);
  CO_RETURN_IF_ERROR(stored);
  if (!*stored) co_return Result<void>();
  const std::string etag = "\"" + (*stored)->entry.etag().Text() + "\"";
  http::Response response(201);
  response.With("ETag", etag).With("OC-ETag", etag);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
