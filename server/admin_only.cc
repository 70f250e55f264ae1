#include "server/admin_only.h"

#include <utility>

#include "auth/authenticate.h"
#include "base/log.h"
#include "http/status_map.h"
#include "server/whole_answer.h"

namespace cairn::server {

AdminOnly::AdminOnly(http::Handler& inner, const Login& login, std::function<bool()> enabled)
    : inner_(inner), login_(login), enabled_(std::move(enabled)) {}

net::awaitable<std::optional<http::Response>> AdminOnly::Refusal(http::Exchange& exchange) {
  if (!enabled_()) co_return TextAnswer(404, "Not found\n");
  auth::Attempt attempt{std::string(exchange.request().headers.Get("Authorization")),
                        exchange.request().remote};
  const auto principal = co_await auth::Authenticate(login_.authenticator, login_.pools,
                                                     login_.store, std::move(attempt));
  if (principal.has_error()) {
    const int status = http::StatusOf(principal.error().code);
    http::Response response = TextAnswer(status, std::string(http::ReasonPhrase(status)) + "\n");
    if (status == 401)
      response.With("WWW-Authenticate", "Basic realm=\"Cairn\", charset=\"UTF-8\"");
    if (status == 429) response.With("Retry-After", std::to_string(principal.error().retry_after));
    co_return response;
  }
  exchange.SetUser(principal->caller.user_name);
  if (!principal->admin) co_return TextAnswer(403, "For administrators only\n");
  co_return std::nullopt;
}

net::awaitable<void> AdminOnly::Handle(http::Exchange& exchange) {
  auto refusal = co_await Refusal(exchange);
  if (!refusal) {
    co_await inner_.Handle(exchange);
    co_return;
  }
  auto sent = co_await exchange.Send(std::move(*refusal));
  if (sent.has_error()) log::debug("answer not sent: {}", sent.error().message);
}

}  // namespace cairn::server
