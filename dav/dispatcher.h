// The entry of /remote.php/dav and /remote.php/webdav, and of the same below /public.php for who
// has a link: authenticates, decodes the path, chooses tree and method, maps errors. One row per
// (tree, method) in dispatcher.cc.
#pragma once

#include <string_view>

#include "dav/context.h"
#include "http/handler.h"

namespace cairn::dav {

class Dispatcher final : public http::Handler {
 public:
  explicit Dispatcher(Services& services) : services_(services) {}
  // request().path still has its /remote.php prefix (a sub path or /index.php was already removed).
  net::awaitable<void> Handle(http::Exchange& exchange) override;

 private:
  Services& services_;
};

}  // namespace cairn::dav
