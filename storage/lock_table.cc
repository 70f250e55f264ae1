#include "storage/lock_table.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "storage/policies.h"
#include "storage/records.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kBelowLeaf = SIZE_MAX;

std::int64_t CappedTimeout(std::int64_t asked) {
  return asked <= 0 ? kDefaultLockTimeout : std::min(asked, kMaxLockTimeout);
}

// RFC 4122 version 4: random but for version and variant.
std::string NewToken(Random& random) {
  std::string bytes = random.Bytes(16);
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3f) | 0x80);
  std::string uuid = ToHex(bytes);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) uuid.insert(dash, 1, '-');
  return "opaquelocktoken:" + uuid;
}

// Appends the live locks on `node` to `out`.
Result<void> ReadLocks(const KvView& view, FileId node, std::size_t chain_index, std::int64_t now,
                       std::vector<HeldLock>& out) {
  bool broken = false;
  const auto visit = [&](std::string_view, std::string_view value) {
    HeldLock held{.lock = {}, .root = node, .chain_index = chain_index};
    broken = !ParseInto(value, held.lock);
    if (!broken && !held.expired(now)) out.push_back(std::move(held));
    return !broken;
  };
  RETURN_IF_ERROR(view.Scan(Table::kLocks, keys::LockPrefix(node), {}, visit));
  if (broken) return Fail(ErrorCode::kCorruption, "lock of node " + std::to_string(Raw(node)));
  return {};
}

// What the walk below a collection needs of a child that is locked or has locks below.
struct LockedChild {
  FileId id{};
  bool locked = false;
  std::uint64_t below = 0;
};

// Children of `parent` that are locked or have locks below. Stops as soon as they account for
// `expected` rows below, which only holds for them when each locked child has at least one row.
Result<std::vector<LockedChild>> LockedChildren(const KvView& view, FileId parent,
                                                std::uint64_t expected) {
  std::vector<LockedChild> found;
  std::uint64_t seen = 0;
  bool broken = false;
  const auto visit = [&](std::string_view, std::string_view value) {
    Node node;
    broken = !ParseInto(value, node);
    if (broken) return false;
    const bool locked = (node.flags() & kHasLocks) != 0;
    if (locked || node.below().locks() > 0) {
      found.push_back({FileId{node.id()}, locked, node.below().locks()});
      seen += node.below().locks() + (locked ? 1 : 0);
    }
    return seen < expected;
  };
  RETURN_IF_ERROR(view.Scan(Table::kEntries, keys::EntryPrefix(parent), {}, visit));
  if (broken)
    return Fail(ErrorCode::kCorruption, "entry below node " + std::to_string(Raw(parent)));
  return found;
}

// Visits the live locks below `leaf` until `visit` returns false.
Result<void> WalkBelow(const KvView& view, const Entry& leaf, std::int64_t now,
                       FunctionRef<bool(HeldLock held)> visit) {
  if (!leaf.is_collection() || leaf.node.below().locks() == 0) return {};
  std::vector<LockedChild> open{{leaf.id(), false, leaf.node.below().locks()}};
  while (!open.empty()) {
    const LockedChild next = open.back();
    open.pop_back();
    if (next.locked) {
      std::vector<HeldLock> held;
      RETURN_IF_ERROR(ReadLocks(view, next.id, kBelowLeaf, now, held));
      for (HeldLock& lock : held) {
        if (!visit(std::move(lock))) return {};
      }
    }
    if (next.below == 0) continue;
    ASSIGN_OR_RETURN(const auto children, LockedChildren(view, next.id, next.below));
    open.insert(open.end(), children.rbegin(), children.rend());
  }
  return {};
}

bool Submitted(const HeldLock& held, const Caller& caller, std::span<const std::string> tokens) {
  return held.lock.user() == Raw(caller.lock_user()) &&
         std::find(tokens.begin(), tokens.end(), held.lock.token()) != tokens.end();
}

// No token in the message: it is not the caller's to know (T-36).
Error Refused(const HeldLock& held) {
  return Fail(ErrorCode::kLocked, "node " + std::to_string(Raw(held.root)) + " is locked by user " +
                                      std::to_string(held.lock.user()));
}

// What the locks of one resource ask for: every exclusive one submitted, one of the shared ones.
Result<void> CheckHeld(std::span<const HeldLock> held, const Caller& caller,
                       std::span<const std::string> tokens) {
  const HeldLock* unsubmitted_share = nullptr;
  bool share_submitted = false;
  for (const HeldLock& lock : held) {
    const bool submitted = Submitted(lock, caller, tokens);
    if (lock.lock.scope() == LOCK_EXCLUSIVE) {
      if (!submitted) return Refused(lock);
    } else if (submitted) {
      share_submitted = true;
    } else {
      unsubmitted_share = &lock;
    }
  }
  if (unsubmitted_share != nullptr && !share_submitted) return Refused(*unsubmitted_share);
  return {};
}

bool Conflicts(LockScope asked, const Lock& there) {
  return asked == LOCK_EXCLUSIVE || there.scope() == LOCK_EXCLUSIVE;
}

}  // namespace

std::int64_t HeldLock::remaining(std::int64_t now_seconds) const {
  return std::max<std::int64_t>(0, lock.created() + lock.timeout() - now_seconds);
}

Result<std::vector<HeldLock>> LockTable::Covering(const KvView& view, const Chain& chain) const {
  std::vector<HeldLock> found;
  for (std::size_t i = 0; i < chain.entries.size(); ++i) {
    const Entry& entry = chain.entries[i];
    if ((entry.node.flags() & kHasLocks) == 0) continue;
    std::vector<HeldLock> held;
    RETURN_IF_ERROR(ReadLocks(view, entry.id(), i, now(), held));
    const bool leaf = i + 1 == chain.entries.size();
    for (HeldLock& lock : held) {
      if (leaf || lock.lock.infinite()) found.push_back(std::move(lock));
    }
  }
  return found;
}

Result<std::vector<HeldLock>> LockTable::On(const KvView& view, FileId node) const {
  std::vector<HeldLock> found;
  RETURN_IF_ERROR(ReadLocks(view, node, 0, now(), found));
  return found;
}

Result<std::vector<HeldLock>> LockTable::Below(const KvView& view, const Entry& leaf,
                                               std::size_t limit) const {
  std::vector<HeldLock> found;
  if (limit == 0) return found;
  const auto visit = [&](HeldLock held) {
    found.push_back(std::move(held));
    return found.size() < limit;
  };
  RETURN_IF_ERROR(WalkBelow(view, leaf, now(), visit));
  return found;
}

Result<void> LockTable::CheckWrite(const KvView& view, const Caller& caller, const Chain& chain,
                                   std::span<const std::string> tokens) const {
  ASSIGN_OR_RETURN(const auto held, Covering(view, chain));
  return CheckHeld(held, caller, tokens);
}

// RFC 4918 section 7.4: a lock on a collection, of any depth, protects which members it has.
Result<void> LockTable::CheckMembers(const KvView& view, const Caller& caller,
                                     const Chain& collection,
                                     std::span<const std::string> tokens) const {
  return CheckWrite(view, caller, collection, tokens);
}

Result<void> LockTable::CheckTree(const KvView& view, const Caller& caller, const Chain& chain,
                                  std::span<const std::string> tokens) const {
  ASSIGN_OR_RETURN(const auto covering, Covering(view, chain));
  RETURN_IF_ERROR(CheckHeld(covering, caller, tokens));
  // A shared infinite lock of the caller's covers every member too: he is one of its holders there.
  const bool shares_all = std::any_of(covering.begin(), covering.end(), [&](const HeldLock& held) {
    return held.lock.infinite() && held.lock.scope() == LOCK_SHARED &&
           Submitted(held, caller, tokens);
  });
  Result<void> verdict;
  std::vector<HeldLock> of_one;  // the locks of one node: they come in a row
  const auto judge = [&] {
    if (verdict.has_value()) verdict = CheckHeld(of_one, caller, tokens);
    of_one.clear();
    return verdict.has_value();
  };
  const auto visit = [&](HeldLock held) {
    if (held.lock.scope() == LOCK_SHARED && shares_all) return true;
    if (!of_one.empty() && of_one.front().root != held.root && !judge()) return false;
    of_one.push_back(std::move(held));
    return true;
  };
  RETURN_IF_ERROR(WalkBelow(view, chain.leaf(), now(), visit));
  judge();
  return verdict;
}

Result<Lock> LockTable::Create(KvTxn& txn, const Caller& caller, const Chain& chain,
                               const Request& request) {
  if (request.owner.size() > kMaxLockOwnerBytes || request.owner_name.size() > kMaxLockOwnerBytes) {
    return Fail(ErrorCode::kTooLarge, "the owner of a lock is too long");
  }
  if (chain.root().node.below().locks() >= kMaxLocksPerSpace) {
    return Fail(ErrorCode::kTooLarge, "too many locks in the space");
  }
  ASSIGN_OR_RETURN(const auto covering, Covering(txn, chain));
  std::size_t on_leaf = 0;
  for (const HeldLock& held : covering) {
    if (Conflicts(request.scope, held.lock)) return Refused(held);
    if (held.root == chain.leaf().id()) ++on_leaf;
  }
  if (on_leaf >= kMaxLocksPerNode) return Fail(ErrorCode::kTooLarge, "too many locks on one node");
  if (request.infinite) {
    Result<void> verdict;
    const auto visit = [&](HeldLock held) {
      if (!Conflicts(request.scope, held.lock)) return true;
      verdict = Refused(held);
      return false;
    };
    RETURN_IF_ERROR(WalkBelow(txn, chain.leaf(), now(), visit));
    RETURN_IF_ERROR(std::move(verdict));
  }
  Lock lock;
  lock.set_token(NewToken(random_));
  lock.set_scope(request.scope);
  lock.set_infinite(request.infinite);
  lock.set_user(Raw(caller.lock_user()));
  lock.set_owner(request.owner);
  lock.set_created(now());
  lock.set_timeout(CappedTimeout(request.timeout));
  lock.set_type(2);
  lock.set_owner_name(request.owner_name);
  WriteRecord(txn, Table::kLocks, keys::Lock(chain.leaf().id(), lock.token()), lock);
  return lock;
}

Result<HeldLock> LockTable::Refresh(KvTxn& txn, const Caller& caller, const Chain& chain,
                                    std::string_view token, std::optional<std::int64_t> timeout) {
  ASSIGN_OR_RETURN(auto covering, Covering(txn, chain));
  for (HeldLock& held : covering) {
    if (held.lock.token() != token || held.lock.user() != Raw(caller.lock_user())) continue;
    held.lock.set_created(now());
    held.lock.set_timeout(CappedTimeout(timeout.value_or(held.lock.timeout())));
    WriteRecord(txn, Table::kLocks, keys::Lock(held.root, token), held.lock);
    return std::move(held);
  }
  return Fail(ErrorCode::kPreconditionFailed, "no lock with this token covers the resource");
}

Result<HeldLock> LockTable::Remove(KvTxn& txn, const Caller& caller, const Chain& chain,
                                   std::string_view token) {
  ASSIGN_OR_RETURN(auto covering, Covering(txn, chain));
  for (HeldLock& held : covering) {
    if (held.lock.token() != token) continue;
    if (held.lock.user() != Raw(caller.lock_user()))
      return Fail(ErrorCode::kForbidden, "another user's lock");
    txn.Erase(Table::kLocks, keys::Lock(held.root, token));
    return std::move(held);
  }
  return Fail(ErrorCode::kNotFound, "no lock with this token covers the resource");
}

Result<std::uint64_t> LockTable::EraseAll(KvTxn& txn, FileId node) {
  std::vector<std::string> rows;
  const auto visit = [&](std::string_view token, std::string_view) {
    rows.push_back(keys::Lock(node, token));
    return true;
  };
  RETURN_IF_ERROR(txn.Scan(Table::kLocks, keys::LockPrefix(node), {}, visit));
  for (const std::string& row : rows) txn.Erase(Table::kLocks, row);
  return rows.size();
}

}  // namespace cairn::storage
