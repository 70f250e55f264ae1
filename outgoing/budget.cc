#include "outgoing/budget.h"

#include <algorithm>
#include <utility>

namespace cairn::outgoing {

HostBudget::Permit::Permit(HostBudget& budget, std::string host, bool probe)
    : budget_(&budget), host_(std::move(host)), probe_(probe) {}

HostBudget::Permit::Permit(Permit&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)),
      host_(std::move(other.host_)),
      probe_(other.probe_),
      verdict_(other.verdict_) {}

HostBudget::Permit::~Permit() {
  if (budget_ != nullptr) budget_->Return(*this);
}

HostBudget::HostBudget(const Clock& clock, BudgetLimits limits) : clock_(clock), limits_(limits) {}

Result<HostBudget::Permit> HostBudget::Take(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (in_flight_ >= limits_.in_all) return Fail(ErrorCode::kBusy, "too many outgoing calls");
  auto found = hosts_.find(name);
  if (found == hosts_.end()) {
    if (!MakeRoom()) return Fail(ErrorCode::kBusy, "too many hosts are being called");
    found = hosts_.emplace(name, Host{}).first;
  }
  Host& host = found->second;
  const bool probe = host.pause > 0;
  if (probe) {
    const std::int64_t left = host.closed_until - clock_.NowMillis();
    if (left > 0 || host.probing) {
      Error error = Fail(ErrorCode::kBusy, "the host did not answer lately");
      error.retry_after =
          static_cast<std::uint32_t>(std::max<std::int64_t>(1, (left + 999) / 1000));
      return error;
    }
  }
  if (host.in_flight >= limits_.per_host)
    return Fail(ErrorCode::kBusy, "too many outgoing calls to this host");
  if (probe) host.probing = true;
  ++host.in_flight;
  ++in_flight_;
  return Permit(*this, name, probe);
}

std::size_t HostBudget::remembered() const {
  const std::lock_guard lock(mutex_);
  return hosts_.size();
}

void HostBudget::Return(const Permit& permit) {
  const std::lock_guard lock(mutex_);
  const auto found = hosts_.find(permit.host_);
  CAIRN_CHECK(found != hosts_.end());
  Host& host = found->second;
  --in_flight_;
  --host.in_flight;
  if (permit.probe_) host.probing = false;
  if (permit.verdict_ == Permit::Verdict::kAnswered) {
    host.failures = 0;
    host.pause = 0;
  } else if (permit.verdict_ == Permit::Verdict::kFailed) {
    CountFailure(host, permit.probe_);
  }
  if (host.in_flight == 0 && host.failures == 0) hosts_.erase(found);
}

// Calls that were in flight when the pause began do not make it longer.
void HostBudget::CountFailure(Host& host, bool probe) const {
  const std::int64_t now = clock_.NowMillis();
  host.failures = std::min(host.failures + 1, limits_.failures);
  host.failed_at = now;
  if (host.failures < limits_.failures || (host.pause > 0 && !probe)) return;
  host.pause = host.pause == 0 ? limits_.pause.count()
                               : std::min<std::int64_t>(2 * host.pause, limits_.longest.count());
  host.closed_until = now + host.pause;
}

bool HostBudget::MakeRoom() {
  if (hosts_.size() < limits_.hosts) return true;
  auto oldest = hosts_.end();
  for (auto host = hosts_.begin(); host != hosts_.end(); ++host) {
    if (host->second.in_flight > 0) continue;
    if (oldest == hosts_.end() || host->second.failed_at < oldest->second.failed_at) oldest = host;
  }
  if (oldest == hosts_.end()) return false;
  hosts_.erase(oldest);
  return true;
}

}  // namespace cairn::outgoing
