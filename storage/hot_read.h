// A read without a hop when all that it looks at is in memory.
//
//   auto look = [&](const KvView& view) -> Result<Entry> { return tree.Resolve(view, path); };
//   auto entry = co_await ReadHot(store, pools.read, look);
//
// `work` runs on the calling thread with a view that never waits for a disk; when that view missed
// something, it runs again, on the pool. So it must be short (no page of a listing), may have no
// effect that running twice would double, and calls view.Miss() before whatever blocks by itself,
// such as opening a blob. docs/decisions/008-reads-from-memory-need-no-hop.md says why.
#pragma once

#include "base/offload.h"
#include "storage/kv_store.h"

namespace cairn::storage {

template <class Work>
auto ReadHot(const KvStore& store, Pool& pool, Work& work)
    -> net::awaitable<std::invoke_result_t<Work&, const KvView&>> {
  {
    const auto hot = store.PublishedInMemory();
    auto outcome = work(*hot);
    if (!hot->missed()) co_return std::move(outcome);
  }
  auto there = [&] { return work(*store.Published()); };
  co_return co_await pool.Run(there);
}
template <class Work>
void ReadHot(const KvStore& store, Pool& pool, Work&& work) requires(
    !std::is_lvalue_reference_v<Work>) = delete;  // name it first: style, hard rule 1

}  // namespace cairn::storage
