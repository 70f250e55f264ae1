#include "quota/space_quota.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace cairn::quota {
namespace {

// Sums that would overflow stick at the top: they are above every limit.
std::uint64_t Add(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b
             ? std::numeric_limits<std::uint64_t>::max()
             : a + b;
}

Error Exceeded(const storage::Space& space, std::uint64_t bytes) {
  return Fail(ErrorCode::kQuotaExceeded, "space " + std::to_string(space.id()) +
                                             " has no room for " + std::to_string(bytes) +
                                             " bytes");
}

}  // namespace

Reservation::Reservation(Reservation&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)),
      space_(std::move(other.space_)),
      used_(other.used_),
      bytes_(std::exchange(other.bytes_, 0)) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this == &other) return *this;
  Release();
  owner_ = std::exchange(other.owner_, nullptr);
  space_ = std::move(other.space_);
  used_ = other.used_;
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

Result<void> Reservation::Grow(std::uint64_t bytes) {
  if (bytes <= bytes_) return {};
  if (owner_ == nullptr) return Fail(ErrorCode::kConflict, "the reservation has ended");
  const std::uint64_t needed = bytes - bytes_;
  const std::uint64_t steps = needed / kStep + (needed % kStep != 0 ? 1 : 0);
  for (const std::uint64_t take : {steps * kStep, needed}) {
    if (take < needed || !owner_->TryTake(space_, used_, take)) continue;
    bytes_ += take;
    return {};
  }
  return Exceeded(space_, bytes);
}

void Reservation::Release() {
  if (owner_ == nullptr) return;
  owner_->GiveBack(SpaceId{space_.id()}, bytes_);
  owner_ = nullptr;
  bytes_ = 0;
}

void SpaceQuota::SetDefault(std::optional<std::uint64_t> bytes) {
  default_ = bytes.value_or(kUnlimited);
}

std::optional<std::uint64_t> SpaceQuota::LimitOf(const storage::Space& space) const {
  if (space.default_quota()) {
    const std::uint64_t bytes = default_;
    return bytes == kUnlimited ? std::nullopt : std::optional(bytes);
  }
  if (!space.has_quota()) return std::nullopt;
  // A negative limit is nobody's wish; it allows nothing.
  return space.quota() > 0 ? static_cast<std::uint64_t>(space.quota()) : 0;
}

Result<void> SpaceQuota::Charge(const storage::Space& space, std::uint64_t used, std::int64_t bytes,
                                std::uint64_t reserved_by_caller) const {
  const auto limit = LimitOf(space);
  if (bytes <= 0 || !limit.has_value()) return {};
  const std::uint64_t all = reserved(SpaceId{space.id()});
  const std::uint64_t others = all - std::min(all, reserved_by_caller);
  const auto grows_by = static_cast<std::uint64_t>(bytes);
  if (Add(Add(used, others), grows_by) > *limit) return Exceeded(space, grows_by);
  return {};
}

Result<Reservation> SpaceQuota::Reserve(const storage::Space& space, std::uint64_t used,
                                        std::uint64_t bytes) {
  if (!TryTake(space, used, bytes)) return Exceeded(space, bytes);
  Reservation held;
  held.owner_ = this;
  held.space_ = space;
  held.used_ = used;
  held.bytes_ = bytes;
  return held;
}

Result<std::unique_ptr<storage::QuotaHold>> SpaceQuota::Hold(const storage::Space& space,
                                                             std::uint64_t used,
                                                             std::uint64_t bytes) {
  ASSIGN_OR_RETURN(Reservation held, Reserve(space, used, bytes));
  return std::unique_ptr<storage::QuotaHold>(std::make_unique<Reservation>(std::move(held)));
}

FreeSpace SpaceQuota::FreeBytes(const storage::Space& space, std::uint64_t used) const {
  const auto limit = LimitOf(space);
  if (!limit.has_value()) return {.unlimited = true, .bytes = 0};
  const std::uint64_t taken = Add(used, reserved(SpaceId{space.id()}));
  return {.unlimited = false,
          .bytes = taken >= *limit ? 0 : static_cast<std::int64_t>(*limit - taken)};
}

Result<FreeSpace> SpaceQuota::FreeBytes(const storage::KvView& view, SpaceId id) const {
  namespace keys = storage::keys;
  const auto broken = [&] {
    return Fail(ErrorCode::kCorruption, "space " + std::to_string(Raw(id)));
  };
  ASSIGN_OR_RETURN(const auto row, view.Get(storage::Table::kSpaces, keys::Space(id)));
  if (!row) return Fail(ErrorCode::kNotFound, "space " + std::to_string(Raw(id)));
  storage::Space space;
  if (!space.ParseFromString(*row)) return broken();
  const FileId root_id{space.files_root()};
  ASSIGN_OR_RETURN(const auto place_row, view.Get(storage::Table::kNodes, keys::Node(root_id)));
  storage::NodePlace place;
  if (!place_row || !place.ParseFromString(*place_row)) return broken();
  ASSIGN_OR_RETURN(const auto root_row, view.Get(storage::Table::kEntries,
                                                 keys::Entry(FileId{place.parent()}, place.key())));
  storage::Node root;
  if (!root_row || !root.ParseFromString(*root_row)) return broken();
  return FreeBytes(space, root.below().bytes());
}

std::uint64_t SpaceQuota::reserved(SpaceId space) const {
  const std::lock_guard lock(mu_);
  const auto found = reserved_.find(space);
  return found == reserved_.end() ? 0 : found->second;
}

bool SpaceQuota::TryTake(const storage::Space& space, std::uint64_t used, std::uint64_t bytes) {
  const std::lock_guard lock(mu_);
  const auto found = reserved_.find(SpaceId{space.id()});
  const std::uint64_t before = found == reserved_.end() ? 0 : found->second;
  if (bytes > std::numeric_limits<std::uint64_t>::max() - before) return false;
  const auto limit = LimitOf(space);
  if (limit.has_value() && Add(Add(used, before), bytes) > *limit) return false;
  if (bytes > 0) reserved_[SpaceId{space.id()}] = before + bytes;
  return true;
}

void SpaceQuota::GiveBack(SpaceId space, std::uint64_t bytes) {
  if (bytes == 0) return;
  const std::lock_guard lock(mu_);
  const auto found = reserved_.find(space);
  CAIRN_CHECK(found != reserved_.end() && found->second >= bytes);
  found->second -= bytes;
  if (found->second == 0) reserved_.erase(found);
}

}  // namespace cairn::quota
