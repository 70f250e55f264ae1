#include "shares/seen_share.h"

#include <utility>

#include "shares/rights.h"
#include "storage/records.h"
#include "storage/tree_checks.h"

namespace cairn::shares {

using storage::Chain;
using storage::KvView;
using storage::Permission;
using storage::Permissions;
using storage::Share;
using Seen = std::optional<SeenShare>;

namespace {

// The share with its node and who owns that. nullopt: it is over, or the node is not live.
Result<Seen> Locate(const KvView& view, Share share, std::int64_t now) {
  if (IsOver(share, now)) return Seen();
  auto chain = storage::ChainTo(view, FileId{share.node()});
  if (chain.has_error() && Is(chain.error(), ErrorCode::kNotFound)) return Seen();
  RETURN_IF_ERROR(chain);
  if (!IsLive(*chain)) return Seen();
  ASSIGN_OR_RETURN(const auto space,
                   storage::ReadRecord<storage::Space>(view, storage::Table::kSpaces,
                                                       storage::keys::Space(chain->space())));
  if (!space) return Fail(ErrorCode::kCorruption, "a root without its space");
  return Seen(SeenShare{
      .share = std::move(share), .chain = std::move(*chain), .owner = UserId{space->owner()}});
}

// Whether it is his to change; a maker may have lost sight of the node.
Result<bool> IsMine(const KvView& view, UserId user, const SeenShare& seen, std::int64_t now) {
  if (seen.owner == user) return true;
  if (UserId{seen.share.sharer()} != user) return false;
  ASSIGN_OR_RETURN(const Permissions own, RightsFromAbove(view, user, seen.chain, now));
  return storage::Allows(own, Permission::kRead);
}

Result<bool> AddGrant(const KvView& view, SeenShare& seen, std::int64_t now) {
  ASSIGN_OR_RETURN(seen.granted, Granted(view, seen.share, seen.chain, seen.chain.depth(), now));
  return seen.granted != 0;
}

}  // namespace

Result<Seen> See(const KvView& view, UserId user, Share share, std::int64_t now_seconds) {
  ASSIGN_OR_RETURN(Seen seen, Locate(view, std::move(share), now_seconds));
  if (!seen) return seen;
  ASSIGN_OR_RETURN(seen->mine, IsMine(view, user, *seen, now_seconds));
  if (seen->mine) return seen;
  ASSIGN_OR_RETURN(const bool meant, IsMeant(view, seen->share, user));
  if (!meant) return Seen();
  ASSIGN_OR_RETURN(seen->acceptance, AcceptanceOf(view, user, seen->share));
  ASSIGN_OR_RETURN(const bool grants, AddGrant(view, *seen, now_seconds));
  return grants ? std::move(seen) : Seen();
}

Result<Seen> SeeById(const KvView& view, UserId user, ShareId id, std::int64_t now_seconds) {
  ASSIGN_OR_RETURN(auto share, FindShare(view, id));
  if (!share) return Seen();
  return See(view, user, std::move(*share), now_seconds);
}

Result<std::vector<SeenShare>> MineOf(const KvView& view, UserId user, std::vector<Share> shares,
                                      std::int64_t now_seconds) {
  std::vector<SeenShare> mine;
  for (Share& share : shares) {
    ASSIGN_OR_RETURN(Seen seen, Locate(view, std::move(share), now_seconds));
    if (!seen) continue;
    ASSIGN_OR_RETURN(seen->mine, IsMine(view, user, *seen, now_seconds));
    if (seen->mine) mine.push_back(std::move(*seen));
  }
  return mine;
}

Result<std::vector<SeenShare>> ReceivedAs(const KvView& view, UserId user,
                                          storage::ShareAcceptance acceptance,
                                          std::int64_t now_seconds) {
  ASSIGN_OR_RETURN(auto received, SharesFor(view, user));
  std::vector<SeenShare> all;
  for (Received& one : received) {
    if (one.acceptance != acceptance) continue;
    ASSIGN_OR_RETURN(Seen seen, Locate(view, std::move(one.share), now_seconds));
    if (!seen) continue;
    // What is his own is no gift: a group that he is in may have got it from another.
    if (seen->owner == user) continue;
    seen->acceptance = acceptance;
    ASSIGN_OR_RETURN(const bool grants, AddGrant(view, *seen, now_seconds));
    if (grants) all.push_back(std::move(*seen));
  }
  return all;
}

}  // namespace cairn::shares
