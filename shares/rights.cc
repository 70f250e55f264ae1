#include "shares/rights.h"

#include <algorithm>
#include <vector>

#include "shares/share_rows.h"
#include "storage/records.h"
#include "storage/schema.h"

namespace cairn::shares {

using storage::Allows;
using storage::Chain;
using storage::KvView;
using storage::Permission;
using storage::Permissions;
using storage::Share;

namespace {

// One evaluation. Shares that are being evaluated count for nothing, so that a ring of people who
// share with each other grants nobody anything.
class Evaluation {
 public:
  Evaluation(const KvView& view, const Chain& chain, std::int64_t now)
      : view_(view), chain_(chain), now_(now) {}

  // By shares of chain.entries[at] itself.
  Result<Permissions> At(UserId user, std::size_t at) {
    const storage::Entry& entry = chain_.entries[at];
    if ((entry.node.flags() & storage::kHasShares) == 0) return Permissions{0};
    ASSIGN_OR_RETURN(const std::vector<Share> shares, SharesOn(view_, entry.id()));
    Permissions all = 0;
    bool withheld = true;
    for (const Share& share : shares) {
      ASSIGN_OR_RETURN(const bool accepted, IsAccepted(share, user));
      if (!accepted) continue;
      ASSIGN_OR_RETURN(const Permissions granted, By(share, at));
      if (granted == 0) continue;
      withheld = withheld && (granted & storage::kWithheld) != 0;
      all |= granted & storage::kAllPermissions;
    }
    return all != 0 && withheld ? all | storage::kWithheld : all;
  }

  // By shares of it or of anything above it.
  Result<Permissions> UpTo(UserId user, std::size_t at) {
    Permissions all = 0;
    bool withheld = true;
    for (std::size_t i = 1; i <= at; ++i) {
      ASSIGN_OR_RETURN(const Permissions granted, At(user, i));
      if (granted == 0) continue;
      withheld = withheld && (granted & storage::kWithheld) != 0;
      all |= granted & storage::kAllPermissions;
    }
    return all != 0 && withheld ? all | storage::kWithheld : all;
  }

  Result<Permissions> By(const Share& share, std::size_t at) {
    if (IsOver(share, now_)) return Permissions{0};
    if (std::find(open_.begin(), open_.end(), share.id()) != open_.end()) return Permissions{0};
    Permissions limit = storage::kAllPermissions;
    ASSIGN_OR_RETURN(const UserId owner, Owner());
    if (UserId{share.sharer()} != owner) {
      open_.push_back(share.id());
      auto own = UpTo(UserId{share.sharer()}, at);
      open_.pop_back();
      if (own.has_error()) return std::move(own).error();
      if (!Allows(*own, Permission::kShare)) return Permissions{0};
      limit = *own;
    }
    Permissions granted = share.permissions() & limit & storage::kAllPermissions;
    if (granted == 0) return granted;
    if (share.no_download()) granted |= storage::kWithheld;
    return granted | (limit & storage::kWithheld);
  }

 private:
  Result<bool> IsAccepted(const Share& share, UserId user) const {
    ASSIGN_OR_RETURN(const bool meant, IsMeant(view_, share, user));
    if (!meant) return false;
    ASSIGN_OR_RETURN(const auto acceptance, AcceptanceOf(view_, user, share));
    return acceptance == storage::SHARE_ACCEPTED;
  }

  Result<UserId> Owner() {
    if (!owner_) {
      ASSIGN_OR_RETURN(const auto space,
                       storage::ReadRecord<storage::Space>(view_, storage::Table::kSpaces,
                                                           storage::keys::Space(chain_.space())));
      if (!space) return Fail(ErrorCode::kCorruption, "a root without its space");
      owner_ = UserId{space->owner()};
    }
    return *owner_;
  }

  const KvView& view_;
  const Chain& chain_;
  const std::int64_t now_;
  std::optional<UserId> owner_;
  std::vector<std::uint64_t> open_;
};

}  // namespace

Permissions MaskFor(const storage::Node& node, Permissions permissions) {
  constexpr Permissions kOfFolders =
      static_cast<Permissions>(Permission::kCreate) | static_cast<Permissions>(Permission::kDelete);
  return node.collection() ? permissions : permissions & ~kOfFolders;
}

Result<Permissions> SharedRights(const KvView& view, UserId user, const Chain& chain,
                                 std::size_t at, std::int64_t now_seconds) {
  if (!IsLive(chain) || at == 0 || at > chain.depth()) return Permissions{0};
  return Evaluation(view, chain, now_seconds).At(user, at);
}

Result<Permissions> RightsFromAbove(const KvView& view, UserId user, const Chain& chain,
                                    std::int64_t now_seconds) {
  if (!IsLive(chain)) return Permissions{0};
  return Evaluation(view, chain, now_seconds).UpTo(user, chain.depth());
}

Result<Permissions> Granted(const KvView& view, const Share& share, const Chain& chain,
                            std::int64_t now_seconds) {
  if (!IsLive(chain)) return Permissions{0};
  return Evaluation(view, chain, now_seconds).By(share, chain.depth());
}

}  // namespace cairn::shares
