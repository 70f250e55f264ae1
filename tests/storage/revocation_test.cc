// What changes between the first look at a PUT and its commit: the transaction finds it and changes
// nothing.
#include <gmock/gmock.h>

#include "tests/support/tree_fixture.h"

namespace cairn::support {
namespace {

class RevocationTest : public TreeCase {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Done(Mkdir("docs")));
    ASSERT_TRUE(Done(Put("docs/old.txt", "old")));
    content_ = *Ingest("the new bytes");
  }
  void TearDown() override { EXPECT_TRUE(InvariantsHold()); }

  // The first look, before the body is read.
  Result<SeenParent> Look(std::string_view path, const PutOptions& options = {}) {
    return tree().CheckPut(*kv().Published(), Context(), At(path), content_.size(),
                           options.make_parents);
  }
  Result<WriteOutcome> CommitPut(std::string_view path, SeenParent parent,
                                 const PutOptions& options = {}) {
    parent_ = parent;
    const auto put = [&](KvTxn& txn) {
      return tree().Put(txn, Context(), At(path), content_, options);
    };
    auto outcome = Commit(put);
    parent_.reset();
    return outcome;
  }
  // Looks, lets `happen` happen, commits: refused with `code`, and the store is what it was.
  template <class Happen>
  void ExpectRefusal(std::string_view path, ErrorCode code, Happen happen,
                     const PutOptions& options = {}) {
    const auto seen = Look(path, options);
    ASSERT_TRUE(Done(seen));
    happen();
    const Etag root = RootEtag();
    const std::size_t events = Events().size();
    const std::uint64_t rows = Rows(Table::kEntries) + Rows(Table::kRefs) + Rows(Table::kContents);
    EXPECT_TRUE(RefusedWith(code, CommitPut(path, *seen, options)));
    EXPECT_EQ(RootEtag(), root);
    EXPECT_EQ(Events().size(), events);
    EXPECT_EQ(Rows(Table::kEntries) + Rows(Table::kRefs) + Rows(Table::kContents), rows);
  }

  NewContent content_;
};

TEST_F(RevocationTest, NothingHappened) {
  const auto seen = Look("docs/new.txt");
  ASSERT_TRUE(Done(seen));
  ASSERT_TRUE(Done(CommitPut("docs/new.txt", *seen)));
  EXPECT_EQ(Text("docs/new.txt"), "the new bytes");
}

TEST_F(RevocationTest, ParentDeleted) {
  ExpectRefusal("docs/new.txt", ErrorCode::kParentMissing, [&] { Remove("docs"); });
}
TEST_F(RevocationTest, ParentRenamed) {
  ExpectRefusal("docs/new.txt", ErrorCode::kParentMissing, [&] { Move("docs", "papers"); });
}
TEST_F(RevocationTest, ParentReplaced) {
  ExpectRefusal("docs/new.txt", ErrorCode::kParentMissing, [&] {
    Remove("docs");
    Mkdir("docs");
  });
}
TEST_F(RevocationTest, ParentRenamedAndMadeAnewWithTheTarget) {
  ExpectRefusal("docs/old.txt", ErrorCode::kParentMissing, [&] {
    Move("docs", "papers");
    Mkdir("docs");
    Put("docs/old.txt", "another one");
  });
  EXPECT_EQ(Text("papers/old.txt"), "old");
  EXPECT_EQ(Text("docs/old.txt"), "another one");
}
TEST_F(RevocationTest, ParentWentAwayAndCameBack) {
  const auto seen = Look("docs/new.txt");
  ASSERT_TRUE(Done(seen));
  Move("docs", "papers");
  Move("papers", "docs");
  EXPECT_TRUE(Done(CommitPut("docs/new.txt", *seen)));
}
TEST_F(RevocationTest, ParentsThatTheWriteMayMakeAreNotMadeBelowAnotherCollection) {
  const auto happen = [&] { Remove("docs"); };
  ExpectRefusal("docs/a/b/new.txt", ErrorCode::kParentMissing, happen, {.make_parents = true});
}
TEST_F(RevocationTest, ParentsThatAnotherMadeFirstAreUsed) {
  const PutOptions options{.make_parents = true};
  const auto seen = Look("docs/a/new.txt", options);
  ASSERT_TRUE(Done(seen));
  Mkdir("docs/a");
  EXPECT_TRUE(Done(CommitPut("docs/a/new.txt", *seen, options)));
}
TEST_F(RevocationTest, ParentReplacedByAFile) {
  ExpectRefusal("docs/new.txt", ErrorCode::kNotACollection, [&] {
    Remove("docs");
    Put("docs", "a file now");
  });
}
TEST_F(RevocationTest, TargetBecameACollection) {
  ExpectRefusal("docs/new.txt", ErrorCode::kIsACollection, [&] { Mkdir("docs/new.txt"); });
}
TEST_F(RevocationTest, UserDisabled) {
  ExpectRefusal("docs/new.txt", ErrorCode::kUnauthenticated, [&] { access_.user_disabled = true; });
}
TEST_F(RevocationTest, TokenDeleted) {
  ExpectRefusal("docs/old.txt", ErrorCode::kUnauthenticated, [&] { access_.token_deleted = true; });
}
TEST_F(RevocationTest, PermissionWithdrawn) {
  ExpectRefusal("docs/old.txt", ErrorCode::kForbidden, [&] {
    access_.masks[Stat("docs").id()] = static_cast<Permissions>(Permission::kRead);
  });
}
TEST_F(RevocationTest, SightWithdrawn) {
  ExpectRefusal("docs/old.txt", ErrorCode::kNotFound,
                [&] { access_.masks[Stat("docs").id()] = 0; });
}
TEST_F(RevocationTest, LockTaken) {
  ExpectRefusal("docs/old.txt", ErrorCode::kLocked, [&] { Lock("docs/old.txt"); });
}
TEST_F(RevocationTest, LockTakenAbove) {
  ExpectRefusal("docs/old.txt", ErrorCode::kLocked, [&] { Lock("docs", true); });
}
TEST_F(RevocationTest, LockTakenOnTheCollectionOfANewName) {
  ExpectRefusal("docs/new.txt", ErrorCode::kLocked, [&] { Lock("docs"); });
}
TEST_F(RevocationTest, QuotaFilled) {
  quota_.limit = 30;
  ExpectRefusal("docs/new.txt", ErrorCode::kQuotaExceeded,
                [&] { Put("big", "twenty bytes of them"); });
}
TEST_F(RevocationTest, SomebodyElseWrote) {
  const Etag known = Stat("docs/old.txt").etag();
  const ProbePrecondition unchanged([&](const KvView&, const Entry* target) -> Result<void> {
    if (target != nullptr && target->etag() == known) return {};
    return Fail(ErrorCode::kPreconditionFailed);
  });
  precondition_ = &unchanged;
  ExpectRefusal("docs/old.txt", ErrorCode::kPreconditionFailed, [&] {
    precondition_ = nullptr;
    Put("docs/old.txt", "faster");
    precondition_ = &unchanged;
  });
}
TEST_F(RevocationTest, SpaceIsAnothersNow) {
  ExpectRefusal("docs/new.txt", ErrorCode::kNotFound, [&] { access_.all = 0; });
}

// A MOVE or a COPY of one node is one transaction: what it was begun for is its target's parent.
class TransferRevocationTest : public RevocationTest {
 protected:
  void SetUp() override {
    RevocationTest::SetUp();
    ASSERT_TRUE(Done(Mkdir("into")));
    ASSERT_TRUE(Done(Put("into/there", "already there")));
    seen_ = *tree().SeeParent(*kv().Published(), At("into/there"));
  }
  template <class Write>
  void ExpectRefusal(Write write) {
    const Etag root = RootEtag();
    parent_ = seen_;
    EXPECT_TRUE(RefusedWith(ErrorCode::kParentMissing, write()));
    parent_.reset();
    EXPECT_EQ(RootEtag(), root);
    EXPECT_EQ(Text("docs/old.txt"), "old");
  }
  void ExpectBothRefused() {
    ExpectRefusal([&] { return Move("docs/old.txt", "into/there"); });
    ExpectRefusal([&] { return Copy("docs/old.txt", "into/there"); });
  }
  SeenParent seen_;
};

TEST_F(TransferRevocationTest, NothingHappened) {
  parent_ = seen_;
  EXPECT_TRUE(Done(Copy("docs/old.txt", "into/there")));
  EXPECT_TRUE(Done(Move("docs/old.txt", "into/there")));
}
TEST_F(TransferRevocationTest, TargetParentDeleted) {
  Remove("into");
  ExpectBothRefused();
}
TEST_F(TransferRevocationTest, TargetParentReplaced) {
  Remove("into");
  Mkdir("into");
  ExpectBothRefused();
  EXPECT_THAT(Names("into"), testing::IsEmpty());
}
TEST_F(TransferRevocationTest, TargetParentRenamedAndMadeAnew) {
  Move("into", "aside");
  Mkdir("into");
  ExpectBothRefused();
  EXPECT_EQ(Text("aside/there"), "already there");
  EXPECT_THAT(Names("into"), testing::IsEmpty());
}

// The same for a COPY that is built aside: what happens while it is built stops its attaching.
class CopyRevocationTest : public RevocationTest {
 protected:
  // Copies docs to copy; `happen` runs while the members are copied: after the first look, before
  // the attaching one.
  template <class Happen>
  Result<WriteOutcome> CopyWhile(Happen happen, const CopyOptions& options = {}) {
    int checks = 0;
    access_.on_check = [&] {
      if (++checks == 3) happen();  // 1: the first look, 2: the top, 3: the members
    };
    auto copied = Copy("docs", "copy", options);
    access_.on_check = nullptr;
    return copied;
  }
  // Nothing of the copy is left but what the purge takes.
  void ExpectGone(std::uint64_t staged = 2) {
    EXPECT_EQ(Find("copy"), std::nullopt);
    EXPECT_EQ(PurgeAll(), staged);
    EXPECT_TRUE(InvariantsHold());
  }
};

TEST_F(CopyRevocationTest, NothingHappened) {
  ASSERT_TRUE(Done(CopyWhile([] {})));
  EXPECT_EQ(Text("copy/old.txt"), "old");
}
TEST_F(CopyRevocationTest, UserDisabled) {
  const auto happen = [&] { access_.user_disabled = true; };
  EXPECT_TRUE(RefusedWith(ErrorCode::kUnauthenticated, CopyWhile(happen)));
  access_.user_disabled = false;
  ExpectGone(1);  // not a step further
}
TEST_F(CopyRevocationTest, QuotaFilled) {
  quota_.limit = 10;
  EXPECT_TRUE(RefusedWith(ErrorCode::kQuotaExceeded, CopyWhile([&] { Put("big", "5 or 6"); })));
  ExpectGone();
}
TEST_F(CopyRevocationTest, TargetLocked) {
  Put("copy", "there already");
  EXPECT_TRUE(RefusedWith(ErrorCode::kLocked, CopyWhile([&] { Lock("copy"); })));
  EXPECT_EQ(Text("copy"), "there already");
  EXPECT_EQ(PurgeAll(), 2u);
}
TEST_F(CopyRevocationTest, TargetAppeared) {
  const auto happen = [&] { Put("copy", "faster"); };
  EXPECT_TRUE(RefusedWith(ErrorCode::kPreconditionFailed, CopyWhile(happen, {.overwrite = false})));
  EXPECT_EQ(Text("copy"), "faster");
}
TEST_F(CopyRevocationTest, SourceDeleted) {
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, CopyWhile([&] { Remove("docs"); })));
  EXPECT_EQ(Find("copy"), std::nullopt);
  EXPECT_EQ(PurgeAll(), 4u);
}
TEST_F(CopyRevocationTest, SourceReplaced) {
  const auto happen = [&] {
    Remove("docs");
    Mkdir("docs");
  };
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, CopyWhile(happen)));
}
TEST_F(CopyRevocationTest, SourceHidden) {
  EXPECT_TRUE(
      RefusedWith(ErrorCode::kNotFound, CopyWhile([&] { access_.masks[Stat("docs").id()] = 0; })));
  ExpectGone();
}
TEST_F(CopyRevocationTest, SourceChangedInsideIsCopiedAsItWas) {
  ASSERT_TRUE(Done(CopyWhile([&] {
    Put("docs/old.txt", "changed");
    Put("docs/more.txt", "added");
  })));
  EXPECT_EQ(Text("copy/old.txt"), "old");
  EXPECT_THAT(Names("copy"), testing::ElementsAre("old.txt"));
}
TEST_F(CopyRevocationTest, TargetParentDeleted) {
  Mkdir("into");
  int checks = 0;
  access_.on_check = [&] {
    if (++checks == 3) Remove("into");
  };
  EXPECT_TRUE(RefusedWith(ErrorCode::kParentMissing, Copy("docs", "into/copy")));
  access_.on_check = nullptr;
}
TEST_F(CopyRevocationTest, TargetParentReplaced) {
  Mkdir("into");
  parent_ = *tree().SeeParent(*kv().Published(), At("into/copy"));
  int checks = 0;
  access_.on_check = [&] {
    if (++checks != 3) return;
    parent_.reset();  // the COPY has its own
    Remove("into");
    Mkdir("into");
  };
  EXPECT_TRUE(RefusedWith(ErrorCode::kParentMissing, Copy("docs", "into/copy")));
  access_.on_check = nullptr;
  EXPECT_THAT(Names("into"), testing::IsEmpty());
  PurgeAll();
}

}  // namespace
}  // namespace cairn::support
