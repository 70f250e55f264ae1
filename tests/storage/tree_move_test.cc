// MOVE, DELETE and COPY of single nodes.
#include <gmock/gmock.h>

#include "storage/properties.h"
#include "tests/support/tree_fixture.h"

namespace cairn::support {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TreeMoveTest : public TreeCase {
 protected:
  void TearDown() override { EXPECT_TRUE(InvariantsHold()); }
};

TEST_F(TreeMoveTest, KeepsIdEtagAndTimeOfEverythingMoved) {
  Put("a/b/f", "x", {.mtime = 1000, .make_parents = true});
  Mkdir("z");
  const Entry folder = Stat("a/b"), file = Stat("a/b/f");
  const Etag root = RootEtag();
  const auto moved = Move("a/b", "z/c");
  ASSERT_TRUE(Done(moved));
  EXPECT_TRUE(moved->created);
  EXPECT_EQ(Find("a/b"), std::nullopt);
  EXPECT_EQ(Stat("z/c").id(), folder.id());
  EXPECT_EQ(Stat("z/c").etag(), folder.etag());
  EXPECT_EQ(Stat("z/c").node.mtime(), folder.node.mtime());
  EXPECT_EQ(Stat("z/c/f").id(), file.id());
  EXPECT_EQ(Stat("z/c/f").etag(), file.etag());
  EXPECT_EQ(Stat("z/c/f").node.mtime(), 1000);
  EXPECT_NE(RootEtag(), root);
  EXPECT_EQ(Stat("a").node.below().bytes(), 0u);
  EXPECT_EQ(Stat("z").node.below().bytes(), 1u);
}

TEST_F(TreeMoveTest, RenamesToAnotherFormOrCase) {
  const std::string nfc = "\xc3\xbc";
  const std::string nfd = "u\xcc\x88";
  Put(nfd, "x");
  const Entry before = Stat(nfd);
  const auto renamed = Move(nfd, nfc);
  ASSERT_TRUE(Done(renamed));
  EXPECT_THAT(Names(""), ElementsAre(nfc));
  EXPECT_EQ(Stat(nfc).id(), before.id());
  EXPECT_EQ(Stat(nfc).etag(), before.etag());
  ASSERT_TRUE(Done(Move(nfc, nfd, false)));  // nothing else stands there: not an overwrite
  ASSERT_TRUE(Done(Move(nfd, "readme")));
  ASSERT_TRUE(Done(Move("readme", "README")));
  EXPECT_THAT(Names(""), ElementsAre("README"));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Move("README", "README")));
}

TEST_F(TreeMoveTest, Refusals) {
  Put("a/b/f", "x", {.make_parents = true});
  Put("g", "y");
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Move("a", "a")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Move("", "z")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Move("a", "")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kConflict, Move("a", "a/b/c")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kConflict, Move("a", "a/c")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kConflict, Move("a/b", "a")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kConflict, Move("a/b/f", "a")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kParentMissing, Move("g", "no/g")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotACollection, Move("a", "g/a")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kPreconditionFailed, Move("g", "a", false)));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Move("no", "x")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Move("no/f", "x")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidName, Move("g", "x.part")));
  EXPECT_THAT(Names(""), ElementsAre("a", "g"));
}

TEST_F(TreeMoveTest, ReplacesFilesAndCollections) {
  Put("d/inside", "12345", {.make_parents = true});
  const FileId file = Put("f", "xy")->entry.id();
  auto moved = Move("f", "d");
  ASSERT_TRUE(Done(moved));
  EXPECT_FALSE(moved->created);
  EXPECT_EQ(Stat("d").id(), file);
  EXPECT_EQ(Text("d"), "xy");
  EXPECT_EQ(Stat("").node.below().bytes(), 2u);
  EXPECT_EQ(PurgeAll(), 2u);
  Mkdir("e");
  moved = Move("e", "d");
  ASSERT_TRUE(Done(moved));
  EXPECT_TRUE(Stat("d").is_collection());
  EXPECT_EQ(Rows(Table::kRefs), 0u);
}

TEST_F(TreeMoveTest, BetweenSpacesKeepsIdsAndChargesTheTarget) {
  Put("d/f", "12345", {.make_parents = true});
  Put("other:old", "123");
  const Entry folder = Stat("d");
  const Etag home = RootEtag(), other = Stat("other:").etag();
  quota_.limit = 4;
  EXPECT_TRUE(RefusedWith(ErrorCode::kQuotaExceeded, Move("d", "other:d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kQuotaExceeded, Move("d", "other:old")));
  quota_.limit = 8;
  ASSERT_TRUE(Done(Move("d", "other:d")));
  EXPECT_EQ(Stat("other:d").id(), folder.id());
  EXPECT_EQ(Stat("other:d").etag(), folder.etag());
  EXPECT_EQ(Stat("").node.below().bytes(), 0u);
  EXPECT_EQ(Stat("other:").node.below().bytes(), 8u);
  EXPECT_NE(RootEtag(), home);
  EXPECT_NE(Stat("other:").etag(), other);
  EXPECT_EQ(tree().ResolveId(*kv().Published(), folder.id())->space(), kOther);
  EXPECT_EQ(Events(kHome).back().type(), static_cast<std::uint32_t>(EventType::kMoved));
  EXPECT_EQ(Events(kOther).back().new_path(), "d");
}

TEST_F(TreeMoveTest, LocksStandInTheWayAndDoNotMoveAlong) {
  Put("a/b/f", "x", {.make_parents = true});
  Mkdir("z");
  const auto token = Lock("a/b/f");
  ASSERT_TRUE(Done(token));
  EXPECT_EQ(Stat("").node.below().locks(), 1u);
  EXPECT_TRUE(RefusedWith(ErrorCode::kLocked, Move("a", "z/a")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kLocked, Move("a/b/f", "z/f")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kLocked, Remove("a")));
  tokens_ = {*token};
  ASSERT_TRUE(Done(Move("a", "z/a")));
  EXPECT_EQ(Rows(Table::kLocks), 0u);
  EXPECT_EQ(Stat("").node.below().locks(), 0u);
  EXPECT_EQ(Stat("z/a/b/f").node.flags() & kHasLocks, 0u);
}

TEST_F(TreeMoveTest, ALockedTargetOrItsParentStandsInTheWay) {
  Put("f", "x");
  Put("d/t", "y", {.make_parents = true});
  const auto token = Lock("d/t");
  EXPECT_TRUE(RefusedWith(ErrorCode::kLocked, Move("f", "d/t")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kLocked, Move("f", "d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kLocked, Copy("f", "d/t")));
  EXPECT_TRUE(Done(Copy("d/t", "copy")));  // reading a locked file is fine
  tokens_ = {*token};
  ASSERT_TRUE(Done(Move("f", "d")));
  EXPECT_EQ(Text("d"), "x");
  EXPECT_EQ(Rows(Table::kLocks), 0u);
  PurgeAll();
  tokens_ = {};
  Mkdir("e");
  Lock("e");
  EXPECT_TRUE(RefusedWith(ErrorCode::kLocked, Move("d", "e/d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kLocked, Put("e/new", "")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kLocked, Mkdir("e/new")));
}

TEST_F(TreeMoveTest, APreconditionIsAskedWhileTheLockIsThere) {
  Put("f", "x");
  const auto token = Lock("f");
  tokens_ = {*token};
  const FileId id = Stat("f").id();
  const ProbePrecondition locked([&](const KvView& view, const Entry*) -> Result<void> {
    ASSIGN_OR_RETURN(const auto held, tree().locks().On(view, id));
    return held.empty() ? Result<void>(Fail(ErrorCode::kPreconditionFailed)) : Result<void>();
  });
  precondition_ = &locked;
  EXPECT_TRUE(Done(Move("f", "g")));
}

TEST_F(TreeMoveTest, ManyLocksEndWithTheTreeThatIsRemoved) {
  Mkdir("d");
  for (int i = 0; i < 150; ++i) {
    Put("d/f" + std::to_string(i), "");
    tokens_.push_back(*Lock("d/f" + std::to_string(i)));
  }
  EXPECT_EQ(Stat("").node.below().locks(), 150u);
  ASSERT_TRUE(Done(Remove("d")));
  EXPECT_EQ(Stat("").node.below().locks(), 0u);
  EXPECT_EQ(Rows(Table::kLocks), 0u);
}

TEST_F(TreeMoveTest, RemoveTakesEverythingOfAFile) {
  Put("f", "x");
  auto patch = [&](KvTxn& txn) {
    PropertiesPatch change;
    change.favorite = true;
    Property value;
    value.set_value("v");
    change.dead.push_back({{"ns", "name"}, value});
    return PatchProperties(tree(), txn, Context(), At("f"), change);
  };
  ASSERT_TRUE(Done(Commit(patch)));
  tokens_ = {*Lock("f")};
  EXPECT_GT(Rows(Table::kProps), 0u);
  const auto removed = Remove("f");
  ASSERT_TRUE(Done(removed));
  EXPECT_EQ(removed->entry.name(), "f");
  for (const Table table : {Table::kProps, Table::kFavorites, Table::kLocks, Table::kRefs})
    EXPECT_EQ(Rows(table), 0u);
  EXPECT_EQ(Rows(Table::kCandidates), 1u);
  EXPECT_EQ(Rows(Table::kNodes), 2u);  // the roots: nothing was left to purge
}

TEST_F(TreeMoveTest, RemoveOfACollectionIsOneDetach) {
  for (int i = 0; i < 50; ++i) Put("a/d/f" + std::to_string(i), "x", {.make_parents = true});
  const std::uint64_t entries = Rows(Table::kEntries);
  ASSERT_TRUE(Done(Remove("a/d")));
  EXPECT_EQ(Rows(Table::kEntries), entries + 1);  // the purge root
  EXPECT_EQ(Find("a/d"), std::nullopt);
  EXPECT_EQ(Stat("").node.below().files(), 0u);
  EXPECT_EQ(Stat("").node.below().bytes(), 0u);
  ASSERT_TRUE(Done(Mkdir("a/d")));  // the name is free
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Remove("")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Remove("a/no")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Remove("no/no")));
  ASSERT_TRUE(Done(Remove("a/d")));
  EXPECT_EQ(PurgeAll(), 51u);  // the empty one went at once
}

TEST_F(TreeMoveTest, TrashKeepsWhatItTakes) {
  trash_.keep = true;
  Put("a/f", "123", {.make_parents = true});
  const Entry folder = Stat("a");
  Remove("a");
  EXPECT_EQ(Find("a"), std::nullopt);
  EXPECT_EQ(Stat("").node.below().bytes(), 0u);
  const auto space = **tree().FindSpace(*kv().Published(), kHome);
  const auto page = tree().List(*kv().Published(), FileId{space.trash_root()}, "", 10);
  ASSERT_EQ(page->entries.size(), 1u);
  EXPECT_EQ(page->entries[0].id(), folder.id());
  EXPECT_EQ(page->entries[0].etag(), folder.etag());
  EXPECT_EQ(page->entries[0].name(), "a");
  const auto way = tree().ChainOf(*kv().Published(), folder.id());
  EXPECT_EQ(way->root().node.below().bytes(), 3u);
  EXPECT_EQ(way->root().node.direct_folders(), 1u);
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, tree().ResolveId(*kv().Published(), folder.id())));
  EXPECT_EQ(PurgeAll(), 0u);
  Put("b", "x");
  Remove("b", true);  // X-NC-Skip-Trashbin
  EXPECT_EQ(tree().ChainOf(*kv().Published(), folder.id())->root().node.below().files(), 1u);
}

TEST_F(TreeMoveTest, CopyOfAFileSharesItsContent) {
  Put("f", "hello", {.mtime = 1000, .checksums = "SHA1:ab"});
  const Entry source = Stat("f");
  const auto copied = Copy("f", "g");
  ASSERT_TRUE(Done(copied));
  EXPECT_TRUE(copied->created);
  const Entry copy = Stat("g");
  EXPECT_NE(copy.id(), source.id());
  EXPECT_EQ(copy.etag(), source.etag());
  EXPECT_EQ(copy.node.mtime(), 1000);
  EXPECT_EQ(copy.node.checksums(), "SHA1:ab");
  EXPECT_EQ(copy.node.content(), source.node.content());
  EXPECT_EQ(Rows(Table::kContents), 1u);
  EXPECT_EQ(Rows(Table::kRefs), 2u);
  Remove("f");
  EXPECT_EQ(Text("g"), "hello");
}

TEST_F(TreeMoveTest, CopyOntoAFileReplacesIt) {
  Put("f", "new");
  const FileId replaced = Put("g", "old one")->entry.id();
  EXPECT_TRUE(RefusedWith(ErrorCode::kPreconditionFailed, Copy("f", "g", {.overwrite = false})));
  const auto copied = Copy("f", "g");
  ASSERT_TRUE(Done(copied));
  EXPECT_FALSE(copied->created);
  EXPECT_EQ(Stat("g").id(), replaced);            // with other bytes
  EXPECT_EQ(Stat("g").etag(), Stat("f").etag());  // recorded: equal bytes, equal etag
  EXPECT_EQ(Stat("").node.below().bytes(), 6u);
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Copy("f", "f")));
}

TEST_F(TreeMoveTest, CopyOfACollectionAlone) {
  Put("d/f", "x", {.make_parents = true});
  ASSERT_TRUE(Done(Copy("d", "e", {.members = false})));
  EXPECT_THAT(Names("e"), IsEmpty());
  EXPECT_EQ(Stat("e").node.below().files(), 0u);
  EXPECT_TRUE(RefusedWith(ErrorCode::kConflict, Copy("d", "d/e", {.members = false})));
}

TEST_F(TreeMoveTest, CopyTakesDeadPropertiesButNeitherLocksNorFavourites) {
  Put("f", "x");
  auto patch = [&](KvTxn& txn) {
    PropertiesPatch change;
    change.favorite = true;
    Property value;
    value.set_value("v");
    change.dead.push_back({{"ns", "name"}, value});
    return PatchProperties(tree(), txn, Context(), At("f"), change);
  };
  ASSERT_TRUE(Done(Commit(patch)));
  Lock("f");
  ASSERT_TRUE(Done(Copy("f", "g")));
  const Entry copy = Stat("g");
  EXPECT_EQ(copy.node.flags(), kHasProperties);
  EXPECT_EQ(ReadProperties(*kv().Published(), copy.id())->size(), 1u);
  const FileId ids[] = {copy.id()};
  EXPECT_THAT(*ReadFavorites(*kv().Published(), alice_.user, ids), ElementsAre(false));
  EXPECT_EQ(Stat("").node.below().locks(), 1u);
}

}  // namespace
}  // namespace cairn::support
