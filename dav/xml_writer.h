// Answers: escaped text, and the multistatus frame with prefixes that clients take literally
// (clients.md 2.1).
#pragma once

#include <string>
#include <string_view>

#include "dav/xml_reader.h"

namespace cairn::dav {

// Appends `text` escaped for element content and attribute values. Characters illegal in XML 1.0
// become U+FFFD.
void AppendEscaped(std::string& out, std::string_view text);

inline std::string Escaped(std::string_view text) {
  std::string out;
  AppendEscaped(out, text);
  return out;
}

// `<?xml version="1.0"?>\n<d:multistatus xmlns:d=... xmlns:s=... xmlns:oc=... xmlns:nc=...>`
extern const std::string_view kMultistatusOpen;
extern const std::string_view kMultistatusClose;
inline constexpr std::string_view kXmlContentType = "application/xml; charset=utf-8";

// Opens and closes elements; DAV:, oc:, nc:, s: by their fixed prefix, others inline as x1:, x2:
// ... per answer.
class XmlNames {
 public:
  // "d:getetag", or "x1:name xmlns:x1=\"...\"" for a foreign namespace. `close` is what stands in
  // the end tag.
  void Open(std::string& out, const XmlName& name);   // appends "<...>"
  void Close(std::string& out, const XmlName& name);  // appends "</...>"
  void Empty(std::string& out, const XmlName& name);  // appends "<.../>"

 private:
  std::string Tag(const XmlName& name, bool declare);
  std::vector<std::string> foreign_;
};

}  // namespace cairn::dav
