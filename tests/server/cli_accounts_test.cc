// Commands about logging in: the throttle and the second factor.
#include <gmock/gmock.h>

#include "auth/second_factor.h"
#include "auth/throttle.h"
#include "tests/server/cli_case.h"
#include "tests/support/totp.h"

namespace cairn::server {
namespace {

using testing::HasSubstr;

class CliAccountsTest : public CliCase {
 protected:
  UserId IdOf(const std::string& name) {
    return UserId{(**users_.FindByName(*engine_.kv().Published(), name)).id()};
  }
};

TEST_F(CliAccountsTest, TheThrottleIsShownAndReset) {
  AddUser("alice");
  const std::string account = auth::AccountSubject(IdOf("alice"));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(throttle_.TakeLogin("192.0.2.1", account).has_value());
  ASSERT_TRUE(throttle_.TakeLogin("2001:db8::/64", account).has_value());
  EXPECT_EQ(Run({"security:bruteforce:attempts", "192.0.2.1"}).out, "  - attempts: 3\n");
  EXPECT_EQ(Run({"security:bruteforce:attempts", "2001:db8::7", "--output=json"}).out,
            "{\"attempts\":1}\n");
  EXPECT_EQ(Run({"security:bruteforce:attempts", "--user", "alice"}).out, "  - attempts: 4\n");
  EXPECT_EQ(Run({"security:bruteforce:reset", "192.0.2.1"}).exit, 0);
  EXPECT_EQ(Run({"security:bruteforce:reset", "--user", "alice"}).exit, 0);
  EXPECT_EQ(Run({"security:bruteforce:attempts", "192.0.2.1"}).out, "  - attempts: 0\n");
  EXPECT_EQ(Run({"security:bruteforce:attempts", "--user", "alice"}).out, "  - attempts: 0\n");
  EXPECT_EQ(*throttle_.Attempts(auth::ThrottleRule::kLogin, "2001:db8::/64"), 1u);
}

TEST_F(CliAccountsTest, TheThrottleNeedsASubject) {
  AddUser("alice");
  for (const std::string command : {"security:bruteforce:attempts", "security:bruteforce:reset"}) {
    EXPECT_EQ(Run({command}).exit, 1);
    EXPECT_EQ(Run({command, "192.0.2.1", "--user", "alice"}).exit, 1);
    EXPECT_THAT(Run({command, "not an address"}).err, HasSubstr("is not a valid IP address"));
    EXPECT_EQ(Run({command, "--user", "nobody"}).exit, 1);
  }
}

TEST_F(CliAccountsTest, TheSecondFactorIsShownAndTurnedOff) {
  AddUser("alice");
  EXPECT_THAT(Run({"twofactorauth:state", "alice"}).out,
              HasSubstr("Two-factor authentication is not enabled for user alice\n"));
  const auto secret = second_factors_.BeginTotp(IdOf("alice"));
  ASSERT_TRUE(
      second_factors_.ConfirmTotp(IdOf("alice"), support::TotpCode(*secret, clock_.NowSeconds()))
          .has_value());
  EXPECT_THAT(Run({"twofactorauth:state", "alice"}).out,
              HasSubstr("is enabled for user alice\n\nEnabled providers:\n- totp\n"));
  const Said codes = Run({"twofactorauth:backup-codes", "alice"});
  EXPECT_EQ(codes.exit, 0);
  EXPECT_EQ(std::count(codes.out.begin(), codes.out.end(), '\n'), 10);
  EXPECT_TRUE(second_factors_.Check(IdOf("alice"), codes.out.substr(0, 16)).has_value());
  EXPECT_EQ(Run({"twofactorauth:disable", "alice", "webauthn"}).exit, 1);
  EXPECT_EQ(Run({"twofactorauth:disable", "alice", "totp"}).out,
            "Two-factor provider totp disabled for user alice.\n");
  EXPECT_FALSE(*second_factors_.IsRequired(*engine_.kv().Published(), IdOf("alice")));
  EXPECT_EQ(Run({"twofactorauth:state", "nobody"}).exit, 1);
}

TEST_F(CliAccountsTest, TheSecondFactorIsEnforced) {
  AddUser("alice");
  const auto required = [&] {
    return *second_factors_.IsRequired(*engine_.kv().Published(), IdOf("alice"));
  };
  EXPECT_EQ(Run({"twofactorauth:enforce"}).out, "Two-factor authentication is not enforced\n");
  EXPECT_EQ(Run({"twofactorauth:enforce", "--on"}).out,
            "Two-factor authentication is enforced for all users\n");
  EXPECT_TRUE(required());
  EXPECT_EQ(Run({"twofactorauth:enforce", "--on", "--group", "staff", "--exclude", "robots"}).out,
            "Two-factor authentication is enforced for members of the group(s) staff, except "
            "members of robots\n");
  EXPECT_FALSE(required());
  EXPECT_EQ(Run({"twofactorauth:enforce", "--on", "--off"}).exit, 1);
  EXPECT_EQ(Run({"twofactorauth:enforce", "--off"}).out,
            "Two-factor authentication is not enforced\n");
}

}  // namespace
}  // namespace cairn::server
