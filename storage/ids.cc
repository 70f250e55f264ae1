#include "storage/ids.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "storage/commit.h"
#include "storage/records.h"

namespace cairn::storage {
namespace {

// Ids kept ready beyond what was asked for, so that writers side by side do not use up each
// other's.
constexpr std::uint64_t kSlack = IdSource::kBlock / 4;
// Clients parse ids as 31 bits.
constexpr std::uint64_t kWarnAt = std::uint64_t{1} << 30;

}  // namespace

std::string Etag::Text() const { return ToHex(Big64(start) + Big64(count)); }

bool IdSource::Has(std::uint64_t count) const {
  const std::lock_guard lock(mu_);
  return end_ - next_ >= count + kSlack;
}

Result<void> IdSource::Reserve(std::uint64_t count) {
  if (Has(count)) return {};
  const std::lock_guard one(reserve_mu_);
  if (Has(count)) return {};
  return ReserveLocked(count);
}

Result<void> IdSource::ReserveLocked(std::uint64_t count) {
  const std::uint64_t blocks = (count + kSlack + kBlock - 1) / kBlock;
  auto raise = [&](KvTxn& txn) -> Result<std::pair<std::uint64_t, std::uint64_t>> {
    ASSIGN_OR_RETURN(auto found, ReadRecord<CounterRecord>(txn, Table::kSystem, name_));
    CounterRecord counter = found.value_or(CounterRecord());
    const std::uint64_t from = std::max<std::uint64_t>(counter.next_block(), 1);
    const std::uint64_t to = from + blocks * kBlock;
    if (to < from) return Fail(ErrorCode::kCorruption, "the counter " + name_ + " is used up");
    counter.set_next_block(to);
    WriteRecord(txn, Table::kSystem, name_, counter);
    return std::pair(from, to);
  };
  ASSIGN_OR_RETURN(const auto block, CommitBlocking(store_, {DirectoryKey()}, raise));
  if (block.second > kWarnAt) {
    log::warn("the counter {} has reached {}: clients read ids as 31 bits", name_, block.second);
  }
  const std::lock_guard lock(mu_);
  if (block.first != end_) next_ = block.first;  // not the next block: another source took one
  end_ = block.second;
  return {};
}

Result<std::uint64_t> IdSource::Next() {
  const std::lock_guard lock(mu_);
  if (next_ == end_) return Fail(ErrorCode::kBusy, "no id of " + name_ + " is reserved");
  return next_++;
}

}  // namespace cairn::storage
