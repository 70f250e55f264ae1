#include "shares/rights.h"

#include <map>
#include <vector>

#include "shares/share_rows.h"
#include "storage/records.h"
#include "storage/schema.h"
#include "storage/trash_links.h"

namespace cairn::shares {

using storage::Allows;
using storage::Chain;
using storage::KvView;
using storage::Permission;
using storage::Permissions;
using storage::Share;

namespace {

// Inside an evaluation the right to have the bytes is a permission like the others.
constexpr Permissions kBytes = 32;
constexpr Permissions kEverything = storage::kAllPermissions | kBytes;

Permissions Outward(Permissions rights) {
  const Permissions all = rights & storage::kAllPermissions;
  return all == 0 || (rights & kBytes) != 0 ? all : all | storage::kWithheld;
}

// One evaluation: the shares of a chain's nodes, of these the ways by which somebody has rights,
// back to the owner; then what flows along them, until nothing is added. A ring of people who share
// with each other grants nothing, as nothing flows into it. Each share is looked at once per person
// that matters, however many ways there are.
class Evaluation {
 public:
  Evaluation(const KvView& view, const Chain& chain, std::int64_t now)
      : view_(view), chain_(chain), now_(now) {}

  // By shares of chain.entries[from] to chain.entries[to].
  Result<Permissions> Between(UserId user, std::size_t from, std::size_t to) {
    RETURN_IF_ERROR(Run(user, to));
    return Outward(Sum(user, from, to));
  }

  Result<Permissions> By(const Share& share, std::size_t at) {
    if (IsOver(share, now_)) return Permissions{0};
    RETURN_IF_ERROR(Run(UserId{share.sharer()}, at));
    return Outward(Passed(share, at));
  }

 private:
  // A share as one person has it.
  struct Way {
    std::size_t edge = 0;
    Permissions granted = 0;
  };
  struct Edge {
    Share share;
    std::size_t at = 0;  // its node's place in the chain
  };

  Result<void> Run(UserId user, std::size_t to) {
    ASSIGN_OR_RETURN(owner_, Owner());
    for (std::size_t at = 1; at <= to; ++at) {
      const storage::Entry& entry = chain_.entries[at];
      if ((entry.node.flags() & storage::kHasShares) == 0) continue;
      ASSIGN_OR_RETURN(auto shares, SharesOn(view_, entry.id()));
      for (Share& share : shares)
        if (!IsOver(share, now_)) edges_.push_back({std::move(share), at});
    }
    std::vector<UserId> open{user};
    while (!open.empty()) {
      const UserId next = open.back();
      open.pop_back();
      if (next == owner_ || ways_.contains(next)) continue;
      std::vector<Way>& ways = ways_[next];
      for (std::size_t i = 0; i < edges_.size(); ++i) {
        ASSIGN_OR_RETURN(const bool accepted, IsAccepted(edges_[i].share, next));
        if (!accepted) continue;
        ways.push_back({i});
        open.push_back(UserId{edges_[i].share.sharer()});
      }
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (auto& [person, ways] : ways_) {
        for (Way& way : ways) {
          const Edge& edge = edges_[way.edge];
          const Permissions granted = Passed(edge.share, edge.at);
          changed = changed || granted != way.granted;
          way.granted = granted;
        }
      }
    }
    return {};
  }

  // What the share of chain.entries[at] lets through now.
  Permissions Passed(const Share& share, std::size_t at) const {
    const UserId sharer{share.sharer()};
    const Permissions own = sharer == owner_ ? kEverything : Sum(sharer, 1, at);
    if (!Allows(own, Permission::kShare)) return 0;
    const Permissions says =
        (share.permissions() & storage::kAllPermissions) | (share.no_download() ? 0 : kBytes);
    const Permissions granted = says & own;
    return (granted & storage::kAllPermissions) == 0 ? 0 : granted;
  }

  Permissions Sum(UserId user, std::size_t from, std::size_t to) const {
    Permissions sum = 0;
    const auto found = ways_.find(user);
    if (found == ways_.end()) return sum;
    for (const Way& way : found->second) {
      const std::size_t at = edges_[way.edge].at;
      if (from <= at && at <= to) sum |= way.granted;
    }
    return sum;
  }

  Result<bool> IsAccepted(const Share& share, UserId user) const {
    ASSIGN_OR_RETURN(const bool meant, IsMeant(view_, share, user));
    if (!meant) return false;
    ASSIGN_OR_RETURN(const auto acceptance, AcceptanceOf(view_, user, share));
    return acceptance == storage::SHARE_ACCEPTED;
  }

  Result<UserId> Owner() const {
    ASSIGN_OR_RETURN(const auto space,
                     storage::ReadRecord<storage::Space>(view_, storage::Table::kSpaces,
                                                         storage::keys::Space(chain_.space())));
    if (!space) return Fail(ErrorCode::kCorruption, "a root without its space");
    return UserId{space->owner()};
  }

  const KvView& view_;
  const Chain& chain_;
  const std::int64_t now_;
  UserId owner_{};
  std::vector<Edge> edges_;
  std::map<UserId, std::vector<Way>> ways_;
};

}  // namespace

namespace {

// nullopt: there is none that is what it was.
Result<std::optional<Share>> LiveLink(const KvView& view, const storage::Caller& caller,
                                      std::int64_t now) {
  ASSIGN_OR_RETURN(auto share, FindShare(view, caller.link));
  const bool live = share && TypeOf(*share) == ShareType::kLink &&
                    share->version() == caller.link_version && !IsOver(*share, now);
  return live ? std::move(share) : std::nullopt;
}

}  // namespace

Result<Permissions> SharedRights(const KvView& view, UserId user, const Chain& chain,
                                 std::size_t at, std::int64_t now_seconds) {
  if (!IsLive(chain) || at == 0 || at > chain.depth()) return Permissions{0};
  return Evaluation(view, chain, now_seconds).Between(user, at, at);
}

Result<Permissions> RightsFromAbove(const KvView& view, UserId user, const Chain& chain,
                                    std::int64_t now_seconds) {
  if (!IsLive(chain)) return Permissions{0};
  return Evaluation(view, chain, now_seconds).Between(user, 1, chain.depth());
}

Result<Permissions> Granted(const KvView& view, const Share& share, const Chain& chain,
                            std::size_t at, std::int64_t now_seconds) {
  if (!IsLive(chain) || at > chain.depth()) return Permissions{0};
  return Evaluation(view, chain, now_seconds).By(share, at);
}

Result<Permissions> LinkRights(const KvView& view, const storage::Caller& caller,
                               const Chain& chain, std::int64_t now_seconds) {
  ASSIGN_OR_RETURN(const auto share, LiveLink(view, caller, now_seconds));
  if (!share) return Permissions{0};
  for (std::size_t at = 1; at <= chain.depth(); ++at) {
    if (chain.entries[at].id() == FileId{share->node()})
      return Granted(view, *share, chain, at, now_seconds);
  }
  return Permissions{0};
}

Result<Permissions> TrashLinkRights(const KvView& view, UserId user, const Chain& chain) {
  ASSIGN_OR_RETURN(const auto link, storage::LinkTo(view, user, chain));
  if (!link) return Permissions{0};
  const auto read = static_cast<Permissions>(Permission::kRead);
  return link->no_download() ? read | storage::kWithheld : read;
}

Result<void> CheckLink(const KvView& view, const storage::Caller& caller,
                       std::int64_t now_seconds) {
  ASSIGN_OR_RETURN(const auto share, LiveLink(view, caller, now_seconds));
  if (!share) return Fail(ErrorCode::kUnauthenticated, "the link is not what it was");
  return {};
}

}  // namespace cairn::shares
