#include "shares/access.h"

#include "base/log.h"
#include "shares/rights.h"

namespace cairn::shares {

Result<void> Access::CheckLive(const storage::KvView& view, const storage::Caller& caller) const {
  return caller.is_link() ? CheckLink(view, caller, clock_.NowSeconds())
                          : own_.CheckLive(view, caller);
}

storage::Permissions Access::For(const storage::KvView& view, const storage::Caller& caller,
                                 const storage::Chain& chain) const {
  if (const storage::Permissions own = own_.For(view, caller, chain); own != 0) return own;
  const auto granted = Granted(view, caller, chain);
  if (granted.has_error()) {
    log::error("rights on node {}: {}", Raw(chain.leaf().id()), granted.error().message);
    return 0;
  }
  return *granted;
}

Result<storage::Permissions> Access::Granted(const storage::KvView& view,
                                             const storage::Caller& caller,
                                             const storage::Chain& chain) const {
  const std::int64_t now = clock_.NowSeconds();
  if (caller.is_link()) return LinkRights(view, caller, chain, now);
  if (caller.user == UserId{}) return storage::Permissions{0};
  if (chain.root().node.root() == storage::ROOT_TRASH)
    return TrashLinkRights(view, caller.user, chain);
  return chain.start > 0 ? SharedRights(view, caller.user, chain, chain.start, now)
                         : RightsFromAbove(view, caller.user, chain, now);
}

}  // namespace cairn::shares
