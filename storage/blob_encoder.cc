#include "storage/blob_encoder.h"

#include <algorithm>

namespace cairn::storage {
namespace {

constexpr std::string_view kNoTag("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", kBlobTagSize);
constexpr std::size_t kSumsPerPiece = 4096;  // 96 KiB of table

Error Over() { return Fail(ErrorCode::kIo, "this blob failed before, or is finished"); }

}  // namespace

BlobEncoder::BlobEncoder(const BlobId& blob, const ContentId& content) {
  footer_.blob = blob;
  footer_.content = content;
}

Result<void> BlobEncoder::Append(Bytes data, Sink sink) {
  if (over_) return Over();
  while (!data.empty()) {
    if (pending_.size() == kBlobChunk) RETURN_IF_ERROR(FlushChunk(false, sink));
    const std::size_t take = std::min<std::size_t>(kBlobChunk - pending_.size(), data.size());
    if (pending_.size() + take > pending_.capacity()) pending_.reserve(kBlobChunk);
    pending_.append(AsString(data.first(take)));
    footer_.length += take;
    data = data.subspan(take);
  }
  return {};
}

Result<void> BlobEncoder::Finish(Sink sink) {
  if (over_) return Over();
  if (!pending_.empty()) RETURN_IF_ERROR(FlushChunk(true, sink));
  over_ = true;
  return WriteTail(sink);
}

Result<void> BlobEncoder::FlushChunk(bool final, Sink sink) {
  sums_.push_back(ChunkSum(footer_.blob, sums_.size(), final, AsBytes(pending_), kNoTag));
  auto written = sink(pending_);
  over_ = written.has_error();
  pending_.clear();
  return written;
}

Result<void> BlobEncoder::WriteTail(Sink sink) {
  BlobTailEncoder tail;
  std::span<const std::uint64_t> rest(sums_);
  for (; rest.size() > kSumsPerPiece; rest = rest.subspan(kSumsPerPiece)) {
    RETURN_IF_ERROR(sink(tail.Table(rest.first(kSumsPerPiece))));
  }
  std::string end = tail.Table(rest);
  return sink(end.append(tail.Footer(footer_)));
}

}  // namespace cairn::storage
