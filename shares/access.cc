#include "shares/access.h"

#include "base/log.h"
#include "shares/rights.h"

namespace cairn::shares {

storage::Permissions Access::For(const storage::KvView& view, const storage::Caller& caller,
                                 const storage::Chain& chain) const {
  if (caller.user == UserId{}) return 0;
  if (const storage::Permissions own = own_.For(view, caller, chain); own != 0) return own;
  const std::int64_t now = clock_.NowSeconds();
  const auto granted = chain.start > 0 ? SharedRights(view, caller.user, chain, chain.start, now)
                                       : RightsFromAbove(view, caller.user, chain, now);
  if (granted.has_error()) {
    log::error("rights on node {}: {}", Raw(chain.leaf().id()), granted.error().message);
    return 0;
  }
  return *granted;
}

}  // namespace cairn::shares
