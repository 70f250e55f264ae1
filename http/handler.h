// A handler and the route that leads to it. Routes are table rows; the router is in server/.
#pragma once

#include <functional>

#include "http/exchange.h"

namespace cairn::http {

// Answers one request. Must answer exactly once; an exchange left unanswered becomes a 500.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual net::awaitable<void> Handle(Exchange& exchange) = 0;
};

}  // namespace cairn::http
