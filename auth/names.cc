#include "auth/names.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/unicode.h"

namespace cairn::auth {

namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxEmail = 254;  // RFC 5321, section 4.5.3.1.3 less the brackets

// In folded form.
constexpr std::array<std::string_view, 12> kReserved = {
    "files_external", "files_encryption", "files_versions", "files_trashbin",
    "__groupfolders", "owncloud.log",     "nextcloud.log",  "audit.log",
    "updater.log",    ".htaccess",        ".ocdata",        "index.html",
};

bool IsUserNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '@' || c == '-';
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

std::string FoldedUserName(std::string_view name) { return ToLower(name); }

Result<void> CheckUserName(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) {
    return Fail(ErrorCode::kInvalidName, "A user name has 1 to 64 characters");
  }
  if (!std::all_of(name.begin(), name.end(), IsUserNameCharacter)) {
    return Fail(ErrorCode::kInvalidName,
                "Only these characters are allowed in a user name: a-z, A-Z, 0-9 and _.@-");
  }
  const std::string folded = FoldedUserName(name);
  const bool reserved = name == "." || name == ".." || folded.starts_with("appdata_") ||
                        std::find(kReserved.begin(), kReserved.end(), folded) != kReserved.end();
  if (reserved) return Fail(ErrorCode::kInvalidName, "This user name is reserved");
  return {};
}

Result<void> CheckGroupName(std::string_view name) {
  if (name.empty() || name.size() > kMaxName)
    return Fail(ErrorCode::kInvalidName, "A group name has 1 to 64 bytes");
  const auto nfc = Nfc(name);
  if (!nfc || *nfc != name || HasControl(name) || name.find('/') != std::string_view::npos) {
    return Fail(ErrorCode::kInvalidName,
                "A group name is composed UTF-8 without '/' and control characters");
  }
  if (name.front() == ' ' || name.back() == ' ') {
    return Fail(ErrorCode::kInvalidName, "A group name neither begins nor ends with a blank");
  }
  return {};
}

Result<void> CheckLabel(std::string_view text, std::size_t max_bytes) {
  if (text.empty() || text.size() > max_bytes) {
    return Fail(ErrorCode::kInvalidArgument,
                "must have 1 to " + std::to_string(max_bytes) + " bytes");
  }
  if (!IsValidUtf8(text) || HasControl(text)) {
    return Fail(ErrorCode::kInvalidArgument, "must be UTF-8 without control characters");
  }
  return {};
}

std::string DeviceName(std::string_view user_agent, std::size_t max_bytes) {
  std::string name(user_agent.substr(0, max_bytes));
  while (!name.empty() && !IsValidUtf8(name)) name.pop_back();
  std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  name = Trim(name);
  return name.empty() ? "unknown device" : name;
}

Result<void> CheckEmail(std::string_view email) {
  if (email.empty()) return {};
  const std::size_t at = email.rfind('@');
  const bool parts = at != std::string_view::npos && at > 0 && at + 1 < email.size();
  if (!parts || email.size() > kMaxEmail || !IsValidUtf8(email) || HasControl(email) ||
      email.find(' ') != std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument, "not an e-mail address");
  }
  return {};
}

}  // namespace cairn::auth
