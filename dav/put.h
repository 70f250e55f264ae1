// PUT beyond the files tree.
#pragma once

#include "dav/context.h"

namespace cairn::dav {

// What a file drop takes: a new file at DropPlace of ctx.place, with the folders on the way. No
// precondition is asked, as its answer would tell what is there, and nothing is told but the etag.
Outcome PutDropped(Ctx& ctx);

}  // namespace cairn::dav
