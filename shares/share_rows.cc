#include "shares/share_rows.h"

#include <algorithm>
#include <unordered_set>

#include "auth/groups.h"
#include "auth/records.h"
#include "auth/users.h"
#include "storage/records.h"
#include "storage/schema.h"

namespace cairn::shares {

using storage::KvTxn;
using storage::KvView;
using storage::Share;
using storage::ShareState;
using storage::Table;
namespace keys = storage::keys;

namespace {

// The shares of these rows; one that has no record any more is left out.
Result<std::vector<Share>> Load(const KvView& view, const std::vector<std::string>& share_keys) {
  std::vector<Share> shares;
  if (share_keys.empty()) return shares;
  ASSIGN_OR_RETURN(const auto rows, view.MultiGet(Table::kShares, share_keys));
  shares.reserve(rows.size());
  for (const auto& row : rows) {
    if (!row) continue;
    ASSIGN_OR_RETURN(Share share, storage::Parse<Share>(*row));
    shares.push_back(std::move(share));
  }
  return shares;
}

Result<std::vector<Share>> Listed(const KvView& view, Table table, const std::string& prefix) {
  std::vector<std::string> share_keys;
  auto collect = [&](std::string_view rest, std::string_view) {
    share_keys.emplace_back(rest);
    return true;
  };
  RETURN_IF_ERROR(view.Scan(table, prefix, {}, collect));
  return Load(view, share_keys);
}

// The groups that anything is shared with: one step per group, however many shares it has.
Result<std::vector<std::string>> GroupsWithShares(const KvView& view) {
  std::vector<std::string> groups;
  for (std::string after;;) {
    std::optional<std::string> next;
    auto first = [&](std::string_view key, std::string_view) {
      next = std::string(key.substr(0, key.find('\0')));
      return false;
    };
    RETURN_IF_ERROR(view.Scan(Table::kGroupShares, {}, after, first));
    if (!next) return groups;
    after = *next + '\x01';  // behind all rows of the group
    groups.push_back(std::move(*next));
  }
}

Result<bool> IsMember(const KvView& view, std::string_view group, UserId user) {
  ASSIGN_OR_RETURN(const auto row, view.Get(Table::kGroupMembers, auth::GroupRowKey(group, user)));
  return row.has_value();
}

storage::ShareAcceptance AtFirst(bool asks) {
  return asks ? storage::SHARE_PENDING : storage::SHARE_ACCEPTED;
}

bool ById(const Received& a, const Received& b) { return a.share.id() < b.share.id(); }

}  // namespace

Result<std::optional<Share>> FindShare(const KvView& view, ShareId id) {
  return storage::ReadRecord<Share>(view, Table::kShares, keys::Share(id));
}

Result<std::optional<Share>> FindByToken(const KvView& view, std::string_view token) {
  using Found = std::optional<Share>;
  ASSIGN_OR_RETURN(const auto row, view.Get(Table::kLinkTokens, token));
  if (!row) return Found();
  ASSIGN_OR_RETURN(auto share, storage::ReadRecord<Share>(view, Table::kShares, *row));
  const bool agrees = share && TypeOf(*share) == ShareType::kLink && share->token() == token;
  return agrees ? std::move(share) : Found();
}

Result<std::vector<Share>> SharesOn(const KvView& view, FileId node) {
  return Listed(view, Table::kNodeShares, keys::Node(node));
}

Result<std::vector<Share>> SharesBy(const KvView& view, UserId sharer) {
  return Listed(view, Table::kSharerShares, keys::User(sharer));
}

Result<std::optional<ShareState>> StateOf(const KvView& view, UserId user, ShareId share) {
  return storage::ReadRecord<ShareState>(view, Table::kUserShares, keys::UserShare(user, share));
}

bool WantsToBeAsked(const storage::User& user) {
  return auth::Users::Setting(user, "files_sharing", "default_accept") == "no";
}

Result<bool> WantsToBeAsked(const KvView& view, UserId user) {
  ASSIGN_OR_RETURN(const auto record, auth::LoadUser(view, user));
  return record && WantsToBeAsked(*record);
}

Result<storage::ShareAcceptance> AcceptanceOf(const KvView& view, UserId user, const Share& share) {
  ASSIGN_OR_RETURN(const auto state, StateOf(view, user, ShareId{share.id()}));
  if (state) return state->acceptance();
  ASSIGN_OR_RETURN(const bool asks, WantsToBeAsked(view, user));
  return AtFirst(asks);
}

Result<std::vector<Received>> SharesFor(const KvView& view, UserId user) {
  std::vector<std::string> share_keys;
  std::vector<std::string> states;
  auto collect = [&](std::string_view rest, std::string_view value) {
    share_keys.emplace_back(rest);
    states.emplace_back(value);
    return true;
  };
  RETURN_IF_ERROR(view.Scan(Table::kUserShares, keys::User(user), {}, collect));
  ASSIGN_OR_RETURN(const std::vector<std::string> groups, GroupsWithShares(view));
  for (const std::string& group : groups) {
    ASSIGN_OR_RETURN(const bool member, IsMember(view, group, user));
    if (!member) continue;
    auto collect_id = [&](std::string_view rest, std::string_view) {
      share_keys.emplace_back(rest);
      return true;
    };
    RETURN_IF_ERROR(view.Scan(Table::kGroupShares, keys::GroupSharePrefix(group), {}, collect_id));
  }
  std::vector<Received> received;
  if (share_keys.empty()) return received;
  ASSIGN_OR_RETURN(const auto rows, view.MultiGet(Table::kShares, share_keys));
  ASSIGN_OR_RETURN(const bool asks, WantsToBeAsked(view, user));
  std::unordered_set<std::uint64_t> known;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i]) continue;
    ASSIGN_OR_RETURN(Share share, storage::Parse<Share>(*rows[i]));
    if (!known.insert(share.id()).second || UserId{share.sharer()} == user) continue;
    Received one{std::move(share), std::nullopt, AtFirst(asks)};
    if (i < states.size()) {
      ASSIGN_OR_RETURN(one.state, storage::Parse<ShareState>(states[i]));
      one.acceptance = one.state->acceptance();
      // What somebody made of a group share says nothing once he has left the group.
      if (TypeOf(one.share) == ShareType::kGroup) {
        ASSIGN_OR_RETURN(const bool member, IsMember(view, one.share.group(), user));
        if (!member) continue;
      }
    }
    received.push_back(std::move(one));
  }
  std::sort(received.begin(), received.end(), ById);
  return received;
}

Result<bool> IsMeant(const KvView& view, const Share& share, UserId user) {
  if (UserId{share.sharer()} == user) return false;
  switch (TypeOf(share)) {
    case ShareType::kUser:
      return UserId{share.recipient()} == user;
    case ShareType::kGroup:
      return IsMember(view, share.group(), user);
    case ShareType::kLink:
      return false;
  }
  return false;
}

void PutShare(KvTxn& txn, const Share& share) {
  const ShareId id{share.id()};
  storage::WriteRecord(txn, Table::kShares, keys::Share(id), share);
  txn.Put(Table::kNodeShares, keys::NodeShare(FileId{share.node()}, id), {});
  txn.Put(Table::kSharerShares, keys::UserShare(UserId{share.sharer()}, id), {});
  if (TypeOf(share) == ShareType::kGroup)
    txn.Put(Table::kGroupShares, keys::GroupShare(share.group(), id), {});
  if (TypeOf(share) == ShareType::kLink)
    txn.Put(Table::kLinkTokens, share.token(), keys::Share(id));
}

void EraseShare(KvTxn& txn, const Share& share) {
  const ShareId id{share.id()};
  txn.Erase(Table::kShares, keys::Share(id));
  txn.Erase(Table::kNodeShares, keys::NodeShare(FileId{share.node()}, id));
  txn.Erase(Table::kSharerShares, keys::UserShare(UserId{share.sharer()}, id));
  if (TypeOf(share) == ShareType::kGroup)
    txn.Erase(Table::kGroupShares, keys::GroupShare(share.group(), id));
  if (TypeOf(share) == ShareType::kUser)
    txn.Erase(Table::kUserShares, keys::UserShare(UserId{share.recipient()}, id));
  if (TypeOf(share) == ShareType::kLink) txn.Erase(Table::kLinkTokens, share.token());
}

void PutState(KvTxn& txn, UserId user, ShareId share, const ShareState& state) {
  storage::WriteRecord(txn, Table::kUserShares, keys::UserShare(user, share), state);
}

}  // namespace cairn::shares
