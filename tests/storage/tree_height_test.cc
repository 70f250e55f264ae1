// What a MOVE or COPY brings along below itself is not deeper than the limit either.
#include "storage/tree_height.h"

#include <gtest/gtest.h>

#include "storage/fsck.h"
#include "tests/support/tree_fixture.h"

namespace cairn::support {
namespace {

class TreeHeightTest : public TreeCase {
 protected:
  void TearDown() override { EXPECT_EQ(Findings(), ""); }

  // "d/d/d", so many levels of it.
  static std::string Chain(std::size_t levels) {
    std::string path = "d";
    for (std::size_t i = 1; i < levels; ++i) path += "/d";
    return path;
  }
  void Make(const std::string& path) { ASSERT_TRUE(Done(Mkdir(path, {.make_parents = true}))); }
  std::uint64_t Height(std::string_view path) { return HeightBound(Stat(path).node); }
  std::string Findings() {
    const auto report = Fsck(kv(), engine().contents(), {});
    if (report.has_error()) return report.error().message;
    std::string lines;
    for (const Finding& finding : report->findings) {
      if (!finding.harmless) lines += finding.what + "\n";
    }
    return lines;
  }
};

TEST_F(TreeHeightTest, ABoundIsRaisedByWhatIsAdded) {
  EXPECT_EQ(Height(""), 0u);
  Make("a/b/c");
  EXPECT_EQ(Height(""), 3u);
  EXPECT_EQ(Height("a"), 2u);
  EXPECT_EQ(Height("a/b/c"), 0u);
  ASSERT_TRUE(Done(Put("a/b/c/file", "1")));
  EXPECT_EQ(Height(""), 4u);
  EXPECT_EQ(Height("a/b/c"), 1u);
  Make("x");
  ASSERT_TRUE(Done(Move("a/b", "x/b")));
  EXPECT_EQ(Height("x"), 3u);
  ASSERT_TRUE(Done(Copy("x", "a/copy")));
  EXPECT_EQ(Height("a/copy"), 3u);
  EXPECT_EQ(Height("a"), 4u);
}

TEST_F(TreeHeightTest, AMovedOrCopiedTreeEndsAtTheLimit) {
  Make("tree/" + Chain(99));
  const std::string most = "deep/" + Chain(kMaxDepth - 101);
  Make("deep/" + Chain(kMaxDepth - 100));
  ASSERT_TRUE(Done(Copy("tree", most + "/copy")));
  ASSERT_TRUE(Done(Move("tree", most + "/tree")));
  EXPECT_EQ(Height("deep"), kMaxDepth - 1);
  const std::string tree = most + "/tree";
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidArgument, Move(tree, most + "/d/tree")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidArgument, Copy(tree, most + "/d/tree")));
  EXPECT_TRUE(RefusedWith(ErrorCode::kInvalidArgument, Put(tree + "/" + Chain(99) + "/f", "")));
  // Where it is no deeper nobody looks.
  ASSERT_TRUE(Done(Move(tree, most + "/renamed")));
  ASSERT_TRUE(Done(Move(most + "/renamed", "tree")));
}

// The bound stays when what was deep is gone: then the entries are looked at.
TEST_F(TreeHeightTest, WhatIsGoneDoesNotCount) {
  Make("tree/" + Chain(99));
  ASSERT_TRUE(Done(Put("tree/file", "1")));
  ASSERT_TRUE(Done(Remove("tree/d")));
  EXPECT_EQ(Height("tree"), 99u);
  const std::string deep = "deep/" + Chain(kMaxDepth - 3);
  Make(deep);
  ASSERT_TRUE(Done(Move("tree", deep + "/tree")));
  EXPECT_EQ(Text(deep + "/tree/file"), "1");
}

// Records that were written before there were heights.
TEST_F(TreeHeightTest, ARecordWithoutAHeightHasAsManyLevelsAsFolders) {
  Make("old/" + Chain(10));
  const Entry old = Stat("old");
  auto forget = [&](KvTxn& txn) -> Result<void> {
    Node node = old.node;
    node.clear_height();
    WriteRecord(txn, Table::kEntries, keys::Entry(old.parent, old.key), node);
    return {};
  };
  ASSERT_TRUE(Done(Commit(forget)));
  EXPECT_EQ(Height("old"), 11u);
  ASSERT_TRUE(Done(Put("old/file", "")));
  EXPECT_EQ(Height("old"), 11u);
  const std::string deep = "deep/" + Chain(kMaxDepth - 12);
  Make(deep);
  EXPECT_TRUE(Done(Move("old", deep + "/old")));
}

}  // namespace
}  // namespace cairn::support
