#include "dav/tree_route.h"

#include <algorithm>
#include <array>

#include "http/url.h"

namespace cairn::dav {
namespace {

// One row per tree: its first segments, whether the user's name follows, and whether the row is the
// place alone.
struct RouteRow {
  std::array<std::string_view, 3> names;
  std::size_t count;
  bool names_user;
  bool exact;
  Tree tree;
};

constexpr std::array kRoutes{
    RouteRow{{"remote.php", "webdav", ""}, 2, false, false, Tree::kFiles},
    RouteRow{{"remote.php", "dav", "files"}, 3, true, false, Tree::kFiles},
    RouteRow{{"remote.php", "dav", "uploads"}, 3, true, false, Tree::kUploads},
    RouteRow{{"remote.php", "dav", "trashbin"}, 3, true, false, Tree::kTrashbin},
    RouteRow{{"remote.php", "dav", "versions"}, 3, true, false, Tree::kVersions},
    RouteRow{{"public.php", "webdav", ""}, 2, false, false, Tree::kPublic},
    RouteRow{{"public.php", "dav", "files"}, 3, true, false, Tree::kPublic},
    RouteRow{{"remote.php", "dav", ""}, 2, false, true, Tree::kRoot},
    RouteRow{{"remote.php", "dav", "files"}, 3, false, true, Tree::kRoot},
    RouteRow{{"remote.php", "dav", "trashbin"}, 3, false, true, Tree::kRoot},
    RouteRow{{"remote.php", "dav", "versions"}, 3, false, true, Tree::kRoot},
    RouteRow{{"remote.php", "dav", ""}, 2, false, false, Tree::kUnknown},
};

bool Matches(const RouteRow& row, const std::vector<std::string>& segments) {
  const std::size_t needed = row.count + (row.names_user ? 1 : 0);
  if (segments.size() < needed || (row.exact && segments.size() != needed)) return false;
  return std::equal(row.names.begin(), row.names.begin() + static_cast<std::ptrdiff_t>(row.count),
                    segments.begin());
}

// The raw path up to the end of its `count`-th segment, however many slashes stand between them.
std::string_view RawPrefix(std::string_view path, std::size_t count) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    at = path.find_first_not_of('/', at);
    at = std::min(path.find('/', at), path.size());
  }
  return path.substr(0, at);
}

}  // namespace

Result<TreeRoute> RouteOf(std::string_view path) {
  ASSIGN_OR_RETURN(http::DecodedPath decoded, http::DecodePath(path));
  TreeRoute route;
  route.trailing_slash = decoded.trailing_slash;
  for (const RouteRow& row : kRoutes) {
    if (!Matches(row, decoded.segments)) continue;
    route.tree = row.tree;
    // The root's own path stays below /remote.php/dav, so that its members' hrefs begin there, too.
    const std::size_t base = row.tree == Tree::kRoot ? 2 : row.count + (row.names_user ? 1 : 0);
    route.base = RawPrefix(path, base);
    if (row.names_user) route.user = decoded.segments[row.count];
    route.segments.assign(
        std::make_move_iterator(decoded.segments.begin() + static_cast<std::ptrdiff_t>(base)),
        std::make_move_iterator(decoded.segments.end()));
    return route;
  }
  return route;
}

}  // namespace cairn::dav
