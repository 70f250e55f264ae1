#include "ocs/profile_rules.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "auth/names.h"
#include "base/bytes.h"
#include "base/unicode.h"

namespace cairn::ocs {
namespace {

bool IsLetter(char c) { return IsAlphaNumeric(c) && !IsDigit(c); }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

template <class Test>
bool All(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool IsCountry(std::string_view text) {
  return (text.size() == 2 && All(text, IsUpper)) || (text.size() == 3 && All(text, IsDigit));
}

bool IsLanguageCode(std::string_view text) {
  return (text.size() == 2 || text.size() == 3) && All(text, IsLower);
}

bool IsScript(std::string_view text) {
  return text.size() == 4 && IsUpper(text[0]) && All(text.substr(1), IsLower);
}

// With its country code (ITU-T E.164), as there is no country to assume.
std::optional<std::string> Phone(std::string_view value) {
  if (!value.starts_with('+')) return std::nullopt;
  std::string number = "+";
  for (const char c : value.substr(1)) {
    if (IsDigit(c)) {
      number += c;
    } else if (std::string_view(" -./()").find(c) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  const std::size_t digits = number.size() - 1;
  if (digits < 6 || digits > 15 || number[1] == '0') return std::nullopt;
  return number;
}

bool IsHostCharacter(char c) { return IsAlphaNumeric(c) || c == '-' || c == '.'; }

bool IsHost(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.find("..") == std::string_view::npos &&
         All(text, IsHostCharacter);
}

std::optional<std::string> Website(std::string_view value) {
  std::string_view rest = value;
  const std::size_t scheme = rest.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  const std::string name = ToLower(rest.substr(0, scheme));
  if (name != "http" && name != "https") return std::nullopt;
  rest.remove_prefix(scheme + 3);
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#:"));
  if (!IsHost(host) || value.find(' ') != std::string_view::npos) return std::nullopt;
  return std::string(value);
}

std::string_view WithoutAt(std::string_view value) {
  if (value.starts_with('@')) value.remove_prefix(1);
  return value;
}

std::optional<std::string> Twitter(std::string_view value) {
  value = WithoutAt(value);
  const auto fine = [](char c) { return IsAlphaNumeric(c) || c == '_'; };
  if (value.size() < 2 || value.size() > 15 || !All(value, fine)) return std::nullopt;
  return std::string(value);
}

std::optional<std::string> Bluesky(std::string_view value) {
  value = WithoutAt(value);
  if (!IsHost(value) || value.find('.') == std::string_view::npos) return std::nullopt;
  return std::string(value);
}

std::optional<std::string> Fediverse(std::string_view value) {
  value = WithoutAt(value);
  const std::size_t at = value.find('@');
  if (at == std::string_view::npos || at == 0 || !IsHost(value.substr(at + 1))) return std::nullopt;
  const auto fine = [](char c) { return IsAlphaNumeric(c) || c == '_' || c == '-' || c == '.'; };
  if (!All(value.substr(0, at), fine)) return std::nullopt;
  return std::string(value);
}

std::optional<std::string> Birthdate(std::string_view value) {
  const auto parts = Split(value, '-');
  if (value.size() != 10 || parts.size() != 3 || parts[0].size() != 4) return std::nullopt;
  const auto year = ParseUint(parts[0]);
  const auto month = ParseUint(parts[1]);
  const auto day = ParseUint(parts[2]);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::string(value);
}

bool IsText(std::string_view value) {
  return value.size() <= kMaxProfileValue && IsValidUtf8(value) && All(value, [](char c) {
           return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t';
         });
}

}  // namespace

std::optional<std::string> NormalProfileValue(std::string_view field, std::string_view value) {
  value = Trim(value);
  if (value.empty()) return std::string();
  if (!IsText(value)) return std::nullopt;
  if (field == "phone") return Phone(value);
  if (field == "website") return Website(value);
  if (field == "twitter") return Twitter(value);
  if (field == "bluesky") return Bluesky(value);
  if (field == "fediverse") return Fediverse(value);
  if (field == "birthdate") return Birthdate(value);
  const bool refused = (field == "profile_enabled" && value != "0" && value != "1") ||
                       (field == "manager" && auth::CheckUserName(value).has_error());
  if (refused) return std::nullopt;
  return std::string(value);
}

bool IsScope(std::string_view text) {
  return text == "v2-private" || text == "v2-local" || text == "v2-federated" ||
         text == "v2-published";
}

bool IsLanguage(std::string_view text) {
  const auto parts = Split(text, '_');
  return IsLanguageCode(parts[0]) &&
         (parts.size() == 1 || (parts.size() == 2 && IsCountry(parts[1])));
}

bool IsLocale(std::string_view text) {
  auto parts = Split(text, '_');
  if (!IsLanguageCode(parts[0])) return false;
  parts.erase(parts.begin());
  if (!parts.empty() && IsScript(parts[0])) parts.erase(parts.begin());
  return parts.empty() || (parts.size() == 1 && IsCountry(parts[0]));
}

bool IsTimezone(std::string_view text) {
  const auto parts = Split(text, '/');
  if (text.size() > 64 || parts.size() > 3) return false;
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    const auto fine = [](char c) { return IsAlphaNumeric(c) || c == '_' || c == '-' || c == '+'; };
    return !part.empty() && IsLetter(part[0]) && All(part, fine);
  });
}

}  // namespace cairn::ocs
