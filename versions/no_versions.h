// The version keeper that keeps nothing: a replaced content's reference is dropped. Stands in until
// versions are a feature. Thread-safe.
#pragma once

#include "storage/policies.h"

namespace cairn::versions {

class NoVersions final : public storage::VersionKeeper {
 public:
  Result<bool> Capture(storage::KvTxn& txn, const storage::Caller& caller,
                       const storage::Node& node) override;
};

}  // namespace cairn::versions
