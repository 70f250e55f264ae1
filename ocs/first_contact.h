// What anybody may ask before logging in: status.php, the connectivity check, the root page
// and .well-known.
//
// Thread-safe once built.
#pragma once

#include "http/handler.h"
#include "ocs/endpoint.h"

namespace cairn::ocs {

class FirstContact final : public http::Handler {
 public:
  explicit FirstContact(const Services& services) : services_(services) {}
  // Paths as the router hands them on: without /index.php, except for /index.php/.well-known.
  net::awaitable<void> Handle(http::Exchange& exchange) override;

 private:
  http::Response Answer(const http::Request& request) const;

  const Services& services_;
};

}  // namespace cairn::ocs
