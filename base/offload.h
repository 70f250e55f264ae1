// The pool hop: blocking work runs on a named pool, the coroutine continues on its own executor.
//
//   auto work = [&] { return tree.Resolve(view, path); };   // name it first: style.md, hard rule 1
//   auto result = co_await pools.read.Run(work);
//
// Pools are named for what they wait on. A queue is bounded: when it is full Run answers kBusy at
// once. Thread-safe.
#pragma once

#include <atomic>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>

#include "base/asio.h"
#include "base/error.h"
#include "base/measure.h"

namespace cairn {

class Pool {
 public:
  Pool(std::string name, std::size_t threads, std::size_t queue_limit);
  ~Pool();

  // Runs `work` (by reference: the caller's named local) on the pool. `work` returns Result<T>.
  template <class Work>
  auto Run(Work& work) -> net::awaitable<std::invoke_result_t<Work&>> {
    using Outcome = std::invoke_result_t<Work&>;
    if (!TakePlace()) co_return Outcome(Full());
    std::optional<Outcome> outcome;
    auto start = [&](auto handler) {
      auto executor = net::get_associated_executor(handler);
      net::post(pool_, [&, executor, handler = std::move(handler)]() mutable {
        outcome.emplace(work());
        queued_.fetch_sub(1, std::memory_order_relaxed);
        net::post(executor, std::move(handler));
      });
    };
    co_await net::async_initiate<const net::use_awaitable_t<>&, void()>(start, net::use_awaitable);
    co_return std::move(*outcome);
  }
  template <class Work>
  void Run(Work&& work) requires(!std::is_lvalue_reference_v<Work>) = delete;  // name it first

  // For callers without a coroutine: runs `task` (copyable) on the pool. False, and nothing is run:
  // the queue is full; Full() says so.
  template <class Task>
  bool Post(Task task) {
    if (!TakePlace()) return false;
    net::post(pool_, [this, task = std::move(task)]() mutable {
      task();
      queued_.fetch_sub(1, std::memory_order_relaxed);
    });
    return true;
  }
  Error Full() const { return Fail(ErrorCode::kBusy, "the " + name_ + " pool is full"); }

  std::size_t queued() const { return queued_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.Now(); }  // since the start
  void Join();

 private:
  bool TakePlace() {
    if (queued_.fetch_add(1, std::memory_order_relaxed) < queue_limit_) return true;
    queued_.fetch_sub(1, std::memory_order_relaxed);
    refused_.Add();
    return false;
  }

  const std::string name_;
  const std::size_t queue_limit_;
  std::atomic<std::size_t> queued_{0};
  Tally refused_;
  net::thread_pool pool_;
};

// read, write: the key-value store; data: file I/O and hashing; slow: password hashing.
struct Pools {
  Pool read, write, data, slow;
  Pools(std::size_t read_threads, std::size_t write_threads, std::size_t data_threads,
        std::size_t slow_threads);
  void Join();
};

// True on a thread that must never block (an I/O thread). Blocking entry points check it.
bool OnIoThread();
void MarkIoThread();
inline void CheckMayBlock() { CAIRN_CHECK(!OnIoThread()); }

}  // namespace cairn
