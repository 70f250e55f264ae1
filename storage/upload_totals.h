// How many chunked uploads are under way, and how large they are. For metrics.
#pragma once

#include <cstdint>

#include "storage/kv_store.h"

namespace cairn::storage {

struct UploadTotals {
  std::uint64_t sessions = 0;
  std::uint64_t bytes = 0;  // of their chunks
};

// Of all users together. One scan over the sessions, not over their chunks. Blocks.
Result<UploadTotals> CountUploads(const KvView& view);

}  // namespace cairn::storage
