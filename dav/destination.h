// Paths inside headers: Destination and the tags of If. The same decoder as for request paths.
#pragma once

#include <string_view>

#include "dav/context.h"
#include "dav/dav_error.h"

namespace cairn::dav {

// The node that an absolute path or URL names: below /remote.php/dav/files/USER or
// /remote.php/webdav, which are the same tree. The error is ready to be answered: 400 malformed,
// 502 another server, 403 outside the caller's tree.
struct Destination {
  storage::TreePath path;
  bool trailing_slash = false;
};
boost::system::result<Destination, DavError> ParseDestination(const Ctx& ctx,
                                                              std::string_view value);

}  // namespace cairn::dav
