// The door between "committed" and "answered": a commit is durable and published when the gate has
// passed it.
//
// Thread-safe. WaitFor blocks; Durable suspends the coroutine; IsDurable and OnDurable do neither.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "base/asio.h"
#include "base/error.h"

namespace cairn::storage {

// Position in the store's log. 0 = nothing.
enum class CommitSeq : std::uint64_t {};

class SyncGate {
 public:
  bool IsDurable(CommitSeq seq) const {
    return passed_.load(std::memory_order_acquire) >= static_cast<std::uint64_t>(seq);
  }

  // Returns once `seq` is durable; kIo once the gate has failed, kBusy once it was closed.
  Result<void> WaitFor(CommitSeq seq);
  net::awaitable<Result<void>> Durable(CommitSeq seq);
  // Calls `waiter` once with what WaitFor would say, maybe at once, from any thread.
  using Waiter = std::function<void(Result<void>)>;
  void OnDurable(CommitSeq seq, Waiter waiter);

  // For the store's sync cycle: everything up to `seq` is durable and published.
  void Pass(CommitSeq seq);
  // Nothing will become durable any more (failed sync, shutdown): every waiter gets `error`.
  void Close(Error error);

  CommitSeq passed() const { return CommitSeq{passed_.load(std::memory_order_acquire)}; }

 private:
  std::atomic<std::uint64_t> passed_{0};
  std::mutex mu_;
  std::multimap<std::uint64_t, Waiter> waiters_;  // guarded by mu_
  std::optional<Error> closed_;                   // guarded by mu_
};

}  // namespace cairn::storage
