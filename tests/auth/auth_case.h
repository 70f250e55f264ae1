// An instance in memory with cheap password hashes, and verbs for what tests of accounts do.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "auth/access_control.h"
#include "auth/app_passwords.h"
#include "auth/authenticator.h"
#include "auth/groups.h"
#include "auth/second_factor.h"
#include "auth/throttle.h"
#include "auth/users.h"
#include "base/bytes.h"
#include "quota/space_quota.h"
#include "storage/commit.h"
#include "storage/engine.h"
#include "trash/no_trash.h"
#include "versions/no_versions.h"

namespace cairn::auth {

class AuthCase : public testing::Test {
 protected:
  explicit AuthCase(const AuthenticatorOptions& options = {})
      : engine_(storage::OpenMemory(clock_, random_),
                storage::TreePolicies{access_, quota_, versions_, trash_}, clock_, random_),
        authenticator_(engine_.kv(), users_, app_passwords_, throttle_, factors_, clock_, random_,
                       options) {}

  std::shared_ptr<const storage::KvView> View() { return engine_.kv().Published(); }

  UserId Add(std::string name, std::string password = "secret") {
    NewUser request;
    request.name = std::move(name);
    request.password = std::move(password);
    auto created = users_.Create(request);
    EXPECT_TRUE(created.has_value()) << created.error().message;
    return created.has_value() ? UserId{created->id()} : UserId{};
  }
  NewAppPassword AddToken(UserId user, std::string_view name = "phone",
                          const TokenOptions& options = {}) {
    auto made = app_passwords_.Create(user, name, options);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made.has_value() ? *made : NewAppPassword();
  }
  std::optional<storage::User> Record(std::string_view name) {
    auto user = users_.FindByName(*View(), name);
    EXPECT_TRUE(user.has_value());
    return user.has_value() ? *user : std::nullopt;
  }
  std::size_t Rows(storage::Table table) {
    std::size_t count = 0;
    auto visit = [&](std::string_view, std::string_view) {
      ++count;
      return true;
    };
    EXPECT_TRUE(View()->Scan(table, {}, {}, visit).has_value());
    return count;
  }
  static std::string Basic(std::string_view login, std::string_view secret) {
    return "Basic " + ToBase64(std::string(login) + ":" + std::string(secret));
  }
  template <class T>
  static ErrorCode CodeOf(const Result<T>& result) {
    EXPECT_TRUE(result.has_error());
    return result.has_error() ? result.error().code : ErrorCode::kIo;
  }

  FakeClock clock_;
  SeededRandom random_{7};
  AccessControl access_{clock_};
  quota::SpaceQuota quota_;
  trash::NoTrash trash_;
  versions::NoVersions versions_;
  storage::Engine engine_;
  Users users_{engine_.kv(), engine_.tree(), clock_, PasswordCost::Minimum()};
  Groups groups_{engine_.kv()};
  AppPasswords app_passwords_{engine_.kv(), clock_, random_};
  Throttle throttle_{engine_.kv(), clock_};
  SecondFactors factors_{engine_.kv(), throttle_, clock_, random_};
  Authenticator authenticator_;
};

}  // namespace cairn::auth
