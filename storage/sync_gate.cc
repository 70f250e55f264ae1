#include "storage/sync_gate.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "base/offload.h"

namespace cairn::storage {
namespace {

Result<void> Outcome(const std::optional<Error>& error) {
  if (error.has_value()) return Error(*error);
  return {};
}

}  // namespace

void SyncGate::OnDurable(CommitSeq seq, Waiter waiter) {
  std::optional<Error> error;
  {
    const std::lock_guard lock(mu_);
    if (!IsDurable(seq)) {
      if (!closed_.has_value()) {
        waiters_.emplace(static_cast<std::uint64_t>(seq), std::move(waiter));
        return;
      }
      error = closed_;
    }
  }
  waiter(Outcome(error));
}

Result<void> SyncGate::WaitFor(CommitSeq seq) {
  if (IsDurable(seq)) return {};
  CheckMayBlock();
  // Shared: the waker may still be inside notify_one when this function returns.
  struct Waiting {
    std::mutex mu;
    std::condition_variable wake;
    std::optional<Result<void>> outcome;
  };
  auto waiting = std::make_shared<Waiting>();
  OnDurable(seq, [waiting](Result<void> outcome) {
    const std::lock_guard lock(waiting->mu);
    waiting->outcome.emplace(std::move(outcome));
    waiting->wake.notify_one();
  });
  std::unique_lock lock(waiting->mu);
  waiting->wake.wait(lock, [&] { return waiting->outcome.has_value(); });
  return std::move(*waiting->outcome);
}

net::awaitable<Result<void>> SyncGate::Durable(CommitSeq seq) {
  if (IsDurable(seq)) co_return Result<void>();
  std::optional<Result<void>> outcome;
  auto start = [this, seq, &outcome](auto handler) {
    // std::function wants a copyable callable; the coroutine's handler moves only.
    auto resume = std::make_shared<decltype(handler)>(std::move(handler));
    auto executor = net::get_associated_executor(*resume);
    OnDurable(seq, [&outcome, executor, resume](Result<void> passed) {
      outcome.emplace(std::move(passed));
      net::post(executor, std::move(*resume));
    });
  };
  co_await net::async_initiate<const net::use_awaitable_t<>&, void()>(start, net::use_awaitable);
  co_return std::move(*outcome);
}

void SyncGate::Pass(CommitSeq seq) {
  std::vector<Waiter> ready;
  {
    const std::lock_guard lock(mu_);
    const auto position = static_cast<std::uint64_t>(seq);
    if (closed_.has_value() || position <= passed_.load(std::memory_order_relaxed)) return;
    passed_.store(position, std::memory_order_release);
    const auto end = waiters_.upper_bound(position);
    for (auto it = waiters_.begin(); it != end; ++it) ready.push_back(std::move(it->second));
    waiters_.erase(waiters_.begin(), end);
  }
  for (Waiter& waiter : ready) waiter({});
}

void SyncGate::Close(Error error) {
  std::multimap<std::uint64_t, Waiter> waiters;
  {
    const std::lock_guard lock(mu_);
    if (closed_.has_value()) return;
    closed_ = error;
    waiters.swap(waiters_);
  }
  for (auto& [seq, waiter] : waiters) waiter(Error(error));
}

}  // namespace cairn::storage
