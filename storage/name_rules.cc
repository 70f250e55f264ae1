// Which names Cairn gives to nodes. Refused are names that no path can carry, that XML 1.0 cannot
// show to a client, and those that Nextcloud's clients know to be refused: `\`, `.htaccess`,
// `*.part`, `*.filepart` in any letter case. Accepted on purpose: leading and trailing blanks,
// trailing dots, `...`, `: * ? " < > |`, CON, DEL, right-to-left marks.
#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/unicode.h"
#include "storage/file_tree.h"
#include "storage/schema.h"

namespace cairn::storage {
namespace {

Error Refuse(std::string reason) { return Fail(ErrorCode::kInvalidName, std::move(reason)); }

bool EndsWithIgnoreCase(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && EqualsIgnoreCase(text.substr(text.size() - end.size()), end);
}

// U+FFFE and U+FFFF: the only characters of valid UTF-8 from U+0020 on that XML 1.0 leaves out
// (section 2.2).
bool HasNonXmlCharacter(std::string_view utf8) {
  return utf8.find("\xef\xbf\xbe") != std::string_view::npos ||
         utf8.find("\xef\xbf\xbf") != std::string_view::npos;
}

Result<void> CheckCharacters(std::string_view name) {
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20) return Refuse("a control character in a name");
    if (c == '/' || c == '\\') return Refuse(std::string("'") + c + "' in a name");
  }
  if (HasNonXmlCharacter(name)) return Refuse("a character in a name that XML cannot carry");
  return {};
}

}  // namespace

Result<std::string> CheckName(std::string_view name) {
  if (name.empty()) return Refuse("an empty name");
  if (name.size() > kMaxNameBytes) return Refuse("a name longer than 255 bytes");
  RETURN_IF_ERROR(CheckCharacters(name));
  std::optional<std::string> key = Nfc(name);
  if (!key.has_value()) return Refuse("a name that is not UTF-8");
  if (key->size() > kMaxNameBytes) return Refuse("a name longer than 255 bytes in NFC");
  if (*key == "." || *key == "..") return Refuse("a name that is a path segment of its own");
  if (EqualsIgnoreCase(*key, ".htaccess")) return Refuse("a reserved name");
  if (EndsWithIgnoreCase(*key, ".part") || EndsWithIgnoreCase(*key, ".filepart")) {
    return Refuse("a reserved name ending");
  }
  return std::move(*key);
}

Result<void> CheckNewName(std::string_view key) {
  // Nextcloud's limit, which leaves room for what a trash adds to a name.
  if (key.size() > kMaxNewNameBytes) return Refuse("Filename is too long");
  return {};
}

std::string WithMark(std::string_view name, std::string_view mark, bool collection) {
  std::size_t dot = collection ? std::string_view::npos : name.rfind('.');
  if (dot == 0 || dot == std::string_view::npos) dot = name.size();
  std::size_t stem = dot;
  const std::size_t rest = name.size() - dot + mark.size();
  if (stem + rest > kMaxNewNameBytes) {
    stem = kMaxNewNameBytes - std::min(rest, kMaxNewNameBytes);
    // Not in the middle of a character.
    while (stem > 0 && (static_cast<unsigned char>(name[stem]) & 0xc0) == 0x80) --stem;
  }
  return std::string(name.substr(0, stem)).append(mark).append(name.substr(dot));
}

}  // namespace cairn::storage
