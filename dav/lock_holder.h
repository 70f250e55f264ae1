// Who holds the lock that refused a request: 423 names a person and a time (promises.md 1.2, line
// 5), never a token.
#pragma once

#include "dav/context.h"
#include "dav/dav_error.h"

namespace cairn::dav {

// Completes a 423: message and d:href. Left as it is when no lock on, above or below the request's
// path is found (the other path of a MOVE, a lock that has ended meanwhile).
net::awaitable<DavError> NameLockHolder(Ctx& ctx, DavError error);

}  // namespace cairn::dav
