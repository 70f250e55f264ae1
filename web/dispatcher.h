// Finds the row for a request of a browser or a logging-in device, knows who sends it, checks what
// its guard asks for, and sends the answer.
#pragma once

#include "http/handler.h"
#include "web/routes.h"

namespace cairn::web {

class Dispatcher final : public http::Handler {
 public:
  explicit Dispatcher(Services& services) : services_(services) {}
  // Always answers.
  net::awaitable<void> Handle(http::Exchange& exchange) override;

 private:
  Outcome Answer(http::Exchange& exchange, Visit& visit);

  Services& services_;
};

}  // namespace cairn::web
