// Commands on an instance in memory, as people type them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "auth/access_control.h"
#include "quota/space_quota.h"
#include "server/cli.h"
#include "server/live_config.h"
#include "trash/no_trash.h"
#include "versions/no_versions.h"

namespace cairn::server {

// What one command said.
struct Said {
  int exit = -1;
  std::string out;
  std::string err;
};

class CliCase : public testing::Test {
 protected:
  CliCase()
      : engine_(storage::OpenMemory(clock_, random_),
                storage::TreePolicies{access_, quota_, versions_, trash_}, clock_, random_) {}

  Said Run(const std::vector<std::string>& args, const CommandInput& input = {}) {
    Said said;
    said.exit = RunCommand(context_, args, input, said.out, said.err);
    return said;
  }
  Said RunWithPassword(const std::vector<std::string>& args, std::string password) {
    CommandInput input;
    input.stdin_text = std::move(password);
    return Run(args, input);
  }
  void AddUser(const std::string& name) {
    ASSERT_EQ(RunWithPassword({"user:add", name}, "secret").exit, 0);
  }

  FakeClock clock_;
  SeededRandom random_{7};
  auth::AccessControl access_{clock_};
  quota::SpaceQuota quota_;
  trash::NoTrash trash_;
  versions::NoVersions versions_;
  storage::Engine engine_;
  auth::Users users_{engine_.kv(), engine_.tree(), clock_, auth::PasswordCost::Minimum()};
  auth::AppPasswords app_passwords_{engine_.kv(), clock_, random_};
  LiveConfig config_{
      {.file = {}, .stored = {}, .environment = {}, .overrides = {{"data_dir", "/d"}}},
      *conf::Load(
          {.file = {}, .stored = {}, .environment = {}, .overrides = {{"data_dir", "/d"}}})};
  AdminContext context_{engine_, users_, app_passwords_, config_, nullptr};
};

}  // namespace cairn::server
