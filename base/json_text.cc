#include "base/json_text.h"

#include <array>
#include <cstdio>

namespace cairn {

void AppendJsonField(std::string& out, std::string_view name, std::string_view value) {
  out.append(out.size() > 1 ? ",\"" : "\"").append(name).append("\":\"");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
      out += c;
      continue;
    }
    std::array<char, 8> escaped;
    std::snprintf(escaped.data(), escaped.size(), "\\u%04x", byte);
    out += escaped.data();
  }
  out += '"';
}

}  // namespace cairn
