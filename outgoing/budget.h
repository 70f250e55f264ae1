// What each remote host may cost: calls in flight, per host and in all, and a circuit breaker, so
// that a host that is down is asked again only after a pause that grows.
//
//   auto permit = budget.Take("cloud.example.org:443");
//   if (permit.has_error()) return permit.error();
//   permit->Answered();   // or Failed(); neither: the call says nothing about the host
//
// After `failures` failures in a row the host is refused for `pause`; then one call may try. When
// it fails the pause is twice as long, up to `longest`; an answer forgets everything. Only hosts
// with calls in flight or failures are remembered, at most `hosts`: the one that failed longest ago
// goes.
//
// Thread-safe; does not block. Permits must not outlive their budget.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace cairn::outgoing {

struct BudgetLimits {
  std::size_t in_all = 16;
  std::size_t per_host = 4;
  std::size_t hosts = 1024;
  int failures = 3;
  std::chrono::milliseconds pause{5'000};
  std::chrono::milliseconds longest{600'000};
};

class HostBudget {
 public:
  // The right to make one call; ends with it.
  class Permit {
   public:
    Permit(Permit&& other) noexcept;
    Permit& operator=(Permit&&) = delete;
    ~Permit();
    void Answered() { verdict_ = Verdict::kAnswered; }
    void Failed() { verdict_ = Verdict::kFailed; }

   private:
    friend class HostBudget;
    enum class Verdict { kNone, kAnswered, kFailed };
    Permit(HostBudget& budget, std::string host, bool probe);

    HostBudget* budget_;
    std::string host_;
    bool probe_;
    Verdict verdict_ = Verdict::kNone;
  };

  HostBudget(const Clock& clock, BudgetLimits limits);

  // kBusy: too many calls in flight, or the host failed; then Error.retry_after says when it is
  // asked again.
  Result<Permit> Take(const std::string& host);

  std::size_t remembered() const;

 private:
  struct Host {
    std::size_t in_flight = 0;
    int failures = 0;
    std::int64_t failed_at = 0;
    std::int64_t closed_until = 0;
    std::int64_t pause = 0;  // 0: calls go through
    bool probing = false;
  };

  void Return(const Permit& permit);
  void CountFailure(Host& host, bool probe) const;
  bool MakeRoom();

  const Clock& clock_;
  const BudgetLimits limits_;
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::map<std::string, Host, std::less<>> hosts_;
  std::size_t in_flight_ = 0;
};

}  // namespace cairn::outgoing
