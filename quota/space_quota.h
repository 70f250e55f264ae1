// Quota of a space: free = limit - recursive bytes of the files root - what running uploads have
// reserved.
//
//   ASSIGN_OR_RETURN(Reservation held, quota.Reserve(space, used, declared));  // before the body
//   RETURN_IF_ERROR(held.Grow(received));                  // as it comes, when none was declared
//   ... in the transaction: WriteContext::reserved = held.bytes(), and held.Release() as soon as
//   the write has succeeded, so that whoever has the writer key next does not find the bytes twice
//
// A reservation only keeps parallel uploads from promising the same bytes twice; the commit
// transaction alone decides. Reservations live in memory: after a restart no upload is running.
// Thread-safe. Never blocks on I/O, except FreeBytes on a view.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "storage/policies.h"

namespace cairn::quota {

// What is left of a space. "Unlimited" is a type of its own, never a number to calculate with.
struct FreeSpace {
  bool unlimited = false;
  std::int64_t bytes = 0;  // >= 0; 0 when unlimited
  bool operator==(const FreeSpace&) const = default;
  // d:quota-available-bytes: the bytes, or -3, which clients read as "unlimited".
  std::int64_t ForClients() const { return unlimited ? -3 : bytes; }
};

class SpaceQuota;

// Bytes of a space that are promised to one upload until this object ends. Move-only; one thread at
// a time. The SpaceQuota must outlive it.
class Reservation final : public storage::QuotaHold {
 public:
  static constexpr std::uint64_t kStep = std::uint64_t{64} << 20;

  Reservation() = default;
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation() override { Release(); }

  // Makes the reservation cover `bytes` in all. Takes whole steps ahead where they fit, else
  // exactly what is needed. kQuotaExceeded; the reservation stays as it was then.
  Result<void> Grow(std::uint64_t bytes);
  std::uint64_t bytes() const { return bytes_; }
  void Release();

 private:
  friend class SpaceQuota;
  SpaceQuota* owner_ = nullptr;
  storage::Space space_;
  std::uint64_t used_ = 0;
  std::uint64_t bytes_ = 0;
};

class SpaceQuota final : public storage::QuotaGate {
 public:
  // The limit of spaces that have none of their own; nullopt: unlimited.
  void SetDefault(std::optional<std::uint64_t> bytes);

  // kQuotaExceeded when used + what others reserved + bytes is above the limit. Shrinking is always
  // allowed, also above the limit (an administrator may lower it).
  Result<void> Charge(const storage::Space& space, std::uint64_t used, std::int64_t bytes,
                      std::uint64_t reserved_by_caller) const override;

  // kQuotaExceeded when used + all reservations + `bytes` is above the limit.
  Result<std::unique_ptr<storage::QuotaHold>> Hold(const storage::Space& space, std::uint64_t used,
                                                   std::uint64_t bytes) override;
  Result<Reservation> Reserve(const storage::Space& space, std::uint64_t used, std::uint64_t bytes);

  std::optional<std::uint64_t> LimitOf(const storage::Space& space) const override;
  FreeSpace FreeBytes(const storage::Space& space, std::uint64_t used) const;
  // The same with space and use read from `view`. kNotFound: no such space; kCorruption.
  Result<FreeSpace> FreeBytes(const storage::KvView& view, SpaceId space) const;

  std::uint64_t reserved(SpaceId space) const;

 private:
  friend class Reservation;
  bool TryTake(const storage::Space& space, std::uint64_t used, std::uint64_t bytes);
  void GiveBack(SpaceId space, std::uint64_t bytes);

  static constexpr std::uint64_t kUnlimited = UINT64_MAX;  // in default_ alone: no quota is this
  std::atomic<std::uint64_t> default_{kUnlimited};
  mutable std::mutex mu_;
  std::map<SpaceId, std::uint64_t> reserved_;  // guarded by mu_; no entry for 0
};

}  // namespace cairn::quota
