// WebDAV locks (RFC 4918 class 2): rows, so that they survive a restart; dead at expiry.
//
// A Depth-infinity lock is found by walking up the chain; "is anything below locked" is the
// aggregate. Thread-safe. Blocking.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "storage/kv_store.h"
#include "storage/node.h"
#include "storage/records.pb.h"

namespace cairn::storage {

struct Caller;

// A lock and the node it was taken on.
struct HeldLock {
  Lock lock;
  FileId root{};  // the locked node
  std::size_t chain_index =
      0;  // its place in the chain that was asked about; SIZE_MAX when below the leaf
  bool expired(std::int64_t now_seconds) const {
    return lock.created() + lock.timeout() <= now_seconds;
  }
  std::int64_t remaining(std::int64_t now_seconds) const;
};

inline constexpr std::int64_t kMaxLockTimeout =
    7 * 24 * 3600;  // seconds; longer and Infinite are capped
inline constexpr std::int64_t kDefaultLockTimeout = 3600;
inline constexpr std::size_t kMaxLocksPerNode = 100;  // shared ones
inline constexpr std::uint64_t kMaxLocksPerSpace = 100'000;
inline constexpr std::size_t kMaxLockOwnerBytes = 8 * 1024;  // d:owner and its text form, each

class LockTable {
 public:
  LockTable(Clock& clock, Random& random) : clock_(clock), random_(random) {}

  // Live locks that cover the leaf: its own and Depth-infinity ones above.
  Result<std::vector<HeldLock>> Covering(const KvView& view, const Chain& chain) const;
  // Live locks on the leaf itself.
  Result<std::vector<HeldLock>> On(const KvView& view, FileId node) const;
  // Live locks on nodes below the leaf (uses the aggregate; empty and free when it is 0). At most
  // `limit`.
  Result<std::vector<HeldLock>> Below(const KvView& view, const Entry& leaf,
                                      std::size_t limit) const;

  // kLocked unless every lock that covers the leaf was submitted in `tokens` and belongs to the
  // caller. (For a shared lock one submitted token of the caller is enough.)
  Result<void> CheckWrite(const KvView& view, const Caller& caller, const Chain& chain,
                          std::span<const std::string> tokens) const;
  // The same for adding or removing a member of the leaf: its own locks of any depth, and infinite
  // ones above.
  Result<void> CheckMembers(const KvView& view, const Caller& caller, const Chain& collection,
                            std::span<const std::string> tokens) const;
  // The same for everything below the leaf: for DELETE and MOVE of collections.
  Result<void> CheckTree(const KvView& view, const Caller& caller, const Chain& chain,
                         std::span<const std::string> tokens) const;

  struct Request {
    LockScope scope = LOCK_EXCLUSIVE;
    bool infinite = false;
    std::int64_t timeout = kDefaultLockTimeout;
    std::string owner;       // XML of d:owner
    std::string owner_name;  // text for nc:lock-owner-displayname
  };
  // Puts the row; flag bits and counts of the chain are FileTree::AdjustFlags' (see tree_locks.h,
  // which joins both). kLocked: a conflicting lock on, above or (infinite) below; kTooLarge: a cap,
  // or the owner text is too long.
  Result<Lock> Create(KvTxn& txn, const Caller& caller, const Chain& chain, const Request& request);
  // Extends the lock `token` that covers the leaf, by the time it was taken for unless `timeout`
  // says otherwise. kPreconditionFailed: no such lock, or not the caller's.
  Result<HeldLock> Refresh(KvTxn& txn, const Caller& caller, const Chain& chain,
                           std::string_view token, std::optional<std::int64_t> timeout);
  // Removes the row of a lock that covers the leaf. kNotFound: none with this token; kForbidden:
  // another user's.
  Result<HeldLock> Remove(KvTxn& txn, const Caller& caller, const Chain& chain,
                          std::string_view token);
  // Removes every row of a node (it goes away); returns how many rows there were.
  Result<std::uint64_t> EraseAll(KvTxn& txn, FileId node);

  std::int64_t now() const { return clock_.NowSeconds(); }

 private:
  Clock& clock_;
  Random& random_;
};

}  // namespace cairn::storage
