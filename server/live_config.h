// The settings of a running process, and what SIGHUP and config:system:set make of them.
//
//   LiveConfig live(options, loaded);
//   live.OnChange([](const conf::Config& config) { ... });   // before threads start
//   live.Now()->config.log.level
//   live.Reload(stored);
//
// Now may be called from any thread; a value once got stays as it is. Reloads are one at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "conf/load.h"

namespace cairn::server {

class LiveConfig {
 public:
  using Hook = std::function<void(const conf::Config&)>;

  LiveConfig(conf::LoadOptions options, conf::Loaded loaded);

  std::shared_ptr<const conf::Loaded> Now() const;
  // Called after each reload that changed a live setting, by whoever reloads.
  void OnChange(Hook hook) { hooks_.push_back(std::move(hook)); }

  // Reads file, `stored` and environment again. Live settings are taken up; the returned ones have
  // changed too but wait for the next start. On an error nothing changes.
  Result<std::vector<std::string>> Reload(std::map<std::string, std::string> stored);

 private:
  conf::LoadOptions options_;  // guarded by reload_mu_
  std::mutex reload_mu_;
  mutable std::mutex mu_;
  std::shared_ptr<const conf::Loaded> now_;  // guarded by mu_
  std::vector<Hook> hooks_;
};

}  // namespace cairn::server
