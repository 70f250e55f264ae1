#include "versions/no_versions.h"

namespace cairn::versions {

Result<bool> NoVersions::Capture(storage::KvTxn&, storage::ContentStore&, const storage::Chain&,
                                 storage::Node&) {
  return false;
}

Result<void> NoVersions::Erase(storage::KvTxn&, storage::ContentStore&, const storage::Node&) {
  return {};
}

}  // namespace cairn::versions
