// The trash that keeps nothing: what is removed is purged. For tools and tests that want no trash.
// Thread-safe.
#pragma once

#include "storage/policies.h"

namespace cairn::trash {

class NoTrash final : public storage::TrashCan {
 public:
  Result<std::optional<std::string>> Take(storage::KvTxn& txn, const storage::Caller& caller,
                                          const storage::Chain& chain, const storage::Removal& how,
                                          storage::Node& node) override;
};

}  // namespace cairn::trash
