// A KvStore in memory, for tests: versioned values, snapshots by sequence number. Nothing survives.
//
// Commits are published and durable at once, unless HoldSync was called: then they are seen by
// transactions only and the gate does not pass them, like a store whose sync never returns, until
// ReleaseSync.
//
// Thread-safe. Views and transactions must not outlive the store.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/kv_store.h"
#include "storage/view_lease.h"

namespace cairn::storage {

class MemoryKv final : public KvStore {
 public:
  explicit MemoryKv(std::chrono::milliseconds view_lease = kViewLease) : view_lease_(view_lease) {}
  ~MemoryKv() override;

  std::shared_ptr<const KvView> Published() const override;
  std::shared_ptr<const KvView> PublishedInMemory() const override;
  std::unique_ptr<KvTxn> Begin(const WriterGuard& guard) override;
  // Nothing stays behind in memory.
  Result<std::uint64_t> Reclaim(Family, double, std::uint64_t) override { return 0; }
  CommitSeq LatestSeq() const override;
  SyncGate& gate() override { return gate_; }
  WriterKeys& writers() override { return writers_; }

  void HoldSync();
  void ReleaseSync();
  // The sync fails: nothing is published any more, the gate is closed with kIo.
  void FailSync();
  // The next `count` commits are refused with kBusy, as by a store that wants writers to slow down.
  void RefuseCommits(int count);

 private:
  class View;
  class Txn;
  using Value = std::optional<std::string>;  // nullopt: erased
  struct Version {
    std::uint64_t seq;
    Value value;
  };
  using Writes = std::map<std::string, Value>;
  using Page = std::vector<std::pair<std::string, std::string>>;

  Value GetAt(const std::string& key, std::uint64_t seq) const;
  // Up to kPairsPerPage pairs from `from` (inclusive) with `prefix`, as of `seq` with `writes` on
  // top.
  Page PageAt(std::string_view prefix, const std::string& from, std::uint64_t seq,
              const Writes* writes) const;
  Result<CommitSeq> Apply(Writes writes);
  void Prune(std::vector<Version>& versions) const;  // needs mu_
  std::shared_ptr<const KvView> NewView(bool memory_only) const;
  const Value* At(const std::vector<Version>& versions, std::uint64_t seq) const;
  void Publish(std::uint64_t seq);  // needs mu_

  const std::chrono::milliseconds view_lease_;
  mutable std::mutex mu_;
  std::map<std::string, std::vector<Version>> rows_;  // guarded by mu_; versions by ascending seq
  mutable std::multiset<std::uint64_t> open_views_;   // guarded by mu_; their sequence numbers
  std::uint64_t latest_ = 0;                          // guarded by mu_
  std::uint64_t published_ = 0;                       // guarded by mu_
  std::uint64_t sharing_changed_ = 0;                 // guarded by mu_; see KvView::sharing_state
  bool held_ = false;                                 // guarded by mu_
  int refuse_ = 0;                                    // guarded by mu_
  SyncGate gate_;
  WriterKeys writers_;
};

}  // namespace cairn::storage
