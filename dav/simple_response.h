// A d:response for a resource that is no node: a few properties computed on the spot, everything
// else missing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "dav/property_set.h"

namespace cairn::dav {

// `value`: the inner XML of a property, nullopt when the resource does not have it.
void AppendSimpleResponse(std::string& out, const PropertySet& set, std::string_view href,
                          FunctionRef<std::optional<std::string>(const XmlName& name)> value);

}  // namespace cairn::dav
