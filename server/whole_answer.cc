#include "server/whole_answer.h"

#include <utility>

#include "base/log.h"

namespace cairn::server {

net::awaitable<void> WholeAnswer::Handle(http::Exchange& exchange) {
  http::Response response = co_await Answer(exchange);
  auto sent = co_await exchange.Send(std::move(response));
  if (sent.has_error()) log::debug("answer not sent: {}", sent.error().message);
}

http::Response TextAnswer(int status, std::string text) {
  http::Response response(status);
  response.With("Content-Type", "text/plain; charset=UTF-8").With("Cache-Control", "no-store");
  response.body = std::move(text);
  return response;
}

http::Response OnlyToRead() {
  return TextAnswer(405, "Method not allowed\n").With("Allow", "GET, HEAD");
}

bool IsReading(const http::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

}  // namespace cairn::server
