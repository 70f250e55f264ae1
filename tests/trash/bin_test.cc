// The trash as a place: what deleting leaves there, and the ways out.
#include "trash/bin.h"

#include "storage/fsck.h"
#include "storage/properties.h"
#include "tests/support/tree_fixture.h"
#include "trash/expiry.h"
#include "versions/history.h"

namespace cairn::trash {
namespace {

using namespace cairn::support;  // NOLINT: the fixture's words

class BinTest : public TreeCase {
 protected:
  BinTest() {
    trash_.keep = true;
    versions_.keep = true;
  }

  std::vector<Entry> Members() {
    const auto root = Resolve(*kv().Published(), {.space = kHome, .segments = {}});
    if (root.has_error()) return {};
    return tree().List(*kv().Published(), root->leaf().id(), {}, 10'000)->entries;
  }
  std::vector<std::string> InTrash() {
    std::vector<std::string> names;
    for (const Entry& entry : Members()) names.push_back(ExposedName(entry));
    return names;
  }
  // A path in the trash: "NAME.d<stamp>/b/c".
  TrashPath In(std::string_view path) { return {.space = kHome, .segments = At(path).segments}; }
  Result<WriteOutcome> Restore(std::string_view path) {
    auto body = [&](KvTxn& txn) { return trash::Restore(tree(), txn, Context(), In(path)); };
    return Commit(body);
  }
  Result<WriteOutcome> MoveOut(std::string_view path, std::string_view to, bool overwrite = true) {
    auto body = [&](KvTxn& txn) {
      return trash::MoveOut(tree(), txn, Context(), In(path), At(to), overwrite);
    };
    return Commit(body);
  }
  Result<void> Purge(std::string_view path) {
    auto body = [&](KvTxn& txn) { return trash::Purge(tree(), txn, Context(), In(path)); };
    return Commit(body);
  }
  Result<bool> Empty() {
    auto body = [&](KvTxn& txn) { return trash::Empty(tree(), txn, Context(), kHome); };
    return Commit(body);
  }
  std::int64_t Now() { return clock_.NowSeconds(); }
  void Days(int days) { clock_.Advance(std::chrono::hours(24) * days); }
  void ExpectSound() {
    EXPECT_TRUE(InvariantsHold());
    const auto report = Fsck(kv(), engine().contents(), FsckOptions{.read_data = true});
    ASSERT_TRUE(Done(report));
    for (const Finding& finding : report->findings)
      EXPECT_TRUE(finding.harmless) << storage::Name(finding.kind) << ": " << finding.what;
  }
  std::uint64_t ExpireAll() {
    std::uint64_t gone = 0;
    for (std::uint64_t step = 1; step > 0; gone += step)
      step = *ExpireStep(engine(), trash_.keeping(), kHome, 1000);
    return gone;
  }
};

TEST_F(BinTest, WhatIsDeletedKeepsWhatItWas) {
  Put("docs/a.txt", "one", {.make_parents = true});
  const Entry before = Stat("docs/a.txt");
  ASSERT_TRUE(Done(Remove("docs/a.txt")));
  EXPECT_EQ(InTrash(), std::vector{"a.txt.d" + std::to_string(Now())});
  const Entry member = Members().front();
  EXPECT_EQ(member.id(), before.id());
  EXPECT_EQ(member.node.trash().path(), "docs/a.txt");
  EXPECT_EQ(member.node.trash().deleted(), Now());
  EXPECT_EQ(member.node.trash().deleted_by(), Raw(alice_.user));
  EXPECT_EQ(Stat("").node.below().bytes(), 0u);  // not the quota's business
  EXPECT_EQ(TotalsOf(*kv().Published(), kHome)->bytes, 3u);

  const auto restored = Restore(InTrash().front());
  ASSERT_TRUE(Done(restored));
  EXPECT_EQ(Text("docs/a.txt"), "one");
  EXPECT_EQ(Stat("docs/a.txt").id(), before.id());
  EXPECT_EQ(Stat("docs/a.txt").etag(), before.etag());
  EXPECT_EQ(Stat("docs/a.txt").node.mtime(), before.node.mtime());
  EXPECT_FALSE(Stat("docs/a.txt").node.has_trash());
  EXPECT_TRUE(InTrash().empty());
  EXPECT_EQ(Events().back().type(), static_cast<std::uint32_t>(EventType::kRestored));
  ExpectSound();
}

TEST_F(BinTest, VersionsAndFavouritesComeBack) {
  Put("a", "first");
  clock_.Advance(std::chrono::hours(2));
  Put("a", "second");
  const FileId id = Stat("a").id();
  auto favour = [&](KvTxn& txn) {
    return PatchProperties(
        tree(), txn, Context(), At("a"),
        {.dead = {{{"urn:x", "p"}, Property()}}, .favorite = true, .attributes = {}});
  };
  ASSERT_TRUE(Done(Commit(favour)));
  Remove("a");
  EXPECT_EQ(TotalsOf(*kv().Published(), kHome)->version_bytes, 5u);
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound,
                          versions::ReadHistory(tree(), *kv().Published(), alice_, id)));
  ASSERT_TRUE(Done(Restore(InTrash().front())));
  EXPECT_EQ(versions::ReadHistory(tree(), *kv().Published(), alice_, id)->versions.size(), 1u);
  EXPECT_EQ(ReadProperties(*kv().Published(), id)->size(), 1u);
  const std::vector<FileId> ids = {id};
  EXPECT_TRUE(ReadFavorites(*kv().Published(), alice_.user, ids)->front());
  ExpectSound();
}

TEST_F(BinTest, EqualNamesOfOneSecondAreTold) {
  std::vector<FileId> ids;
  for (int i = 0; i < 5; ++i) {
    Put("a", std::to_string(i));
    ids.push_back(Stat("a").id());
    Remove("a");
  }
  const auto names = InTrash();
  ASSERT_EQ(names.size(), 5u);
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), 5u);
  for (const Entry& member : Members()) EXPECT_EQ(member.node.trash().deleted(), Now());
  // Each is found by its name.
  std::set<FileId> found;
  for (const std::string& name : names)
    found.insert(Resolve(*kv().Published(), In(name))->leaf().id());
  EXPECT_EQ(found, std::set(ids.begin(), ids.end()));
}

TEST_F(BinTest, ATakenNameGetsANumber) {
  for (int i = 0; i < 3; ++i) {
    Put("top.txt", std::to_string(i));
    Remove("top.txt");
    clock_.Advance(std::chrono::seconds(10));
  }
  Put("top.txt", "now");
  for (const std::string& name : InTrash()) ASSERT_TRUE(Done(Restore(name)));
  EXPECT_EQ(Names(""), (std::vector<std::string>{"top (restored 2).txt", "top (restored 3).txt",
                                                 "top (restored).txt", "top.txt"}));
  EXPECT_EQ(Text("top (restored).txt"), "0");
  EXPECT_EQ(Text("top.txt"), "now");

  const std::string longest(storage::kMaxNewNameBytes - 4, 'x');
  Put(longest + ".txt", "1");
  Remove(longest + ".txt");
  Put(longest + ".txt", "2");
  const auto restored = Restore(InTrash().front());
  ASSERT_TRUE(Done(restored));
  EXPECT_EQ(restored->entry.name().size(), storage::kMaxNewNameBytes);
  EXPECT_TRUE(restored->entry.name().ends_with(" (restored).txt"));
  ExpectSound();
}

TEST_F(BinTest, GoesBackToItsFolderWhereverThatIs) {
  Put("a/b/f", "1", {.make_parents = true});
  Put("a/b/g", "2");
  Remove("a/b/f");
  Remove("a/b/g");
  Move("a/b", "elsewhere");
  ASSERT_TRUE(Done(Restore("f.d" + std::to_string(Now()))));
  EXPECT_EQ(Text("elsewhere/f"), "1");  // no such path any more: the folder itself
  Mkdir("a/b");
  ASSERT_TRUE(Done(Restore("g.d" + std::to_string(Now()))));
  EXPECT_EQ(Text("a/b/g"), "2");  // the path comes first
}

TEST_F(BinTest, WithoutItsFolderItGoesToTheRoot) {
  Put("d/gone.txt", "1", {.make_parents = true});
  Remove("d/gone.txt");
  Remove("d");
  ASSERT_TRUE(Done(Restore("gone.txt.d" + std::to_string(Now()))));
  EXPECT_EQ(Text("gone.txt"), "1");
  // A folder in the trash is no home, though its id is still there.
  ASSERT_TRUE(Done(Restore("d.d" + std::to_string(Now()))));
  EXPECT_EQ(Names("d"), std::vector<std::string>{});
}

TEST_F(BinTest, AChildOfADeletedFolderComesBackAlone) {
  Put("dir/in/x.txt", "inner", {.make_parents = true});
  Put("dir/in/y.txt", "other");
  Remove("dir");
  const std::string dir = InTrash().front();
  const auto chain = Resolve(*kv().Published(), In(dir + "/in/x.txt"));
  ASSERT_TRUE(Done(chain));
  EXPECT_EQ(OriginalLocation(*chain), "dir/in/x.txt");
  ASSERT_TRUE(Done(Restore(dir + "/in/x.txt")));
  EXPECT_EQ(Text("x.txt"), "inner");
  EXPECT_EQ(TotalsOf(*kv().Published(), kHome)->bytes, 5u);
  ASSERT_TRUE(Done(Purge(dir + "/in/y.txt")));
  ASSERT_TRUE(Done(Restore(dir)));
  EXPECT_EQ(Names("dir/in"), std::vector<std::string>{});
  ExpectSound();
}

TEST_F(BinTest, MovesOutToAPath) {
  Put("a", "old");
  Remove("a");
  Put("there", "newer");
  const std::string name = InTrash().front();
  EXPECT_TRUE(RefusedWith(ErrorCode::kPreconditionFailed, MoveOut(name, "there", false)));
  EXPECT_TRUE(RefusedWith(ErrorCode::kParentMissing, MoveOut(name, "no/where")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, MoveOut(name, "")));
  const auto moved = MoveOut(name, "there");
  ASSERT_TRUE(Done(moved));
  EXPECT_FALSE(moved->created);
  EXPECT_EQ(Text("there"), "old");
  EXPECT_EQ(InTrash(), std::vector{"there.d" + std::to_string(Now())});  // what stood there
  ExpectSound();
}

TEST_F(BinTest, QuotaCountsWhatComesBack) {
  Put("big", "1234567890");
  Remove("big");
  quota_.limit = 30;
  Put("other", std::string(15, 'x'));
  Put("more", std::string(10, 'x'));
  EXPECT_TRUE(RefusedWith(ErrorCode::kQuotaExceeded, Restore(InTrash().front())));
  EXPECT_TRUE(RefusedWith(ErrorCode::kQuotaExceeded, MoveOut(InTrash().front(), "out")));
  EXPECT_EQ(InTrash().size(), 1u);
  Remove("more", true);
  EXPECT_TRUE(Done(Restore(InTrash().front())));
}

TEST_F(BinTest, WhatIsNotThereIsNotFound) {
  Put("a", "1");
  for (const char* name : {"a.d1", "a", ".d", "a.d-1", "a.dx", "a.d99999999999999999999"}) {
    EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Restore(name))) << name;
    EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Purge(name))) << name;
  }
  Remove("a");
  const std::string name = InTrash().front();
  for (const std::string& path : std::vector<std::string>{name + "/below", "a.d1", "a\xff.d1"}) {
    EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Restore(path))) << path;
  }
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Restore("")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Purge("")));
  ASSERT_TRUE(Done(Purge(name)));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Purge(name)));
}

TEST_F(BinTest, NobodyElseReachesIt) {
  Put("a", "1");
  Remove("a");
  const std::string name = InTrash().front();
  access_.all = static_cast<Permissions>(Permission::kRead);
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Restore(name)));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Purge(name)));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Empty()));
  access_.all = 0;
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Restore(name)));
  EXPECT_TRUE(
      RefusedWith(ErrorCode::kNotFound, ResolveFor(tree(), *kv().Published(), alice_, In(name))));
  access_.user_disabled = true;
  EXPECT_TRUE(RefusedWith(ErrorCode::kUnauthenticated, Restore(name)));
  EXPECT_TRUE(RefusedWith(ErrorCode::kUnauthenticated, Empty()));
  EXPECT_EQ(InTrash().size(), 1u);
}

TEST_F(BinTest, EmptyGoesAtOnceAndIsPurgedInSteps) {
  for (int i = 0; i < 100; ++i) Put("d/" + std::to_string(i), "x", {.make_parents = true});
  Put("a", "first");
  Put("a", "second");
  Remove("d");
  Remove("a");
  EXPECT_TRUE(*Empty());
  EXPECT_TRUE(InTrash().empty());
  EXPECT_FALSE(*Empty());
  ExpectSound();
  EXPECT_EQ(PurgeAll(10), 103u);  // 100 files, their folder, a file, and the old trash itself
  EXPECT_EQ(Rows(Table::kVersions), 0u);
  EXPECT_EQ(Rows(Table::kRefs), 0u);
  Put("b", "x");
  Remove("b");  // into a new one
  EXPECT_EQ(InTrash().size(), 1u);
  ExpectSound();
}

TEST_F(BinTest, PurgeTakesVersionsAlong) {
  Put("a", "1");
  clock_.Advance(std::chrono::hours(2));
  Put("a", "22");
  Remove("a");
  ASSERT_TRUE(Done(Purge(InTrash().front())));
  EXPECT_EQ(Rows(Table::kVersions), 0u);
  EXPECT_EQ(Rows(Table::kRefs), 0u);
  Put("b", "1");
  clock_.Advance(std::chrono::hours(2));
  Put("b", "22");
  Remove("b", true);
  EXPECT_EQ(Rows(Table::kVersions), 0u);
  ExpectSound();
}

TEST_F(BinTest, AfterThirtyDaysItGoes) {
  Put("old", "1");
  Put("young", "2");
  Remove("old");
  Days(1);
  Remove("young");
  Days(29);
  EXPECT_EQ(ExpireAll(), 0u);  // 30 days are not more than 30 days
  clock_.Advance(std::chrono::seconds(1));
  const auto due = FindExpired(engine(), trash_.keeping(), kHome, 1000);
  ASSERT_EQ(due->size(), 1u);
  EXPECT_EQ(due->front().path, "old");
  EXPECT_EQ(due->front().reason, Reason::kAge);
  EXPECT_EQ(InTrash().size(), 2u);  // a look changes nothing
  EXPECT_EQ(ExpireAll(), 1u);
  EXPECT_TRUE(InTrash().front().starts_with("young.d"));
  ExpectSound();
}

TEST_F(BinTest, TakesHalfOfWhatIsLeftAndTheOldestGoFirst) {
  quota_.limit = 100;  // bytes
  for (const char* name : {"a", "b", "c"}) {
    Put(name, std::string(20, 'x'));
    Remove(name);
    clock_.Advance(std::chrono::seconds(1));
  }
  EXPECT_EQ(ExpireAll(), 1u);  // 60 of 50
  ASSERT_EQ(InTrash().size(), 2u);
  EXPECT_TRUE(InTrash().front().starts_with("b.d"));
  Put("much", std::string(50, 'x'));  // 50 left, 25 for the trash
  EXPECT_EQ(ExpireAll(), 1u);
  EXPECT_TRUE(InTrash().front().starts_with("c.d"));
  ExpectSound();
}

TEST_F(BinTest, WhatAloneIsTooLargeIsPurged) {
  quota_.limit = 100;
  Put("small", "x");
  Remove("small");
  Put("large", std::string(60, 'x'));
  Remove("large");
  EXPECT_EQ(InTrash().size(), 1u);
  EXPECT_TRUE(InTrash().front().starts_with("small.d"));
  ExpectSound();
}

TEST_F(BinTest, AFolderOfManyIsDeletedAndRestoredInOneStep) {
  for (int i = 0; i < 300; ++i)
    Put("d/" + std::to_string(i % 7) + "/" + std::to_string(i), "x", {.make_parents = true});
  const Entry before = Stat("d");
  const std::uint64_t events = Events().size();
  Remove("d");
  ASSERT_TRUE(Done(Restore(InTrash().front())));
  EXPECT_EQ(Stat("d").etag(), before.etag());
  EXPECT_EQ(Stat("d").node.below().files(), 300u);
  EXPECT_EQ(Events().size(), events + 2);
  ExpectSound();
}

TEST_F(BinTest, DepthIsKeptInBounds) {
  Put("d/f", "x", {.make_parents = true});
  Remove("d");
  std::string deep;
  for (std::size_t i = 0; i + 1 < kMaxDepth; ++i) deep += (i == 0 ? "" : "/") + std::string("p");
  Mkdir(deep, {.make_parents = true});
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidArgument, MoveOut(InTrash().front(), deep + "/d")));
  EXPECT_EQ(InTrash().size(), 1u);
}

}  // namespace
}  // namespace cairn::trash
