// UTF-8 validity and NFC: the door to utf8proc.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

// Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(std::string_view text);

// The NFC form of valid UTF-8; nullopt for invalid UTF-8.
std::optional<std::string> Nfc(std::string_view text);

// How many characters UTF-8 has; of other bytes at most one each.
std::size_t CharactersIn(std::string_view utf8);

// The first character of valid UTF-8 in upper case where one character is that; empty for none and
// for invalid UTF-8.
std::string UpperInitial(std::string_view text);

// The Unicode version of the normaliser, as "15.0.0": it stands in the format record.
std::string_view UnicodeVersion();

}  // namespace cairn
