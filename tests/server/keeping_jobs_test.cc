// Trash and versions on the server's own schedule, and at once where they take too much.
#include "server/background_jobs.h"
#include "tests/server/cli_files_case.h"
#include "trash/expiry.h"

namespace cairn::server {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class KeepingJobsTest : public CliFilesCase {
 protected:
  void SetUp() override {
    AddUser("alice");
    AddKeepingJobs(jobs_, engine_, features_);
    RunDue();  // what comes at the start
  }
  void RunDue() {
    for (int i = 0; i < 1000 && jobs_.RunOneDue(); ++i) {
    }
  }
  trash::TrashTotals InTrash() {
    return *trash::TotalsOf(*engine_.kv().Published(), SpaceId{User("alice").space()});
  }
  std::uint64_t VersionBytes() {
    const SpaceId home{User("alice").space()};
    return engine_.tree()
        .Resolve(*engine_.kv().Published(), {.home = home, .segments = {}})
        ->leaf()
        .node.below()
        .version_bytes();
  }

  JobScheduler jobs_{clock_};
};

TEST_F(KeepingJobsTest, ADeletionAboveTheLimitStartsTheExpiryAtOnce) {
  ASSERT_TRUE(users_.SetQuota(UserId{User("alice").id()}, "100 B").has_value());
  for (const char* name : {"a", "b"}) {
    Put("alice", name, std::string(20, 'x'));
    Remove("alice", name);
    clock_.Advance(seconds(1));
  }
  RunDue();
  EXPECT_EQ(InTrash().entries, 2u);  // 40 of 50
  Put("alice", "c", std::string(20, 'x'));
  Remove("alice", "c");
  RunDue();  // no time has passed
  EXPECT_EQ(InTrash().entries, 2u);
  EXPECT_EQ(InTrash().bytes, 40u);
}

TEST_F(KeepingJobsTest, TimeAloneEmptiesTheTrash) {
  Put("alice", "a", "1");
  Remove("alice", "a");
  clock_.Advance(hours(24 * 29));
  RunDue();
  EXPECT_EQ(InTrash().entries, 1u);
  clock_.Advance(hours(48));
  RunDue();
  EXPECT_EQ(InTrash().entries, 0u);
}

TEST_F(KeepingJobsTest, AnOverwriteAboveTheLimitMakesRoomAtOnce) {
  ASSERT_TRUE(users_.SetQuota(UserId{User("alice").id()}, "100 B").has_value());
  for (int i = 0; i < 4; ++i) {
    Put("alice", "a", std::string(20, static_cast<char>('a' + i)));
    clock_.Advance(hours(25));
  }
  RunDue();
  EXPECT_EQ(VersionBytes(), 40u);  // 60 of 40
}

TEST_F(KeepingJobsTest, TimeAloneThinsVersions) {
  for (int i = 0; i < 20; ++i) {
    Put("alice", "a", std::to_string(10 + i));
    clock_.Advance(std::chrono::minutes(61));
  }
  const std::uint64_t before = VersionBytes();
  clock_.Advance(hours(24 * 60));
  RunDue();
  EXPECT_LT(VersionBytes(), before);
  EXPECT_GT(VersionBytes(), 0u);
}

TEST(CrowdedSpaces, ASpaceStaysNotedUntilWhatWasWrittenCanBeSeen) {
  FakeClock clock;
  CrowdedSpaces crowded(clock);
  int woken = 0;
  crowded.OnNote([&] { ++woken; });
  EXPECT_TRUE(crowded.Take().empty());
  crowded.Note(SpaceId{7});
  crowded.Note(SpaceId{7});
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(crowded.Take(), std::vector{SpaceId{7}});
  EXPECT_EQ(crowded.Take(), std::vector{SpaceId{7}});  // too soon to forget it
  clock.Advance(seconds(5));
  EXPECT_EQ(crowded.Take(), std::vector{SpaceId{7}});
  EXPECT_TRUE(crowded.Take().empty());
}

}  // namespace
}  // namespace cairn::server
