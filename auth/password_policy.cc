#include "auth/password_policy.h"

#include <algorithm>
#include <set>
#include <string>

#include "auth/common_passwords.h"
#include "auth/password_hash.h"
#include "base/bytes.h"
#include "base/unicode.h"

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
  if (CharactersIn(password) < kMinPasswordCharacters) {
    if (!faults.empty()) faults += ' ';
    faults += "Password needs to be at least " + std::to_string(kMinPasswordCharacters) +
              " characters long.";
  }
  if (faults.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument, std::move(faults));
}

}  // namespace cairn::auth
