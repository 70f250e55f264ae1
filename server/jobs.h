// The scheduler of background jobs: expiry, purge, collection. A job is one row; it works in
// bounded steps and goes on where it was after a restart, so that stopping never waits for more
// than one step per thread.
//
//   JobScheduler jobs(clock);
//   jobs.Add({"collect", std::chrono::minutes(5), false, step});
//   jobs.Start(2);
//   jobs.Wake("collect");    // sooner than its period says
//   jobs.Stop();
//
// A job never runs twice at once. Thread-safe; Add comes before Start. Run and Stop block.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "server/job_control.h"

namespace cairn::server {

struct JobStep {
  std::uint64_t done = 0;  // in this step
  bool more = false;       // another step has something to do
};

struct JobRow {
  std::string name;
  std::chrono::seconds period{60};  // from the end of one run to the start of the next
  bool at_start = false;            // the first run comes at once, not after a period
  std::function<Result<JobStep>()> step;
};

class JobScheduler final : public JobControl {
 public:
  explicit JobScheduler(const Clock& clock) : clock_(clock) {}
  ~JobScheduler() override { Stop(); }

  void Add(JobRow row);
  void Start(std::size_t threads);
  // The steps that run come to their end; no other begins.
  void Stop();
  // Unknown names are ignored.
  void Wake(std::string_view name);

  std::vector<JobStatus> List() const override;
  Result<std::uint64_t> Run(std::string_view name) override;

  // One step of the job that is due longest, on the calling thread. False: none is due.
  bool RunOneDue();

 private:
  struct Job {
    JobRow row;
    JobStatus status;
    std::uint64_t done = 0;             // in the run that is going on
    std::chrono::microseconds took{0};  // by it
  };

  void Loop();
  Job* TakeDue();                                      // needs mu_
  void Finish(Job& job, const Result<JobStep>& step);  // needs mu_
  std::chrono::milliseconds UntilNextDue() const;      // needs mu_
  Result<JobStep> Step(Job& job, std::unique_lock<std::mutex>& lock);

  const Clock& clock_;
  mutable std::mutex mu_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Job>> jobs_;  // guarded by mu_
  bool stopping_ = false;                   // guarded by mu_
  std::vector<std::thread> threads_;
};

}  // namespace cairn::server
