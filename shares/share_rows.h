// The rows of shares: what each table says, nothing decided. Blocking; thread-safe, no state.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "storage/kv_store.h"
#include "storage/records.pb.h"

namespace cairn::shares {

// As clients number them; other numbers are kinds of shares that this server does not know.
enum class ShareType : std::uint32_t { kUser = 0, kGroup = 1, kLink = 3 };

// nullopt: there is none.
Result<std::optional<storage::Share>> FindShare(const storage::KvView& view, ShareId id);
// The link with this token.
Result<std::optional<storage::Share>> FindByToken(const storage::KvView& view,
                                                  std::string_view token);
// All shares of one node, by id: one scan and one look-up of all.
Result<std::vector<storage::Share>> SharesOn(const storage::KvView& view, FileId node);
// All that a user has made, by id.
Result<std::vector<storage::Share>> SharesBy(const storage::KvView& view, UserId sharer);
// What a recipient has made of a share. nullopt: nothing; of a user share: it is not his.
Result<std::optional<storage::ShareState>> StateOf(const storage::KvView& view, UserId user,
                                                   ShareId share);
// Whether shares wait until the user accepts them: his setting files_sharing/default_accept.
bool WantsToBeAsked(const storage::User& user);
Result<bool> WantsToBeAsked(const storage::KvView& view, UserId user);
// What a user whom the share is meant for has made of it, or what becomes of it without him.
Result<storage::ShareAcceptance> AcceptanceOf(const storage::KvView& view, UserId user,
                                              const storage::Share& share);

// A share that somebody is meant by, with what he has made of it.
struct Received {
  storage::Share share;
  std::optional<storage::ShareState> state;
  storage::ShareAcceptance acceptance = storage::SHARE_ACCEPTED;
};
// All that are meant for the user, as himself or as a member of a group, whatever he has made of
// them; never his own. By id.
Result<std::vector<Received>> SharesFor(const storage::KvView& view, UserId user);

// Whether the user is meant by the share.
Result<bool> IsMeant(const storage::KvView& view, const storage::Share& share, UserId user);

inline ShareType TypeOf(const storage::Share& share) { return ShareType{share.type()}; }
inline bool IsOver(const storage::Share& share, std::int64_t now_seconds) {
  return share.expires() != 0 && share.expires() <= now_seconds;
}

// ---- in a transaction under the directory key
void PutShare(storage::KvTxn& txn, const storage::Share& share);
// With all its rows, but for those of what members of a group have made of it: they mean nothing
// any more.
void EraseShare(storage::KvTxn& txn, const storage::Share& share);
void PutState(storage::KvTxn& txn, UserId user, ShareId share, const storage::ShareState& state);

}  // namespace cairn::shares
