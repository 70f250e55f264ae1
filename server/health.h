// /healthz and /readyz, for supervisors and load balancers: whether the process answers, and
// whether it may be given requests. Anybody may ask, so the answer is yes or no and never why.
//
// Thread-safe once built.
#pragma once

#include <functional>
#include <utility>

#include "server/whole_answer.h"

namespace cairn::server {

class Health final : public WholeAnswer {
 public:
  // `good`: called for each request, on an I/O thread; must not block.
  explicit Health(std::function<bool()> good) : good_(std::move(good)) {}

 private:
  // 200 or 503.
  net::awaitable<http::Response> Answer(http::Exchange& exchange) override;

  const std::function<bool()> good_;
};

}  // namespace cairn::server
