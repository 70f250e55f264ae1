// What SIGHUP may change about how connections are treated.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "conf/network.h"

namespace cairn::server {

struct EdgeSettings {
  std::vector<conf::Network> trusted_proxies;
  std::chrono::seconds hsts{0};  // 0: not sent
  bool log_requests = true;
};

// Thread-safe.
class EdgeSource {
 public:
  std::shared_ptr<const EdgeSettings> Now() const {
    const std::lock_guard lock(mu_);
    return now_;
  }
  void Set(EdgeSettings settings) {
    auto next = std::make_shared<const EdgeSettings>(std::move(settings));
    const std::lock_guard lock(mu_);
    now_ = std::move(next);
  }

 private:
  mutable std::mutex mu_;
  std::shared_ptr<const EdgeSettings> now_ = std::make_shared<const EdgeSettings>();
};

}  // namespace cairn::server
