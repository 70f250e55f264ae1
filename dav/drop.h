// Where what is dropped goes. Blocking; no state.
#pragma once

#include "storage/kv_store.h"
#include "storage/tree_types.h"

namespace cairn::dav {

// `path` with names that nothing else has: what is dropped where a file stands gets a number, and
// so does a folder on the way whose name a file has. kInvalidName; kConflict: no number is free.
Result<storage::TreePath> DropPlace(const storage::KvView& view, storage::TreePath path);

}  // namespace cairn::dav
