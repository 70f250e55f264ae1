#include "server/features.h"

#include <utility>

namespace cairn::server {
namespace {

storage::Keeping KeepingFor(const LiveConfig& config, const storage::Faults& faults,
                            const quota::SpaceQuota& quota, CrowdedSpaces& crowded,
                            Retention (*retention)(const conf::Config&)) {
  return {.retention = [&config, retention] { return retention(config.Now()->config); },
          .free_disk = [&faults] { return faults.free_bytes(); },
          .quota = quota,
          .crowded = [&crowded](SpaceId space) { crowded.Note(space); }};
}

}  // namespace

Features::Features(const Clock& clock, LiveConfig& config, const storage::Faults& faults)
    : access(clock),
      mounts(clock),
      crowded_trash(clock),
      crowded_versions(clock),
      trash(clock, KeepingFor(config, faults, quota, crowded_trash,
                              [](const conf::Config& now) { return now.trash.retention; })),
      versions(clock, KeepingFor(config, faults, quota, crowded_versions,
                                 [](const conf::Config& now) { return now.versions.retention; })) {
  quota.SetDefault(config.Now()->config.quota.default_bytes);
  config.OnChange([this](const conf::Config& now) { quota.SetDefault(now.quota.default_bytes); });
}

}  // namespace cairn::server
