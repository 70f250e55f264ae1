#include "dav/xml_writer.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace cairn::dav {

const std::string_view kMultistatusOpen =
    "<?xml version=\"1.0\"?>\n"
    "<d:multistatus xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\" "
    "xmlns:oc=\"http://owncloud.org/ns\" "
    "xmlns:nc=\"http://nextcloud.org/ns\">";
const std::string_view kMultistatusClose = "</d:multistatus>";

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

// True for bytes that stand for themselves: printable ASCII but the four markup characters, tab and
// line feed.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = true;
  plain['\t'] = plain['\n'] = true;
  plain['&'] = plain['<'] = plain['>'] = plain['"'] = false;
  return plain;
}();

// Length of the well-formed UTF-8 sequence of an XML character at the start of `text`, 0 when there
// is none.
std::size_t MultibyteLength(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  std::uint32_t code = lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = (code << 6) | (byte(i) & 0x3fu);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10ffff) return 0;
  if ((code >= 0xd800 && code <= 0xdfff) || code == 0xfffe || code == 0xffff) return 0;
  return length;
}

std::string_view Reference(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\r':
      return "&#13;";
    default:
      return kReplacement;
  }
}

std::string_view FixedPrefix(std::string_view ns) {
  if (ns == kDavNs) return "d:";
  if (ns == kOcNs) return "oc:";
  if (ns == kNcNs) return "nc:";
  if (ns == kSabreNs) return "s:";
  return {};
}

}  // namespace

void AppendEscaped(std::string& out, std::string_view text) {
  std::size_t done = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto c = static_cast<std::uint8_t>(text[at]);
    if (kPlain[c]) {
      ++at;
      continue;
    }
    if (const std::size_t length = c >= 0x80 ? MultibyteLength(text.substr(at)) : 0; length != 0) {
      at += length;
      continue;
    }
    out.append(text, done, at - done);
    out.append(Reference(text[at]));
    done = ++at;
  }
  out.append(text, done);
}

std::string XmlNames::Tag(const XmlName& name, bool declare) {
  if (const auto prefix = FixedPrefix(name.ns); !prefix.empty())
    return std::string(prefix) + name.local;
  if (name.ns.empty()) return name.local + (declare ? " xmlns=\"\"" : "");
  auto found = std::find(foreign_.begin(), foreign_.end(), name.ns);
  if (found == foreign_.end()) found = foreign_.insert(foreign_.end(), name.ns);
  const std::string prefix = "x" + std::to_string(found - foreign_.begin() + 1);
  std::string tag = prefix + ":" + name.local;
  if (declare) {
    tag.append(" xmlns:").append(prefix).append("=\"");
    AppendEscaped(tag, name.ns);
    tag += '"';
  }
  return tag;
}

void XmlNames::Open(std::string& out, const XmlName& name) {
  out.append("<").append(Tag(name, true)).append(">");
}
void XmlNames::Close(std::string& out, const XmlName& name) {
  out.append("</").append(Tag(name, false)).append(">");
}
void XmlNames::Empty(std::string& out, const XmlName& name) {
  out.append("<").append(Tag(name, true)).append("/>");
}

}  // namespace cairn::dav
