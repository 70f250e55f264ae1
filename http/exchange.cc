#include "http/exchange.h"

namespace cairn::http {

net::awaitable<Result<std::string>> ReadWholeBody(Exchange& exchange, std::size_t limit) {
  if (exchange.request().framing == Framing::kLength && exchange.request().content_length > limit) {
    co_return Fail(ErrorCode::kTooLarge, "the body is larger than allowed here");
  }
  std::string body;
  for (;;) {
    auto piece = co_await exchange.ReadBody();
    if (piece.has_error()) co_return std::move(piece).error();
    if (piece->empty()) co_return body;
    if (body.size() + piece->size() > limit)
      co_return Fail(ErrorCode::kTooLarge, "the body is larger than allowed here");
    body.append(AsString(*piece));
  }
}

}  // namespace cairn::http
