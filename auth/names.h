// Rules for the names of users and groups. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace cairn::auth {

inline constexpr std::string_view kAdminGroup = "admin";

// The key of Table::kUserNames: what two names may not share (user names are ASCII, so that folding
// is lower case and NFC changes nothing).
std::string FoldedUserName(std::string_view name);

// 1 to 64 of [A-Za-z0-9_.@-], not "." or "..", none of the names that paths below the data
// directory or mounts of other servers give a meaning of their own (T-39). kInvalidName with a
// message for people.
Result<void> CheckUserName(std::string_view name);

// 1 to 64 bytes of UTF-8 in NFC without control characters and '/', no blank at either end.
// kInvalidName.
Result<void> CheckGroupName(std::string_view name);

// 1 to `max_bytes` bytes of UTF-8 without control characters: display names, device names.
// kInvalidArgument.
Result<void> CheckLabel(std::string_view text, std::size_t max_bytes);

// What a device or browser calls itself (User-Agent), cut to what a name may be: at most
// `max_bytes` of UTF-8 without control characters. Never empty.
std::string DeviceName(std::string_view user_agent, std::size_t max_bytes);

// Empty, or one '@' with something on both sides and neither blanks nor control characters; at most
// 254 bytes. kInvalidArgument.
Result<void> CheckEmail(std::string_view email);

}  // namespace cairn::auth
