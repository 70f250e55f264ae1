#include "storage/read_lease.h"

#include <utility>

namespace cairn::storage {
namespace {

// How many collected contents are remembered, for readers with an outdated view. One that was
// forgotten is found by its missing blob instead.
constexpr std::size_t kRetiredKept = 65'536;

}  // namespace

ReadLease::ReadLease(ReadLease&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), number_(other.number_) {}

ReadLease& ReadLease::operator=(ReadLease&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(number_, other.number_);
  return *this;
}

ReadLease::~ReadLease() {
  if (owner_ != nullptr) owner_->End(number_);
}

ReadLease LeaseRegistry::Take() {
  std::lock_guard lock(mu_);
  const std::uint64_t number = ++clock_;
  general_.insert(number);
  return {this, number};
}

std::optional<ReadLease> LeaseRegistry::TakeFor(const ContentId& id) {
  std::lock_guard lock(mu_);
  if (retired_.contains(id)) return std::nullopt;
  const std::uint64_t number = ++clock_;
  readers_.emplace(number, id);
  ++pinned_[id];
  return ReadLease(this, number);
}

bool LeaseRegistry::AllEndedUpTo(std::uint64_t clock) const {
  std::lock_guard lock(mu_);
  return general_.empty() || *general_.begin() > clock;
}

bool LeaseRegistry::IsRead(const ContentId& id) const {
  std::lock_guard lock(mu_);
  return pinned_.contains(id);
}

bool LeaseRegistry::Retire(const ContentId& id) {
  std::lock_guard lock(mu_);
  if (pinned_.contains(id)) return false;
  if (!retired_.insert(id).second) return true;
  retired_order_.push_back(id);
  if (retired_order_.size() > kRetiredKept) {
    retired_.erase(retired_order_.front());
    retired_order_.pop_front();
  }
  return true;
}

void LeaseRegistry::Unretire(const ContentId& id) {
  std::lock_guard lock(mu_);
  if (retired_.erase(id) != 0) std::erase(retired_order_, id);
}

void LeaseRegistry::End(std::uint64_t number) {
  std::lock_guard lock(mu_);
  if (general_.erase(number) != 0) return;
  const auto reader = readers_.find(number);
  const auto pins = pinned_.find(reader->second);
  if (--pins->second == 0) pinned_.erase(pins);
  readers_.erase(reader);
}

}  // namespace cairn::storage
