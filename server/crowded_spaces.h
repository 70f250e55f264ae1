// Spaces whose trash or versions were seen to take more than they may, until a job has looked at
// them. Thread-safe. Never blocks on I/O.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace cairn::server {

class CrowdedSpaces {
 public:
  explicit CrowdedSpaces(const Clock& clock) : clock_(clock) {}

  // Called after each Note. Before threads start.
  void OnNote(std::function<void()> wake) { wake_ = std::move(wake); }

  // May come from inside a transaction that is yet to be committed.
  void Note(SpaceId space);
  // The spaces noted. One that was noted within the last seconds stays noted as well: what was
  // written then may not be to be seen yet.
  std::vector<SpaceId> Take();

 private:
  const Clock& clock_;
  std::function<void()> wake_ = [] {};
  std::mutex mu_;
  std::map<SpaceId, std::int64_t> noted_;  // guarded by mu_; when last, milliseconds
};

}  // namespace cairn::server
