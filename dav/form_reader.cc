#include "dav/form_reader.h"

#include <algorithm>

namespace cairn::dav {
namespace {

constexpr std::size_t kLargestPiece = 64 * 1024;  // as Exchange::ReadBody promises

}  // namespace

net::awaitable<Result<http::Multipart::Event>> FormReader::Next() {
  using Kind = http::Multipart::Kind;
  if (error_) co_return *error_;
  for (;;) {
    auto event = parser_.Next();
    if (event.has_error()) {
      malformed_ = true;
      error_ = event.error();
      co_return event;
    }
    if (event->kind == Kind::kPart) in_part_ = true;
    if (event->kind == Kind::kPartEnd) in_part_ = false;
    if (event->kind != Kind::kMore) co_return event;
    auto piece = co_await exchange_.ReadBody();
    if (piece.has_error()) {
      error_ = piece.error();
      co_return *error_;
    }
    if (piece->empty()) {
      const auto finished = parser_.Finish();
      CAIRN_CHECK(finished.has_error());  // or it would not want more
      malformed_ = true;
      error_ = finished.error();
      co_return *error_;
    }
    parser_.Feed(AsString(*piece));
  }
}

net::awaitable<Result<Bytes>> FormReader::ReadPart() {
  if (rest_.empty() && in_part_) {
    auto event = co_await Next();
    if (event.has_error()) co_return std::move(event).error();
    rest_ = event->data;
  }
  const std::string_view piece = rest_.substr(0, kLargestPiece);
  rest_.remove_prefix(piece.size());
  co_return AsBytes(piece);
}

net::awaitable<Result<std::string>> FormReader::ReadField(std::size_t limit) {
  std::string value;
  for (;;) {
    auto piece = co_await ReadPart();
    if (piece.has_error()) co_return std::move(piece).error();
    if (piece->empty()) co_return value;
    if (value.size() + piece->size() > limit)
      co_return Fail(ErrorCode::kTooLarge, "a field of the form is too long");
    value += AsString(*piece);
  }
}

net::awaitable<Result<void>> FormReader::SkipPart() {
  for (;;) {
    auto piece = co_await ReadPart();
    if (piece.has_error()) co_return std::move(piece).error();
    if (piece->empty()) co_return Result<void>();
  }
}

}  // namespace cairn::dav
