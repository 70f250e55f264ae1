// Paths inside headers: Destination and the tags of If. The same decoder as for request paths.
#pragma once

#include <string_view>

#include "dav/context.h"
#include "dav/dav_error.h"
#include "dav/tree_route.h"

namespace cairn::dav {

// Where in the caller's own trees an absolute path or URL leads. The error is ready to be answered:
// 400 malformed, 502 another server, 403 another user's.
boost::system::result<TreeRoute, DavError> RouteDestination(const Ctx& ctx, std::string_view value);

// The node that an absolute path or URL names: below /remote.php/dav/files/USER or
// /remote.php/webdav, which are the same tree. The error is ready to be answered: 400 malformed,
// 502 another server, 403 outside the caller's tree.
struct Destination {
  storage::TreePath path;  // of the caller's own tree: LocateIn says whether a mount is on the way
  bool trailing_slash = false;
};
boost::system::result<Destination, DavError> ParseDestination(const Ctx& ctx,
                                                              std::string_view value);

}  // namespace cairn::dav
