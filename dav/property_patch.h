// The changes a PROPPATCH or extended MKCOL asks for: sorted into what is stored, what is refused,
// and how each is answered. Pure: the rows of dav/property_table.cc decide, nothing is read.
#pragma once

#include <string>
#include <vector>

#include "base/function_ref.h"
#include "dav/context.h"
#include "dav/xml_reader.h"
#include "storage/properties.h"

namespace cairn::dav {

// One per property in the order asked: 200 set, 204 removed, 403 protected, 409 bad value. When any
// is above 399 the others are 424 in the answer and nothing is stored.
using PatchStatuses = std::vector<std::pair<XmlName, int>>;
inline bool IsRefused(const PatchStatuses& statuses) {
  for (const auto& [name, status] : statuses) {
    if (status >= 400) return true;
  }
  return false;
}

enum class PatchKind { kProppatch, kMkcol };

struct PatchPlan {
  storage::PropertiesPatch patch;
  PatchStatuses statuses;
  bool refused() const { return IsRefused(statuses); }
};

// The body of a PROPPATCH. kInvalidArgument: not XML, or no d:propertyupdate.
Result<XmlElement> ParseProppatch(std::string_view body);
// `root`: d:propertyupdate or d:mkcol; anything else inside is ignored (RFC 4918 section 17).
PatchPlan CompilePatch(const XmlElement& root, PatchKind kind);
// Refuses what only users have: for who comes by a link.
void RefuseUsersOwn(PatchPlan& plan);
// The same for a resource with rules of its own: `rule` gets each property in its turn and says its
// status.
PatchStatuses JudgePatch(const XmlElement& root, PatchKind kind,
                         FunctionRef<int(const XmlElement& property, bool set)> rule);

// The 207 (d:multistatus with one response for the request's href).
http::Response PatchResponse(const Ctx& ctx, PatchStatuses statuses);

}  // namespace cairn::dav
