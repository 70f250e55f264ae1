#include "server/health.h"

namespace cairn::server {

net::awaitable<http::Response> Health::Answer(http::Exchange& exchange) {
  if (!IsReading(exchange.request())) co_return OnlyToRead();
  const bool good = good_();
  co_return TextAnswer(good ? 200 : 503, good ? "ok\n" : "not ready\n");
}

}  // namespace cairn::server
