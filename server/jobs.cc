#include "server/jobs.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace cairn::server {
namespace {

constexpr std::chrono::milliseconds kLongestWait{60'000};

std::int64_t Millis(std::chrono::seconds period) {
  return std::chrono::milliseconds(period).count();
}

}  // namespace

void JobScheduler::Add(JobRow row) {
  const std::lock_guard lock(mu_);
  auto job = std::make_unique<Job>();
  job->status.name = row.name;
  job->status.period = row.period;
  job->status.next_run = clock_.NowMillis() + (row.at_start ? 0 : Millis(row.period));
  job->row = std::move(row);
  jobs_.push_back(std::move(job));
}

void JobScheduler::Start(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Loop(); });
}

void JobScheduler::Stop() {
  {
    const std::lock_guard lock(mu_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void JobScheduler::Wake(std::string_view name) {
  {
    const std::lock_guard lock(mu_);
    for (const auto& job : jobs_) {
      if (job->row.name == name) job->status.next_run = clock_.NowMillis();
    }
  }
  changed_.notify_all();
}

std::vector<JobStatus> JobScheduler::List() const {
  const std::lock_guard lock(mu_);
  std::vector<JobStatus> list;
  list.reserve(jobs_.size());
  for (const auto& job : jobs_) list.push_back(job->status);
  return list;
}

Result<std::uint64_t> JobScheduler::Run(std::string_view name) {
  std::unique_lock lock(mu_);
  const auto found = std::find_if(jobs_.begin(), jobs_.end(),
                                  [&](const auto& job) { return job->row.name == name; });
  if (found == jobs_.end())
    return Fail(ErrorCode::kNotFound, "there is no job \"" + std::string(name) + "\"");
  Job& job = **found;
  std::uint64_t done = 0;
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || !job.status.running; });
    if (stopping_) return Fail(ErrorCode::kBusy, "the server is stopping");
    job.status.running = true;
    ASSIGN_OR_RETURN(const JobStep step, Step(job, lock));
    done += step.done;
    if (!step.more) return done;
  }
}

bool JobScheduler::RunOneDue() {
  std::unique_lock lock(mu_);
  Job* job = stopping_ ? nullptr : TakeDue();
  if (job == nullptr) return false;
  // Its error is in the job's status and in the log.
  std::ignore = Step(*job, lock);
  return true;
}

void JobScheduler::Loop() {
  std::unique_lock lock(mu_);
  while (!stopping_) {
    if (Job* job = TakeDue()) {
      std::ignore = Step(*job, lock);
    } else {
      changed_.wait_for(lock, UntilNextDue());
    }
  }
}

JobScheduler::Job* JobScheduler::TakeDue() {
  const std::int64_t now = clock_.NowMillis();
  Job* due = nullptr;
  for (const auto& job : jobs_) {
    const JobStatus& status = job->status;
    // A clock that was set back must not keep a job waiting for longer than its period.
    const bool ripe = status.next_run <= now || status.next_run > now + Millis(status.period);
    if (ripe && !status.running && (due == nullptr || status.next_run < due->status.next_run))
      due = job.get();
  }
  if (due != nullptr) due->status.running = true;
  return due;
}

std::chrono::milliseconds JobScheduler::UntilNextDue() const {
  const std::int64_t now = clock_.NowMillis();
  std::int64_t wait = kLongestWait.count();
  for (const auto& job : jobs_) {
    if (!job->status.running)
      wait = std::min(wait, std::max<std::int64_t>(job->status.next_run - now, 1));
  }
  return std::chrono::milliseconds(wait);
}

// The job is marked as running; the lock is given up while it works.
Result<JobStep> JobScheduler::Step(Job& job, std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  const auto begun = std::chrono::steady_clock::now();
  Result<JobStep> step = job.row.step();
  const auto ended = std::chrono::steady_clock::now();
  lock.lock();
  job.took += std::chrono::duration_cast<std::chrono::microseconds>(ended - begun);
  Finish(job, step);
  changed_.notify_all();
  return step;
}

void JobScheduler::Finish(Job& job, const Result<JobStep>& step) {
  JobStatus& status = job.status;
  status.running = false;
  const std::int64_t now = clock_.NowMillis();
  if (step.has_value()) {
    job.done += step->done;
    if (step->more) {
      status.next_run = now;  // behind the jobs that have been due for longer
      return;
    }
  }
  status.last_run = now;
  status.next_run = now + Millis(status.period);
  status.last_done = std::exchange(job.done, 0);
  status.last_duration = std::exchange(job.took, std::chrono::microseconds(0));
  ++status.runs;
  if (step.has_error()) ++status.failures;
  status.last_error = step.has_error() ? step.error().message : std::string();
  if (step.has_error()) {
    log::warn("job {} failed: {}: {}", status.name, Name(step.error().code), status.last_error);
    if (status.last_error.empty()) status.last_error = Name(step.error().code);
  }
}

}  // namespace cairn::server
