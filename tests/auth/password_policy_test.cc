#include "auth/password_policy.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn::auth {
namespace {

std::string FaultOf(std::string_view password) {
  const auto checked = CheckNewPassword(password);
  return checked.has_error() ? checked.error().message : "";
}

constexpr const char* kShort = "Password needs to be at least 10 characters long.";
constexpr const char* kCommon = "Password is among the most common ones. Please make it unique.";

TEST(PasswordPolicy, LengthIsOfCharacters) {
  EXPECT_EQ(FaultOf("tangerines"), "");
  EXPECT_EQ(FaultOf("tangerine"), kShort);
  EXPECT_EQ(FaultOf(""), kShort);
  EXPECT_EQ(FaultOf("ääääääääää"), "");     // 10 characters
  EXPECT_EQ(FaultOf("äääääääää"), kShort);  // 9 in 18 bytes
  EXPECT_EQ(FaultOf(std::string(1024, 'x')), "");
  EXPECT_EQ(CheckNewPassword(std::string(1025, 'x')).error().code, ErrorCode::kTooLarge);
}

TEST(PasswordPolicy, WellKnownOnesAreRefusedInAnyLetterCase) {
  EXPECT_EQ(FaultOf("password1234"), kCommon);
  EXPECT_EQ(FaultOf("PassWord1234"), kCommon);
  EXPECT_EQ(FaultOf("1234567890"), kCommon);
  EXPECT_EQ(FaultOf("qwerty"), std::string(kCommon) + " " + kShort);
  EXPECT_TRUE(IsCommonPassword("0000000000"));
  EXPECT_FALSE(IsCommonPassword("password1234 with more"));
  EXPECT_FALSE(IsCommonPassword(""));
}

}  // namespace
}  // namespace cairn::auth
