#include "server/local_admin.h"

#include <utility>

#include "server/features.h"

namespace cairn::server {

namespace {

class Opened final : public LocalAdmin {
 public:
  explicit Opened(std::unique_ptr<DataDirectory> directory)
      : directory_(std::move(directory)),
        features_(directory_->clock, *directory_->config, *directory_->backend.faults),
        engine_(std::move(directory_->backend), features_.policies(), directory_->clock,
                directory_->random),
        users_(engine_.kv(), engine_.tree(), directory_->clock),
        app_passwords_(engine_.kv(), directory_->clock, directory_->random),
        throttle_(engine_.kv(), directory_->clock),
        second_factors_(engine_.kv(), throttle_, directory_->clock, directory_->random),
        oauth_(engine_.kv(), directory_->clock, directory_->random),
        context_{engine_,         users_, app_passwords_,      throttle_,
                 second_factors_, oauth_, *directory_->config, features_} {}

  AdminContext& context() override { return context_; }

 private:
  const std::unique_ptr<DataDirectory> directory_;
  Features features_;
  storage::Engine engine_;
  auth::Users users_;
  auth::AppPasswords app_passwords_;
  auth::Throttle throttle_;
  auth::SecondFactors second_factors_;
  auth::OAuth oauth_;
  AdminContext context_;
};

}  // namespace

Result<std::unique_ptr<LocalAdmin>> LocalAdmin::Open(const conf::LoadOptions& options,
                                                     const DirectoryMode& mode) {
  ASSIGN_OR_RETURN(auto directory, DataDirectory::Open(options, mode, ExitBroken));
  return std::unique_ptr<LocalAdmin>(new Opened(std::move(directory)));
}

}  // namespace cairn::server
