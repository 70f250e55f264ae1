#include "storage/writer_keys.h"

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <optional>
#include <utility>

#include "base/offload.h"

namespace cairn::storage {
namespace {

// Where a grant and the coroutine that waits for it meet; either may come first, from any thread.
struct Arrival {
  std::mutex mu;
  std::optional<Result<WriterGuard>> outcome;  // guarded by mu
  std::function<void()> resume;                // guarded by mu

  void Deliver(Result<WriterGuard> result) {
    std::function<void()> wake;
    {
      const std::lock_guard lock(mu);
      outcome.emplace(std::move(result));
      wake.swap(resume);
    }
    if (wake) wake();
  }
  bool Here() {
    const std::lock_guard lock(mu);
    return outcome.has_value();
  }
  // Runs `wake` when there is an outcome, at once if there is one already.
  void WhenHere(std::function<void()> wake) {
    {
      const std::lock_guard lock(mu);
      if (!outcome.has_value()) {
        resume = std::move(wake);
        return;
      }
    }
    wake();
  }
};

// The turns that one thread of a pool runs, one after another.
struct TurnLine {
  Pool* pool;
  std::function<void()> next;
};
thread_local TurnLine* this_line = nullptr;

Error TimedOut() { return Fail(ErrorCode::kBusy, "timed out waiting for a writer key"); }

}  // namespace

WriterGuard::WriterGuard(WriterGuard&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), keys_(std::move(other.keys_)) {
  other.keys_.clear();
}

WriterGuard& WriterGuard::operator=(WriterGuard&& other) noexcept {
  if (this == &other) return *this;
  Release();
  owner_ = std::exchange(other.owner_, nullptr);
  keys_ = std::move(other.keys_);
  other.keys_.clear();
  return *this;
}

void WriterGuard::Release() {
  WriterKeys* owner = std::exchange(owner_, nullptr);
  if (owner == nullptr) return;
  const std::vector<WriterKey> keys = std::exchange(keys_, {});
  owner->Release(keys, keys.size());
  owner->Left();
}

bool WriterGuard::Holds(const WriterKey& key) const {
  return std::binary_search(keys_.begin(), keys_.end(), key);
}

WriterKeys::RequestPtr WriterKeys::Start(std::vector<WriterKey> keys,
                                         std::function<void(Result<WriterGuard>)> done) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  auto request = std::make_shared<Request>();
  request->keys = std::move(keys);
  request->done = std::move(done);
  active_.fetch_add(1, std::memory_order_relaxed);
  std::function<void(Result<WriterGuard>)> grant;
  {
    const std::lock_guard lock(mu_);
    if (Advance(request)) grant = std::exchange(request->done, nullptr);
  }
  if (!grant) return request;
  grant(WriterGuard(this, request->keys));
  return nullptr;
}

bool WriterKeys::Advance(const RequestPtr& request) {
  while (request->held < request->keys.size()) {
    Slot& slot = slots_[request->keys[request->held]];
    if (slot.taken) {
      slot.queue.push_back(request);
      return false;
    }
    slot.taken = true;
    ++request->held;
  }
  request->over = true;
  return true;
}

std::size_t WriterKeys::Waiting(const WriterKey& key) const {
  const std::lock_guard lock(mu_);
  const auto slot = slots_.find(key);
  return slot == slots_.end() ? 0 : slot->second.queue.size();
}

void WriterKeys::Release(const std::vector<WriterKey>& keys, std::size_t count) {
  std::vector<std::pair<RequestPtr, std::function<void(Result<WriterGuard>)>>> granted;
  {
    const std::lock_guard lock(mu_);
    for (std::size_t i = count; i-- > 0;) {
      const auto slot = slots_.find(keys[i]);
      CAIRN_CHECK(slot != slots_.end());
      if (slot->second.queue.empty()) {
        slots_.erase(slot);
        continue;
      }
      // The key goes straight to the first in the queue: nobody who comes now can overtake him.
      RequestPtr next = std::move(slot->second.queue.front());
      slot->second.queue.pop_front();
      ++next->held;
      if (Advance(next)) granted.emplace_back(next, std::exchange(next->done, nullptr));
    }
  }
  for (auto& [request, done] : granted) done(WriterGuard(this, request->keys));
}

void WriterKeys::GiveUp(const RequestPtr& request) {
  std::function<void(Result<WriterGuard>)> done;
  std::size_t held = 0;
  {
    const std::lock_guard lock(mu_);
    if (request->over) return;
    request->over = true;
    held = request->held;
    std::erase(slots_.at(request->keys[held]).queue, request);
    done = std::exchange(request->done, nullptr);
  }
  Release(request->keys, held);
  Left();
  done(TimedOut());
}

void WriterKeys::Left() {
  if (active_.fetch_sub(1, std::memory_order_acq_rel) == 1 && idle_) idle_();
}

bool RunTurn(Pool& pool, std::function<void()> turn) {
  if (this_line != nullptr && this_line->pool == &pool && !this_line->next) {
    this_line->next = std::move(turn);
    return true;
  }
  return pool.Post([&pool, turn = std::move(turn)] {
    TurnLine line{&pool, turn};
    this_line = &line;
    while (line.next) std::exchange(line.next, nullptr)();
    this_line = nullptr;
  });
}

Result<WriterGuard> WriterKeys::AcquireBlocking(std::vector<WriterKey> keys,
                                                std::chrono::milliseconds wait) {
  CheckMayBlock();
  struct Waiting {
    std::mutex mu;
    std::condition_variable wake;
    std::optional<Result<WriterGuard>> outcome;
  };
  auto waiting = std::make_shared<Waiting>();
  auto done = [waiting](Result<WriterGuard> outcome) {
    const std::lock_guard lock(waiting->mu);
    waiting->outcome.emplace(std::move(outcome));
    waiting->wake.notify_one();
  };
  const RequestPtr request = Start(std::move(keys), done);
  const auto arrived = [&] { return waiting->outcome.has_value(); };
  std::unique_lock lock(waiting->mu);
  if (!waiting->wake.wait_for(lock, wait, arrived)) {
    lock.unlock();
    GiveUp(request);
    lock.lock();
    waiting->wake.wait(lock, arrived);  // refused, or granted in this very moment
  }
  return std::move(*waiting->outcome);
}

net::awaitable<Result<WriterGuard>> WriterKeys::Acquire(std::vector<WriterKey> keys,
                                                        std::chrono::milliseconds wait) {
  auto arrival = std::make_shared<Arrival>();
  std::function<void(Result<WriterGuard>)> done = [arrival](Result<WriterGuard> result) {
    arrival->Deliver(std::move(result));
  };
  const RequestPtr request = Start(std::move(keys), std::move(done));
  if (!arrival->Here()) {
    auto executor = co_await net::this_coro::executor;
    net::steady_timer timer(executor, wait);
    auto expired = [this, request](boost::system::error_code error) {
      if (!error) GiveUp(request);
    };
    timer.async_wait(expired);
    auto start = [arrival](auto handler) {
      auto resume = std::make_shared<decltype(handler)>(std::move(handler));
      auto back = net::get_associated_executor(*resume);
      arrival->WhenHere([back, resume] { net::post(back, std::move(*resume)); });
    };
    co_await net::async_initiate<const net::use_awaitable_t<>&, void()>(start, net::use_awaitable);
  }
  const std::lock_guard lock(arrival->mu);
  co_return std::move(*arrival->outcome);
}

}  // namespace cairn::storage
