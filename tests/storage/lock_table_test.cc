#include "storage/lock_table.h"

#include <set>

#include "storage/tree_locks.h"
#include "tests/storage/engine_case.h"

namespace cairn::storage {
namespace {

class Locks : public EngineCase {
 protected:
  enum Depth { kZero, kInfinity };

  Result<LockOutcome> TryLock(std::string_view path, const Caller& caller, Depth depth = kZero,
                              LockScope scope = LOCK_EXCLUSIVE,
                              std::vector<std::string> tokens = {}) {
    const WriteContext context{.caller = caller, .lock_tokens = tokens};
    const LockTable::Request request{.scope = scope,
                                     .infinite = depth == kInfinity,
                                     .timeout = timeout_,
                                     .owner = "<me/>",
                                     .owner_name = "me"};
    return Commit([&](KvTxn& txn) { return TakeLock(tree(), txn, context, At(path), request); });
  }
  std::string Lock(std::string_view path, const Caller& caller, Depth depth = kZero,
                   LockScope scope = LOCK_EXCLUSIVE) {
    auto taken = TryLock(path, caller, depth, scope);
    EXPECT_TRUE(Ok(taken)) << path;
    return taken.has_value() ? taken->held.lock.token() : std::string();
  }
  Result<LockOutcome> Unlock(std::string_view path, const Caller& caller,
                             const std::string& token) {
    const WriteContext context{.caller = caller};
    return Commit([&](KvTxn& txn) { return ReleaseLock(tree(), txn, context, At(path), token); });
  }
  Result<LockOutcome> Refresh(std::string_view path, const Caller& caller, const std::string& token,
                              std::int64_t timeout) {
    const WriteContext context{.caller = caller};
    return Commit(
        [&](KvTxn& txn) { return RefreshLock(tree(), txn, context, At(path), token, timeout); });
  }
  std::vector<HeldLock> Covering(std::string_view path) {
    const auto view = kv().Published();
    auto chain = tree().Resolve(*view, At(path));
    EXPECT_TRUE(Ok(chain));
    auto held = locks().Covering(*view, *chain);
    EXPECT_TRUE(Ok(held));
    return *held;
  }
  bool Flagged(std::string_view path) { return (Stat(path).node.flags() & kHasLocks) != 0; }

  std::int64_t timeout_ = 600;
};

TEST_F(Locks, TokensAreRandomUuidsOfVersion4) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const std::string token = Lock("a", alice_, kZero, LOCK_SHARED);
    ASSERT_EQ(token.size(), 16u + 36u);
    EXPECT_TRUE(token.starts_with("opaquelocktoken:"));
    EXPECT_EQ(token[16 + 14], '4');
    EXPECT_NE(std::string_view("89ab").find(token[16 + 19]), std::string_view::npos);
    seen.insert(token);
  }
  EXPECT_EQ(seen.size(), 50u);
}

TEST_F(Locks, AnExclusiveLockKeepsEverybodyWithoutItsTokenOut) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  const std::string token = Lock("a", alice_);
  EXPECT_TRUE(Refused(Put("a", "2", &bob_), ErrorCode::kLocked));
  EXPECT_TRUE(Refused(Put("a", "2", &alice_), ErrorCode::kLocked));
  EXPECT_TRUE(Refused(Put("a", "2", &bob_, {token}), ErrorCode::kLocked))
      << "the token is its creator's";
  EXPECT_TRUE(Ok(Put("a", "2", &alice_, {"opaquelocktoken:other", token})));
  EXPECT_TRUE(Refused(Remove("a", &alice_), ErrorCode::kLocked));
  EXPECT_TRUE(Ok(Remove("a", &alice_, {token})));
}

TEST_F(Locks, OnlyOneExclusiveLockAndNoneBesideShared) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  const std::string token = Lock("a", alice_);
  EXPECT_TRUE(Refused(TryLock("a", alice_), ErrorCode::kLocked)) << "not even the same user";
  EXPECT_TRUE(Refused(TryLock("a", bob_, kZero, LOCK_SHARED), ErrorCode::kLocked));
  ASSERT_TRUE(Ok(Unlock("a", alice_, token)));
  Lock("a", alice_, kZero, LOCK_SHARED);
  Lock("a", bob_, kZero, LOCK_SHARED);
  EXPECT_TRUE(Refused(TryLock("a", bob_), ErrorCode::kLocked));
  EXPECT_EQ(Covering("a").size(), 2u);
}

TEST_F(Locks, OneOfTheSharedTokensIsEnoughIfItIsOnesOwn) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  const std::string hers = Lock("a", alice_, kZero, LOCK_SHARED);
  const std::string his = Lock("a", bob_, kZero, LOCK_SHARED);
  EXPECT_TRUE(Refused(Put("a", "2", &bob_), ErrorCode::kLocked));
  EXPECT_TRUE(Refused(Put("a", "2", &bob_, {hers}), ErrorCode::kLocked));
  EXPECT_TRUE(Ok(Put("a", "2", &bob_, {his})));
  EXPECT_TRUE(Ok(Put("a", "3", &alice_, {hers})));
}

TEST_F(Locks, DepthZeroOnACollectionProtectsItsMembershipOnly) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  ASSERT_TRUE(Ok(Put("d/old", "1")));
  const std::string token = Lock("d", alice_);
  EXPECT_TRUE(Refused(Put("d/new", "1", &bob_), ErrorCode::kLocked));
  EXPECT_TRUE(Refused(Remove("d/old", &bob_), ErrorCode::kLocked));
  EXPECT_TRUE(Ok(Put("d/old", "2", &bob_)));
  EXPECT_TRUE(Ok(Put("d/new", "1", &alice_, {token})));
}

TEST_F(Locks, DepthInfinityCoversEverythingBelow) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  ASSERT_TRUE(Ok(Mkcol("d/e")));
  ASSERT_TRUE(Ok(Put("d/e/f", "1")));
  const std::string token = Lock("d", alice_, kInfinity);
  EXPECT_TRUE(Refused(Put("d/e/f", "2", &bob_), ErrorCode::kLocked));
  EXPECT_TRUE(Refused(Put("d/e/new", "2", &bob_), ErrorCode::kLocked));
  EXPECT_TRUE(Refused(TryLock("d/e/f", bob_), ErrorCode::kLocked));
  EXPECT_TRUE(Ok(Put("d/e/f", "2", &alice_, {token})));
  ASSERT_EQ(Covering("d/e/f").size(), 1u);
  EXPECT_EQ(Covering("d/e/f")[0].root, Stat("d").id());
  EXPECT_EQ(Covering("d/e/f")[0].chain_index, 1u);
}

TEST_F(Locks, AnInfiniteLockConflictsWithLockedMembers) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  ASSERT_TRUE(Ok(Mkcol("d/e")));
  ASSERT_TRUE(Ok(Put("d/e/f", "1")));
  const std::string token = Lock("d/e/f", alice_);
  EXPECT_TRUE(Refused(TryLock("d", bob_, kInfinity), ErrorCode::kLocked));
  EXPECT_TRUE(Refused(TryLock("d", bob_, kInfinity, LOCK_SHARED), ErrorCode::kLocked));
  EXPECT_TRUE(Ok(TryLock("d", bob_, kZero)));
  ASSERT_TRUE(Ok(Unlock("d/e/f", alice_, token)));
  EXPECT_TRUE(Ok(TryLock("d/e", bob_, kInfinity)));
}

TEST_F(Locks, SharedInfiniteAndSharedMemberLocksGoTogether) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  ASSERT_TRUE(Ok(Put("d/f", "1")));
  Lock("d/f", bob_, kZero, LOCK_SHARED);
  const std::string hers = Lock("d", alice_, kInfinity, LOCK_SHARED);
  EXPECT_TRUE(Ok(Put("d/f", "2", &alice_, {hers})));
  EXPECT_TRUE(Ok(Remove("d", &alice_, {hers})));
}

TEST_F(Locks, RemovingACollectionNeedsTheTokensOfItsMembers) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  ASSERT_TRUE(Ok(Mkcol("d/e")));
  ASSERT_TRUE(Ok(Put("d/e/f", "1")));
  ASSERT_TRUE(Ok(Put("d/g", "1")));
  const std::string f = Lock("d/e/f", alice_);
  const std::string g = Lock("d/g", alice_);
  EXPECT_TRUE(Refused(Remove("d", &alice_, {f}), ErrorCode::kLocked));
  EXPECT_TRUE(Refused(Remove("d", &bob_, {f, g}), ErrorCode::kLocked));
  EXPECT_TRUE(Ok(Remove("d", &alice_, {f, g})));
  EXPECT_EQ(LocksBelow(""), 0u);
}

TEST_F(Locks, NeitherLockNorUnlockChangesAnEtag) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  ASSERT_TRUE(Ok(Put("d/f", "1")));
  const Etag file = Stat("d/f").etag();
  const Etag folder = Stat("d").etag();
  const std::string token = Lock("d/f", alice_);
  EXPECT_EQ(Stat("d/f").etag(), file);
  ASSERT_TRUE(Ok(Refresh("d/f", alice_, token, 60)));
  ASSERT_TRUE(Ok(Unlock("d/f", alice_, token)));
  EXPECT_EQ(Stat("d/f").etag(), file);
  EXPECT_EQ(Stat("d").etag(), folder);
}

TEST_F(Locks, FlagAndCountsFollowTheRows) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  ASSERT_TRUE(Ok(Put("d/f", "1")));
  const std::string hers = Lock("d/f", alice_, kZero, LOCK_SHARED);
  const std::string his = Lock("d/f", bob_, kZero, LOCK_SHARED);
  EXPECT_TRUE(Flagged("d/f"));
  EXPECT_FALSE(Flagged("d"));
  EXPECT_EQ(LocksBelow("d"), 2u);
  EXPECT_EQ(LocksBelow(""), 2u);
  ASSERT_TRUE(Ok(Unlock("d/f", alice_, hers)));
  EXPECT_TRUE(Flagged("d/f"));
  EXPECT_EQ(LocksBelow(""), 1u);
  ASSERT_TRUE(Ok(Unlock("d/f", bob_, his)));
  EXPECT_FALSE(Flagged("d/f"));
  EXPECT_EQ(LocksBelow(""), 0u);
}

TEST_F(Locks, AnUnmappedUrlBecomesAnEmptyLockedFile) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  auto taken = TryLock("d/new", alice_);
  ASSERT_TRUE(Ok(taken));
  EXPECT_TRUE(taken->created);
  EXPECT_EQ(taken->entry.name(), "new");
  EXPECT_EQ(Stat("d/new").node.size(), 0u);
  EXPECT_FALSE(Stat("d/new").is_collection());
  EXPECT_EQ(LocksBelow("d"), 1u);
  EXPECT_TRUE(Refused(Put("d/new", "1", &bob_), ErrorCode::kLocked));
  EXPECT_TRUE(Refused(TryLock("missing/new", alice_), ErrorCode::kParentMissing));
}

TEST_F(Locks, AnUnmappedUrlInALockedCollectionNeedsItsToken) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  const std::string token = Lock("d", alice_);
  EXPECT_TRUE(Refused(TryLock("d/new", bob_), ErrorCode::kLocked));
  EXPECT_TRUE(Ok(TryLock("d/new", alice_, kZero, LOCK_EXCLUSIVE, {token})));
}

TEST_F(Locks, TimeoutsAreCappedAndNeverMissing) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  timeout_ = kMaxLockTimeout + 1;
  auto taken = TryLock("a", alice_);
  ASSERT_TRUE(Ok(taken));
  EXPECT_EQ(taken->held.lock.timeout(), kMaxLockTimeout);
  EXPECT_EQ(taken->held.remaining(clock_.NowSeconds()), kMaxLockTimeout);
  auto refreshed = Refresh("a", alice_, taken->held.lock.token(), -5);
  ASSERT_TRUE(Ok(refreshed));
  EXPECT_EQ(refreshed->held.lock.timeout(), kDefaultLockTimeout);
}

TEST_F(Locks, AnExpiredLockIsGoneEverywhereAtOnce) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  ASSERT_TRUE(Ok(Put("d/f", "1")));
  const std::string token = Lock("d/f", alice_);
  Pass(599);
  EXPECT_TRUE(Refused(Put("d/f", "2", &bob_), ErrorCode::kLocked));
  Pass(1);
  EXPECT_TRUE(Covering("d/f").empty());
  EXPECT_TRUE(Refused(Refresh("d/f", alice_, token, 60), ErrorCode::kPreconditionFailed));
  EXPECT_TRUE(Refused(Unlock("d/f", alice_, token), ErrorCode::kNotFound));
  EXPECT_TRUE(Ok(Put("d/f", "2", &bob_)));
  EXPECT_TRUE(Ok(TryLock("d", bob_, kInfinity)));
}

TEST_F(Locks, RefreshingExtendsFromNow) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  const std::string token = Lock("a", alice_);
  Pass(500);
  EXPECT_TRUE(Refused(Refresh("a", bob_, token, 600), ErrorCode::kPreconditionFailed));
  ASSERT_TRUE(Ok(Refresh("a", alice_, token, 600)));
  Pass(599);
  EXPECT_EQ(Covering("a").size(), 1u);
  Pass(1);
  EXPECT_TRUE(Covering("a").empty());
}

TEST_F(Locks, RefreshAndUnlockWorkOnAnyUrlThatTheLockCovers) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  ASSERT_TRUE(Ok(Put("d/f", "1")));
  ASSERT_TRUE(Ok(Put("g", "1")));
  const std::string token = Lock("d", alice_, kInfinity);
  EXPECT_TRUE(Ok(Refresh("d/f", alice_, token, 60)));
  EXPECT_TRUE(Refused(Unlock("g", alice_, token), ErrorCode::kNotFound));
  EXPECT_TRUE(Refused(Unlock("d/f", bob_, token), ErrorCode::kForbidden));
  ASSERT_TRUE(Ok(Unlock("d/f", alice_, token)));
  EXPECT_FALSE(Flagged("d"));
  EXPECT_EQ(LocksBelow(""), 0u);
}

TEST_F(Locks, LockingNeedsTheRightToWriteAndALivingUser) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  const std::string token = Lock("a", alice_);
  access_.reader = bob_.user;
  EXPECT_TRUE(Refused(TryLock("a", bob_, kZero, LOCK_SHARED), ErrorCode::kForbidden));
  EXPECT_TRUE(Refused(Unlock("a", bob_, token), ErrorCode::kForbidden));
  EXPECT_TRUE(Refused(TryLock("new", bob_), ErrorCode::kForbidden));
  access_.dead = alice_.user;
  EXPECT_TRUE(Refused(Unlock("a", alice_, token), ErrorCode::kUnauthenticated));
}

TEST_F(Locks, TheNumberOfSharedLocksAndTheOwnerTextAreBounded) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  for (std::size_t i = 0; i < kMaxLocksPerNode; ++i) Lock("a", alice_, kZero, LOCK_SHARED);
  EXPECT_TRUE(Refused(TryLock("a", bob_, kZero, LOCK_SHARED), ErrorCode::kTooLarge));
  const WriteContext context{.caller = alice_};
  const LockTable::Request request{.owner = std::string(kMaxLockOwnerBytes + 1, 'x'),
                                   .owner_name = {}};
  EXPECT_TRUE(
      Refused(Commit([&](KvTxn& txn) { return TakeLock(tree(), txn, context, At("b"), request); }),
              ErrorCode::kTooLarge));
}

TEST_F(Locks, BelowFindsWhatIsLockedAndLooksNowhereElse) {
  for (const std::string_view path : {"d", "d/e", "d/x"}) ASSERT_TRUE(Ok(Mkcol(path)));
  for (const std::string_view path : {"d/e/1", "d/e/2", "d/x/3", "d/4"})
    ASSERT_TRUE(Ok(Put(path, "1")));
  Lock("d/e/2", alice_);
  Lock("d/4", bob_);
  const auto view = kv().Published();
  auto below = locks().Below(*view, Stat("d"), 10);
  ASSERT_TRUE(Ok(below));
  EXPECT_EQ(below->size(), 2u);
  EXPECT_EQ(locks().Below(*view, Stat("d"), 1)->size(), 1u);
  EXPECT_TRUE(locks().Below(*view, Stat("d/x"), 10)->empty());
  EXPECT_TRUE(locks().Below(*view, Stat("d/4"), 10)->empty()) << "its own lock is not below it";
}

TEST_F(Locks, TheJobRemovesExpiredRowsAndCorrectsTheCounts) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  for (const std::string_view path : {"d/1", "d/2", "d/3"}) ASSERT_TRUE(Ok(Put(path, "1")));
  timeout_ = 60;
  Lock("d/1", alice_);
  Lock("d/2", alice_, kZero, LOCK_SHARED);
  timeout_ = 600;
  Lock("d/2", bob_, kZero, LOCK_SHARED);
  Lock("d", bob_);
  EXPECT_EQ(*ExpireLocks(tree(), kv(), 100), 0u);
  Pass(60);
  EXPECT_EQ(LocksBelow(""), 4u) << "rows count until the job ran";
  EXPECT_EQ(*ExpireLocks(tree(), kv(), 100), 2u);
  EXPECT_EQ(LocksBelow(""), 2u);
  EXPECT_EQ(LocksBelow("d"), 1u);
  EXPECT_FALSE(Flagged("d/1"));
  EXPECT_TRUE(Flagged("d/2"));
  EXPECT_TRUE(Flagged("d"));
  EXPECT_EQ(*ExpireLocks(tree(), kv(), 100), 0u);
}

TEST_F(Locks, TheJobWorksInStepsAndAlsoTakesRowsOfNodesThatAreGone) {
  timeout_ = 60;
  for (int i = 0; i < 7; ++i) Lock("f" + std::to_string(i), alice_);
  storage::Lock stray;
  stray.set_token("opaquelocktoken:stray");
  Plant([&](KvTxn& txn) {
    WriteRecord(txn, Table::kLocks, keys::Lock(FileId{900}, stray.token()), stray);
  });
  Pass(60);
  std::uint64_t removed = 0;
  for (int calls = 0; calls < 5; ++calls) removed += *ExpireLocks(tree(), kv(), 2);
  EXPECT_EQ(removed, 8u);
  EXPECT_EQ(LocksBelow(""), 0u);
}

TEST_F(Locks, EraseAllTakesEveryRowOfTheNodeAndNoOther) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  ASSERT_TRUE(Ok(Put("b", "1")));
  Lock("a", alice_, kZero, LOCK_SHARED);
  Lock("a", bob_, kZero, LOCK_SHARED);
  Lock("b", bob_);
  const FileId a = Stat("a").id();
  Plant([&](KvTxn& txn) { EXPECT_EQ(*locks().EraseAll(txn, a), 2u); });
  EXPECT_TRUE(locks().On(*kv().Published(), a)->empty());
  EXPECT_EQ(locks().On(*kv().Published(), Stat("b").id())->size(), 1u);
}

}  // namespace
}  // namespace cairn::storage
