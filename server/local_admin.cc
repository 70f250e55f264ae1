#include "server/local_admin.h"

#include <utility>

#include "auth/access_control.h"
#include "quota/space_quota.h"
#include "trash/no_trash.h"
#include "versions/no_versions.h"

namespace cairn::server {

namespace {

class Opened final : public LocalAdmin {
 public:
  explicit Opened(std::unique_ptr<DataDirectory> directory)
      : directory_(std::move(directory)),
        access_(directory_->clock),
        engine_(std::move(directory_->backend),
                storage::TreePolicies{access_, quota_, versions_, trash_}, directory_->clock,
                directory_->random),
        users_(engine_.kv(), engine_.tree(), directory_->clock),
        app_passwords_(engine_.kv(), directory_->clock, directory_->random),
        context_{engine_, users_, app_passwords_, *directory_->config, nullptr} {}

  AdminContext& context() override { return context_; }

 private:
  const std::unique_ptr<DataDirectory> directory_;
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

Result<std::unique_ptr<LocalAdmin>> LocalAdmin::Open(const conf::LoadOptions& options,
                                                     const DirectoryMode& mode) {
  ASSIGN_OR_RETURN(auto directory, DataDirectory::Open(options, mode, ExitBroken));
  return std::unique_ptr<LocalAdmin>(new Opened(std::move(directory)));
}

}  // namespace cairn::server
