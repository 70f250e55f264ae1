// trashbin:*, versions:*, quota:recalculate.
#include <gmock/gmock.h>

#include "storage/records.h"
#include "tests/server/cli_files_case.h"

namespace cairn::server {
namespace {

using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

class CliKeepingTest : public CliFilesCase {
 protected:
  void SetUp() override {
    AddUser("alice");
    AddUser("bob");
  }
};

TEST_F(CliKeepingTest, SizeShowsWhatLiesInTheTrash) {
  Put("alice", "a", "12345");
  Remove("alice", "a");
  const Said said = Run({"trashbin:size", "--output=json"});
  EXPECT_EQ(said.exit, 0) << said.err;
  EXPECT_EQ(said.out, R"([{"user":"alice","deletions":1,"bytes":5,"version_bytes":0},)"
                      R"({"user":"bob","deletions":0,"bytes":0,"version_bytes":0}])"
                      "\n");
  EXPECT_THAT(Run({"trashbin:size", "bob"}).out, Not(HasSubstr("alice")));
  EXPECT_EQ(Run({"trashbin:size", "nobody"}).exit, 1);
}

TEST_F(CliKeepingTest, RestoreTakesASpanOfTime) {
  for (const char* name : {"a", "b", "c"}) {
    Put("alice", name, "x");
    clock_.Advance(hours(24));
    Remove("alice", name);
  }
  const std::int64_t now = clock_.NowSeconds();
  const std::vector<std::string> span = {"trashbin:restore", "--user=alice",
                                         "--since=" + std::to_string(now - 24 * 3600),
                                         "--until=" + std::to_string(now - 1)};
  std::vector<std::string> dry = span;
  dry.push_back("--dry-run");
  EXPECT_EQ(Run(dry).out, "alice: would restore b\n");
  EXPECT_FALSE(Has("alice", "b"));
  EXPECT_EQ(Run(span).out, "alice: 1 restored\n");
  EXPECT_TRUE(Has("alice", "b"));
  EXPECT_FALSE(Has("alice", "a"));
  EXPECT_EQ(Run({"trashbin:restore", "--all-users"}).out, "alice: 2 restored\nbob: 0 restored\n");
  EXPECT_TRUE(Has("alice", "a"));
  EXPECT_TRUE(Has("alice", "c"));
  EXPECT_EQ(Run({"trashbin:restore", "alice", "--since=soon"}).exit, 1);
  EXPECT_EQ(Run({"trashbin:restore"}).exit, 1);
}

TEST_F(CliKeepingTest, CleanupEmptiesOneOrAll) {
  for (const char* user : {"alice", "bob"}) {
    Put(user, "a", "x");
    Remove(user, "a");
  }
  EXPECT_EQ(Run({"trashbin:cleanup"}).exit, 1);
  EXPECT_EQ(Run({"trashbin:cleanup", "alice"}).out, "Removed deleted files of alice\n");
  EXPECT_THAT(Run({"trashbin:size", "alice", "--output=json"}).out, HasSubstr("\"deletions\":0"));
  EXPECT_THAT(Run({"trashbin:size", "bob", "--output=json"}).out, HasSubstr("\"deletions\":1"));
  EXPECT_EQ(Run({"trashbin:cleanup", "--all-users"}).out,
            "No deleted files of alice\nRemoved deleted files of bob\n");
}

TEST_F(CliKeepingTest, ExpireSaysWhatAndWhy) {
  Put("alice", "old", "12345");
  Remove("alice", "old");
  clock_.Advance(hours(24 * 31));
  Put("alice", "new", "1");
  Remove("alice", "new");
  const Said dry = Run({"trashbin:expire", "--dry-run"});
  EXPECT_THAT(dry.out, HasSubstr("alice: would remove old (deleted "));
  EXPECT_THAT(dry.out, HasSubstr("too old"));
  EXPECT_THAT(dry.out, Not(HasSubstr("new")));
  EXPECT_EQ(Run({"trashbin:expire"}).out, "alice: 1 deletions removed\nbob: 0 deletions removed\n");
  ASSERT_EQ(Run({"config:system:set", "trashbin_retention_obligation", "--value=disabled"}).exit,
            0);
  clock_.Advance(hours(24 * 400));
  EXPECT_EQ(Run({"trashbin:expire", "alice"}).out, "alice: 0 deletions removed\n");
}

TEST_F(CliKeepingTest, VersionsGoByScheduleOrAltogether) {
  for (int i = 0; i < 30; ++i) {
    Put("alice", "a", std::to_string(i));
    clock_.Advance(hours(1));
  }
  clock_.Advance(hours(24 * 90));
  const Said dry = Run({"versions:expire", "--dry-run"});
  EXPECT_THAT(dry.out, HasSubstr("Schedule: would remove "));
  EXPECT_THAT(dry.out, Not(HasSubstr("would remove 0 versions, 0 B\nalice")));
  EXPECT_EQ(Run({"versions:expire", "alice"}).exit, 0);
  EXPECT_THAT(Run({"versions:expire"}).out, HasSubstr("Schedule: removed 0 versions"));
  EXPECT_THAT(Run({"versions:cleanup", "alice"}).out, Not(HasSubstr("removed 0 versions")));
  EXPECT_THAT(Run({"versions:cleanup", "alice"}).out, HasSubstr("removed 0 versions"));
  EXPECT_TRUE(Has("alice", "a"));
  EXPECT_EQ(Run({"versions:cleanup"}).exit, 1);
}

TEST_F(CliKeepingTest, RecalculateProvesTheSums) {
  Put("alice", "a", "12345");
  Put("alice", "b", "1");
  Put("alice", "b", "123");
  Put("alice", "c", "123");
  Remove("alice", "c");
  const Said said = Run({"quota:recalculate", "--output=json"});
  EXPECT_EQ(said.exit, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr(R"({"user":"alice","stored":8,"counted":8,"files":2,)"
                                  R"("folders":0,"equal":true})"));
  Commit("alice", [&](storage::KvTxn& txn, const storage::WriteContext&) -> Result<void> {
    auto root =
        *engine_.tree().Resolve(txn, {.home = SpaceId{User("alice").space()}, .segments = {}});
    root.leaf().node.mutable_below()->set_bytes(7);
    storage::WriteRecord(txn, storage::Table::kEntries,
                         storage::keys::Entry(root.leaf().parent, root.leaf().key),
                         root.leaf().node);
    return {};
  });
  const Said wrong = Run({"quota:recalculate", "alice"});
  EXPECT_EQ(wrong.exit, 1);
  EXPECT_THAT(wrong.err, HasSubstr("cairn fsck"));
  EXPECT_EQ(Run({"quota:recalculate", "bob"}).exit, 0);
}

TEST_F(CliKeepingTest, TheDefaultQuotaIsForWhoeverHasNone) {
  ASSERT_EQ(Run({"config:app:set", "files", "default_quota", "--value=1 GB"}).exit, 0);
  EXPECT_THAT(Run({"user:info", "alice"}).out, HasSubstr("quota: 1 GB"));
  ASSERT_EQ(Run({"user:setting", "alice", "files", "quota", "5 MB"}).exit, 0);
  EXPECT_THAT(Run({"user:info", "alice"}).out, HasSubstr("quota: 5 MB"));
  ASSERT_EQ(Run({"user:setting", "alice", "files", "quota", "none"}).exit, 0);
  EXPECT_THAT(Run({"user:info", "alice"}).out, HasSubstr("quota: none"));
  ASSERT_EQ(Run({"user:setting", "alice", "files", "quota", "default"}).exit, 0);
  EXPECT_THAT(Run({"user:info", "alice"}).out, HasSubstr("quota: 1 GB"));
}

}  // namespace
}  // namespace cairn::server
