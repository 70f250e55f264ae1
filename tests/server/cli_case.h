// Commands on an instance in memory, as people type them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "server/cli.h"
#include "server/features.h"
#include "server/live_config.h"

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
      : backend_(storage::OpenMemory(clock_, random_)),
        features_(clock_, config_, *backend_.faults),
        engine_(std::move(backend_), features_.policies(), clock_, random_) {}

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
  LiveConfig config_{
      {.file = {}, .stored = {}, .environment = {}, .overrides = {{"data_dir", "/d"}}},
      *conf::Load(
          {.file = {}, .stored = {}, .environment = {}, .overrides = {{"data_dir", "/d"}}})};
  storage::Backend backend_;  // moved from by the engine
  Features features_;
  storage::Engine engine_;
  auth::Users users_{engine_.kv(), engine_.tree(), clock_, auth::PasswordCost::Minimum()};
  auth::AppPasswords app_passwords_{engine_.kv(), clock_, random_};
  auth::Throttle throttle_{engine_.kv(), clock_};
  auth::SecondFactors second_factors_{engine_.kv(), throttle_, clock_, random_};
  auth::OAuth oauth_{engine_.kv(), clock_, random_};
  AdminContext context_{engine_,         users_, app_passwords_, throttle_,
                        second_factors_, oauth_, config_,        features_};
};

}  // namespace cairn::server
