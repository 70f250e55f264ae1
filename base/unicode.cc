#include "base/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>

namespace cairn {

bool IsValidUtf8(std::string_view text) {
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    if (*at < 0x80) {
      ++at, --left;
      continue;
    }
    utf8proc_int32_t codepoint = 0;
    const utf8proc_ssize_t used = utf8proc_iterate(at, left, &codepoint);
    if (used <= 0) return false;
    at += used, left -= used;
  }
  return true;
}

std::size_t CharactersIn(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::optional<std::string> Nfc(std::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return std::string(text);
  if (!IsValidUtf8(text)) return std::nullopt;
  utf8proc_uint8_t* raw = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &raw,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (size < 0) return std::nullopt;
  std::string out(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size));
  std::free(raw);
  return out;
}

std::string UpperInitial(std::string_view text) {
  utf8proc_int32_t codepoint = 0;
  const auto used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &codepoint);
  if (used <= 0 || codepoint < 0) return {};
  utf8proc_uint8_t letter[4] = {};
  const auto size = utf8proc_encode_char(utf8proc_toupper(codepoint), letter);
  return std::string(reinterpret_cast<const char*>(letter), static_cast<std::size_t>(size));
}

std::string_view UnicodeVersion() { return utf8proc_unicode_version(); }

}  // namespace cairn
