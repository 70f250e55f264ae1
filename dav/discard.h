// A content or chunk that was made durable but that no record names: removed at once where that is
// certain. Where it is not (the store is failing), the orphan sweep decides after a restart.
#pragma once

#include "dav/context.h"

namespace cairn::dav {

// True when `error` proves that the transaction did not happen.
inline bool CertainlyRefused(const Error& error) {
  switch (error.code) {
    case ErrorCode::kIo:
    case ErrorCode::kCorruption:
    case ErrorCode::kBusy:
    case ErrorCode::kCancelled:
      return false;
    default:
      return true;
  }
}

inline net::awaitable<void> DiscardBlob(Ctx& ctx, BlobId blob) {
  auto work = [&]() -> Result<void> { return ctx.services.engine.contents().blobs().Remove(blob); };
  auto removed = co_await ctx.services.pools.data.Run(work);
  if (removed.has_error()) co_return;  // garbage for the sweep
}

}  // namespace cairn::dav
