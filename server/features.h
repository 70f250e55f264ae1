// What acts inside the tree's transactions, wired to the settings it follows: access, quota,
// versions, trash. Built before the engine, whose policies they are; outlives it.
#pragma once

#include "quota/space_quota.h"
#include "server/crowded_spaces.h"
#include "server/live_config.h"
#include "shares/access.h"
#include "shares/mounts.h"
#include "storage/faults.h"
#include "trash/trash_can.h"
#include "versions/keeper.h"

namespace cairn::server {

class Features {
 public:
  // Before threads start. `faults`: those of the engine that is to come.
  Features(const Clock& clock, LiveConfig& config, const storage::Faults& faults);
  Features(const Features&) = delete;
  Features& operator=(const Features&) = delete;

  storage::TreePolicies policies() { return {access, quota, versions, trash}; }

  shares::Access access;
  shares::MountTable mounts;
  quota::SpaceQuota quota;
  CrowdedSpaces crowded_trash;
  CrowdedSpaces crowded_versions;
  trash::Can trash;
  versions::Keeper versions;
};

}  // namespace cairn::server
