// Bytes: big-endian integers for ordered keys, hex, base64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cairn {

using Bytes = std::span<const std::byte>;

inline Bytes AsBytes(std::string_view s) {
  return {reinterpret_cast<const std::byte*>(s.data()), s.size()};
}
inline std::string_view AsString(Bytes b) {
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}

void AppendBig64(std::string& out, std::uint64_t value);
std::string Big64(std::uint64_t value);
// The first 8 bytes of `in`, which must have them.
std::uint64_t ReadBig64(std::string_view in);
void AppendLittle64(std::string& out, std::uint64_t value);
std::uint64_t ReadLittle64(std::string_view in);

std::string ToHex(std::string_view bytes);  // lower case
std::optional<std::string> FromHex(std::string_view hex);
std::string ToBase64(std::string_view bytes);
// RFC 4648 section 4, padding required; nullopt for anything else.
std::optional<std::string> FromBase64(std::string_view text);

// Digits only, at most 19 of them, no sign, no blank: the one integer parser for untrusted text
// (T-41).
std::optional<std::uint64_t> ParseUint(std::string_view text);
// The same with an optional leading '-'.
std::optional<std::int64_t> ParseInt(std::string_view text);

// ASCII's, whatever the locale.
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsAlphaNumeric(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string ToLower(std::string_view ascii);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);  // ASCII
std::string_view Trim(std::string_view text);                   // blanks and tabs

// Compares in constant time for equal lengths.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace cairn
