#include "dav/download.h"

#include "base/log.h"
#include "dav/content_pump.h"
#include "dav/dav_error.h"
#include "http/content_type.h"
#include "http/date.h"

namespace cairn::dav {

Result<void> MayHaveBytes(const Ctx& ctx, const storage::KvView& view,
                          const storage::Chain& chain) {
  const auto rights =
      ctx.services.engine.tree().policies().access.For(view, ctx.principal.caller, chain);
  if ((rights & storage::kWithheld) == 0) return {};
  return Fail(ErrorCode::kForbidden, "the share does not give out the bytes");
}
namespace {

constexpr std::string_view kFolderText =
    "This is the WebDAV interface. It can only be accessed by WebDAV clients such as the Nextcloud "
    "desktop sync client.";
constexpr std::size_t kReadAtOnce =
    storage::kDefaultInlineLimit;  // shorter answers need no further hop

http::RangeSelection SelectRange(const http::Request& request, const Download& download) {
  if (request.method != "GET" || !request.headers.Has("Range")) return {};
  std::optional<std::string_view> if_range;
  if (request.headers.Has("If-Range")) if_range = request.headers.Get("If-Range");
  const Offer& offer = download.offer;
  if (!http::IfRangeHolds(if_range, offer.etag, offer.mtime)) return {};
  return http::SelectRanges(request.headers.Get("Range"), offer.size);
}

// The one range that is sent without multipart framing; nullopt: several.
std::optional<http::ByteRange> OnlyRange(const Download& download) {
  using Kind = http::RangeSelection::Kind;
  if (download.selection.kind == Kind::kRanges) {
    if (download.selection.ranges.size() > 1) return std::nullopt;
    return download.selection.ranges.front();
  }
  return http::ByteRange{0, download.offer.size - 1};
}

Result<void> OpenContent(Ctx& ctx, const storage::KvView& view, Download& download) {
  const Offer& offer = download.offer;
  ContentId content;
  if (!offer.content.empty()) {
    const auto named = ContentId::FromBytes(offer.content);
    if (!named)
      return Fail(ErrorCode::kCorruption,
                  "node " + std::to_string(Raw(offer.id)) + " names no content");
    content = *named;
  }
  ASSIGN_OR_RETURN(download.reader, ctx.services.engine.contents().Open(view, content));
  if (download.reader->size() != offer.size) {
    return Fail(ErrorCode::kCorruption,
                "node " + std::to_string(Raw(offer.id)) + " and its content differ in size");
  }
  if (offer.size == 0) {
    download.bytes.emplace();
    return {};
  }
  const auto only = OnlyRange(download);
  if (!only || only->length() > kReadAtOnce) return {};
  if (only->length() == 0) {
    download.bytes.emplace();
    return {};
  }
  std::string bytes;
  RETURN_IF_ERROR(
      download.reader->Read(only->first, static_cast<std::size_t>(only->length()), bytes));
  if (bytes.size() != only->length())
    return Fail(ErrorCode::kCorruption, "a content is shorter than its size");
  download.bytes = std::move(bytes);
  return {};
}

void AddValidators(http::Response& response, const Download& download) {
  response.With("ETag", download.offer.EtagHeader());
  response.With("Last-Modified", http::HttpDate(download.offer.mtime));
}

// Everything but the length. Files never run anything in a browser (T-51).
http::Response FileHead(const Ctx& ctx, const Download& download, int status) {
  http::Response head(status);
  const Offer& offer = download.offer;
  head.With("Content-Type", http::ContentTypeHeader(offer.name));
  AddValidators(head, download);
  head.With("OC-ETag", offer.EtagHeader());
  if (offer.tells_id) head.With("OC-FileId", ctx.services.engine.OcId(offer.id));
  head.With("Content-Disposition", http::AttachmentDisposition(offer.shown_name));
  if (!offer.checksums.empty()) head.With("OC-Checksum", offer.checksums);
  head.With("Accept-Ranges", "bytes");
  head.With("Content-Security-Policy", "default-src 'none'; sandbox");
  head.With("Cross-Origin-Resource-Policy", "same-origin");
  return head;
}

http::Response NotModified(const Download& download) {
  http::Response response(304);
  AddValidators(response, download);
  return response;
}

// Which header failed, in the order of RFC 9110 section 13.2.2.
http::Response Failed(const Ctx& ctx, const Download& download) {
  DavError error{412, "Sabre\\DAV\\Exception\\PreconditionFailed", {}, {}, {}};
  if (ctx.request().headers.Has("If-Match")) {
    error.message = "An If-Match header was specified, but none of the specified ETags matched.";
    error.header = "If-Match";
  } else {
    error.message =
        "An If-Unmodified-Since header was specified, but the entity has been changed since the "
        "specified date.";
    error.header = "If-Unmodified-Since";
  }
  http::Response response = ErrorResponse(error);
  AddValidators(response, download);
  return response;
}

http::Response Unsatisfiable(const Download& download) {
  const DavError error{416,
                       "Sabre\\DAV\\Exception\\RequestedRangeNotSatisfiable",
                       "The requested range lies outside the entity",
                       {},
                       {}};
  http::Response response = ErrorResponse(error);
  AddValidators(response, download);
  response.With("Content-Range", http::UnsatisfiedContentRange(download.offer.size));
  return response;
}

// After Begin: an error breaks the connection.
Outcome Settle(Ctx& ctx, Result<void> sent) {
  if (sent.has_value()) co_return co_await ctx.exchange.End();
  if (!Is(sent.error(), ErrorCode::kCancelled)) {
    log::error("request {}: download broken off: {}", ctx.request().id, sent.error().message);
  }
  ctx.exchange.Abort();
  co_return Result<void>();
}

Outcome SendOne(Ctx& ctx, Download& download, http::Response head, http::ByteRange range) {
  if (download.bytes) {
    head.body = std::move(*download.bytes);
    co_return co_await ctx.exchange.Send(std::move(head));
  }
  ContentPump pump(ctx, std::move(download.reader));
  pump.Plan(range.first, range.length());
  auto primed = co_await pump.Prime();
  CO_RETURN_IF_ERROR(primed);
  auto begun = co_await ctx.exchange.Begin(std::move(head), range.length());
  CO_RETURN_IF_ERROR(begun);
  auto sent = co_await pump.SendNext();
  co_return co_await Settle(ctx, std::move(sent));
}

Outcome SendParts(Ctx& ctx, ContentPump& pump, const http::MultipartRanges& parts,
                  const Download& download) {
  for (const http::ByteRange& range : download.selection.ranges) {
    const std::string part_head = parts.PartHead(range);
    auto begun = co_await ctx.exchange.Write(AsBytes(part_head));
    CO_RETURN_IF_ERROR(begun);
    auto sent = co_await pump.SendNext();
    CO_RETURN_IF_ERROR(sent);
  }
  const std::string tail = parts.Tail();
  co_return co_await ctx.exchange.Write(AsBytes(tail));
}

Outcome SendMany(Ctx& ctx, Download& download, http::Response head) {
  const http::MultipartRanges parts(ToHex(ctx.services.engine.random().Bytes(16)),
                                    std::string(head.headers.Get("Content-Type")),
                                    download.offer.size);
  head.With("Content-Type", parts.ContentType());
  ContentPump pump(ctx, std::move(download.reader));
  for (const http::ByteRange& range : download.selection.ranges)
    pump.Plan(range.first, range.length());
  auto primed = co_await pump.Prime();
  CO_RETURN_IF_ERROR(primed);
  auto begun =
      co_await ctx.exchange.Begin(std::move(head), parts.Length(download.selection.ranges));
  CO_RETURN_IF_ERROR(begun);
  auto sent = co_await SendParts(ctx, pump, parts, download);
  co_return co_await Settle(ctx, std::move(sent));
}

// What is answered without a body of the file's bytes; nullopt: the file is sent.
std::optional<http::Response> AnswerWithoutBytes(const Ctx& ctx, const Download& download) {
  if (download.verdict == http::Precondition::kNotModified) return NotModified(download);
  if (download.verdict == http::Precondition::kFailed) return Failed(ctx, download);
  if (download.selection.kind == http::RangeSelection::Kind::kUnsatisfiable)
    return Unsatisfiable(download);
  if (ctx.request().method != "HEAD") return std::nullopt;
  http::Response head = FileHead(ctx, download, 200);
  head.With("Content-Length", std::to_string(download.offer.size));
  return head;
}

}  // namespace

Result<Download> OpenDownload(Ctx& ctx, const storage::KvView& view, Offer offer) {
  Download download;
  download.offer = std::move(offer);
  const http::Request& request = ctx.request();
  const http::Validators validators{true, download.offer.etag, download.offer.mtime};
  download.verdict = http::EvaluatePreconditions(request.method, request.headers, validators);
  if (download.verdict != http::Precondition::kProceed) return download;
  download.selection = SelectRange(request, download);
  if (request.method == "HEAD" ||
      download.selection.kind == http::RangeSelection::Kind::kUnsatisfiable)
    return download;
  RETURN_IF_ERROR(OpenContent(ctx, view, download));
  return download;
}

http::Response FolderResponse() {
  http::Response response(200);
  response.With("Content-Type", "text/html; charset=UTF-8");
  response.body = kFolderText;
  return response;
}

Outcome SendDownload(Ctx& ctx, Download& download) {
  if (auto response = AnswerWithoutBytes(ctx, download)) {
    co_return co_await ctx.exchange.Send(std::move(*response));
  }
  const bool ranged = download.selection.kind == http::RangeSelection::Kind::kRanges;
  http::Response head = FileHead(ctx, download, ranged ? 206 : 200);
  if (download.offer.size == 0) {
    head.body.clear();
    co_return co_await ctx.exchange.Send(std::move(head));
  }
  const auto only = OnlyRange(download);
  if (!only) co_return co_await SendMany(ctx, download, std::move(head));
  if (ranged) head.With("Content-Range", http::ContentRange(*only, download.offer.size));
  co_return co_await SendOne(ctx, download, std::move(head), *only);
}

}  // namespace cairn::dav
