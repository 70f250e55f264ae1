// The one table from domain errors to HTTP status codes. Handlers that must answer otherwise for
// one method (MKCOL on something existing, PUT below a missing parent) say so themselves, beside
// their reason. Thread-safe.
#pragma once

#include <string_view>

#include "base/error.h"

namespace cairn::http {

int StatusOf(ErrorCode code);

// "Multi-Status" for 207 …; "Unknown" for a number outside the table.
std::string_view ReasonPhrase(int status);

}  // namespace cairn::http
