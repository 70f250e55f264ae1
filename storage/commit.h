// How a handler changes state: keys awaited, one hop, one transaction, then the gate. Refusals
// computed inside the transaction wait for the gate too, so nobody is told about a state that a
// power cut can take back.
//
//   auto body = [&](KvTxn& txn) { return tree.MakeCollection(txn, caller, path, options); };
//   auto made = co_await Commit(store, pools.write, {SpaceKey(space)}, body);    //
//   Result<WriteOutcome>
//
// The body may run more than once (the store asks a writer to slow down): it must not have other
// effects.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <thread>

#include "base/offload.h"
#include "storage/kv_store.h"

namespace cairn::storage {

// What a transaction's body said, and the commit its reply waits for.
template <class R>
struct Decided {
  // Not an aggregate: an Error must not be taken for a Decided (its first member could be made from
  // one).
  Decided(R in_outcome, CommitSeq in_seq) : outcome(std::move(in_outcome)), seq(in_seq) {}
  R outcome;
  CommitSeq seq;
};

inline constexpr int kCommitAttempts = 6;

// Blocking: one attempt after another until the store takes it. Needs the keys.
template <class Body>
auto RunTransaction(KvStore& store, const WriterGuard& guard, Body& body)
    -> Decided<std::invoke_result_t<Body&, KvTxn&>> {
  using R = std::invoke_result_t<Body&, KvTxn&>;
  for (int attempt = 0;; ++attempt) {
    auto txn = store.Begin(guard);
    R outcome = body(*txn);
    if (outcome.has_error() || !txn->dirty()) return {std::move(outcome), store.LatestSeq()};
    auto committed = txn->Commit();
    if (committed.has_value()) return {std::move(outcome), *committed};
    if (!Is(committed.error(), ErrorCode::kBusy) || attempt + 1 == kCommitAttempts) {
      return {R(std::move(committed).error()), store.LatestSeq()};
    }
    std::this_thread::sleep_for(
        std::chrono::milliseconds(2 << attempt));  // the store's own back-off
  }
}

// Blocking, for background jobs and the command line: keys, transaction, gate.
template <class Body>
auto CommitBlocking(KvStore& store, std::vector<WriterKey> keys, Body& body)
    -> std::invoke_result_t<Body&, KvTxn&> {
  auto guard = store.writers().AcquireBlocking(std::move(keys));
  if (guard.has_error()) return std::move(guard).error();
  auto decided = RunTransaction(store, *guard, body);
  guard->Release();
  RETURN_IF_ERROR(store.gate().WaitFor(decided.seq));
  return std::move(decided.outcome);
}

template <class Body>
auto Commit(KvStore& store, Pool& pool, std::vector<WriterKey> keys, Body& body)
    -> net::awaitable<std::invoke_result_t<Body&, KvTxn&>> {
  using R = std::invoke_result_t<Body&, KvTxn&>;
  auto work = [&](const WriterGuard& guard) -> Result<Decided<R>> {
    return RunTransaction(store, guard, body);
  };
  // The coroutine is woken once, when its commit is durable.
  Result<void> durable;
  auto then = [&](Result<Decided<R>>& decided, std::function<void()> resume) {
    if (decided.has_error()) return resume();
    store.gate().OnDurable(decided->seq,
                           [&durable, resume = std::move(resume)](Result<void> passed) {
                             durable = std::move(passed);
                             resume();
                           });
  };
  auto decided = co_await store.writers().Run(pool, std::move(keys), work, then);
  if (decided.has_error()) co_return std::move(decided).error();
  if (durable.has_error()) co_return std::move(durable).error();
  co_return std::move(decided->outcome);
}

}  // namespace cairn::storage
