// Making, changing and ending shares; what recipients make of them.
//
// Each change is one transaction under the directory key and the key of the space that the node is
// in, asks everything again in it, and is durable when it returns. Thread-safe. Every call may
// block.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "conf/config.h"
#include "shares/mounts.h"
#include "shares/share_rows.h"
#include "shares/terms.h"
#include "storage/file_tree.h"

namespace cairn::shares {

inline constexpr std::size_t kMaxNote = 4000;        // bytes
inline constexpr std::size_t kMaxLabel = 255;        // bytes
inline constexpr std::size_t kMaxAttributes = 4096;  // bytes of JSON
inline constexpr std::size_t kMaxSharesPerNode = 1000;
inline constexpr std::size_t kMaxReceived = 10'000;  // per user: direct ones

// Why a change is refused where an ErrorCode says too little for its caller.
enum class Refusal {
  kNoNode,          // there is none, or the caller may not see it
  kNotShareable,    // the caller may not share it
  kIsRoot,          // his own root
  kHoldsMounts,     // a folder with received shares in it
  kToSelf,          // the recipient is the sharer or the owner
  kNoRecipient,     // no such user or group
  kMoreThanOwn,     // permissions that the caller does not have himself
  kBadPermissions,  // no permission at all, or unknown bits
  kPast,            // an expiration that is over already
  kTooMany,
  kNoShare,   // no such share, or the caller has nothing to do with it
  kIncoming,  // only who made it may change it

  // ---- what the administrator does not let
  kLinksOff,
  kUploadsOff,      // links through which others may write
  kPasswordNeeded,  // a link without a password
  kTooLate,         // a day after the last one that may be
  kDayNeeded,       // no day

  kNoReadOrCreate,  // a link that lets others neither see nor add anything
};

struct ShareAttributes {
  std::optional<storage::Permissions> permissions = {};
  std::optional<std::int64_t> expires = {};  // seconds; 0 = never
  std::optional<std::string> note = {};
  std::optional<std::string> label = {};
  std::optional<std::string> attributes = {};  // JSON; empty = none
  bool no_download = false;                    // what `attributes` says
  bool asks_name = false;                      // likewise

  // ---- of links
  std::optional<std::string> password_hash = {};  // auth::HashPassword; empty = none
  std::optional<bool> hide_download = {};
};

struct NewShare {
  FileId node{};
  ShareType type = ShareType::kUser;
  UserId recipient{};   // kUser
  std::string group;    // kGroup
  ShareAttributes set;  // permissions absent: all that the caller has; of a link, reading
};

// What came of a change: the share as it is now, or why not.
struct ShareOutcome {
  std::optional<Refusal> refused = {};
  storage::Share share = {};
  bool existed = false;  // Create: the same recipient had it already
};

class Shares {
 public:
  Shares(storage::KvStore& store, storage::FileTree& tree, const MountTable& mounts,
         const Clock& clock, Random& random)
      : store_(store), tree_(tree), mounts_(mounts), clock_(clock), random_(random) {}

  // What the administrator lets people share, from now on; before that the defaults hold.
  void SetRules(const conf::Sharing& rules);
  conf::Sharing rules() const;

  const MountTable& mounts() const { return mounts_; }

  // ---- by who shares. kUnauthenticated, kForbidden: the caller's login, as
  // AccessPolicy::CheckLive.
  Result<ShareOutcome> Create(const storage::Caller& caller, const NewShare& request);
  // By its maker, or by the owner of what is shared.
  Result<ShareOutcome> Update(const storage::Caller& caller, ShareId id,
                              const ShareAttributes& change);
  // By its maker or the owner: it ends. By a recipient: he leaves it; a user share ends then, of a
  // group share he alone is out.
  Result<ShareOutcome> Remove(const storage::Caller& caller, ShareId id);

  // ---- by a recipient
  Result<ShareOutcome> Accept(const storage::Caller& caller, ShareId id);
  // The mount goes to another folder of his own tree or gets another name. kAlreadyExists:
  // something stands there; kForbidden: that is no folder of his own, or one that he shares with
  // others; kInvalidName; kNotFound: no such mount.
  Result<void> MoveMount(const storage::Caller& caller, SpaceId home, FileId node,
                         const storage::TreePath& to);
  // As Remove, for all shares that put the node there.
  Result<void> LeaveMount(const storage::Caller& caller, SpaceId home, FileId node);

  // Background job: ends up to `limit` shares whose node, maker or recipient is gone; returns how
  // many were looked at, 0: it begins anew.
  Result<std::size_t> CleanStep(std::size_t limit);

  // What the user may hand on of a node: his rights there if he may share it, else 0.
  Result<storage::Permissions> ShareableRights(const storage::KvView& view,
                                               const storage::Caller& caller,
                                               const storage::Chain& chain) const;

 private:
  using Space = std::optional<SpaceId>;  // whose key is held; nullopt: the node is gone
  Result<Space> SpaceOf(FileId node) const;
  Result<ShareOutcome> CreateIn(storage::KvTxn& txn, const storage::Caller& caller, SpaceId space,
                                const NewShare& request);
  Result<std::optional<Refusal>> SetRecipient(storage::KvTxn& txn, const NewShare& request,
                                              UserId owner, storage::Share& share);
  std::optional<Refusal> SetTerms(const storage::Node& node, storage::Permissions own,
                                  const ShareAttributes& set, storage::Share& share) const;
  Result<bool> HoldsMounts(storage::KvTxn& txn, const storage::Caller& caller, FileId node) const;
  Result<ShareOutcome> UpdateIn(storage::KvTxn& txn, const storage::Caller& caller, ShareId id,
                                const ShareAttributes& change);
  Result<ShareOutcome> RemoveIn(storage::KvTxn& txn, const storage::Caller& caller, Space space,
                                ShareId id);
  Result<void> Leave(storage::KvTxn& txn, UserId user, Space space, const storage::Share& share);
  Result<void> Welcome(storage::KvTxn& txn, const storage::Share& share);
  template <class Body>
  auto Change(ShareId id, Body& body) -> Result<ShareOutcome>;

  storage::KvStore& store_;
  storage::FileTree& tree_;
  const MountTable& mounts_;
  const Clock& clock_;
  Random& random_;
  mutable std::mutex rules_mu_;
  conf::Sharing rules_;  // guarded by rules_mu_
  std::mutex clean_mu_;
  std::string clean_after_;  // guarded by clean_mu_; key of the last share looked at
};

}  // namespace cairn::shares
