#include "dav/archive.h"

#include <boost/json.hpp>
#include <utility>

#include "base/log.h"
#include "dav/archive_source.h"
#include "http/content_type.h"
#include "http/date.h"
#include "http/url.h"

namespace cairn::dav {

namespace {

constexpr std::size_t kPiece = 256 * 1024;
constexpr std::size_t kMaxNames = 10'000;

std::optional<ArchiveKind> KindOf(std::string_view type) {
  if (type == "zip" || type == "application/zip") return ArchiveKind::kZip;
  if (type == "tar" || type == "application/x-tar") return ArchiveKind::kTar;
  return std::nullopt;
}

// An archive is asked for by name only: "*/*" is what everybody sends.
std::optional<ArchiveKind> KindInAccept(std::string_view accept) {
  while (!accept.empty()) {
    const std::size_t comma = std::min(accept.find(','), accept.size());
    const std::string_view type = accept.substr(0, comma);
    const auto kind = KindOf(ToLower(Trim(type.substr(0, type.find(';')))));
    if (kind) return kind;
    accept.remove_prefix(std::min(comma + 1, accept.size()));
  }
  return std::nullopt;
}

Error BadList() {
  return Fail(ErrorCode::kInvalidArgument, "files: a JSON list of names is expected");
}

Result<std::vector<std::string>> NamesInJson(std::string_view text) {
  boost::json::error_code error;
  const auto value = boost::json::parse(text, error);
  const auto* list = error ? nullptr : value.if_array();
  if (list == nullptr || list->size() > kMaxNames) return BadList();
  std::vector<std::string> names;
  for (const auto& item : *list) {
    if (!item.is_string()) return BadList();
    names.emplace_back(item.get_string());
  }
  return names;
}

Result<std::vector<std::string>> NamesInFields(const http::Headers& headers) {
  std::vector<std::string> names;
  for (const auto& [name, value] : headers.fields()) {
    if (!EqualsIgnoreCase(name, "X-NC-Files")) continue;
    const auto path = http::DecodePath("/" + value);
    if (path.has_error() || path->segments.size() != 1)
      return Fail(ErrorCode::kInvalidArgument, "X-NC-Files: one percent-encoded name is expected");
    names.push_back(path->segments.front());
  }
  return names;
}

// Turns the source into bytes, a piece at a time.
class Producer {
 public:
  Producer(ArchiveSource source, ArchiveKind kind)
      : source_(std::move(source)), writer_(kind, piece_) {}

  // About kPiece bytes, or what is left. Empty: that was all.
  Result<std::string> Next() {
    piece_.clear();
    while (piece_.size() < kPiece && !finished_) RETURN_IF_ERROR(Step());
    return std::exchange(piece_, {});
  }

 private:
  Result<void> Step() {
    if (file_) return CopyOn();
    ASSIGN_OR_RETURN(auto member, source_.Next());
    if (!member) {
      finished_ = true;
      return writer_.Finish();
    }
    if (!member->reader) return writer_.AddFolder(member->path, member->mtime);
    RETURN_IF_ERROR(writer_.BeginFile(member->path, member->reader->size(), member->mtime));
    file_ = std::move(member->reader);
    offset_ = 0;
    return {};
  }
  Result<void> CopyOn() {
    if (offset_ == file_->size()) {
      file_.reset();
      return {};
    }
    bytes_.clear();
    RETURN_IF_ERROR(file_->Read(offset_, kPiece, bytes_));
    if (bytes_.empty()) return Fail(ErrorCode::kCorruption, "a content is shorter than its size");
    offset_ += bytes_.size();
    return writer_.Append(bytes_);
  }

  ArchiveSource source_;
  std::string piece_;
  ArchiveWriter writer_;
  std::unique_ptr<storage::ContentReader> file_;
  std::uint64_t offset_ = 0;
  std::string bytes_;
  bool finished_ = false;
};

http::Response HeadOf(const Ctx& ctx, ArchiveKind kind, const storage::Entry& folder) {
  const bool zip = kind == ArchiveKind::kZip;
  const bool home = ctx.segments.empty() && !ctx.link;
  const std::string name = home ? ctx.principal.caller.user_name : folder.name();
  http::Response head(200);
  head.With("Content-Type", zip ? "application/zip" : "application/x-tar");
  head.With("Content-Disposition", http::AttachmentDisposition(name + (zip ? ".zip" : ".tar")));
  head.With("Last-Modified", http::HttpDate(std::max<std::int64_t>(1, folder.node.mtime())));
  head.With("Accept-Ranges", "none");
  head.With("Content-Security-Policy", "default-src 'none'; sandbox");
  head.With("Cross-Origin-Resource-Policy", "same-origin");
  return head;
}

// After Begin. An error here breaks the connection.
Outcome SendPieces(Ctx& ctx, Producer& producer) {
  for (;;) {
    auto work = [&] { return producer.Next(); };
    auto piece = co_await ctx.services.pools.data.Run(work);
    CO_RETURN_IF_ERROR(piece);
    if (piece->empty()) co_return Result<void>();
    auto written = co_await ctx.exchange.Write(AsBytes(*piece));
    CO_RETURN_IF_ERROR(written);
  }
}

}  // namespace

Result<std::optional<ArchiveWish>> ArchiveWishOf(const http::Request& request) {
  const http::Form query = http::Form::Parse(request.query);
  std::optional<ArchiveKind> kind;
  if (const auto asked = query.Last("accept")) kind = KindOf(ToLower(*asked));
  if (!kind) kind = KindInAccept(request.headers.Joined("Accept"));
  if (!kind || request.method != "GET") return std::optional<ArchiveWish>();
  ArchiveWish wish{*kind, {}};
  ASSIGN_OR_RETURN(wish.names, NamesInFields(request.headers));
  if (const auto files = query.Last("files")) {
    ASSIGN_OR_RETURN(auto listed, NamesInJson(*files));
    wish.names.insert(wish.names.end(), listed.begin(), listed.end());
  }
  return std::optional(std::move(wish));
}

Outcome SendArchive(Ctx& ctx, ArchiveWish wish) {
  auto open = [&] { return ArchiveSource::Open(ctx, wish.names); };
  auto opened = co_await ctx.services.pools.read.Run(open);
  CO_ASSIGN_OR_RETURN(ArchiveSource source, std::move(opened));
  http::Response head = HeadOf(ctx, wish.kind, source.folder());
  Producer producer(std::move(source), wish.kind);
  auto begun = co_await ctx.exchange.Begin(std::move(head), std::nullopt);
  CO_RETURN_IF_ERROR(begun);
  auto sent = co_await SendPieces(ctx, producer);
  if (sent.has_value()) co_return co_await ctx.exchange.End();
  if (!Is(sent.error(), ErrorCode::kCancelled))
    log::error("request {}: archive broken off: {}", ctx.request().id, sent.error().message);
  ctx.exchange.Abort();
  co_return Result<void>();
}

}  // namespace cairn::dav
