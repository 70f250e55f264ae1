#include "server/metrics_handler.h"

#include <utility>

#include "server/metrics_page.h"

namespace cairn::server {

net::awaitable<http::Response> MetricsHandler::Answer(http::Exchange& exchange) {
  if (!IsReading(exchange.request())) co_return OnlyToRead();
  auto collect = [&]() -> Result<std::string> { return metrics_.Text(); };
  auto text = co_await pool_.Run(collect);
  if (text.has_error()) co_return TextAnswer(503, "Busy\n");
  http::Response response = TextAnswer(200, std::move(*text));
  response.With("Content-Type", kMetricsType);
  co_return response;
}

}  // namespace cairn::server
