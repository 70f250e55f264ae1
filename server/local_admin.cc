#include "server/local_admin.h"

#include <unistd.h>

#include <cstdio>
#include <string_view>
#include <utility>

#include "auth/access_control.h"
#include "quota/space_quota.h"
#include "trash/no_trash.h"
#include "versions/no_versions.h"

namespace cairn::server {

namespace {

constexpr int kExitBroken = 70;  // EX_SOFTWARE

[[noreturn]] void OnBroken(std::string_view what) {
  std::fprintf(stderr, "cairn: the storage is broken: %.*s\n", static_cast<int>(what.size()),
               what.data());
  _exit(kExitBroken);
}

// What the backend refers to; outlives it.
struct Sources {
  SystemClock clock;
  SystemRandom random;
};

class OpenedDirectory final : public LocalAdmin {
 public:
  OpenedDirectory(std::unique_ptr<Sources> sources, storage::Backend backend)
      : sources_(std::move(sources)),
        access_(sources_->clock),
        engine_(std::move(backend), storage::TreePolicies{access_, quota_, versions_, trash_},
                sources_->clock, sources_->random),
        users_(engine_.kv(), engine_.tree(), sources_->clock),
        app_passwords_(engine_.kv(), sources_->clock, sources_->random),
        context_{engine_, users_, app_passwords_, nullptr} {}

  AdminContext& context() override { return context_; }

 private:
  const std::unique_ptr<Sources> sources_;
  auth::AccessControl access_;
  quota::SpaceQuota quota_;
  trash::NoTrash trash_;
  versions::NoVersions versions_;
  storage::Engine engine_;
  auth::Users users_;
  auth::AppPasswords app_passwords_;
  AdminContext context_;
};

}  // namespace

Result<std::unique_ptr<LocalAdmin>> LocalAdmin::Open(const LocalOptions& options) {
  storage::EngineOptions engine;
  engine.directory = options.data_dir;
  engine.create = options.create;
  engine.read_only = options.read_only;
  engine.accept_loss = options.accept_loss;
  engine.on_broken = OnBroken;
  auto sources = std::make_unique<Sources>();
  ASSIGN_OR_RETURN(auto backend, storage::OpenDirectory(engine, sources->clock, sources->random));
  return std::unique_ptr<LocalAdmin>(new OpenedDirectory(std::move(sources), std::move(backend)));
}

}  // namespace cairn::server
