// The version keeper that keeps nothing: a replaced content's reference is dropped. For tests that
// want no versions. Thread-safe.
#pragma once

#include "storage/policies.h"

namespace cairn::versions {

class NoVersions final : public storage::VersionKeeper {
 public:
  Result<bool> Capture(storage::KvTxn& txn, storage::ContentStore& contents,
                       const storage::Chain& chain, storage::Node& node) override;
  Result<void> Erase(storage::KvTxn& txn, storage::ContentStore& contents,
                     const storage::Node& node) override;
};

}  // namespace cairn::versions
