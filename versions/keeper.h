// Keeps what files were: an overwritten content becomes a version, without a byte copied, and the
// versions of the file are thinned by the schedule (versions/thinning.h). Thread-safe.
#pragma once

#include "base/clock.h"
#include "storage/keeping.h"

namespace cairn::versions {

class Keeper final : public storage::VersionKeeper {
 public:
  Keeper(const Clock& clock, storage::Keeping keeping)
      : clock_(clock), keeping_(std::move(keeping)) {}

  Result<bool> Capture(storage::KvTxn& txn, storage::ContentStore& contents,
                       const storage::Chain& chain, storage::Node& node) override;
  Result<void> Erase(storage::KvTxn& txn, storage::ContentStore& contents,
                     const storage::Node& node) override;

  const storage::Keeping& keeping() const { return keeping_; }

 private:
  const Clock& clock_;
  const storage::Keeping keeping_;
};

}  // namespace cairn::versions
