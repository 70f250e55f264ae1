// Writer keys: who may write what. One holder per key at a time, first come first served.
//
// A key is awaited, never blocked on, by coroutines (Acquire); background jobs and tests use
// AcquireBlocking. Several keys are taken in the order of KeyKind, then id; none is added later, so
// there is no deadlock. Thread-safe.
#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/asio.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/offload.h"

namespace cairn::storage {

enum class KeyKind : std::uint8_t {
  kDirectory,
  kUserView,
  kAssembly,
  kSession,
  kStaging,
  kSpace
};  // in lock order

struct WriterKey {
  KeyKind kind;
  std::string id;
  auto operator<=>(const WriterKey&) const = default;
};

inline WriterKey DirectoryKey() { return {KeyKind::kDirectory, {}}; }  // users, groups, tokens
// The turn of one MOVE of an upload among those of the same: whoever has it takes the other keys
// later, and nobody who has one of those waits for it.
inline WriterKey AssemblyKey(UserId user, std::string_view session) {
  return {KeyKind::kAssembly, std::to_string(Raw(user)) + "/" + std::string(session)};
}
inline WriterKey SessionKey(UserId user, std::string_view session) {
  return {KeyKind::kSession, std::to_string(Raw(user)) + "/" + std::string(session)};
}
inline WriterKey StagingKey(SpaceId space) {
  return {KeyKind::kStaging, std::to_string(Raw(space))};
}
inline WriterKey SpaceKey(SpaceId space) { return {KeyKind::kSpace, std::to_string(Raw(space))}; }

class WriterKeys;

// Holds its keys until destroyed. Move-only; may be released on any thread.
class WriterGuard {
 public:
  WriterGuard() = default;
  WriterGuard(WriterGuard&& other) noexcept;
  WriterGuard& operator=(WriterGuard&& other) noexcept;
  ~WriterGuard() { Release(); }
  void Release();
  bool Holds(const WriterKey& key) const;
  const std::vector<WriterKey>& keys() const { return keys_; }

 private:
  friend class WriterKeys;
  WriterGuard(WriterKeys* owner, std::vector<WriterKey> keys)
      : owner_(owner), keys_(std::move(keys)) {}
  WriterKeys* owner_ = nullptr;
  std::vector<WriterKey> keys_;  // sorted, distinct
};

class WriterKeys {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kDefaultWait{20};

  // kBusy when the deadline passes first.
  net::awaitable<Result<WriterGuard>> Acquire(std::vector<WriterKey> keys,
                                              std::chrono::milliseconds wait = kDefaultWait);
  // Runs `work` (by reference, as `then`: the caller's named locals), which takes the guard and
  // returns a Result, on the pool once the keys are granted. They are given back there as soon as
  // it returns, and who comes next in line begins on the same thread, not woken by anyone. Then
  // `then(outcome, resume)` runs there and says when the coroutine goes on. kBusy: the deadline
  // passes first, or the pool is full.
  template <class Work, class Then>
  auto Run(Pool& pool, std::vector<WriterKey> keys, Work& work, Then& then,
           std::chrono::milliseconds wait = kDefaultWait)
      -> net::awaitable<std::invoke_result_t<Work&, const WriterGuard&>>;

  Result<WriterGuard> AcquireBlocking(std::vector<WriterKey> keys,
                                      std::chrono::milliseconds wait = kDefaultWait);

  // How many hold keys or stand in line for some.
  std::size_t Active() const { return active_.load(std::memory_order_relaxed); }
  // `idle` runs, on any thread, whenever the last of them has gone. To be set before the first use.
  void OnIdle(std::function<void()> idle) { idle_ = std::move(idle); }

  // How many stand in line for the key now, its holder not among them.
  std::size_t Waiting(const WriterKey& key) const;

 private:
  friend class WriterGuard;
  // One request for several keys, walking through them in order.
  struct Request {
    std::vector<WriterKey> keys;
    std::size_t held = 0;  // keys[0, held) are ours
    bool over = false;     // granted or given up
    std::function<void(Result<WriterGuard>)> done;
  };
  using RequestPtr = std::shared_ptr<Request>;

  // Null: granted at once.
  RequestPtr Start(std::vector<WriterKey> keys, std::function<void(Result<WriterGuard>)> done);
  void GiveUp(const RequestPtr& request);
  void Release(const std::vector<WriterKey>& keys, std::size_t count);
  // Takes as many further keys as are free; queues at the first that is not. Returns the callbacks
  // to run.
  bool Advance(const RequestPtr& request);
  void Left();  // one of those that Active counts

  std::atomic<std::size_t> active_{0};
  std::function<void()> idle_;
  mutable std::mutex mu_;
  struct Slot {
    bool taken = false;
    std::deque<RequestPtr> queue;
  };
  std::map<WriterKey, Slot> slots_;  // guarded by mu_; a slot exists while taken
};

// Runs `turn` on the pool: behind the turn that this thread is ending, if it is one of the pool's.
// False, and nothing is run: the pool is full.
bool RunTurn(Pool& pool, std::function<void()> turn);

template <class Work, class Then>
auto WriterKeys::Run(Pool& pool, std::vector<WriterKey> keys, Work& work, Then& then,
                     std::chrono::milliseconds wait)
    -> net::awaitable<std::invoke_result_t<Work&, const WriterGuard&>> {
  using Outcome = std::invoke_result_t<Work&, const WriterGuard&>;
  const auto executor = co_await net::this_coro::executor;
  std::optional<net::steady_timer> timer;
  std::optional<Outcome> outcome;
  auto start = [&](auto handler) {
    // std::function wants a copyable callable; the coroutine's handler moves only.
    auto resume = std::make_shared<decltype(handler)>(std::move(handler));
    auto finish = [resume, executor] { net::post(executor, std::move(*resume)); };
    auto granted = [&, finish](Result<WriterGuard> result) {
      if (result.has_error()) {
        outcome.emplace(std::move(result).error());
        return finish();
      }
      auto guard = std::make_shared<WriterGuard>(std::move(*result));
      auto turn = [&outcome, &work, &then, guard, finish] {
        outcome.emplace(work(std::as_const(*guard)));
        guard->Release();
        then(*outcome, finish);
      };
      if (RunTurn(pool, turn)) return;
      guard->Release();
      outcome.emplace(pool.Full());
      finish();
    };
    const RequestPtr request = Start(std::move(keys), granted);
    if (request == nullptr) return;
    timer.emplace(executor, wait);
    timer->async_wait([this, request](const boost::system::error_code& error) {
      if (!error) GiveUp(request);
    });
  };
  co_await net::async_initiate<const net::use_awaitable_t<>&, void()>(start, net::use_awaitable);
  co_return std::move(*outcome);
}

}  // namespace cairn::storage
