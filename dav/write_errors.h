// What a refused write is called, per method: rows of (method, code) -> status, exception, text as
// recorded. Codes without a row go through FromError.
#pragma once

#include <string_view>

#include "dav/dav_error.h"

namespace cairn::dav {

// `method`: "PUT", "MKCOL", "MOVE", "COPY", "DELETE", "ASSEMBLE" (MOVE of a chunked upload).
DavError ExplainWrite(std::string_view method, const Error& error);

}  // namespace cairn::dav
