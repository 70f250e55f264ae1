#include "server/body_reader.h"

#include <algorithm>
#include <utility>

namespace cairn::server {

BodyReader::BodyReader(ByteStream& stream, InputBuffer& input, http::Framing framing,
                       std::uint64_t content_length)
    : stream_(stream),
      input_(input),
      remaining_(framing == http::Framing::kLength ? content_length : 0),
      finished_(framing == http::Framing::kNone ||
                (framing == http::Framing::kLength && content_length == 0)) {
  if (framing == http::Framing::kChunked) chunks_.emplace();
}

net::awaitable<Result<Bytes>> BodyReader::Next(std::chrono::milliseconds stall) {
  return NextUntil(std::chrono::steady_clock::now() + stall);
}

net::awaitable<Result<Bytes>> BodyReader::NextUntil(SteadyTime deadline) {
  if (error_) co_return *error_;
  input_.Consume(std::exchange(handed_out_, 0));
  if (finished_) co_return Bytes{};
  if (!is_here()) input_.Enlarge();
  Result<Bytes> piece = Bytes{};
  if (chunks_) {
    piece = co_await NextChunk(deadline);
  } else {
    piece = co_await NextOfLength(deadline);
  }
  if (piece.has_error()) {
    error_ = piece.error();
  } else {
    received_ += piece->size();
  }
  co_return piece;
}

net::awaitable<Result<Bytes>> BodyReader::NextOfLength(SteadyTime deadline) {
  if (remaining_ == 0) {
    finished_ = true;
    co_return Bytes{};
  }
  if (input_.unread().empty()) {
    auto received = co_await Receive(deadline);
    CO_RETURN_IF_ERROR(std::move(received));
  }
  const std::string_view unread = input_.unread();
  handed_out_ = static_cast<std::size_t>(std::min<std::uint64_t>(unread.size(), remaining_));
  remaining_ -= handed_out_;
  if (remaining_ == 0) finished_ = true;
  co_return AsBytes(unread.substr(0, handed_out_));
}

net::awaitable<Result<Bytes>> BodyReader::NextChunk(SteadyTime deadline) {
  for (;;) {
    auto decoded = chunks_->Decode(input_.unread());
    CO_ASSIGN_OR_RETURN(const ChunkDecoder::Step step, std::move(decoded));
    if (!step.body.empty()) {
      handed_out_ = step.consumed;
      co_return AsBytes(step.body);
    }
    input_.Consume(step.consumed);
    if (step.done) {
      finished_ = true;
      co_return Bytes{};
    }
    auto received = co_await Receive(deadline);
    CO_RETURN_IF_ERROR(std::move(received));
  }
}

net::awaitable<Result<void>> BodyReader::Receive(SteadyTime deadline) {
  const auto room = input_.Room();
  if (room.empty())
    co_return Fail(ErrorCode::kInvalidArgument, "the framing of the body is too long");
  auto size = co_await stream_.ReadSome(room, deadline);
  if (size.has_error()) co_return std::move(size).error();
  if (*size == 0) co_return Fail(ErrorCode::kCancelled, "the connection ended inside the body");
  input_.Filled(*size);
  co_return Result<void>();
}

net::awaitable<bool> BodyReader::Drain(std::size_t limit, SteadyTime deadline) {
  std::size_t dropped = 0;
  for (;;) {
    auto piece = co_await NextUntil(deadline);
    if (piece.has_error()) co_return false;
    if (piece->empty()) co_return true;
    dropped += piece->size();
    if (dropped > limit) co_return false;
  }
}

}  // namespace cairn::server
