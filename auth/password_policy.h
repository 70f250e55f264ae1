// What a new login password must be like. Pure functions; existing passwords are not asked about.
#pragma once

#include <string_view>

#include "base/error.h"

namespace cairn::auth {

inline constexpr std::size_t kMinPasswordCharacters = 10;

// kInvalidArgument: too short or well known, with one sentence for people for each; kTooLarge: more
// than kMaxPasswordBytes.
Result<void> CheckNewPassword(std::string_view password);

// One of auth/common_passwords.txt, in any letter case.
bool IsCommonPassword(std::string_view password);

}  // namespace cairn::auth
