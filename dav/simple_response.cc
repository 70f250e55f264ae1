#include "dav/simple_response.h"

#include "dav/xml_writer.h"

namespace cairn::dav {

void AppendSimpleResponse(std::string& out, const PropertySet& set, std::string_view href,
                          FunctionRef<std::optional<std::string>(const XmlName& name)> value) {
  out += "<d:response><d:href>";
  AppendEscaped(out, href);
  out += "</d:href>";
  std::string found, missing;
  for (const WantedProperty& wanted : *set.wanted) {
    const auto inner = value(wanted.name);
    if (!inner) {
      if (!set.skip_missing) missing += wanted.empty;
    } else if (set.names_only || inner->empty()) {
      found += wanted.empty;
    } else {
      found.append(wanted.open).append(*inner).append(wanted.close);
    }
  }
  if (!found.empty() || missing.empty()) {
    out.append("<d:propstat><d:prop>").append(found);
    out += "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>";
  }
  if (!missing.empty()) {
    out.append("<d:propstat><d:prop>").append(missing);
    out += "</d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>";
  }
  out += "</d:response>";
}

}  // namespace cairn::dav
