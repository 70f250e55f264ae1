#include "shares/shares.h"

#include <algorithm>
#include <utility>

#include "auth/groups.h"
#include "auth/records.h"
#include "auth/users.h"
#include "shares/share_change.h"
#include "storage/commit.h"
#include "storage/records.h"
#include "storage/tree_checks.h"

namespace cairn::shares {

using storage::Allows;
using storage::Caller;
using storage::Chain;
using storage::KvTxn;
using storage::KvView;
using storage::Permission;
using storage::Permissions;
using storage::Share;
using storage::ShareState;
using storage::Table;
namespace keys = storage::keys;

void Shares::SetRules(const conf::Sharing& rules) {
  const std::lock_guard lock(rules_mu_);
  rules_ = rules;
}

conf::Sharing Shares::rules() const {
  const std::lock_guard lock(rules_mu_);
  return rules_;
}

// The space whose key a change of a share needs: also of a node that lies in the trash.
Result<Shares::Space> Shares::SpaceOf(FileId node) const {
  const auto chain = storage::ChainTo(*store_.Published(), node);
  if (chain.has_error() && Is(chain.error(), ErrorCode::kNotFound)) return Space();
  RETURN_IF_ERROR(chain);
  return Space(chain->space());
}

Result<Permissions> Shares::ShareableRights(const KvView& view, const Caller& caller,
                                            const Chain& chain) const {
  const Permissions rights = tree_.policies().access.For(view, caller, chain);
  const bool may = Allows(rights, Permission::kRead) && Allows(rights, Permission::kShare);
  ASSIGN_OR_RETURN(const UserId owner, OwnerOf(view, chain));
  if (!may) return Permissions{0};
  return owner == caller.user ? storage::kAllPermissions : rights;
}

// Finds the share's space, then does `body` under the keys.
template <class Body>
auto Shares::Change(ShareId id, Body& body) -> Result<ShareOutcome> {
  ASSIGN_OR_RETURN(const auto share, FindShare(*store_.Published(), id));
  if (!share) return Refused(Refusal::kNoShare);
  ASSIGN_OR_RETURN(const auto space, SpaceOf(FileId{share->node()}));
  std::vector<storage::WriterKey> needed{storage::DirectoryKey()};
  if (space) needed.push_back(storage::SpaceKey(*space));
  auto with_space = [&](KvTxn& txn) { return body(txn, space); };
  return storage::CommitBlocking(store_, std::move(needed), with_space);
}

Result<ShareOutcome> Shares::Update(const Caller& caller, ShareId id,
                                    const ShareAttributes& change) {
  RETURN_IF_ERROR(CheckTexts(change));
  auto body = [&](KvTxn& txn, Space) { return UpdateIn(txn, caller, id, change); };
  return Change(id, body);
}

Result<ShareOutcome> Shares::UpdateIn(KvTxn& txn, const Caller& caller, ShareId id,
                                      const ShareAttributes& change) {
  RETURN_IF_ERROR(tree_.policies().access.CheckLive(txn, caller));
  ASSIGN_OR_RETURN(auto share, FindShare(txn, id));
  if (!share) return Refused(Refusal::kNoShare);
  ASSIGN_OR_RETURN(const auto chain, LiveChain(txn, FileId{share->node()}));
  if (!chain) return Refused(Refusal::kNoShare);
  ASSIGN_OR_RETURN(const UserId owner, OwnerOf(txn, *chain));
  if (UserId{share->sharer()} != caller.user && owner != caller.user) {
    ASSIGN_OR_RETURN(const bool meant, IsMeant(txn, *share, caller.user));
    return Refused(meant ? Refusal::kIncoming : Refusal::kNoShare);
  }
  const conf::Sharing rules_now = rules();
  const bool link = TypeOf(*share) == ShareType::kLink;
  if (change.permissions) {
    const storage::Node& node = chain->leaf().node;
    const Permissions asked = *change.permissions;
    if (asked == 0 || (asked & ~storage::kAllPermissions) != 0)
      return Refused(Refusal::kBadPermissions);
    const auto wanted =
        link ? LinkPermissions(node, asked) : std::optional(InternalPermissions(node, asked));
    if (!wanted) return Refused(Refusal::kNoReadOrCreate);
    ASSIGN_OR_RETURN(const Permissions own, ShareableRights(txn, caller, *chain));
    if ((*wanted & ~own) != 0) return Refused(Refusal::kMoreThanOwn);
    const bool writes = Writes(*wanted) && *wanted != share->permissions();
    if (link && writes && !rules_now.link_uploads) return Refused(Refusal::kUploadsOff);
    share->set_permissions(*wanted);
  }
  if (link && change.password_hash && change.password_hash->empty() &&
      rules_now.link_passwords_enforced)
    return Refused(Refusal::kPasswordNeeded);
  ApplyTexts(change, *share);
  if (change.expires) {
    const Term term = TermOf(link ? rules_now.link_expiry : rules_now.expiry, change.expires,
                             clock_.NowSeconds());
    if (const auto refused = RefusalOf(term.problem)) return Refused(*refused);
    share->set_expires(term.expires);
  }
  PutShare(txn, *share);
  return ShareOutcome{.share = std::move(*share)};
}

Result<ShareOutcome> Shares::Remove(const Caller& caller, ShareId id) {
  auto body = [&](KvTxn& txn, Space space) { return RemoveIn(txn, caller, space, id); };
  return Change(id, body);
}

Result<ShareOutcome> Shares::RemoveIn(KvTxn& txn, const Caller& caller, Space space, ShareId id) {
  RETURN_IF_ERROR(tree_.policies().access.CheckLive(txn, caller));
  ASSIGN_OR_RETURN(auto share, FindShare(txn, id));
  if (!share) return Refused(Refusal::kNoShare);
  ASSIGN_OR_RETURN(const auto chain, LiveChain(txn, FileId{share->node()}));
  bool ends = UserId{share->sharer()} == caller.user;
  if (!ends && chain) {
    ASSIGN_OR_RETURN(const UserId owner, OwnerOf(txn, *chain));
    ends = owner == caller.user;
  }
  if (ends) {
    RETURN_IF_ERROR(EndShare(tree_, txn, space, *share));
    return ShareOutcome{.share = std::move(*share)};
  }
  ASSIGN_OR_RETURN(const bool meant, IsMeant(txn, *share, caller.user));
  if (!meant) return Refused(Refusal::kNoShare);
  RETURN_IF_ERROR(Leave(txn, caller.user, space, *share));
  return ShareOutcome{.share = std::move(*share)};
}

Result<void> Shares::Leave(KvTxn& txn, UserId user, Space space, const Share& share) {
  if (TypeOf(share) == ShareType::kUser) return EndShare(tree_, txn, space, share);
  ASSIGN_OR_RETURN(auto state, StateOf(txn, user, ShareId{share.id()}));
  if (!state) state.emplace();
  state->set_acceptance(storage::SHARE_DECLINED);
  PutState(txn, user, ShareId{share.id()}, *state);
  return {};
}

Result<ShareOutcome> Shares::Accept(const Caller& caller, ShareId id) {
  auto body = [&](KvTxn& txn, Space) -> Result<ShareOutcome> {
    RETURN_IF_ERROR(tree_.policies().access.CheckLive(txn, caller));
    ASSIGN_OR_RETURN(auto share, FindShare(txn, id));
    if (!share) return Refused(Refusal::kNoShare);
    ASSIGN_OR_RETURN(const bool meant, IsMeant(txn, *share, caller.user));
    if (!meant || IsOver(*share, clock_.NowSeconds())) return Refused(Refusal::kNoShare);
    ASSIGN_OR_RETURN(const auto acceptance, AcceptanceOf(txn, caller.user, *share));
    if (acceptance != storage::SHARE_ACCEPTED) {
      ASSIGN_OR_RETURN(auto state, StateOf(txn, caller.user, id));
      if (!state) state.emplace();
      state->set_acceptance(storage::SHARE_ACCEPTED);
      PutState(txn, caller.user, id, *state);
    }
    return ShareOutcome{.share = std::move(*share)};
  };
  return Change(id, body);
}

Result<void> Shares::MoveMount(const Caller& caller, SpaceId home, FileId node,
                               const storage::TreePath& to) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(tree_.policies().access.CheckLive(txn, caller));
    ASSIGN_OR_RETURN(const auto mounts, mounts_.Of(txn, caller.user, home));
    const Mount* const mount = mounts->OfNode(node);
    if (mount == nullptr) return Fail(ErrorCode::kNotFound, "no such mount");
    if (to.home != home || to.start != FileId{} || to.is_root())
      return Fail(ErrorCode::kForbidden, "mounts stand in a user's own folders only");
    ASSIGN_OR_RETURN(const storage::Way way, storage::FindWay(txn, to));
    if (way.complete()) return Fail(ErrorCode::kAlreadyExists, "something stands there");
    if (way.missing() > 1 || !way.chain.leaf().is_collection()) return storage::Incomplete(way);
    const std::string& key = way.keys.back();
    RETURN_IF_ERROR(storage::CheckNewName(key));
    const Mount* const other = mounts->Find(way.chain.leaf().id(), key);
    if (other != nullptr && other != mount)
      return Fail(ErrorCode::kAlreadyExists, "another mount stands there");
    const bool shared = std::any_of(
        way.chain.entries.begin(), way.chain.entries.end(),
        [](const auto& entry) { return (entry.node.flags() & storage::kHasShares) != 0; });
    if (shared) return Fail(ErrorCode::kForbidden, "others see that folder");
    for (const Share& share : mount->shares) {
      ASSIGN_OR_RETURN(auto state, StateOf(txn, caller.user, ShareId{share.id()}));
      if (!state) state.emplace();
      state->set_parent(way.chain.depth() == 0 ? 0 : Raw(way.chain.leaf().id()));
      state->set_name(to.segments.back());
      PutState(txn, caller.user, ShareId{share.id()}, *state);
    }
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey(), storage::SpaceKey(home)}, body);
}

Result<void> Shares::LeaveMount(const Caller& caller, SpaceId home, FileId node) {
  ASSIGN_OR_RETURN(const auto space, SpaceOf(node));
  if (!space) return Fail(ErrorCode::kNotFound, "no such mount");
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(tree_.policies().access.CheckLive(txn, caller));
    ASSIGN_OR_RETURN(const auto mounts, mounts_.Of(txn, caller.user, home));
    const Mount* const mount = mounts->OfNode(node);
    if (mount == nullptr) return Fail(ErrorCode::kNotFound, "no such mount");
    for (const Share& share : mount->shares) RETURN_IF_ERROR(Leave(txn, caller.user, space, share));
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey(), storage::SpaceKey(*space)},
                                 body);
}

Result<std::size_t> Shares::CleanStep(std::size_t limit) {
  std::string after;
  {
    const std::lock_guard lock(clean_mu_);
    after = clean_after_;
  }
  const auto view = store_.Published();
  std::vector<Share> seen;
  auto collect = [&](std::string_view key, std::string_view value) {
    Share share;
    after = key;
    if (storage::ParseInto(value, share)) seen.push_back(std::move(share));
    return seen.size() < limit;
  };
  RETURN_IF_ERROR(view->Scan(Table::kShares, {}, after, collect));
  for (const Share& share : seen) {
    ASSIGN_OR_RETURN(const auto place, view->Get(Table::kNodes, keys::Node(FileId{share.node()})));
    ASSIGN_OR_RETURN(const auto sharer, auth::LoadUser(*view, UserId{share.sharer()}));
    bool gone = !place || !sharer;
    if (!gone && TypeOf(share) == ShareType::kUser) {
      ASSIGN_OR_RETURN(const auto recipient, auth::LoadUser(*view, UserId{share.recipient()}));
      gone = !recipient;
    }
    if (!gone && TypeOf(share) == ShareType::kGroup) {
      ASSIGN_OR_RETURN(const auto group, auth::Groups(store_).Find(*view, share.group()));
      gone = !group;
    }
    if (!gone) continue;
    // None of what is gone comes back under the same id; a group might, by its name.
    const ShareId id{share.id()};
    auto body = [&](KvTxn& txn, Space space) -> Result<ShareOutcome> {
      ASSIGN_OR_RETURN(const auto still, FindShare(txn, id));
      if (still) RETURN_IF_ERROR(EndShare(tree_, txn, space, *still));
      return ShareOutcome{};
    };
    RETURN_IF_ERROR(Change(id, body));
  }
  const std::lock_guard lock(clean_mu_);
  clean_after_ = seen.size() < limit ? std::string() : after;
  return seen.size() < limit ? std::size_t{0} : seen.size();
}

}  // namespace cairn::shares
