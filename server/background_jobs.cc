#include "server/background_jobs.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/event_trim.h"
#include "storage/tree_locks.h"
#include "trash/expiry.h"
#include "trash/links.h"
#include "versions/expiry.h"

namespace cairn::server {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kStepLimit = 1000;
constexpr std::size_t kSpacesPerStep = 256;
constexpr std::int64_t kOrphanGraceSeconds = 24 * 3600;
// Of small contents that are erased but still take space; below the bytes it is not worth it.
constexpr double kDeadShare = 0.3;
constexpr std::uint64_t kLeastDeadBytes = 16u << 20;

// Does something to one space after another, a step at a time, and remembers where it is.
class EverySpace {
 public:
  // What a step did; 0: this space is done.
  using Work = std::function<Result<std::uint64_t>(SpaceId)>;
  EverySpace(storage::Engine& engine, Work work) : engine_(engine), work_(std::move(work)) {}

  Result<JobStep> Step() {
    JobStep step;
    if (spaces_.empty()) {
      RETURN_IF_ERROR(LoadSpaces());
      if (spaces_.empty()) return step;
    }
    while (!spaces_.empty()) {
      auto done = work_(spaces_.back());
      if (done.has_error()) {
        spaces_.pop_back();  // the others do not wait for this one
        return std::move(done).error();
      }
      step.done += *done;
      if (*done > 0) break;
      spaces_.pop_back();
    }
    // After the last page the next load starts over, and that is the next run.
    step.more = !spaces_.empty() || !after_.empty();
    return step;
  }

 private:
  Result<void> LoadSpaces() {
    std::string last;
    auto visit = [&](std::string_view key, std::string_view) {
      last = key;
      spaces_.push_back(SpaceId{ReadBig64(key)});
      return spaces_.size() < kSpacesPerStep;
    };
    RETURN_IF_ERROR(engine_.kv().Published()->Scan(storage::Table::kSpaces, {}, after_, visit));
    after_ = spaces_.size() < kSpacesPerStep ? std::string() : last;
    return {};
  }

  storage::Engine& engine_;
  const Work work_;
  std::vector<SpaceId> spaces_;  // still to be looked at
  std::string after_;  // key of the last space loaded; empty: the next load begins at the first
};

JobRow ForEverySpace(std::string_view name, std::chrono::seconds period, storage::Engine& engine,
                     EverySpace::Work work) {
  return {
      std::string(name), period, true,
      [spaces = std::make_shared<EverySpace>(engine, std::move(work))] { return spaces->Step(); }};
}

}  // namespace

void AddStorageJobs(JobScheduler& jobs, storage::Engine& engine) {
  jobs.Add({"refresh-faults", 5s, true, [&engine]() -> Result<JobStep> {
              engine.faults().Refresh();
              return JobStep{};
            }});
  jobs.Add({"collect-contents", 60s, true, [&engine]() -> Result<JobStep> {
              ASSIGN_OR_RETURN(
                  const auto report,
                  storage::CollectStep(engine.kv(), engine.contents(), kStepLimit, false));
              const std::uint64_t done = report.contents + report.blobs;
              return JobStep{done, report.more && done > 0};
            }});
  jobs.Add(ForEverySpace("purge", 15s, engine, [&engine](SpaceId space) {
    return engine.tree().PurgeStep(engine.kv(), space, kStepLimit);
  }));
  jobs.Add(ForEverySpace("trim-events", 1h, engine, [&engine](SpaceId space) {
    return storage::TrimEvents(engine.kv(), space, engine.clock().NowMillis(), {}, kStepLimit);
  }));
  jobs.Add({"reclaim-space", 1h, false, [&engine]() -> Result<JobStep> {
              ASSIGN_OR_RETURN(
                  const std::uint64_t bytes,
                  engine.kv().Reclaim(storage::Family::kInline, kDeadShare, kLeastDeadBytes));
              return JobStep{bytes, false};
            }});
  jobs.Add({"expire-uploads", 10min, true, [&engine]() -> Result<JobStep> {
              ASSIGN_OR_RETURN(const std::uint64_t done, engine.uploads().ExpireStep(kStepLimit));
              return JobStep{done, done > 0};
            }});
  jobs.Add({"expire-locks", 60s, true, [&engine]() -> Result<JobStep> {
              ASSIGN_OR_RETURN(const std::uint64_t done,
                               storage::ExpireLocks(engine.tree(), engine.kv(), kStepLimit));
              return JobStep{done, done > 0};
            }});
  jobs.Add({"sweep-orphans", 24h, true, [&engine]() -> Result<JobStep> {
              ASSIGN_OR_RETURN(const auto report,
                               storage::SweepOrphanBlobs(engine.kv(), engine.contents(),
                                                         kOrphanGraceSeconds, false));
              return JobStep{report.blobs, false};
            }});
}

namespace {

constexpr std::size_t kVersionsPerStep = 500;

// Works through the spaces that were noted, and then is done.
JobRow ForCrowdedSpaces(std::string_view name, CrowdedSpaces& crowded, EverySpace::Work work) {
  return {std::string(name), 10s, false, [&crowded, work]() -> Result<JobStep> {
            JobStep step;
            for (const SpaceId space : crowded.Take()) {
              ASSIGN_OR_RETURN(const std::uint64_t done, work(space));
              step.done += done;
            }
            step.more = step.done > 0;
            return step;
          }};
}

}  // namespace

void AddKeepingJobs(JobScheduler& jobs, storage::Engine& engine, Features& features) {
  const auto expire_trash = [&engine, &features](SpaceId space) {
    return trash::ExpireStep(engine, features.trash.keeping(), space, kStepLimit);
  };
  const auto make_room = [&engine, &features](SpaceId space) -> Result<std::uint64_t> {
    ASSIGN_OR_RETURN(const versions::ThinReport report,
                     versions::MakeRoomStep(engine, features.versions.keeping(), space,
                                            kVersionsPerStep, false));
    return report.versions;
  };
  jobs.Add(ForEverySpace("expire-trash", 1h, engine, expire_trash));
  jobs.Add({"clean-trash-links", 1h, true,
            [&engine, cursor = std::make_shared<trash::LinkCursor>()]() -> Result<JobStep> {
              ASSIGN_OR_RETURN(const std::uint64_t done,
                               trash::CleanLinks(engine, *cursor, kStepLimit));
              return JobStep{done, !cursor->after.empty()};
            }});
  jobs.Add(ForCrowdedSpaces("crowded-trash", features.crowded_trash, expire_trash));
  jobs.Add({"thin-versions", 6h, true,
            [&engine, &features,
             cursor = std::make_shared<versions::ThinCursor>()]() -> Result<JobStep> {
              ASSIGN_OR_RETURN(const versions::ThinReport report,
                               versions::ThinStep(engine, features.versions.keeping(), *cursor,
                                                  kStepLimit, false));
              return JobStep{report.versions, !cursor->after.empty()};
            }});
  jobs.Add(ForEverySpace("make-room-for-versions", 1h, engine, make_room));
  jobs.Add(ForCrowdedSpaces("crowded-versions", features.crowded_versions, make_room));
  features.crowded_trash.OnNote([&jobs] { jobs.Wake("crowded-trash"); });
  features.crowded_versions.OnNote([&jobs] { jobs.Wake("crowded-versions"); });
}

namespace {

// Steps of one object's ExpireStep until one does nothing.
template <class Owner>
JobRow Expire(std::string_view name, std::chrono::seconds period, Owner& owner) {
  return {std::string(name), period, true, [&owner]() -> Result<JobStep> {
            ASSIGN_OR_RETURN(const std::size_t done, owner.ExpireStep(kStepLimit));
            return JobStep{done, done > 0};
          }};
}

}  // namespace

void AddAccountJobs(JobScheduler& jobs, auth::Users& users, auth::AppPasswords& app_passwords,
                    auth::LastUsed& last_used) {
  jobs.Add({"purge-accounts", 60s, true, [&users]() -> Result<JobStep> {
              ASSIGN_OR_RETURN(const std::uint64_t done, users.PurgeStep(kStepLimit));
              return JobStep{done, done > 0};
            }});
  jobs.Add(Expire("expire-app-passwords", 10min, app_passwords));
  jobs.Add({"write-last-used", 30s, false, [&last_used]() -> Result<JobStep> {
              ASSIGN_OR_RETURN(const std::size_t done, last_used.Flush(kStepLimit));
              return JobStep{done, done == kStepLimit};
            }});
}

void AddLoginJobs(JobScheduler& jobs, auth::Sessions& sessions, auth::LoginFlows& login_flows,
                  auth::Throttle& throttle, auth::OAuth& oauth) {
  jobs.Add(Expire("expire-sessions", 10min, sessions));
  jobs.Add(Expire("expire-login-flows", 5min, login_flows));
  jobs.Add(Expire("expire-throttle", 10min, throttle));
  jobs.Add(Expire("expire-oauth", 10min, oauth));
}

void AddShareJobs(JobScheduler& jobs, shares::Shares& shares, shares::Transfers& transfers) {
  jobs.Add({"clean-shares", 1h, true, [&shares]() -> Result<JobStep> {
              ASSIGN_OR_RETURN(const std::size_t done, shares.CleanStep(kStepLimit));
              return JobStep{done, done > 0};
            }});
  jobs.Add({"clean-transfers", 1h, true, [&transfers]() -> Result<JobStep> {
              ASSIGN_OR_RETURN(const std::size_t done, transfers.CleanStep(kStepLimit));
              return JobStep{done, done > 0};
            }});
}

}  // namespace cairn::server
