// Sends a multistatus as its pages are produced: whole with Content-Length when it is one page,
// streamed otherwise.
#pragma once

#include <string>

#include "base/function_ref.h"
#include "dav/context.h"

namespace cairn::dav {

inline constexpr std::size_t kFlushBytes = 64 * 1024;

// `Prefer: return=minimal` (RFC 8144) or `Brief: t`.
bool PrefersMinimal(const http::Headers& headers);

// A multistatus that is complete already.
Outcome SendMultistatus(Ctx& ctx, std::string xml);

// Calls `produce` on the read pool until it answers false; each call appends complete d:response
// elements. `produce` is a named local of the caller. An error of the first call is returned,
// nothing was sent then. After a later one the connection is broken and nothing is returned: the
// answer has begun. `headers`, of the caller as well: further ones of the answer, as they stand
// after the first call.
Outcome StreamMultistatus(Ctx& ctx, FunctionRef<Result<bool>(std::string& out)> produce,
                          const http::Headers* headers = nullptr);

}  // namespace cairn::dav
