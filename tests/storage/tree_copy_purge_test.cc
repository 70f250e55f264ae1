// COPY of collections, built aside; purging; and what a crash leaves of both.
#include <gmock/gmock.h>

#include <thread>

#include "storage/properties.h"
#include "tests/support/tree_fixture.h"

namespace cairn::support {
namespace {

using testing::ElementsAre;

class TreeCopyTest : public TreeCase {
 protected:
  void TearDown() override { EXPECT_TRUE(InvariantsHold()); }

  // d with 2 folders, 3 files, 10 bytes below it.
  void MakeTree() {
    ASSERT_TRUE(Done(Put("d/one", "1", {.mtime = 1000, .make_parents = true})));
    ASSERT_TRUE(Done(Put("d/sub/two", "22", {.make_parents = true})));
    ASSERT_TRUE(Done(Put("d/sub/deep/three", "4444444", {.make_parents = true})));
  }
  void MakeMany(const std::string& folder, int count) {
    ASSERT_TRUE(Done(Mkdir(folder)));
    auto fill = [&](KvTxn& txn) -> Result<void> {
      for (int i = 0; i < count; ++i) {
        const TreePath path = At(folder + "/d" + std::to_string(i));
        ASSIGN_OR_RETURN(const auto made, tree().MakeCollection(txn, Context(), path, {}));
        CAIRN_CHECK(made.created);
      }
      return {};
    };
    ASSERT_TRUE(Done(engine().file_ids().Reserve(static_cast<std::uint64_t>(count))));
    ASSERT_TRUE(Done(CommitBlocking(kv(), {SpaceKey(kHome)}, fill)));
  }
  // A server that stops in the middle of a copy: what it has built stays, and nobody remembers it.
  void CrashInCopy(std::string_view from, std::string_view to) {
    int checks = 0;
    access_.on_check = [&] { access_.user_disabled = ++checks == 4; };  // the attaching transaction
    EXPECT_TRUE(RefusedWith(ErrorCode::kUnauthenticated, Copy(from, to)));
    access_.on_check = nullptr;
    access_.user_disabled = false;
  }
  std::uint64_t Nodes() { return Rows(Table::kNodes); }
};

// What runs at the same time must not be promised the same bytes.
TEST_F(TreeCopyTest, HoldsItsBytesFromTheFirstLookUntilTheyAreCharged) {
  MakeTree();
  std::vector<std::uint64_t> held;
  access_.on_check = [&] { held.push_back(quota_.held); };
  ASSERT_TRUE(Done(Copy("d", "e")));
  // The first look, the staged root, its members, the attachment.
  EXPECT_THAT(held, ElementsAre(0u, 10u, 10u, 10u));
  EXPECT_EQ(quota_.held, 0u);
  access_.on_check = nullptr;
  CrashInCopy("d", "f");
  EXPECT_EQ(quota_.held, 0u);
  PurgeAll();
}

TEST_F(TreeCopyTest, CopiesEverythingBelow) {
  MakeTree();
  const Etag root = RootEtag();
  const auto copied = Copy("d", "e");
  ASSERT_TRUE(Done(copied));
  EXPECT_TRUE(copied->created);
  EXPECT_EQ(copied->entry.name(), "e");
  EXPECT_EQ(copied->permissions, kAllPermissions);
  EXPECT_THAT(Names("e"), ElementsAre("one", "sub"));
  EXPECT_EQ(Text("e/sub/deep/three"), "4444444");
  EXPECT_EQ(Stat("e").node.below().bytes(), 10u);
  EXPECT_EQ(Stat("e").node.below().folders(), 2u);
  EXPECT_EQ(Stat("").node.below().files(), 6u);
  EXPECT_NE(Stat("e/one").id(), Stat("d/one").id());
  EXPECT_EQ(Stat("e/one").etag(), Stat("d/one").etag());
  EXPECT_EQ(Stat("e/one").node.mtime(), 1000);
  EXPECT_NE(Stat("e/sub").etag(), Stat("d/sub").etag());
  EXPECT_EQ(Rows(Table::kContents), 3u);
  EXPECT_NE(RootEtag(), root);
  EXPECT_EQ(PurgeAll(), 0u);
  EXPECT_EQ(Events().back().type(), static_cast<std::uint32_t>(EventType::kCopied));
}

TEST_F(TreeCopyTest, OutlivesItsSource) {
  MakeTree();
  Copy("d", "e");
  Remove("d");
  PurgeAll();
  EXPECT_EQ(Text("e/sub/two"), "22");
  EXPECT_EQ(Rows(Table::kRefs), 3u);
}

TEST_F(TreeCopyTest, ReplacesTheTarget) {
  MakeTree();
  Put("e/old", "old", {.make_parents = true});
  const FileId old = Stat("e").id();
  EXPECT_TRUE(RefusedWith(ErrorCode::kPreconditionFailed, Copy("d", "e", {.overwrite = false})));
  const auto copied = Copy("d", "e");
  ASSERT_TRUE(Done(copied));
  EXPECT_FALSE(copied->created);
  EXPECT_NE(Stat("e").id(), old);
  EXPECT_EQ(Stat("").node.below().bytes(), 20u);
  EXPECT_EQ(PurgeAll(), 2u);
}

TEST_F(TreeCopyTest, IntoAnotherSpaceAndOverAFile) {
  MakeTree();
  Put("other:t", "x");
  ASSERT_TRUE(Done(Copy("d", "other:t")));
  EXPECT_EQ(Stat("other:").node.below().bytes(), 10u);
  EXPECT_EQ(Text("other:t/one"), "1");
  EXPECT_EQ(Events(kOther).back().new_path(), "t");
}

TEST_F(TreeCopyTest, Refusals) {
  MakeTree();
  Put("f", "x");
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Copy("d", "d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Copy("d", "")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kConflict, Copy("d", "d/sub/x")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kConflict, Copy("d/sub", "d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kConflict, Copy("", "copy")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kParentMissing, Copy("d", "no/d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotACollection, Copy("d", "f/d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Copy("no", "e")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidName, Copy("d", "e.part")));
  quota_.limit = 20;
  EXPECT_TRUE(RefusedWith(ErrorCode::kQuotaExceeded, Copy("d", "e")));  // 11 + 10
  EXPECT_EQ(PurgeAll(), 0u);  // refused before anything was built
}

TEST_F(TreeCopyTest, CopyOneSendsCollectionsWithMembersElsewhere) {
  MakeTree();
  const CopyOptions options;
  const auto body = [&](KvTxn& txn) {
    return tree().CopyOne(txn, Context(), At("d"), At("e"), options);
  };
  EXPECT_TRUE(RefusedWith(ErrorCode::kIsACollection, Commit(body)));
  Mkdir("empty");
  EXPECT_TRUE(Done(Copy("empty", "e")));
}

TEST_F(TreeCopyTest, TakesDeadPropertiesOfEveryNode) {
  MakeTree();
  for (const char* path : {"d", "d/sub/two"}) {
    auto patch = [&](KvTxn& txn) {
      PropertiesPatch change;
      Property value;
      value.set_value(path);
      change.dead.push_back({{"ns", "name"}, value});
      return PatchProperties(tree(), txn, Context(), At(path), change);
    };
    ASSERT_TRUE(Done(Commit(patch)));
  }
  ASSERT_TRUE(Done(Copy("d", "e")));
  const auto on_top = ReadProperties(*kv().Published(), Stat("e").id());
  ASSERT_EQ(on_top->size(), 1u);
  EXPECT_EQ(on_top->front().value.value(), "d");
  EXPECT_EQ(Stat("e/sub/two").node.flags(), kHasProperties);
  Remove("e");
  PurgeAll();
  EXPECT_EQ(Rows(Table::kProps), 2u);
}

TEST_F(TreeCopyTest, MoreThanOneStep) {
  MakeMany("big", 2300);
  ASSERT_TRUE(Done(Copy("big", "copy")));
  EXPECT_EQ(Stat("copy").node.direct_folders(), 2300u);
  ASSERT_TRUE(Done(Remove("copy")));
  EXPECT_EQ(*tree().PurgeStep(kv(), kHome, 1000), 1000u);
  EXPECT_EQ(PurgeAll(), 1301u);
}

TEST_F(TreeCopyTest, AbandonedCopiesArePurged) {
  MakeTree();
  const std::uint64_t nodes = Nodes();
  const std::uint64_t refs = Rows(Table::kRefs);
  CrashInCopy("d", "e");
  EXPECT_EQ(Find("e"), std::nullopt);
  EXPECT_EQ(Nodes(), nodes + 1 + 6);  // the staging root and the copy
  EXPECT_EQ(Rows(Table::kRefs), 2 * refs);
  EXPECT_EQ(PurgeAll(2), 6u);
  EXPECT_EQ(Rows(Table::kRefs), refs);
  EXPECT_TRUE(Done(Copy("d", "e")));
}

TEST_F(TreeCopyTest, ARunningCopyIsSpared) {
  MakeTree();
  CrashInCopy("d", "other:d");
  MakeMany("big", 2300);
  std::thread purger;
  std::uint64_t purged = 0;
  int checks = 0;
  access_.on_check = [&] {
    // While the members' first step runs, the purge queues for the staging key: it gets it before
    // the second.
    if (++checks == 3)
      purger = std::thread([&] { purged = *tree().PurgeStep(kv(), kOther, 5000); });
  };
  EXPECT_TRUE(Done(Copy("big", "other:big")));
  access_.on_check = nullptr;
  purger.join();
  EXPECT_EQ(purged, 6u);  // the abandoned one alone
  ASSERT_NE(Find("other:big"), std::nullopt);
  EXPECT_EQ(Names("other:big").size(), 2300u);
}

TEST_F(TreeCopyTest, PurgeResumesWhereItStopped) {
  MakeTree();
  Remove("d");
  EXPECT_EQ(Rows(Table::kRefs), 3u);
  std::uint64_t steps = 0;
  for (;; ++steps) {
    // Each step as after a restart: another tree over the same store.
    EtagSource etags(random_);
    FileTree after_restart(engine().contents(), engine().locks(), tree().policies(),
                           engine().file_ids(), etags, clock_);
    const auto purged = after_restart.PurgeStep(kv(), kHome, 1);
    ASSERT_TRUE(Done(purged));
    ASSERT_LE(*purged, 1u);
    ASSERT_TRUE(InvariantsHold());
    if (*purged == 0) break;
  }
  EXPECT_EQ(steps, 6u);
  EXPECT_EQ(Rows(Table::kRefs), 0u);
  EXPECT_EQ(Rows(Table::kCandidates), 3u);
}

TEST_F(TreeCopyTest, PurgeTakesEverythingThatBelongsToTheNodes) {
  MakeTree();
  auto patch = [&](KvTxn& txn) {
    PropertiesPatch change;
    change.favorite = true;
    return PatchProperties(tree(), txn, Context(), At("d/sub/two"), change);
  };
  ASSERT_TRUE(Done(Commit(patch)));
  Lock("d/sub/deep/three");
  clock_.Advance(std::chrono::hours(24 * 8));  // expired, but its row is there
  ASSERT_TRUE(Done(Remove("d")));
  EXPECT_EQ(Stat("").node.below().locks(), 0u);
  EXPECT_EQ(PurgeAll(), 6u);
  for (const Table table : {Table::kProps, Table::kFavorites, Table::kLocks, Table::kRefs})
    EXPECT_EQ(Rows(table), 0u);
}

TEST_F(TreeCopyTest, NothingToPurge) {
  EXPECT_EQ(*tree().PurgeStep(kv(), kHome, 1000), 0u);
  EXPECT_EQ(*tree().PurgeStep(kv(), SpaceId{99}, 1000), 0u);
  MakeTree();
  Remove("d");
  EXPECT_EQ(*tree().PurgeStep(kv(), kHome, 0), 0u);
  PurgeAll();
}

}  // namespace
}  // namespace cairn::support
