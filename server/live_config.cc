#include "server/live_config.h"

#include <utility>

#include "conf/settings.h"

namespace cairn::server {

LiveConfig::LiveConfig(conf::LoadOptions options, conf::Loaded loaded)
    : options_(std::move(options)), now_(std::make_shared<const conf::Loaded>(std::move(loaded))) {}

std::shared_ptr<const conf::Loaded> LiveConfig::Now() const {
  const std::lock_guard lock(mu_);
  return now_;
}

Result<std::vector<std::string>> LiveConfig::Reload(std::map<std::string, std::string> stored) {
  const std::lock_guard one_at_a_time(reload_mu_);
  options_.stored = std::move(stored);
  ASSIGN_OR_RETURN(const conf::Loaded read, conf::Load(options_));
  auto next = std::make_shared<conf::Loaded>(*Now());
  std::vector<std::string> waiting;
  bool changed = false;
  for (const conf::Setting& row : conf::Settings()) {
    const std::string value = row.get(read.config);
    const bool same = value == row.get(next->config);
    if (!same && !row.live) {
      waiting.push_back(row.key);
      continue;
    }
    if (!same) RETURN_IF_ERROR(row.set(next->config, value));
    changed = changed || !same;
    next->source.erase(row.key);
    if (const auto source = read.source.find(row.key); source != read.source.end())
      next->source.insert(*source);
  }
  {
    const std::lock_guard lock(mu_);
    now_ = next;
  }
  if (changed) {
    for (const Hook& hook : hooks_) hook(next->config);
  }
  return waiting;
}

}  // namespace cairn::server
