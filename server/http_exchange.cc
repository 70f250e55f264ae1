#include "server/http_exchange.h"

#include <array>
#include <cstdio>
#include <utility>

#include "server/response_head.h"

namespace cairn::server {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool HasNoBody(int status) { return status == 204 || status == 304; }

// The length a handler announces for a HEAD whose body it did not produce.
std::optional<std::uint64_t> LengthOfHead(const http::Request& request,
                                          const http::Response& response) {
  if (request.method != "HEAD" || !response.body.empty()) return std::nullopt;
  return ParseUint(response.headers.Get("Content-Length"));
}

}  // namespace

HttpExchange::HttpExchange(ByteStream& stream, BodyReader& body, http::Request& request,
                           const ConnectionLimits& limits, const Clock& clock,
                           const std::atomic<bool>& stopping, std::chrono::seconds hsts)
    : stream_(stream),
      body_(body),
      request_(request),
      limits_(limits),
      clock_(clock),
      stopping_(stopping),
      hsts_(hsts) {}

net::awaitable<Result<Bytes>> HttpExchange::ReadBody() {
  if (request_.expects_continue && !continue_sent_ && !answered() && body_.untouched()) {
    continue_sent_ = true;
    const std::array<std::string_view, 1> pieces = {kContinue};
    auto sent = co_await stream_.Write(pieces, limits_.write);
    if (sent.has_error()) {
      broken_ = true;
      co_return std::move(sent).error();
    }
  }
  auto piece = co_await body_.Next(limits_.body);
  co_return piece;
}

bool HttpExchange::MayKeepAlive() const {
  if (!request_.keep_alive || stopping_.load(std::memory_order_relaxed) || body_.failed())
    return false;
  if (body_.finished()) return true;
  // A client that was not told to continue may send its body or not: nobody can tell where the next
  // request begins.
  if (request_.expects_continue && body_.untouched()) return false;
  return body_.remaining() <= limits_.drain_bytes;
}

std::string HttpExchange::TakeHead(const http::Response& response,
                                   std::optional<std::uint64_t> length) {
  status_ = response.status;
  length_ = length;
  head_only_ = request_.method == "HEAD" || HasNoBody(status_);
  keep_alive_ = MayKeepAlive();
  HeadParts parts;
  parts.version_minor = request_.version_minor;
  parts.request_id = request_.id;
  parts.now_seconds = clock_.NowSeconds();
  if (request_.secure) parts.hsts = hsts_;
  // The reference answers 204 to GET without a length and to every other method with 0; no answer
  // 304 has one.
  if (status_ == 304 ||
      (status_ == 204 && (request_.method == "GET" || request_.method == "HEAD"))) {
    parts.framing = BodyFraming::kNone;
  } else if (status_ == 204) {
    parts.length = 0;
  } else if (length) {
    parts.length = *length;
  } else if (request_.version_minor >= 1) {
    parts.framing = BodyFraming::kChunked;
    chunked_ = true;
  } else {
    parts.framing = BodyFraming::kClose;
    keep_alive_ = false;
  }
  parts.keep_alive = keep_alive_;
  return SerializeHead(response, parts);
}

net::awaitable<Result<void>> HttpExchange::WritePieces(std::span<const std::string_view> pieces) {
  auto sent = co_await stream_.Write(pieces, limits_.write);
  if (sent.has_error()) {
    broken_ = true;
  } else {
    for (const std::string_view piece : pieces) bytes_out_ += piece.size();
  }
  co_return sent;
}

net::awaitable<Result<void>> HttpExchange::Send(http::Response response) {
  CAIRN_CHECK(!answered());
  const std::uint64_t length = LengthOfHead(request_, response).value_or(response.body.size());
  const std::string head = TakeHead(response, length);
  const std::array<std::string_view, 2> pieces = {head,
                                                  head_only_ ? std::string_view() : response.body};
  auto sent = co_await WritePieces(pieces);
  ended_ = true;
  co_return sent;
}

net::awaitable<Result<void>> HttpExchange::Begin(http::Response head,
                                                 std::optional<std::uint64_t> length) {
  CAIRN_CHECK(!answered());
  pending_head_ = TakeHead(head, length);
  co_return Result<void>();
}

net::awaitable<Result<void>> HttpExchange::Write(Bytes data) {
  CAIRN_CHECK(answered() && !ended_);
  if (broken_) co_return Fail(ErrorCode::kCancelled, "the connection is broken");
  written_ += data.size();
  if (length_ && written_ > *length_ && !HasNoBody(status_)) {
    broken_ = true;
    co_return Fail(ErrorCode::kIo, "more was written than announced");
  }
  if (head_only_ || data.empty()) co_return Result<void>();
  const std::string head = std::exchange(pending_head_, {});
  std::array<char, 24> size_line;
  std::string_view before;
  if (chunked_) {
    const int size = std::snprintf(size_line.data(), size_line.size(), "%zx\r\n", data.size());
    before = {size_line.data(), static_cast<std::size_t>(size)};
  }
  const std::array<std::string_view, 4> pieces = {head, before, AsString(data),
                                                  chunked_ ? "\r\n" : ""};
  auto sent = co_await WritePieces(pieces);
  co_return sent;
}

net::awaitable<Result<void>> HttpExchange::End() {
  CAIRN_CHECK(answered() && !ended_);
  if (broken_) co_return Fail(ErrorCode::kCancelled, "the connection is broken");
  if (!head_only_ && length_ && written_ != *length_) {
    broken_ = true;
    co_return Fail(ErrorCode::kIo, "less was written than announced");
  }
  ended_ = true;
  const std::string head = std::exchange(pending_head_, {});
  const bool last_chunk = chunked_ && !head_only_;
  if (head.empty() && !last_chunk) co_return Result<void>();
  const std::array<std::string_view, 2> pieces = {head, last_chunk ? "0\r\n\r\n" : ""};
  auto sent = co_await WritePieces(pieces);
  co_return sent;
}

}  // namespace cairn::server
