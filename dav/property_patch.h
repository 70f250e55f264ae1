// The changes a PROPPATCH or extended MKCOL asks for: sorted into what is stored, what is refused,
// and how each is answered. Pure: the rows of dav/property_table.cc decide, nothing is read.
#pragma once

#include <string>
#include <vector>

#include "dav/context.h"
#include "dav/xml_reader.h"
#include "storage/properties.h"

namespace cairn::dav {

enum class PatchKind { kProppatch, kMkcol };

struct PatchPlan {
  storage::PropertiesPatch patch;
  // One per property in the order asked: 200 set, 204 removed, 403 protected, 409 bad value. When
  // any is above 399 the others are 424 in the answer and nothing is stored.
  std::vector<std::pair<XmlName, int>> statuses;
  bool refused() const {
    for (const auto& [name, status] : statuses) {
      if (status >= 400) return true;
    }
    return false;
  }
};

// `root`: d:propertyupdate or d:mkcol; anything else inside is ignored (RFC 4918 section 17).
PatchPlan CompilePatch(const XmlElement& root, PatchKind kind);

// The 207 (d:multistatus with one response for the request's href).
http::Response PatchResponse(const Ctx& ctx, const PatchPlan& plan);

}  // namespace cairn::dav
