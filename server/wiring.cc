#include "server/wiring.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "server/background_jobs.h"
#include "server/fault_level.h"

namespace cairn::server {
namespace {

std::size_t OrElse(std::size_t configured, std::size_t chosen) {
  return configured != 0 ? configured : chosen;
}

std::size_t Processors() { return std::max(1u, std::thread::hardware_concurrency()); }

// "https://host/cloud" -> "/cloud".
std::string SubPathOf(std::string_view url) {
  const auto host = url.find("://");
  if (host == std::string_view::npos) return {};
  const auto path = url.find('/', host + 3);
  return path == std::string_view::npos ? std::string() : std::string(url.substr(path));
}

}  // namespace

Result<std::unique_ptr<Instance>> Instance::Open(const conf::LoadOptions& options,
                                                 storage::Faults::OnBroken on_broken,
                                                 const DirectoryMode& mode) {
  ASSIGN_OR_RETURN(auto directory, DataDirectory::Open(options, mode, std::move(on_broken)));
  const auto settings = directory->config->Now();
  return std::unique_ptr<Instance>(new Instance(std::move(directory), settings->config));
}

Instance::Instance(std::unique_ptr<DataDirectory> directory, const conf::Config& config)
    : directory_(std::move(directory)),
      clock_(directory_->clock),
      random_(directory_->random),
      features_(clock_, *directory_->config, *directory_->backend.faults),
      engine_(std::move(directory_->backend), features_.policies(), clock_, random_,
              config.storage.inline_limit),
      users_(engine_.kv(), engine_.tree(), clock_),
      app_passwords_(engine_.kv(), clock_, random_),
      throttle_(engine_.kv(), clock_),
      people_(engine_.kv(), users_, throttle_),
      second_factors_(engine_.kv(), throttle_, clock_, random_),
      authenticator_(engine_.kv(), users_, app_passwords_, throttle_, second_factors_, clock_,
                     random_),
      sessions_(engine_.kv(), clock_, random_),
      login_flows_(engine_.kv(), clock_, random_),
      oauth_(engine_.kv(), clock_, random_),
      shares_(engine_.kv(), engine_.tree(), features_.mounts, clock_, random_),
      transfers_(engine_.kv(), engine_.tree(), features_.mounts),
      links_(engine_.kv(), throttle_, clock_, random_),
      // A write waits for a disk's answer now and then, a data thread for its fsync: more of them
      // than processors.
      pools_(OrElse(config.pools.read, 2 * Processors()),
             OrElse(config.pools.write, 2 * Processors()),
             OrElse(config.pools.data, 4 * Processors()), OrElse(config.pools.slow, Processors())),
      services_{engine_,         pools_,  users_, authenticator_,
                features_.quota, shares_, links_, config.public_url},
      dav_(services_),
      ocs_services_{engine_,          pools_,
                    users_,           app_passwords_,
                    authenticator_,   features_.quota,
                    shares_,          transfers_,
                    people_,          ocs::ServerVersion(config.version_reported),
                    config.public_url},
      ocs_(ocs_services_),
      first_contact_(ocs_services_),
      web_services_{engine_,        pools_,           users_,          app_passwords_,
                    authenticator_, sessions_,        login_flows_,    second_factors_,
                    throttle_,      oauth_,           features_.quota, links_,
                    random_,        config.public_url},
      web_(web_services_),
      jobs_(clock_),
      probes_(random_),
      alive_([] { return true; }),
      ready_([this] { return Ready(); }),
      metrics_({engine_, pools_, jobs_, *directory_->config, [this] { return Ready(); }}),
      metrics_page_(metrics_),
      admin_metrics_(metrics_page_, {authenticator_, pools_, engine_.kv()},
                     [this] { return this->config().Now()->config.metrics.admin; }),
      router_(std::make_unique<Router>(Routes(), SubPathOf(config.public_url))) {
  SetMaintenance(config.maintenance);
  SetSharing(config.sharing);
  directory_->config->OnChange([this](const conf::Config& now) { SetSharing(now.sharing); });
  AddStorageJobs(jobs_, engine_);
  AddKeepingJobs(jobs_, engine_, features_);
  AddAccountJobs(jobs_, users_, app_passwords_, authenticator_.last_used());
  AddLoginJobs(jobs_, sessions_, login_flows_, throttle_, oauth_);
  AddShareJobs(jobs_, shares_, transfers_);
}

Instance::~Instance() = default;

void Instance::SetPublicUrl(std::string url) {
  services_.public_url = url;
  ocs_services_.public_url = url;
  web_services_.public_url = std::move(url);
}

void Instance::SetMaintenance(bool on) {
  services_.maintenance = on;
  ocs_services_.maintenance = on;
  web_services_.maintenance = on;
}

void Instance::SetSharing(const conf::Sharing& rules) {
  people_.SetRules(rules);
  shares_.SetRules(rules);
  links_.SetOpen(rules.links);
}

bool Instance::Ready() {
  const FaultLevel level = FaultLevelOf(engine_.faults());
  const bool writable = level == FaultLevel::kNone || level == FaultLevel::kReserve;
  return writable && !services_.maintenance && !stopping_;
}

void Instance::JoinPools() {
  pools_.Join();
  metrics_page_.Join();
}

std::vector<RouteRow> Instance::MetricsRoutes() {
  return {
      {"/healthz", Match::kExact, false, &alive_},
      {"/readyz", Match::kExact, false, &ready_},
      {"/metrics", Match::kExact, false, &metrics_page_},
  };
}

// The front door: one row per entry point.
std::vector<RouteRow> Instance::Routes() {
  return {
      {"/remote.php/dav", Match::kPrefix, false, &dav_},
      {"/remote.php/webdav", Match::kPrefix, false, &dav_},
      {"/public.php/dav", Match::kPrefix, false, &dav_},
      {"/public.php/webdav", Match::kPrefix, false, &dav_},
      {"/ocs/v1.php", Match::kPrefix, false, &ocs_},
      {"/ocs/v2.php", Match::kPrefix, false, &ocs_},
      {"/", Match::kExact, true, &first_contact_},
      {"/status.php", Match::kExact, false, &first_contact_},
      {"/204", Match::kExact, true, &first_contact_},
      {"/healthz", Match::kExact, false, &alive_},
      {"/readyz", Match::kExact, false, &ready_},
      {"/metrics", Match::kExact, false, &admin_metrics_},
      {kProbePath, Match::kPrefix, false, &probes_},
      {"/robots.txt", Match::kExact, false, &first_contact_},
      {"/.well-known", Match::kPrefix, false, &first_contact_},
      {"/index.php/.well-known", Match::kPrefix, false, &first_contact_},
      {"/avatar", Match::kPrefix, true, &web_},
      {"/remote.php/dav/avatars", Match::kPrefix, false, &web_},
      {"/login", Match::kPrefix, true, &web_},
      {"/logout", Match::kExact, true, &web_},
      {"/settings", Match::kPrefix, true, &web_},
      {"/apps/oauth2", Match::kPrefix, true, &web_},
      {"/core/wipe", Match::kPrefix, true, &web_},
      {"/core/css", Match::kPrefix, true, &web_},
      {"/core/js", Match::kPrefix, true, &web_},
      {"/s", Match::kPrefix, true, &web_},
  };
}

}  // namespace cairn::server
