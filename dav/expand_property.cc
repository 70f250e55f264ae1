#include "dav/expand_property.h"

#include "dav/listing_answer.h"
#include "dav/multistatus_stream.h"
#include "http/dav_headers.h"

namespace cairn::dav {
namespace {

std::string_view Attribute(const XmlElement& element, std::string_view local) {
  for (const auto& [name, value] : element.attributes) {
    if (name.ns.empty() && name.local == local) return value;
  }
  return {};
}

// What a d:prop with the same properties would hold.
Result<XmlElement> AsProp(const XmlElement& report) {
  XmlElement prop;
  for (const XmlElement& child : report.children) {
    if (child.name != XmlName{std::string(kDavNs), "property"}) continue;
    const std::string_view name = Attribute(child, "name");
    const std::string_view ns = Attribute(child, "namespace");
    if (name.empty()) return Fail(ErrorCode::kInvalidArgument, "d:property without a name");
    XmlElement wanted;
    wanted.name = {std::string(ns.empty() ? kDavNs : ns), std::string(name)};
    prop.children.push_back(std::move(wanted));
  }
  return prop;
}

std::uint32_t ReportDepth(const http::Headers& headers) {
  return http::ParseDepth(headers).kind == http::Depth::Kind::kAbsent
             ? 0
             : http::PropfindDepth(headers);
}

}  // namespace

Outcome ExpandProperty(Ctx& ctx, const XmlElement& report) {
  auto read = AsProp(report);
  CO_ASSIGN_OR_RETURN(const XmlElement prop, std::move(read));
  auto compiled = PropertySet::Named(prop);
  CO_ASSIGN_OR_RETURN(PropertySet set, std::move(compiled));
  const http::Headers& headers = ctx.request().headers;
  if (PrefersMinimal(headers)) set.skip_missing = true;
  co_return co_await SendListing(ctx, set, ReportDepth(headers));
}

}  // namespace cairn::dav
