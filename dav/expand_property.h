// The report d:expand-property (RFC 3253 section 3.8).
#pragma once

#include "dav/context.h"
#include "dav/xml_reader.h"

namespace cairn::dav {

// Answers it. `report` is its root element, a named local of the caller. No property of a file or
// folder holds hrefs to be expanded: what is nested inside a d:property changes nothing.
// kInvalidArgument: a d:property without a name.
Outcome ExpandProperty(Ctx& ctx, const XmlElement& report);

}  // namespace cairn::dav
