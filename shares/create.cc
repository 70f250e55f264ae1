// How a share is made: with a user, a group, or whoever has a link.
#include <algorithm>
#include <utility>

#include "auth/groups.h"
#include "auth/records.h"
#include "auth/users.h"
#include "shares/link_door.h"
#include "shares/share_change.h"
#include "storage/commit.h"
#include "storage/records.h"

namespace cairn::shares {

using storage::Allows;
using storage::Caller;
using storage::KvTxn;
using storage::Permission;
using storage::Permissions;
using storage::Share;
using storage::ShareState;
using storage::Table;
namespace keys = storage::keys;

namespace {

constexpr std::string_view kTokenAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

}  // namespace

Result<ShareOutcome> Shares::Create(const Caller& caller, const NewShare& request) {
  RETURN_IF_ERROR(CheckTexts(request.set));
  ASSIGN_OR_RETURN(const auto space, SpaceOf(request.node));
  if (!space) return Refused(Refusal::kNoNode);
  auto body = [&](KvTxn& txn) { return CreateIn(txn, caller, *space, request); };
  return storage::CommitBlocking(store_, {storage::DirectoryKey(), storage::SpaceKey(*space)},
                                 body);
}

Result<ShareOutcome> Shares::CreateIn(KvTxn& txn, const Caller& caller, SpaceId space,
                                      const NewShare& request) {
  RETURN_IF_ERROR(tree_.policies().access.CheckLive(txn, caller));
  ASSIGN_OR_RETURN(const auto chain, LiveChain(txn, request.node));
  if (!chain || chain->space() != space) return Refused(Refusal::kNoNode);
  const storage::Node& node = chain->leaf().node;
  const Permissions visible = tree_.policies().access.For(txn, caller, *chain);
  if (!Allows(visible, Permission::kRead)) return Refused(Refusal::kNoNode);
  if (chain->depth() == 0) return Refused(Refusal::kIsRoot);
  ASSIGN_OR_RETURN(const Permissions own, ShareableRights(txn, caller, *chain));
  if (own == 0) return Refused(Refusal::kNotShareable);
  ASSIGN_OR_RETURN(const UserId owner, OwnerOf(txn, *chain));

  Share share;
  share.set_type(static_cast<std::uint32_t>(request.type));
  share.set_node(Raw(request.node));
  share.set_sharer(Raw(caller.user));
  share.set_name(node.name());
  share.set_created(clock_.NowSeconds());
  ASSIGN_OR_RETURN(auto refused, SetRecipient(txn, request, owner, share));
  if (!refused) refused = SetTerms(node, own, request.set, share);
  if (refused) return Refused(*refused);

  ASSIGN_OR_RETURN(const auto there, SharesOn(txn, request.node));
  if (there.size() >= kMaxSharesPerNode) return Refused(Refusal::kTooMany);
  const Share* over = nullptr;
  for (const Share& other : there) {
    const bool same = request.type != ShareType::kLink && other.type() == share.type() &&
                      other.sharer() == share.sharer() && other.recipient() == share.recipient() &&
                      other.group() == share.group();
    if (!same) continue;
    if (!IsOver(other, clock_.NowSeconds())) return ShareOutcome{.share = other, .existed = true};
    over = &other;
  }
  ASSIGN_OR_RETURN(const bool holds, HoldsMounts(txn, caller, request.node));
  if (holds) return Refused(Refusal::kHoldsMounts);

  ASSIGN_OR_RETURN(const std::uint64_t id, auth::NextId(txn, keys::kShareIds));
  share.set_id(id);
  if (over != nullptr) EraseShare(txn, *over);
  PutShare(txn, share);
  if (request.type == ShareType::kUser) RETURN_IF_ERROR(Welcome(txn, share));
  storage::Node changed = node;
  changed.set_flags(node.flags() | storage::kHasShares);
  if (changed.flags() != node.flags()) tree_.RewriteQuietly(txn, *chain, changed);
  return ShareOutcome{.share = std::move(share)};
}

// Whom it is for. nullopt: that is settled.
Result<std::optional<Refusal>> Shares::SetRecipient(KvTxn& txn, const NewShare& request,
                                                    UserId owner, Share& share) {
  using Checked = std::optional<Refusal>;
  switch (request.type) {
    case ShareType::kUser: {
      const bool self = Raw(request.recipient) == share.sharer() || request.recipient == owner;
      if (self) return Checked(Refusal::kToSelf);
      ASSIGN_OR_RETURN(const auto recipient, auth::LoadUser(txn, request.recipient));
      if (!recipient || recipient->disabled()) return Checked(Refusal::kNoRecipient);
      share.set_recipient(Raw(request.recipient));
      return Checked();
    }
    case ShareType::kGroup: {
      ASSIGN_OR_RETURN(const auto group, auth::Groups(store_).Find(txn, request.group));
      if (!group) return Checked(Refusal::kNoRecipient);
      share.set_group(request.group);
      return Checked();
    }
    case ShareType::kLink: {
      if (!rules().links) return Checked(Refusal::kLinksOff);
      for (;;) {
        share.set_token(random_.Text(kTokenLength, kTokenAlphabet));
        ASSIGN_OR_RETURN(const auto taken, FindByToken(txn, share.token()));
        if (!taken) return Checked();
      }
    }
  }
  return Checked(Refusal::kNoRecipient);
}

// What it says. nullopt: it may.
std::optional<Refusal> Shares::SetTerms(const storage::Node& node, Permissions own,
                                        const ShareAttributes& set, Share& share) const {
  const conf::Sharing now = rules();
  const bool link = TypeOf(share) == ShareType::kLink;
  const Permissions all = MaskFor(node, own & storage::kAllPermissions);
  if ((set.permissions.value_or(0) & ~storage::kAllPermissions) != 0)
    return Refusal::kBadPermissions;
  const auto wanted = link
                          ? LinkPermissions(node, set.permissions)
                          : std::optional(InternalPermissions(node, set.permissions.value_or(all)));
  if (!wanted) return Refusal::kNoReadOrCreate;
  share.set_permissions(*wanted);
  if ((share.permissions() & ~all) != 0) return Refusal::kMoreThanOwn;
  if (link && Writes(share.permissions()) && !now.link_uploads) return Refusal::kUploadsOff;
  ApplyTexts(set, share);
  if (link && now.link_passwords_enforced && share.password_hash().empty())
    return Refusal::kPasswordNeeded;
  const Term term = TermOf(link ? now.link_expiry : now.expiry, set.expires, clock_.NowSeconds());
  share.set_expires(term.expires);
  return RefusalOf(term.problem);
}

// Nothing that is in others' hands is handed on with a folder it happens to stand in.
Result<bool> Shares::HoldsMounts(KvTxn& txn, const Caller& caller, FileId node) const {
  ASSIGN_OR_RETURN(const auto user, auth::LoadUser(txn, caller.user));
  if (!user) return Fail(ErrorCode::kUnauthenticated, "the user is gone");
  ASSIGN_OR_RETURN(const auto mounts, mounts_.Of(txn, caller.user, SpaceId{user->space()}));
  return std::any_of(mounts->all.begin(), mounts->all.end(), [&](const Mount& mount) {
    return std::find(mount.above.begin(), mount.above.end(), node) != mount.above.end();
  });
}

// The recipient's row of a user share: accepted unless he wants to be asked, at a free name.
Result<void> Shares::Welcome(KvTxn& txn, const Share& share) {
  const UserId user{share.recipient()};
  ASSIGN_OR_RETURN(const auto recipient, auth::LoadUser(txn, user));
  if (!recipient) return Fail(ErrorCode::kNotFound, "the recipient is gone");
  ASSIGN_OR_RETURN(const auto space,
                   storage::ReadRecord<storage::Space>(txn, Table::kSpaces,
                                                       keys::Space(SpaceId{recipient->space()})));
  if (!space) return Fail(ErrorCode::kCorruption, "a user without his space");
  ASSIGN_OR_RETURN(const auto mounts, mounts_.Of(txn, user, SpaceId{recipient->space()}));
  if (mounts->all.size() >= kMaxReceived)
    return Fail(ErrorCode::kTooLarge, "the recipient has too many shares");
  const FileId root{space->files_root()};
  ShareState state;
  const Mount* const there = mounts->OfNode(FileId{share.node()});
  if (there == nullptr) {
    ASSIGN_OR_RETURN(FreeName free, FreeNameIn(txn, *mounts, root, share.name()));
    state.set_name(std::move(free.name));
  } else {
    state.set_name(there->name);
    state.set_parent(there->parent == root ? 0 : Raw(there->parent));
  }
  if (WantsToBeAsked(*recipient)) state.set_acceptance(storage::SHARE_PENDING);
  PutState(txn, user, ShareId{share.id()}, state);
  return {};
}

}  // namespace cairn::shares
