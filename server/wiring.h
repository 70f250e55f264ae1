// The object graph of a server, built and torn down in one place.
//
// What each object refers to is declared before it. Requests and jobs must have ended before an
// Instance is destroyed (server/serve.cc). Construction blocks.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "auth/app_passwords.h"
#include "auth/authenticator.h"
#include "auth/people_search.h"
#include "auth/users.h"
#include "base/clock.h"
#include "base/offload.h"
#include "base/random.h"
#include "dav/context.h"
#include "dav/dispatcher.h"
#include "ocs/endpoint.h"
#include "ocs/first_contact.h"
#include "server/admin_only.h"
#include "server/cli.h"
#include "server/data_directory.h"
#include "server/features.h"
#include "server/health.h"
#include "server/jobs.h"
#include "server/metrics.h"
#include "server/metrics_handler.h"
#include "server/probe.h"
#include "server/router.h"
#include "storage/engine.h"
#include "web/dispatcher.h"

namespace cairn::server {

class Instance {
 public:
  // Opens the data directory that the settings name. kBusy: another process has it; otherwise as
  // DataDirectory::Open.
  static Result<std::unique_ptr<Instance>> Open(const conf::LoadOptions& options,
                                                storage::Faults::OnBroken on_broken,
                                                const DirectoryMode& mode = {});

  ~Instance();

  // What absolute URLs are built from; before the first request, once the port is known.
  void SetPublicUrl(std::string url);

  LiveConfig& config() { return *directory_->config; }
  // From now on, for requests that come.
  void SetMaintenance(bool on);
  void SetSharing(const conf::Sharing& rules);
  // From now on /readyz says no.
  void SetStopping() { stopping_ = true; }
  // Whether requests may be sent here: not in maintenance, not stopping, writes are possible.
  bool Ready();
  // What listeners for metrics serve.
  std::vector<RouteRow> MetricsRoutes();

  RequestRouter& router() { return *router_; }
  JobScheduler& jobs() { return jobs_; }
  Pools& pools() { return pools_; }
  storage::Engine& engine() { return engine_; }
  auth::Users& users() { return users_; }
  auth::AppPasswords& app_passwords() { return app_passwords_; }
  Metrics& metrics() { return metrics_; }
  ProbeBoard& probes() { return probes_; }
  Random& random() { return random_; }
  const Clock& clock() const { return clock_; }

  // For the command line's end of the admin socket.
  AdminContext admin_context() {
    return {engine_, users_,   app_passwords_, throttle_, second_factors_,
            oauth_,  config(), features_,      &jobs_,    &probes_};
  }

  // The pools' work is over when this returns; nothing may be given to them any more.
  void JoinPools();

 private:
  Instance(std::unique_ptr<DataDirectory> directory, const conf::Config& config);
  std::vector<RouteRow> Routes();

  std::unique_ptr<DataDirectory> directory_;
  Clock& clock_;
  Random& random_;
  Features features_;
  storage::Engine engine_;
  auth::Users users_;
  auth::AppPasswords app_passwords_;
  auth::Throttle throttle_;
  auth::PeopleSearch people_;
  auth::SecondFactors second_factors_;
  auth::Authenticator authenticator_;
  auth::Sessions sessions_;
  auth::LoginFlows login_flows_;
  auth::OAuth oauth_;
  shares::Shares shares_;
  shares::Transfers transfers_;
  shares::LinkDoor links_;
  Pools pools_;
  dav::Services services_;
  dav::Dispatcher dav_;
  ocs::Services ocs_services_;
  ocs::Dispatcher ocs_;
  ocs::FirstContact first_contact_;
  web::Services web_services_;
  web::Dispatcher web_;
  JobScheduler jobs_;
  std::atomic<bool> stopping_{false};
  ProbeBoard probes_;
  Health alive_;
  Health ready_;
  Metrics metrics_;
  MetricsHandler metrics_page_;
  AdminOnly admin_metrics_;
  std::unique_ptr<Router> router_;
};

}  // namespace cairn::server
