// What happens to what is deleted: it goes into its space's trash, unless it alone is larger than
// the trash may be, or its owner wants it gone. A user who deletes in another's space gets a trash
// link (storage/trash_links.h). O(1) beside the removal itself: counters are compared, nothing is
// listed.
// Thread-safe.
#pragma once

#include "base/clock.h"
#include "storage/keeping.h"

namespace cairn::trash {

class Can final : public storage::TrashCan {
 public:
  Can(const Clock& clock, storage::Keeping keeping) : clock_(clock), keeping_(std::move(keeping)) {}

  Result<std::optional<std::string>> Take(storage::KvTxn& txn, const storage::Caller& caller,
                                          const storage::Chain& chain, const storage::Removal& how,
                                          storage::Node& node) override;

  const storage::Keeping& keeping() const { return keeping_; }

 private:
  const Clock& clock_;
  const storage::Keeping keeping_;
};

}  // namespace cairn::trash
