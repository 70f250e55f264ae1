// Where a path of the caller's files leads: into his own tree, into what others share with him, or
// to what his link leads to.
// No look at the store for a caller without mounts.
#pragma once

#include <string>
#include <vector>

#include "dav/context.h"

namespace cairn::dav {

net::awaitable<Result<storage::TreePath>> Locate(Ctx& ctx, std::vector<std::string> segments);
// For `path` of the caller's own tree, as a Destination names it.
net::awaitable<Result<void>> LocateIn(Ctx& ctx, storage::TreePath& path);

// The same on a view, for a user; blocking.
Result<storage::TreePath> LocateOn(const storage::KvView& view, Services& services,
                                   const auth::Principal& principal,
                                   std::vector<std::string> segments);
// The caller's mounts. Blocking.
Result<std::shared_ptr<const shares::Mounts>> MountsOf(const storage::KvView& view, const Ctx& ctx);

}  // namespace cairn::dav
