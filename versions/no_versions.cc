#include "versions/no_versions.h"

namespace cairn::versions {

Result<bool> NoVersions::Capture(storage::KvTxn&, const storage::Caller&, const storage::Node&) {
  return false;
}

}  // namespace cairn::versions
