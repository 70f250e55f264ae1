// Which tree of /remote.php or /public.php a path belongs to, and what of it lies below the tree's
// root. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace cairn::dav {

enum class Tree : std::uint8_t {
  kFiles,     // /remote.php/dav/files/USER, /remote.php/webdav
  kUploads,   // /remote.php/dav/uploads/USER
  kTrashbin,  // /remote.php/dav/trashbin/USER
  kVersions,  // /remote.php/dav/versions/USER
  kPublic,    // /public.php/dav/files/TOKEN, /public.php/webdav: what a link leads to
  kDrop,      // the same of a link that lets others add and see nothing; no path says which it is
  kRoot,      // /remote.php/dav itself, and the trees without a user that it lists
  kUnknown,   // anything else below /remote.php/dav, /public.php/dav: trees that do not exist (yet)
  kNone,      // no service of /remote.php or /public.php at all
};

struct TreeRoute {
  Tree tree = Tree::kNone;
  std::string user;                   // or token; decoded; empty where the path names none
  std::string base;                   // the raw path of the tree's root, without a final slash
  std::vector<std::string> segments;  // decoded, below `base`
  bool trailing_slash = false;
};

// `path`: absolute, still encoded, "/remote.php/...". kInvalidArgument: what http::DecodePath
// refuses.
Result<TreeRoute> RouteOf(std::string_view path);

}  // namespace cairn::dav
