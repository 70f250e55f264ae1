// What the fields of a profile may hold. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cairn::ocs {

inline constexpr std::size_t kMaxProfileValue = 2048;  // bytes

// The value as it is stored; nullopt: not allowed. Empty values are always allowed and clear the
// field. `field` is one of ProfileFields, or "birthdate" or "manager".
std::optional<std::string> NormalProfileValue(std::string_view field, std::string_view value);

bool IsScope(std::string_view text);  // "v2-private" ... "v2-published"
// Well-formed codes; Cairn itself has no translations: clients show what they have.
bool IsLanguage(std::string_view text);  // "de", "pt_BR", "es_419"
bool IsLocale(std::string_view text);    // "de_DE", "zh_Hans_CN"
bool IsTimezone(std::string_view text);  // "Europe/Berlin", "UTC"

}  // namespace cairn::ocs
