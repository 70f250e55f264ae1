#include "auth/password_policy.h"

#include <algorithm>
#include <set>
#include <string>

#include "auth/common_passwords.h"
#include "auth/password_hash.h"
#include "base/bytes.h"

namespace cairn::auth {

namespace {

std::set<std::string_view> Lines(std::string_view text) {
  std::set<std::string_view> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.empty()) lines.insert(line);
  }
  return lines;
}

// Of UTF-8; any other byte counts as one.
std::size_t Characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

bool IsCommonPassword(std::string_view password) {
  static const std::set<std::string_view> kCommon = Lines(kCommonPasswords);
  return kCommon.contains(ToLower(password));
}

Result<void> CheckNewPassword(std::string_view password) {
  if (password.size() > kMaxPasswordBytes)
    return Fail(ErrorCode::kTooLarge, "a password has at most 1024 bytes");
  std::string faults;
  if (IsCommonPassword(password))
    faults = "Password is among the most common ones. Please make it unique.";
  if (Characters(password) < kMinPasswordCharacters) {
    if (!faults.empty()) faults += ' ';
    faults += "Password needs to be at least " + std::to_string(kMinPasswordCharacters) +
              " characters long.";
  }
  if (faults.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument, std::move(faults));
}

}  // namespace cairn::auth
