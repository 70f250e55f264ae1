// What the tree asks of others inside its transactions: a closed set, not an event bus. Quota,
// versions and trash are answered by the folders of these names (the last two have an answer that
// keeps nothing, too, for tests), AccessPolicy by auth/.
//
// Implementations are thread-safe and blocking.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/ids.h"
#include "storage/kv_store.h"
#include "storage/node.h"
#include "storage/records.pb.h"

namespace cairn::storage {

class ContentStore;

// Who acts. Made by the authentication layer only; carried through every operation.
struct Caller {
  UserId user{};
  std::string user_name;
  std::optional<TokenId>
      token;              // the app password used; absent for the login password and for jobs
  std::string token_key;  // its key in Table::kTokens
  std::string token_name;
  std::uint64_t user_version = 0;  // of the record that was checked
  std::uint64_t token_version = 0;
  // Who comes by a public link is no user: `user` is 0, and this says which link it is.
  ShareId link{};
  std::uint64_t link_version = 0;  // of the record that was checked

  bool is_link() const { return link != ShareId{}; }
  // Whose locks he takes and holds: all who come by one link are one, and nobody else.
  UserId lock_user() const { return is_link() ? UserId{kLinkHolder | Raw(link)} : user; }
  static constexpr std::uint64_t kLinkHolder = std::uint64_t{1} << 63;
};

enum class Permission : std::uint32_t {
  kRead = 1,
  kUpdate = 2,  // change content and properties, rename
  kCreate = 4,  // add members
  kDelete = 8,
  kShare = 16,
};
using Permissions = std::uint32_t;
inline constexpr Permissions kAllPermissions = 31;
// Beside the permissions: the node may be seen, but its bytes are not given out.
inline constexpr Permissions kWithheld = 1u << 16;
constexpr bool Allows(Permissions set, Permission one) {
  return (set & static_cast<Permissions>(one)) != 0;
}

// The one authorisation function.
class AccessPolicy {
 public:
  virtual ~AccessPolicy() = default;
  // kUnauthenticated: user gone or disabled, token gone, expired or changed. Read anew from `view`:
  // called at the start of a request and again inside the commit transaction.
  virtual Result<void> CheckLive(const KvView& view, const Caller& caller) const = 0;
  // What `caller` may do with the node at the end of `chain`.
  virtual Permissions For(const KvView& view, const Caller& caller, const Chain& chain) const = 0;
};

// Bytes of a space that are promised to one write until this object goes.
class QuotaHold {
 public:
  virtual ~QuotaHold() = default;
};

class QuotaGate {
 public:
  virtual ~QuotaGate() = default;
  // Keeps what runs at the same time from promising the same bytes twice. `used` as for Charge.
  // kQuotaExceeded.
  virtual Result<std::unique_ptr<QuotaHold>> Hold(const Space& space, std::uint64_t used,
                                                  std::uint64_t bytes) = 0;
  // What the files of `space` may take in all; nullopt: unlimited.
  virtual std::optional<std::uint64_t> LimitOf(const Space& space) const = 0;
  // Whether `space` may grow by `bytes` (may be negative): decides inside the commit transaction.
  // kQuotaExceeded. `used`: recursive bytes of the space's files root before the change.
  // `reserved_by_caller`: what of the space's reservations belongs to this very operation.
  virtual Result<void> Charge(const Space& space, std::uint64_t used, std::int64_t bytes,
                              std::uint64_t reserved_by_caller) const = 0;
};

class VersionKeeper {
 public:
  virtual ~VersionKeeper() = default;
  // Called when the content of the file at the end of `chain` is about to be replaced by other
  // bytes. `node` is the record that will be written: version sequence, version bytes and the flag
  // are the keeper's to change, and the new content is not in it yet. True: the node's reference to
  // the old content was taken over; false: the tree drops it.
  virtual Result<bool> Capture(KvTxn& txn, ContentStore& contents, const Chain& chain,
                               Node& node) = 0;
  // Called when a file goes for good: its versions go with it.
  virtual Result<void> Erase(KvTxn& txn, ContentStore& contents, const Node& node) = 0;
};

// How a node leaves its place.
struct Removal {
  bool skip = false;                     // the caller wants it gone
  bool moves = false;                    // he has it elsewhere now: what is left here is a copy
  Permissions rights = kAllPermissions;  // that he has on it
};

class TrashCan {
 public:
  virtual ~TrashCan() = default;
  // Called when the node at the end of `chain` is about to be removed from its place. Not nullopt:
  // it is to be re-parented under the space's trash root with this name key, and `node`, the record
  // that will be written, says how it came there; nullopt: the tree purges it. Somebody who deletes
  // in a space that is not his gets a trash link: with the key of his own space, too.
  virtual Result<std::optional<std::string>> Take(KvTxn& txn, const Caller& caller,
                                                  const Chain& chain, const Removal& how,
                                                  Node& node) = 0;
};

struct TreePolicies {
  const AccessPolicy& access;
  QuotaGate& quota;
  VersionKeeper& versions;
  TrashCan& trash;
};

}  // namespace cairn::storage
