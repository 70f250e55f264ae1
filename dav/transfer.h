// MOVE and COPY of what is not in the files tree, but can get there: deletions and versions.
#pragma once

#include <optional>
#include <string_view>

#include "dav/context.h"
#include "dav/dav_error.h"
#include "dav/tree_route.h"

namespace cairn::dav {

// Where it is to go.
struct WayOut {
  bool restore = false;   // RESTORE/ANYTHING of its own tree: where it was
  storage::TreePath to;   // else: this place in the files tree, not the root
  bool overwrite = true;  // what is at `to`
};
// The headers of a request in `tree`. 400 for what they lack, 403 for other places.
boost::system::result<WayOut, DavError> ParseWayOut(const Ctx& ctx, Tree tree);

// What the transaction needs beforehand: ids for what it may make, and the folder at `to` as it is
// now (see storage::WriteContext::parent). Blocking.
Result<std::optional<storage::SeenParent>> PrepareWayOut(const Ctx& ctx, const WayOut& way);

// As ExplainWrite. Who holds a lock is not told: the request's own path names no file.
DavError ExplainWayOut(std::string_view method, const Error& error);

// The answer to a MOVE or COPY within the files tree, or into it.
Outcome AnswerTransfer(Ctx& ctx, std::string_view method,
                       const Result<storage::WriteOutcome>& done);
// The same; a restore is 201 and nothing more, as recorded.
Outcome AnswerWayOut(Ctx& ctx, std::string_view method, const WayOut& way,
                     const Result<storage::WriteOutcome>& done);

}  // namespace cairn::dav
