#include <gmock/gmock.h>

#include "storage/properties.h"
#include "tests/support/tree_fixture.h"

namespace cairn::support {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Permissions kRead = static_cast<Permissions>(Permission::kRead);
constexpr Permissions kUpdate = static_cast<Permissions>(Permission::kUpdate);
constexpr Permissions kCreate = static_cast<Permissions>(Permission::kCreate);
constexpr Permissions kDelete = static_cast<Permissions>(Permission::kDelete);

class FileTreeTest : public TreeCase {
 protected:
  void TearDown() override { EXPECT_TRUE(InvariantsHold()); }
};

// ---- spaces and reading

TEST_F(FileTreeTest, NewSpaceHasAnEmptyRoot) {
  const auto space = tree().FindSpace(*kv().Published(), kHome);
  ASSERT_TRUE(Done(space));
  ASSERT_TRUE(space->has_value());
  EXPECT_EQ((*space)->owner(), 1u);
  const Entry root = Stat("");
  EXPECT_EQ(root.id(), FileId{(*space)->files_root()});
  EXPECT_EQ(root.node.root(), ROOT_FILES);
  EXPECT_EQ(root.node.space(), Raw(kHome));
  EXPECT_THAT(Names(""), IsEmpty());
  auto again = [&](KvTxn& txn) { return tree().CreateSpace(txn, alice_.user, kHome); };
  EXPECT_TRUE(RefusedWith(ErrorCode::kAlreadyExists, Commit(again)));
  EXPECT_FALSE(tree().FindSpace(*kv().Published(), SpaceId{99})->has_value());
}

TEST_F(FileTreeTest, ResolveSaysWhatIsMissing) {
  Mkdir("a");
  Put("a/f", "x");
  const auto view = kv().Published();
  EXPECT_TRUE(Done(tree().Resolve(*view, At("a/f"))));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, tree().Resolve(*view, At("a/g"))));
  EXPECT_TRUE(RefusedWith(ErrorCode::kParentMissing, tree().Resolve(*view, At("b/g"))));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotACollection, tree().Resolve(*view, At("a/f/g"))));
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidName, tree().Resolve(*view, At("a/x.part"))));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, tree().Resolve(*view, At("a", SpaceId{99}))));
  EXPECT_EQ(tree().ResolvePrefix(*view, At("a/b/c"))->leaf().name(), "a");
  EXPECT_EQ(tree().ResolvePrefix(*view, At("x"))->depth(), 0u);
}

TEST_F(FileTreeTest, ResolveIdFindsOnlyLiveNodes) {
  Mkdir("a");
  Mkdir("a/b");
  const FileId file = Put("a/b/f", "x")->entry.id();
  const auto chain = tree().ResolveId(*kv().Published(), file);
  ASSERT_TRUE(Done(chain));
  EXPECT_EQ(chain->depth(), 3u);
  EXPECT_EQ(chain->space(), kHome);
  EXPECT_EQ(chain->entries[1].name(), "a");
  Remove("a");
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, tree().ResolveId(*kv().Published(), file)));
  EXPECT_EQ(tree().ChainOf(*kv().Published(), file)->root().node.root(), ROOT_PURGE);
  PurgeAll();
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, tree().ResolveId(*kv().Published(), file)));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, tree().ChainOf(*kv().Published(), FileId{12345})));
}

TEST_F(FileTreeTest, ListsInPagesWithoutALookUpPerChild) {
  for (int i = 0; i < 500; ++i) Put("f" + std::to_string(1000 + i), i % 2 == 0 ? "" : "x");
  const FileId root = Stat("").id();
  const auto view = kv().Published();
  const std::uint64_t before = view->gets();
  std::size_t seen = 0;
  std::string after;
  for (bool more = true; more;) {
    const auto page = tree().List(*view, root, after, 64);
    ASSERT_TRUE(Done(page));
    ASSERT_LE(page->entries.size(), 64u);
    for (const Entry& entry : page->entries) {
      EXPECT_GT(entry.key, after);
      after = entry.key;
      ++seen;
    }
    more = page->more;
  }
  EXPECT_EQ(seen, 500u);
  EXPECT_EQ(view->gets(), before);
}

TEST_F(FileTreeTest, ListSaysMoreOnlyWhenThereIsMore) {
  Put("a", "");
  Put("b", "");
  const auto view = kv().Published();
  const FileId root = Stat("").id();
  EXPECT_FALSE(tree().List(*view, root, "", 2)->more);
  EXPECT_TRUE(tree().List(*view, root, "", 1)->more);
  EXPECT_FALSE(tree().List(*view, root, "a", 1)->more);
  EXPECT_TRUE(tree().List(*view, root, "b", 1)->entries.empty());
}

// ---- making and replacing

TEST_F(FileTreeTest, PutMakesAFile) {
  const Etag root = RootEtag();
  const auto made =
      Put("a.txt", "hello", {.mtime = 1'234'567'890, .created = 5, .checksums = "SHA1:ab"});
  ASSERT_TRUE(Done(made));
  EXPECT_TRUE(made->created);
  EXPECT_EQ(made->permissions, kAllPermissions);
  const Node node = Stat("a.txt").node;
  EXPECT_EQ(node.id(), made->entry.node.id());
  EXPECT_EQ(node.size(), 5u);
  EXPECT_EQ(node.mtime(), 1'234'567'890);
  EXPECT_EQ(node.created(), 5);
  EXPECT_EQ(node.uploaded(), clock_.NowSeconds());
  EXPECT_EQ(node.became_current(), clock_.NowSeconds());
  EXPECT_EQ(node.checksums(), "SHA1:ab");
  EXPECT_EQ(Text("a.txt"), "hello");
  EXPECT_NE(RootEtag(), root);
  EXPECT_NE(RootEtag(), Stat("a.txt").etag());
  EXPECT_EQ(Stat("").node.below().bytes(), 5u);
  EXPECT_EQ(Stat("").node.mtime(), clock_.NowSeconds());
}

TEST_F(FileTreeTest, PutReplacesContentAndKeepsTheId) {
  const auto first = Put("A.txt", "one", {.checksums = "SHA1:ab"});
  const auto second = Put("A.txt", "three");
  ASSERT_TRUE(Done(second));
  EXPECT_FALSE(second->created);
  EXPECT_EQ(second->entry.id(), first->entry.id());
  EXPECT_NE(second->entry.etag(), first->entry.etag());
  EXPECT_EQ(second->entry.node.checksums(), "");  // they were the old content's
  EXPECT_EQ(Text("A.txt"), "three");
  EXPECT_EQ(Stat("").node.below().bytes(), 5u);
  EXPECT_EQ(Rows(Table::kRefs), 1u);
}

TEST_F(FileTreeTest, EqualBytesGetAFreshEtag) {
  const Etag first = Put("a", "same")->entry.etag();
  EXPECT_NE(Put("a", "same")->entry.etag(), first);
}

TEST_F(FileTreeTest, EmptyFileHasNoContent) {
  Put("a", "");
  EXPECT_EQ(Stat("a").node.content(), "");
  EXPECT_EQ(Rows(Table::kContents), 0u);
  EXPECT_EQ(Rows(Table::kRefs), 0u);
  Put("a", "x");
  EXPECT_EQ(Rows(Table::kRefs), 1u);
  Put("a", "");
  EXPECT_EQ(Rows(Table::kRefs), 0u);
  EXPECT_EQ(Text("a"), "");
}

TEST_F(FileTreeTest, UnusableTimesAreNeverStored) {
  for (const std::int64_t mtime :
       {std::int64_t{0}, std::int64_t{-5}, std::int64_t{253'402'300'800}, INT64_MIN, INT64_MAX}) {
    Put("a", "x", {.mtime = mtime, .created = mtime});
    EXPECT_EQ(Stat("a").node.mtime(), clock_.NowSeconds());
    EXPECT_EQ(Stat("a").node.created(), 0);
    EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidArgument, Set("a", {.mtime = mtime})));
  }
  EXPECT_EQ(Put("a", "x", {.mtime = 1})->entry.node.mtime(), 1);
}

TEST_F(FileTreeTest, PutRefusals) {
  Mkdir("d");
  Put("f", "x");
  EXPECT_TRUE(RefusedWith(ErrorCode::kIsACollection, Put("d", "x")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kIsACollection, Put("", "x")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kParentMissing, Put("no/x", "x")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotACollection, Put("f/x", "x")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotACollection, Put("f/x/y", "x", {.make_parents = true})));
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidName, Put("x.part", "x")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidArgument,
                          Put("x", "x", {.checksums = std::string(2000, 'a')})));
  EXPECT_THAT(Names(""), ElementsAre("d", "f"));
}

TEST_F(FileTreeTest, MakesMissingParentsWhenAsked) {
  ASSERT_TRUE(Done(Put("a/b/c.txt", "abc", {.make_parents = true})));
  EXPECT_NE(Stat("a").id(), Stat("a/b").id());
  EXPECT_EQ(Stat("a").node.below().folders(), 1u);
  EXPECT_EQ(Stat("a").node.direct_folders(), 1u);
  EXPECT_EQ(Stat("a/b").node.direct_files(), 1u);
  EXPECT_EQ(Stat("").node.below().bytes(), 3u);
  EXPECT_EQ(Stat("").node.below().folders(), 2u);
  EXPECT_EQ(Stat("a").etag(), RootEtag());
  ASSERT_TRUE(Done(Put("a/x/d.txt", "d", {.make_parents = true})));
  ASSERT_TRUE(Done(Mkdir("p/q/r", {.make_parents = true})));
  EXPECT_EQ(Stat("p").node.below().folders(), 2u);
}

TEST_F(FileTreeTest, NothingIsMadeDeeperThanTheLimit) {
  std::string path = "d";
  for (std::size_t depth = 2; depth <= kMaxDepth; ++depth) path += "/d";
  ASSERT_TRUE(Done(Mkdir(path, {.make_parents = true})));
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidArgument, Mkdir(path + "/e")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidArgument, Put(path + "/e", "")));
  Put("f", "");
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidArgument, Move("f", path + "/f")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidArgument, Copy("f", path + "/f")));
  ASSERT_TRUE(Done(Remove("d")));
  EXPECT_EQ(PurgeAll(), kMaxDepth);
}

TEST_F(FileTreeTest, NamesWithEqualNfcAreOneNode) {
  const std::string nfc = "\xc3\xbc";
  const std::string nfd = "u\xcc\x88";
  const auto first = Put(nfd, "one");
  const auto second = Put(nfc, "two");
  EXPECT_FALSE(second->created);
  EXPECT_EQ(first->entry.id(), second->entry.id());
  EXPECT_THAT(Names(""), ElementsAre(nfd));  // as first given
  EXPECT_TRUE(RefusedWith(ErrorCode::kAlreadyExists, Mkdir(nfc)));
}

TEST_F(FileTreeTest, MkdirRefusals) {
  Put("f", "x");
  Mkdir("d");
  EXPECT_TRUE(RefusedWith(ErrorCode::kAlreadyExists, Mkdir("")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kAlreadyExists, Mkdir("d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kAlreadyExists, Mkdir("f")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kParentMissing, Mkdir("no/d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotACollection, Mkdir("f/d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidName, Mkdir("..")));
}

TEST_F(FileTreeTest, EtagsChangeOnTheWayUpAndNowhereElse) {
  Mkdir("a");
  Mkdir("a/b");
  Mkdir("other");
  Put("a/side", "x");
  const Etag root = RootEtag(), a = Stat("a").etag(), b = Stat("a/b").etag();
  const Etag side = Stat("a/side").etag(), other = Stat("other").etag();
  Put("a/b/f", "x");
  EXPECT_NE(RootEtag(), root);
  EXPECT_NE(Stat("a").etag(), a);
  EXPECT_NE(Stat("a/b").etag(), b);
  EXPECT_EQ(RootEtag(), Stat("a").etag());  // one for all of them
  EXPECT_EQ(RootEtag(), Stat("a/b").etag());
  EXPECT_NE(RootEtag(), Stat("a/b/f").etag());
  EXPECT_EQ(Stat("a/side").etag(), side);
  EXPECT_EQ(Stat("other").etag(), other);
}

TEST_F(FileTreeTest, VersionKeeperMayTakeTheOldContent) {
  versions_.keep = true;
  Put("d/f", "first", {.make_parents = true});
  Put("d/f", "second one");
  EXPECT_EQ(Rows(Table::kVersions), 1u);
  EXPECT_EQ(Rows(Table::kRefs), 2u);
  EXPECT_EQ(Stat("d/f").node.flags(), kHasVersions);
  EXPECT_EQ(Stat("d").node.below().version_bytes(), 5u);
  Move("d/f", "f");
  EXPECT_EQ(Stat("d").node.below().version_bytes(), 0u);
  EXPECT_EQ(Stat("").node.below().version_bytes(), 5u);
}

// ---- quota, permission, order of refusals

TEST_F(FileTreeTest, QuotaCountsWhatTheRootHolds) {
  quota_.limit = 10;
  ASSERT_TRUE(Done(Put("a", "12345678")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kQuotaExceeded, Put("b", "123")));
  ASSERT_TRUE(Done(Put("a", "1234567890")));  // only the difference
  EXPECT_TRUE(RefusedWith(ErrorCode::kQuotaExceeded, Copy("a", "b")));
  quota_.limit = 1;
  ASSERT_TRUE(Done(Put("a", "12345")));  // shrinking is allowed
  EXPECT_TRUE(RefusedWith(ErrorCode::kQuotaExceeded,
                          tree().CheckPut(*kv().Published(), Context(), At("c"), 1, false)));
  EXPECT_TRUE(Done(tree().CheckPut(*kv().Published(), Context(), At("c"), 0, false)));
}

TEST_F(FileTreeTest, PermissionsDecideEachVerb) {
  Mkdir("d");
  Put("d/f", "x");
  Mkdir("e");
  const auto grant = [&](Permissions mask) { access_.all = mask; };
  grant(kRead);
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Put("d/f", "y")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Put("d/new", "y")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Mkdir("d/new")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Remove("d/f")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Move("d/f", "e/f")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Move("d/f", "d/g")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Copy("d/f", "e/f")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Set("d/f", {.mtime = 5})));
  EXPECT_TRUE(RefusedWith(ErrorCode::kAlreadyExists, Mkdir("d")));
  grant(0);
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Put("d/f", "y")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Put("d/f/x", "y")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Put("no/f", "y")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Mkdir("d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Remove("d/f")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Remove("")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Move("d/f", "e/f")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Copy("d", "e/d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, tree().ResolveFor(*kv().Published(), alice_,
                                                                  At("d/f/x"), Permission::kRead)));
  grant(kRead | kUpdate);
  EXPECT_TRUE(Done(Put("d/f", "y")));
  EXPECT_TRUE(Done(Move("d/f", "d/g")));  // a rename is a change of the node
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Move("d/g", "e/g")));
  grant(kCreate);  // a file drop
  EXPECT_TRUE(Done(Put("d/dropped", "y")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Put("d/dropped", "z")));
  grant(kRead | kCreate | kDelete);
  EXPECT_TRUE(Done(Move("d/g", "e/g")));
  EXPECT_TRUE(Done(Remove("e/g")));
}

TEST_F(FileTreeTest, ReplacingACollectionNeedsDelete) {
  Mkdir("d");
  Put("d/x", "1");
  Put("f", "2");
  access_.masks[Stat("d").id()] = kRead | kUpdate | kCreate;
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Move("f", "d")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Copy("f", "d")));
  EXPECT_TRUE(Done(Copy("f", "d/x")));  // a file: an update
}

TEST_F(FileTreeTest, RefusalsComeInOneOrder) {
  Put("f", "x");
  Lock("f");
  const ProbePrecondition never(
      [](const KvView&, const Entry*) { return Fail(ErrorCode::kPreconditionFailed); });
  precondition_ = &never;
  quota_.limit = 1;
  EXPECT_TRUE(RefusedWith(ErrorCode::kPreconditionFailed, Put("f", "xyz")));  // before the lock
  precondition_ = nullptr;
  EXPECT_TRUE(RefusedWith(ErrorCode::kLocked, Put("f", "xyz")));  // before the quota
  precondition_ = &never;
  access_.all = kRead;
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Put("f", "xyz")));  // before the precondition
  EXPECT_TRUE(RefusedWith(ErrorCode::kParentMissing, Put("no/f", "xyz")));
  access_.user_disabled = true;
  EXPECT_TRUE(RefusedWith(ErrorCode::kUnauthenticated, Put("no/f", "xyz")));
}

TEST_F(FileTreeTest, PreconditionSeesTheTargetOfThatMoment) {
  std::optional<std::uint64_t> seen;
  const ProbePrecondition probe([&](const KvView&, const Entry* target) -> Result<void> {
    seen = target == nullptr ? 0 : target->node.id();
    return {};
  });
  precondition_ = &probe;
  const auto made = Put("f", "x");
  EXPECT_EQ(seen, 0u);
  Put("f", "y");
  EXPECT_EQ(seen, made->entry.node.id());
  Move("f", "g");
  EXPECT_EQ(seen, made->entry.node.id());
  Copy("g", "h");
  EXPECT_EQ(seen, made->entry.node.id());
  Remove("g");
  EXPECT_EQ(seen, made->entry.node.id());
  Mkdir("d");
  EXPECT_EQ(seen, 0u);
}

// ---- attributes

TEST_F(FileTreeTest, AnMtimeOfItsOwnChangesAFilesEtag) {
  Put("d/f", "x", {.make_parents = true});
  const Etag file = Stat("d/f").etag(), folder = Stat("d").etag();
  ASSERT_TRUE(Done(Set("d/f", {.mtime = 1000})));
  EXPECT_EQ(Stat("d/f").node.mtime(), 1000);
  EXPECT_NE(Stat("d/f").etag(), file);
  EXPECT_NE(Stat("d").etag(), folder);
  EXPECT_EQ(Text("d/f"), "x");
}

TEST_F(FileTreeTest, OtherAttributesKeepAFilesEtag) {
  Put("f", "x");
  const Etag file = Stat("f").etag(), root = RootEtag();
  ASSERT_TRUE(Done(Set("f", {.created = 7, .uploaded = 8, .checksums = "MD5:00"})));
  EXPECT_EQ(Stat("f").etag(), file);
  EXPECT_NE(RootEtag(), root);
  EXPECT_EQ(Stat("f").node.created(), 7);
  EXPECT_EQ(Stat("f").node.uploaded(), 8);
  EXPECT_EQ(Stat("f").node.checksums(), "MD5:00");
}

TEST_F(FileTreeTest, SettingWhatIsThereChangesNothing) {
  Put("f", "x", {.mtime = 1000});
  const Etag file = Stat("f").etag(), root = RootEtag();
  ASSERT_TRUE(Done(Set("f", {.mtime = 1000})));
  EXPECT_EQ(Stat("f").etag(), file);
  EXPECT_EQ(RootEtag(), root);
}

TEST_F(FileTreeTest, ACollectionsMtimeDoesNotChangeItsEtag) {
  Mkdir("d");
  const Etag folder = Stat("d").etag();
  ASSERT_TRUE(Done(Set("d", {.mtime = 1000})));
  EXPECT_EQ(Stat("d").etag(), folder);
  EXPECT_EQ(Stat("d").node.mtime(), 1000);
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Set("no/f", {.mtime = 1})));
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidArgument, Set("d", {.created = -1})));
}

TEST_F(FileTreeTest, AdjustFlagsTouchesOnlyWhatItIsToldTo) {
  Put("d/f", "x", {.make_parents = true});
  const Etag file = Stat("d/f").etag(), folder = Stat("d").etag();
  const auto adjust = [&](std::uint32_t set, std::uint32_t clear, bool touch) {
    return Commit([&](KvTxn& txn) {
      return tree().AdjustFlags(txn, *tree().Resolve(txn, At("d/f")), set, clear, 0, touch);
    });
  };
  ASSERT_TRUE(Done(adjust(kHasTags, 0, false)));
  EXPECT_EQ(Stat("d/f").node.flags(), kHasTags);
  EXPECT_EQ(Stat("d").etag(), folder);
  ASSERT_TRUE(Done(adjust(kHasComments, kHasTags, true)));
  EXPECT_EQ(Stat("d/f").node.flags(), kHasComments);
  EXPECT_EQ(Stat("d/f").etag(), file);
  EXPECT_NE(Stat("d").etag(), folder);
}

// ---- events

TEST_F(FileTreeTest, EveryChangeIsAnEventWithAFullPayload) {
  Put("a/f.txt", "abc", {.make_parents = true});
  const Entry file = Stat("a/f.txt");
  Put("a/f.txt", "abcd");
  Move("a/f.txt", "g.txt");
  Copy("g.txt", "h.txt");
  Remove("g.txt");
  const auto events = Events();
  ASSERT_EQ(events.size(), 6u);
  const EventType types[] = {EventType::kCreated, EventType::kCreated, EventType::kChanged,
                             EventType::kMoved,   EventType::kCopied,  EventType::kDeleted};
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].type(), static_cast<std::uint32_t>(types[i])) << i;
    EXPECT_EQ(events[i].actor(), 1u);
    EXPECT_EQ(events[i].token_name(), "laptop");
    EXPECT_EQ(events[i].at(), clock_.NowMillis());
    EXPECT_THAT(events[i].audiences(), ElementsAre(1u));
  }
  EXPECT_TRUE(events[0].collection());
  EXPECT_EQ(events[1].new_path(), "a/f.txt");
  EXPECT_THAT(events[1].parents(), ElementsAre(Stat("").node.id(), Stat("a").node.id()));
  EXPECT_EQ(events[3].node(), file.node.id());
  EXPECT_EQ(events[3].old_path(), "a/f.txt");
  EXPECT_EQ(events[3].new_path(), "g.txt");
  EXPECT_EQ(events[3].old_name(), "f.txt");
  EXPECT_EQ(events[3].new_name(), "g.txt");
  EXPECT_EQ(events[3].size(), 4u);
  EXPECT_EQ(events[4].old_path(), "g.txt");
  EXPECT_EQ(events[4].new_path(), "h.txt");
  EXPECT_EQ(events[5].old_path(), "g.txt");
  EXPECT_EQ((*tree().FindSpace(*kv().Published(), kHome))->event_seq(), 6u);  // no gap
}

TEST_F(FileTreeTest, ARefusedWriteLeavesNothing) {
  Put("f", "x");
  const Etag root = RootEtag();
  const std::size_t events = Events().size();
  quota_.limit = 1;
  EXPECT_TRUE(RefusedWith(ErrorCode::kQuotaExceeded, Put("a/b/c", "xx", {.make_parents = true})));
  EXPECT_EQ(RootEtag(), root);
  EXPECT_EQ(Events().size(), events);
  EXPECT_THAT(Names(""), ElementsAre("f"));
}

}  // namespace
}  // namespace cairn::support
