#include "server/jobs.h"

#include <gmock/gmock.h>

#include <future>

namespace cairn::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class JobsTest : public testing::Test {
 protected:
  // A job that notes its name and does what `answer` says.
  void Add(
      const std::string& name, std::chrono::seconds period, bool at_start,
      std::function<Result<JobStep>()> answer = [] { return Result<JobStep>(JobStep{}); }) {
    jobs_.Add({name, period, at_start, [this, name, answer] {
                 ran_.push_back(name);
                 return answer();
               }});
  }
  std::vector<std::string> RunDue() {
    ran_.clear();
    while (jobs_.RunOneDue()) {
    }
    return ran_;
  }
  JobStatus Status(const std::string& name) {
    for (JobStatus& status : jobs_.List()) {
      if (status.name == name) return status;
    }
    ADD_FAILURE() << "no job " << name;
    return {};
  }

  FakeClock clock_;
  JobScheduler jobs_{clock_};
  std::vector<std::string> ran_;
};

TEST_F(JobsTest, RunsAtStartAndAfterEachPeriod) {
  Add("first", 10s, true);
  Add("later", 15s, false);
  EXPECT_THAT(RunDue(), ElementsAre("first"));
  clock_.Advance(9s);
  EXPECT_THAT(RunDue(), ElementsAre());
  clock_.Advance(1s);
  EXPECT_THAT(RunDue(), ElementsAre("first"));
  clock_.Advance(10s);
  EXPECT_THAT(RunDue(), ElementsAre("later", "first"));
}

TEST_F(JobsTest, StepsGoOnWhileThereIsMoreAndTakeTurns) {
  int left = 3;
  Add("big", 60s, true, [&] {
    clock_.Advance(1ms);
    return Result<JobStep>(JobStep{10, --left > 0});
  });
  Add("small", 60s, true);
  EXPECT_THAT(RunDue(), ElementsAre("big", "small", "big", "big"));
  EXPECT_EQ(Status("big").last_done, 30u);
  EXPECT_EQ(Status("big").last_run, clock_.NowMillis());
  EXPECT_EQ(Status("big").next_run, clock_.NowMillis() + 60'000);
}

TEST_F(JobsTest, ErrorIsShownAndTheJobRunsAgain) {
  bool broken = true;
  Add("flaky", 10s, true, [&] {
    return broken ? Result<JobStep>(Fail(ErrorCode::kIo, "disk on fire"))
                  : Result<JobStep>(JobStep{1, false});
  });
  EXPECT_THAT(RunDue(), ElementsAre("flaky"));
  EXPECT_EQ(Status("flaky").last_error, "disk on fire");
  broken = false;
  clock_.Advance(10s);
  EXPECT_THAT(RunDue(), ElementsAre("flaky"));
  EXPECT_EQ(Status("flaky").last_error, "");
  EXPECT_EQ(Status("flaky").last_done, 1u);
}

TEST_F(JobsTest, WakeMakesAJobDue) {
  Add("sleeper", 3600s, false);
  jobs_.Wake("sleeper");
  jobs_.Wake("nobody");
  EXPECT_THAT(RunDue(), ElementsAre("sleeper"));
}

TEST_F(JobsTest, ClockSetBackDoesNotStopAJob) {
  Add("steady", 10s, true);
  EXPECT_THAT(RunDue(), ElementsAre("steady"));
  clock_.Advance(-3600s);
  EXPECT_THAT(RunDue(), ElementsAre("steady"));
  EXPECT_THAT(RunDue(), ElementsAre());
}

TEST_F(JobsTest, RunOnRequestGoesToTheEnd) {
  int left = 3;
  Add("big", 3600s, false, [&] { return Result<JobStep>(JobStep{5, --left > 0}); });
  const auto done = jobs_.Run("big");
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(*done, 15u);
  EXPECT_TRUE(Is(jobs_.Run("nobody").error(), ErrorCode::kNotFound));
}

TEST_F(JobsTest, ThreadsRunJobsAndStopWaitsForTheStep) {
  std::promise<void> begun, released;
  std::atomic<int> steps = 0;
  Add("slow", 3600s, true, [&]() -> Result<JobStep> {
    begun.set_value();
    released.get_future().wait();
    ++steps;
    return JobStep{1, true};
  });
  jobs_.Start(2);
  begun.get_future().wait();
  EXPECT_TRUE(Status("slow").running);
  auto stopped = std::async(std::launch::async, [&] { jobs_.Stop(); });
  // Waits for the step, and hears of the stop first.
  EXPECT_TRUE(Is(jobs_.Run("slow").error(), ErrorCode::kBusy));
  released.set_value();
  stopped.get();
  EXPECT_EQ(steps, 1);
}

}  // namespace
}  // namespace cairn::server
