// X-Request-Id: what joins a client's log, a proxy's and ours.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"

namespace cairn::server {

// The client's own id when it is 1 to 64 characters of [A-Za-z0-9._-], else 20 random letters and
// digits.
std::string RequestId(std::string_view sent, Random& random);

}  // namespace cairn::server
