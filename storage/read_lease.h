// Leases are numbered by a logical clock: a lease taken after Now() answered c has a number above
// c. Leases live in memory: after a restart no reader is open.
//
// Two kinds. A general lease (COPY, backup) keeps everything that a view obtained AFTER it can
// reach. The lease of an open reader keeps one content, whatever the age of its view: a slow
// download holds back nothing else.
//
// Thread-safe; never blocks.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_set>

#include "base/ids.h"

namespace cairn::storage {

// An open read: nothing it can reach is collected while it lives. May outlive the view it came
// from.
class ReadLease {
 public:
  ReadLease() = default;
  ReadLease(ReadLease&&) noexcept;
  ReadLease& operator=(ReadLease&&) noexcept;
  ~ReadLease();

 private:
  friend class LeaseRegistry;
  ReadLease(class LeaseRegistry* owner, std::uint64_t number) : owner_(owner), number_(number) {}
  class LeaseRegistry* owner_ = nullptr;
  std::uint64_t number_ = 0;
};

class LeaseRegistry {
 public:
  // Take it before the view that it is to protect.
  ReadLease Take();
  // For one content; nullopt when the collector has it: whoever asks has an outdated view.
  std::optional<ReadLease> TakeFor(const ContentId& id);
  std::uint64_t Now() const { return clock_.load(); }
  // True when every general lease taken at or before `clock` has ended.
  bool AllEndedUpTo(std::uint64_t clock) const;

  // True while a reader has the content open.
  bool IsRead(const ContentId& id) const;
  // The collector: from now on nobody gets a lease for `id`. False while somebody has one.
  bool Retire(const ContentId& id);
  // The collector found it in use after all.
  void Unretire(const ContentId& id);

 private:
  friend class ReadLease;
  void End(std::uint64_t number);
  std::atomic<std::uint64_t> clock_{1};
  mutable std::mutex mu_;
  std::set<std::uint64_t> general_;             // guarded by mu_
  std::map<std::uint64_t, ContentId> readers_;  // guarded by mu_
  std::map<ContentId, std::size_t> pinned_;     // guarded by mu_; number of readers
  std::unordered_set<ContentId> retired_;       // guarded by mu_; bounded, the oldest are forgotten
  std::deque<ContentId> retired_order_;         // guarded by mu_
};

}  // namespace cairn::storage
