// Lets only administrators through to a handler that knows nothing of users.
//
// Thread-safe once built.
#pragma once

#include <functional>

#include "auth/authenticator.h"
#include "base/offload.h"
#include "http/handler.h"
#include "storage/kv_store.h"

namespace cairn::server {

class AdminOnly final : public http::Handler {
 public:
  struct Login {
    auth::Authenticator& authenticator;
    Pools& pools;
    const storage::KvStore& store;
  };
  // While `enabled` says no, nothing is there (404). Everything must outlive it.
  AdminOnly(http::Handler& inner, const Login& login, std::function<bool()> enabled);

  // 401 without accepted credentials, 403 to other users.
  net::awaitable<void> Handle(http::Exchange& exchange) override;

 private:
  // What to answer instead; nullopt: an administrator asks.
  net::awaitable<std::optional<http::Response>> Refusal(http::Exchange& exchange);

  http::Handler& inner_;
  const Login login_;
  const std::function<bool()> enabled_;
};

}  // namespace cairn::server
