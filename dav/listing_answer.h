// Answers with a listing: the resource and its members down to a depth, as a multistatus.
#pragma once

#include <cstdint>

#include "dav/context.h"
#include "dav/property_set.h"

namespace cairn::dav {

// Streamed as it is read. A client that asks for a page (X-NC-Paginate, clients.md 2.8) gets one,
// with what it needs for the next: X-NC-Paginate, -Total and -Token. It gets the whole listing
// without these headers where the total is not known beforehand (a depth between 1 and infinity),
// and when its token is that of another state: pages of two states put together would lack members,
// and clients delete what a listing lacks.
Outcome SendListing(Ctx& ctx, PropertySet& set, std::uint32_t depth);

}  // namespace cairn::dav
