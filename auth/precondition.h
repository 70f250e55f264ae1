// What must still hold when an account or a group is changed: asked inside the transaction, before
// anything is changed. What it refuses with is what the change answers. Empty: nothing is asked.
#pragma once

#include <functional>

#include "storage/kv_store.h"

namespace cairn::auth {

using Precondition = std::function<Result<void>(const storage::KvView&)>;

inline Result<void> Ask(const Precondition& allowed, const storage::KvView& view) {
  return allowed ? allowed(view) : Result<void>();
}

}  // namespace cairn::auth
