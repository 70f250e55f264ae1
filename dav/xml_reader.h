// Request bodies: a small, bounded element tree out of expat (T-46). DOCTYPE is refused; no
// entities but the five; at most 1 MiB, depth 64, 10,000 elements.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace cairn::dav {

struct XmlName {
  std::string ns;
  std::string local;
  auto operator<=>(const XmlName&) const = default;
};

struct XmlElement {
  XmlName name;
  std::vector<std::pair<XmlName, std::string>> attributes;
  std::string text;  // all character data directly inside, concatenated
  std::vector<XmlElement> children;
  // Serialised content, filled only for the outermost children of d:prop and for d:owner: what a
  // dead property and a lock store. d:, s:, oc:, nc: are taken as bound by the answer's root; other
  // namespaces are declared where used.
  std::string inner_xml;

  const XmlElement* Child(std::string_view ns, std::string_view local) const;
};

inline constexpr std::size_t kMaxXmlBody = 1 << 20;
inline constexpr std::string_view kDavNs = "DAV:";
inline constexpr std::string_view kOcNs = "http://owncloud.org/ns";
inline constexpr std::string_view kNcNs = "http://nextcloud.org/ns";
inline constexpr std::string_view kSabreNs = "http://sabredav.org/ns";

// kInvalidArgument: not well-formed, or beyond a bound. Any encoding expat knows.
Result<XmlElement> ParseXml(std::string_view body);

}  // namespace cairn::dav
