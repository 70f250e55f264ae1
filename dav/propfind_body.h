// The body of a PROPFIND, read and compiled.
#pragma once

#include "dav/context.h"
#include "dav/property_set.h"

namespace cairn::dav {

// With what the headers say about missing properties (Prefer, Brief). kInvalidArgument.
net::awaitable<Result<PropertySet>> ReadPropfind(Ctx& ctx);

}  // namespace cairn::dav
