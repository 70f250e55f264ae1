// Versions of files: what keeps them, what they follow, and what users do with them.
#include "versions/history.h"

#include "storage/fsck.h"
#include "tests/support/counting_txn.h"
#include "tests/support/tree_fixture.h"
#include "versions/expiry.h"

namespace cairn::versions {
namespace {

using namespace cairn::support;  // NOLINT: the fixture's words
using std::chrono::hours;
using std::chrono::seconds;

class HistoryTest : public TreeCase {
 protected:
  HistoryTest() {
    versions_.keep = true;
    trash_.keep = true;
  }

  History Of(std::string_view path) {
    return *ReadHistory(tree(), *kv().Published(), alice_, Stat(path).id());
  }
  std::vector<std::string> Texts(std::string_view path) {
    std::vector<std::string> texts;
    for (const VersionRow& row : Of(path).versions) texts.push_back(TextOf(row.version));
    return texts;
  }
  std::string TextOf(const Version& version) {
    const auto id = ContentId::FromBytes(version.content());
    const auto reader = engine().contents().Open(*kv().Published(), *id);
    std::string text;
    EXPECT_TRUE(Done((*reader)->Read(0, 1 << 20, text)));
    return text;
  }
  std::int64_t StampOf(std::string_view path, std::size_t index) {
    return Of(path).versions.at(index).version.stamp();
  }
  // An overwrite a day later.
  void Overwrite(std::string_view path, std::string_view text, const PutOptions& options = {}) {
    clock_.Advance(hours(24));
    ASSERT_TRUE(Done(Put(path, text, options)));
  }
  Result<WriteOutcome> Restore(std::string_view path, std::int64_t stamp, bool keep = false) {
    const FileId id = Stat(path).id();
    auto body = [&](KvTxn& txn) {
      return versions::Restore(tree(), txn, Context(), id, stamp, keep);
    };
    return Commit(body);
  }
  Result<WriteOutcome> TakeOut(std::string_view path, std::int64_t stamp, std::string_view to,
                               bool overwrite, bool keep) {
    const FileId id = Stat(path).id();
    auto body = [&](KvTxn& txn) {
      return versions::TakeOut(tree(), txn, Context(), id, stamp, At(to), overwrite, keep);
    };
    return Commit(body);
  }
  Result<void> Label(std::string_view path, std::int64_t stamp, std::optional<std::string> label) {
    const FileId id = Stat(path).id();
    auto body = [&](KvTxn& txn) {
      return SetLabel(tree(), txn, Context(), id, stamp, std::move(label));
    };
    return Commit(body);
  }
  Result<void> Delete(std::string_view path, std::int64_t stamp) {
    const FileId id = Stat(path).id();
    auto body = [&](KvTxn& txn) { return versions::Delete(tree(), txn, Context(), id, stamp); };
    return Commit(body);
  }
  void ExpectSound() {
    EXPECT_TRUE(InvariantsHold());
    const auto report = Fsck(kv(), engine().contents(), FsckOptions{.read_data = true});
    ASSERT_TRUE(Done(report));
    for (const Finding& finding : report->findings)
      EXPECT_TRUE(finding.harmless) << storage::Name(finding.kind) << ": " << finding.what;
  }
};

using Strings = std::vector<std::string>;

TEST_F(HistoryTest, AnOverwriteKeepsWhatWasThere) {
  Put("a", "one", {.mtime = 1'600'000'000});
  Overwrite("a", "three", {.mtime = 1'600'000'100});
  Overwrite("a", "seven77");
  EXPECT_EQ(Texts("a"), (Strings{"one", "three"}));
  EXPECT_EQ(StampOf("a", 0), 1'600'000'000);
  EXPECT_EQ(StampOf("a", 1), 1'600'000'100);
  EXPECT_EQ(Of("a").versions[0].version.author(), Raw(alice_.user));
  EXPECT_EQ(Stat("a").node.below().version_bytes(), 8u);
  EXPECT_EQ(Stat("").node.below().version_bytes(), 8u);
  EXPECT_EQ(Stat("").node.below().bytes(), 7u);  // versions are not the quota's business
  ExpectSound();
}

TEST_F(HistoryTest, WhatLosesNothingKeepsNothing) {
  Put("a", "");
  Overwrite("a", "text");  // an empty file
  EXPECT_EQ(Texts("a"), Strings{});
  Overwrite("a", "text", {.mtime = 1'600'000'000});  // the same bytes
  EXPECT_EQ(Texts("a"), Strings{});
  EXPECT_EQ(Stat("a").node.mtime(), 1'600'000'000);
  Set("a", {.mtime = 1'600'000'001});  // another time alone
  EXPECT_EQ(Texts("a"), Strings{});
  Overwrite("a", "", {});
  EXPECT_EQ(Texts("a"), Strings{"text"});  // becoming empty is a loss
  ExpectSound();
}

TEST_F(HistoryTest, ChecksumsTellEqualBytes) {
  const std::string sum = "SHA1:0123456789012345678901234567890123456789";
  Put("a", std::string(20'000, 'x'), {.checksums = sum});
  Overwrite("a", std::string(20'000, 'y'),
            {.checksums = sum});  // taken at its word: it was verified
  EXPECT_EQ(Texts("a").size(), 0u);
  Overwrite("a", std::string(20'000, 'y'), {.checksums = "SHA1:ff"});
  EXPECT_EQ(Texts("a").size(), 1u);
}

TEST_F(HistoryTest, AnOldModificationTimeCostsNoVersion) {
  // became_current drives the schedule, not what clients say about their files.
  Put("a", "0", {.mtime = 1'000'000'000});
  for (int i = 1; i <= 5; ++i) Overwrite("a", std::to_string(i), {.mtime = 1'000'000'000});
  EXPECT_EQ(Texts("a"), (Strings{"0", "1", "2", "3", "4"}));
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_EQ(StampOf("a", i), 1'000'000'000 + static_cast<std::int64_t>(i));
  EXPECT_EQ(Of("a").CurrentStamp(), 1'000'000'005);
}

TEST_F(HistoryTest, TheScheduleThinsAtEachOverwrite) {
  Put("a", "0");
  for (int i = 1; i <= 120; ++i) {
    clock_.Advance(std::chrono::milliseconds(500));
    Put("a", std::to_string(i));
  }
  // A minute of saves, two in a second: a few survive, the newest among them.
  EXPECT_EQ(Texts("a").back(), "119");
  EXPECT_LE(Texts("a").size(), 13u);
  EXPECT_GE(Texts("a").size(), 9u);
  ExpectSound();
}

TEST_F(HistoryTest, CopyOntoAFileIsAnOverwrite) {
  Put("a", "aaa");
  Put("b", "bb");
  const FileId id = Stat("b").id();
  clock_.Advance(hours(1));
  const auto copied = Copy("a", "b");
  ASSERT_TRUE(Done(copied));
  EXPECT_FALSE(copied->created);
  EXPECT_EQ(Stat("b").id(), id);
  EXPECT_EQ(Text("b"), "aaa");
  EXPECT_EQ(Texts("b"), Strings{"bb"});
  EXPECT_EQ(Texts("a"), Strings{});
  Copy("a", "c");
  EXPECT_EQ(Texts("c"), Strings{});  // a copy begins its own history
  ExpectSound();
}

TEST_F(HistoryTest, MoveOntoAFileSendsItToTheTrash) {
  Put("a", "aaa");
  Put("b", "bb");
  Overwrite("b", "bbbb");
  const FileId replaced = Stat("b").id();
  const FileId moved = Stat("a").id();
  ASSERT_TRUE(Done(Move("a", "b")));
  EXPECT_EQ(Stat("b").id(), moved);
  EXPECT_EQ(Texts("b"), Strings{});
  const auto chain = tree().ChainOf(*kv().Published(), replaced);
  EXPECT_EQ(chain->root().node.root(), storage::ROOT_TRASH);
  EXPECT_EQ(chain->leaf().node.below().version_bytes(), 2u);
  ExpectSound();
}

TEST_F(HistoryTest, FollowsTheFile) {
  Put("d/a", "one", {.make_parents = true});
  Overwrite("d/a", "two");
  Move("d/a", "d/b");
  Move("d", "e");
  EXPECT_EQ(Texts("e/b"), Strings{"one"});
  ASSERT_TRUE(Done(Move("e/b", "other:b")));
  const auto chain = tree().Resolve(*kv().Published(), At("other:b"));
  EXPECT_EQ(ReadVersions(*kv().Published(), chain->leaf().id())->size(), 1u);
  EXPECT_EQ(chain->root().node.below().version_bytes(), 3u);
  EXPECT_EQ(Stat("").node.below().version_bytes(), 0u);
  ExpectSound();
}

TEST_F(HistoryTest, RestoreSwapsTheTwo) {
  Put("a", "one", {.mtime = 1'600'000'000, .checksums = "SHA1:11"});
  Overwrite("a", "three", {.mtime = 1'600'000'100});
  const Etag before = Stat("a").etag();
  const FileId id = Stat("a").id();
  clock_.Advance(hours(1));
  ASSERT_TRUE(Done(Restore("a", 1'600'000'000)));
  EXPECT_EQ(Text("a"), "one");
  EXPECT_EQ(Stat("a").id(), id);
  EXPECT_NE(Stat("a").etag(), before);
  EXPECT_EQ(Stat("a").node.mtime(), 1'600'000'000);
  EXPECT_EQ(Stat("a").node.checksums(), "SHA1:11");
  EXPECT_EQ(Texts("a"), Strings{"three"});
  EXPECT_EQ(StampOf("a", 0), 1'600'000'100);
  ExpectSound();
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Restore("a", 5)));
  // The file has that already: what was meant may have been a version that is gone.
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Restore("a", Of("a").CurrentStamp())));
}

TEST_F(HistoryTest, CopyingAVersionBackKeepsIt) {
  Put("a", "one", {.mtime = 1'600'000'000});
  Overwrite("a", "three", {.mtime = 1'600'000'100});
  clock_.Advance(hours(1));
  ASSERT_TRUE(Done(Restore("a", 1'600'000'000, true)));
  EXPECT_EQ(Text("a"), "one");
  EXPECT_EQ(Texts("a"), (Strings{"one", "three"}));
  EXPECT_NE(Of("a").CurrentStamp(), 1'600'000'000);  // that name is the version's
  ExpectSound();
}

TEST_F(HistoryTest, RestoreAsksQuotaLocksAndRights) {
  Put("a", std::string(50, 'x'), {.mtime = 1'600'000'000});
  Overwrite("a", "small");
  quota_.limit = 40;
  EXPECT_TRUE(RefusedWith(ErrorCode::kQuotaExceeded, Restore("a", 1'600'000'000)));
  EXPECT_EQ(Text("a"), "small");
  EXPECT_EQ(Texts("a").size(), 1u);
  quota_.limit.reset();
  const std::string token = *Lock("a");
  EXPECT_TRUE(RefusedWith(ErrorCode::kLocked, Restore("a", 1'600'000'000)));
  tokens_ = {token};
  EXPECT_TRUE(Done(Restore("a", 1'600'000'000)));
  const std::int64_t stamp = StampOf("a", 0);
  access_.all = static_cast<Permissions>(Permission::kRead);
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Restore("a", stamp)));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Delete("a", stamp)));
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Label("a", stamp, "x")));
  access_.all = 0;
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Restore("a", stamp)));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Delete("a", stamp)));
}

TEST_F(HistoryTest, LabelsKeepAVersionForGood) {
  Put("a", "0");
  clock_.Advance(seconds(1));
  Put("a", "1");
  ASSERT_TRUE(Done(Label("a", StampOf("a", 0), "first draft")));
  ASSERT_TRUE(Done(Label("a", Of("a").CurrentStamp(), "the one")));
  EXPECT_EQ(Stat("a").node.label(), "the one");
  for (int i = 2; i < 40; ++i) {
    clock_.Advance(std::chrono::milliseconds(100));
    Put("a", std::to_string(i));
  }
  EXPECT_FALSE(Stat("a").node.has_label());  // it went with its content
  Strings labelled;
  for (const VersionRow& row : Of("a").versions)
    if (!row.version.label().empty()) labelled.push_back(row.version.label());
  EXPECT_EQ(labelled, (Strings{"first draft", "the one"}));
  clock_.Advance(hours(24 * 400));
  Put("a", "later");
  EXPECT_EQ(Texts("a").front(), "0");
  ASSERT_TRUE(Done(Label("a", StampOf("a", 0), std::nullopt)));
  EXPECT_FALSE(Of("a").versions[0].version.has_label());
  EXPECT_TRUE(RefusedWith(ErrorCode::kTooLarge,
                          Label("a", StampOf("a", 0), std::string(kMaxLabelBytes + 1, 'x'))));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Label("a", 5, "x")));
  ExpectSound();
}

TEST_F(HistoryTest, DeletesOneVersion) {
  Put("a", "one");
  Overwrite("a", "two");
  Overwrite("a", "three");
  const Etag root = RootEtag();
  ASSERT_TRUE(Done(Delete("a", StampOf("a", 0))));
  EXPECT_EQ(Texts("a"), Strings{"two"});
  EXPECT_EQ(RootEtag(), root);  // nothing that a listing shows
  EXPECT_EQ(Stat("").node.below().version_bytes(), 3u);
  EXPECT_TRUE(RefusedWith(ErrorCode::kForbidden, Delete("a", Of("a").CurrentStamp())));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, Delete("a", 5)));
  ASSERT_TRUE(Done(Delete("a", StampOf("a", 0))));
  EXPECT_EQ(Stat("a").node.flags() & storage::kHasVersions, 0u);
  ExpectSound();
  Overwrite("a", "four");  // numbers are not given twice
  EXPECT_EQ(Of("a").versions[0].sequence, 3u);
}

TEST_F(HistoryTest, AVersionBecomesAFile) {
  Put("a", "one", {.mtime = 1'600'000'000});
  Overwrite("a", "two", {.mtime = 1'600'000'001});
  Overwrite("a", "three");
  Put("taken", "x");
  EXPECT_TRUE(RefusedWith(ErrorCode::kPreconditionFailed,
                          TakeOut("a", 1'600'000'000, "taken", false, true)));
  ASSERT_TRUE(Done(TakeOut("a", 1'600'000'000, "copy", true, true)));
  EXPECT_EQ(Text("copy"), "one");
  EXPECT_EQ(Texts("a"), (Strings{"one", "two"}));
  ASSERT_TRUE(Done(TakeOut("a", 1'600'000'001, "moved", true, false)));
  EXPECT_EQ(Text("moved"), "two");
  EXPECT_EQ(Texts("a"), Strings{"one"});
  EXPECT_NE(Stat("moved").id(), Stat("a").id());
  ExpectSound();
}

TEST_F(HistoryTest, OnlyLiveFilesHaveAHistory) {
  Put("d/a", "one", {.make_parents = true});
  Overwrite("d/a", "two");
  const FileId file = Stat("d/a").id();
  const auto view = kv().Published();
  EXPECT_TRUE(
      RefusedWith(ErrorCode::kNotFound, ReadHistory(tree(), *view, alice_, Stat("d").id())));
  EXPECT_TRUE(RefusedWith(ErrorCode::kNotFound, ReadHistory(tree(), *view, alice_, FileId{999})));
  Remove("d");
  EXPECT_TRUE(
      RefusedWith(ErrorCode::kNotFound, ReadHistory(tree(), *kv().Published(), alice_, file)));
}

TEST_F(HistoryTest, TheTimerThinsWhatNobodyTouches) {
  Put("a", "0");
  for (int i = 1; i <= 50; ++i) {
    clock_.Advance(hours(1));
    Put("a", std::to_string(i));
  }
  const std::size_t before = Texts("a").size();
  EXPECT_GT(before, 20u);
  clock_.Advance(hours(24 * 60));
  ThinCursor cursor;
  const auto dry = ThinStep(engine(), versions_.keeping(), cursor, 1000, true);
  EXPECT_GT(dry->versions, 20u);
  EXPECT_EQ(Texts("a").size(), before);
  const auto done = ThinStep(engine(), versions_.keeping(), cursor, 1000, false);
  EXPECT_EQ(done->versions, dry->versions);
  EXPECT_EQ(Texts("a").size(), before - dry->versions);
  EXPECT_EQ(Texts("a").back(), "49");
  EXPECT_EQ(ThinStep(engine(), versions_.keeping(), cursor, 1000, false)->versions, 0u);
  ExpectSound();
}

TEST_F(HistoryTest, ThinningGoesOnWhereItStopped) {
  for (int file = 0; file < 20; ++file) {
    for (int i = 0; i < 4; ++i) {
      clock_.Advance(hours(1));
      Put("f" + std::to_string(file), std::to_string(i));
    }
  }
  clock_.Advance(hours(24 * 60));
  ThinCursor cursor;
  std::uint64_t gone = 0;
  int steps = 0;
  do {
    const auto step = ThinStep(engine(), versions_.keeping(), cursor, 7, false);
    ASSERT_TRUE(Done(step));
    gone += step->versions;
    ASSERT_LT(++steps, 100);
  } while (!cursor.after.empty());
  EXPECT_GE(steps, 5);
  EXPECT_GE(gone, 20u);
  for (int file = 0; file < 20; ++file) EXPECT_EQ(Texts("f" + std::to_string(file)).back(), "2");
  ExpectSound();
}

TEST_F(HistoryTest, ADamagedRowDoesNotKeepOthersFromBeingThinned) {
  for (const char* name : {"a", "b"}) {
    Put(name, "0");
    for (int i = 1; i <= 30; ++i) {
      clock_.Advance(hours(1));
      Put(name, std::to_string(i));
    }
  }
  const FileId damaged = Stat("a").id();
  const std::uint64_t sequence = Of("a").versions[3].sequence;
  auto damage = [&](KvTxn& txn) -> Result<void> {
    txn.Put(Table::kVersions, keys::Version(damaged, sequence), "\xff");
    return {};
  };
  ASSERT_TRUE(Done(Commit(damage)));
  clock_.Advance(hours(24 * 60));
  const std::size_t before = Texts("b").size();
  ThinCursor cursor;
  int steps = 0;
  do {
    ASSERT_TRUE(Done(ThinStep(engine(), versions_.keeping(), cursor, 5, false)));
    ASSERT_LT(++steps, 100);
  } while (!cursor.after.empty());
  EXPECT_LT(Texts("b").size(), before);
}

TEST_F(HistoryTest, RoomIsMadeByTheOldestOfAllFiles) {
  quota_.limit = 1000;
  for (const char* name : {"d/old", "d/young"}) {
    Put(name, std::string(100, 'x'), {.make_parents = true});
    for (int i = 0; i < 3; ++i) Overwrite(name, std::string(100, static_cast<char>('a' + i)));
  }
  EXPECT_EQ(Stat("").node.below().version_bytes(), 600u);  // 200 used: 400 for versions
  const auto dry = MakeRoomStep(engine(), versions_.keeping(), kHome, 100, true);
  EXPECT_EQ(dry->versions, 2u);
  const auto done = MakeRoomStep(engine(), versions_.keeping(), kHome, 100, false);
  EXPECT_EQ(done->versions, 2u);
  EXPECT_EQ(Texts("d/old").size(), 1u);
  EXPECT_EQ(Texts("d/young").size(), 3u);
  EXPECT_EQ(MakeRoomStep(engine(), versions_.keeping(), kHome, 100, false)->versions, 0u);
  EXPECT_EQ(CleanUpStep(engine(), kHome, 100)->versions, 4u);
  EXPECT_EQ(Stat("").node.below().version_bytes(), 0u);
  ExpectSound();
}

TEST_F(HistoryTest, AnOverwriteCostsAtMostThreeWritesMore) {
  const auto writes = [&](bool keep) {
    versions_.keep = keep;
    const std::string path = keep ? "with" : "without";
    Put(path, "first");
    clock_.Advance(hours(1));
    Put(path, "second");
    clock_.Advance(hours(1));
    const NewContent content = *Ingest("third");
    Counts counts;
    auto body = [&](KvTxn& txn) {
      CountingTxn counting(txn, counts);
      return tree().Put(counting, Context(), At(path), content, {});
    };
    EXPECT_TRUE(Done(Commit(body)));
    return counts;
  };
  const Counts without = writes(false);
  const Counts with = writes(true);
  EXPECT_LE(with.puts, without.puts + 3);
  EXPECT_LE(with.erases, without.erases);
  EXPECT_LT(with.bytes, without.bytes + 300);  // rows, not contents
}

}  // namespace
}  // namespace cairn::versions
