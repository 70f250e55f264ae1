#include "auth/throttle.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "auth/names.h"
#include "base/hash.h"
#include "storage/commit.h"
#include "storage/records.h"

namespace cairn::auth {

using storage::KvTxn;
using storage::KvView;
using storage::Table;

namespace {

constexpr std::int64_t kHour = 3600 * 1000;  // milliseconds
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::uint32_t kMaxFailures = 100;        // NIST SP 800-63B, section 5.2.2
constexpr std::uint32_t kAccountRetry = 3600;      // seconds: an administrator opens it again
constexpr std::int64_t kFailuresKept = 30 * kDay;  // after the last one
constexpr std::size_t kMostSpare = 100'000;        // rows; beyond, nobody is let in by a password

struct Rate {
  ThrottleRule rule;
  std::int64_t interval;  // milliseconds per attempt
  std::int64_t burst;     // attempts at once
};
constexpr std::array kRates{
    Rate{ThrottleRule::kLogin, kHour / 30, 10},
    Rate{ThrottleRule::kTokenMiss, kHour / 60, 60},
    Rate{ThrottleRule::kSecondFactor, kHour / 30, 5},
    Rate{ThrottleRule::kFlowStart, kHour / 120, 60},
    Rate{ThrottleRule::kPeople, kHour / 3600, 120},
    Rate{ThrottleRule::kLink, kHour / 20, 10},
};

const Rate* RateOf(ThrottleRule rule) {
  const auto found = std::find_if(kRates.begin(), kRates.end(),
                                  [&](const Rate& rate) { return rate.rule == rule; });
  return found == kRates.end() ? nullptr : &*found;
}

std::string RowKey(ThrottleRule rule, std::string_view subject) {
  return std::string(1, static_cast<char>(rule)).append(subject);
}

Result<storage::Throttle> Row(const KvView& view, ThrottleRule rule, std::string_view subject) {
  ASSIGN_OR_RETURN(auto row, storage::ReadRecord<storage::Throttle>(view, Table::kThrottle,
                                                                    RowKey(rule, subject)));
  return row ? std::move(*row) : storage::Throttle();
}

void Write(KvTxn& txn, ThrottleRule rule, std::string_view subject, const storage::Throttle& row) {
  storage::WriteRecord(txn, Table::kThrottle, RowKey(rule, subject), row);
}

Error Refused(std::int64_t wait_millis) {
  Error error = Fail(ErrorCode::kThrottled, "too many attempts");
  error.retry_after =
      static_cast<std::uint32_t>(std::max<std::int64_t>(1, (wait_millis + 999) / 1000));
  return error;
}

// How long the next attempt has to wait, milliseconds; 0: not at all. A clock that was set back
// holds nobody longer than a full row would.
std::int64_t WaitFor(const Rate& rate, const storage::Throttle& row, std::int64_t now) {
  const std::int64_t full = rate.burst * rate.interval;
  const std::int64_t owed = std::clamp<std::int64_t>(row.due() - now, 0, full);
  return std::max<std::int64_t>(0, owed + rate.interval - full);
}

void Charge(const Rate& rate, storage::Throttle& row, std::int64_t now) {
  const std::int64_t full = rate.burst * rate.interval;
  row.set_due(std::clamp(row.due(), now, now + full) + rate.interval);
  row.set_last(now);
}

bool HoldsNobody(std::string_view key, const storage::Throttle& row, std::int64_t now) {
  if (!key.empty() && key[0] == static_cast<char>(ThrottleRule::kAccount))
    return row.failures() == 0 || row.last() + kFailuresKept <= now;
  return row.due() <= now;
}

Result<void> CheckRow(const storage::Throttle& row, ThrottleRule rule, std::int64_t now) {
  if (rule == ThrottleRule::kAccount) {
    if (row.failures() < kMaxFailures) return {};
    return Refused(std::int64_t{kAccountRetry} * 1000);
  }
  const std::int64_t wait = WaitFor(*RateOf(rule), row, now);
  if (wait > 0) return Refused(wait);
  return {};
}

// kThrottled when `view` says so already: refusing costs no write.
Result<void> Check(const KvView& view, ThrottleRule rule, std::string_view subject,
                   std::int64_t now) {
  if (subject.empty()) return {};
  ASSIGN_OR_RETURN(const storage::Throttle row, Row(view, rule, subject));
  return CheckRow(row, rule, now);
}

void CountIn(storage::Throttle& row, ThrottleRule rule, std::int64_t now) {
  if (rule == ThrottleRule::kAccount) {
    row.set_failures(row.failures() + 1);
    row.set_last(now);
  } else {
    Charge(*RateOf(rule), row, now);
  }
}

// After Check in the same transaction.
Result<void> Count(KvTxn& txn, ThrottleRule rule, std::string_view subject, std::int64_t now) {
  if (subject.empty()) return {};
  ASSIGN_OR_RETURN(storage::Throttle row, Row(txn, rule, subject));
  CountIn(row, rule, now);
  Write(txn, rule, subject, row);
  return {};
}

Result<void> PayBack(KvTxn& txn, ThrottleRule rule, std::string_view subject, std::int64_t now) {
  if (subject.empty()) return {};
  ASSIGN_OR_RETURN(storage::Throttle row, Row(txn, rule, subject));
  row.set_due(row.due() - RateOf(rule)->interval);
  if (row.due() <= now) {
    txn.Erase(Table::kThrottle, RowKey(rule, subject));
  } else {
    Write(txn, rule, subject, row);
  }
  return {};
}

bool IsFull(const Result<void>& done) {
  return done.has_error() && Is(done.error(), ErrorCode::kDiskFull);
}

}  // namespace

std::string AccountSubject(UserId user) { return "u" + std::to_string(Raw(user)); }

// A digest: what people mistype may be a password.
std::string AccountSubject(std::string_view any_name) {
  return "n" + ToHex(Sha256(FoldedUserName(any_name))).substr(0, 32);
}

Result<void> Throttle::TakeLogin(std::string_view source, std::string_view account) {
  const std::int64_t now = clock_.NowMillis();
  const auto check = [&](const KvView& view) -> Result<void> {
    RETURN_IF_ERROR(Check(view, ThrottleRule::kLogin, source, now));
    return Check(view, ThrottleRule::kAccount, account, now);
  };
  RETURN_IF_ERROR(check(*store_.Published()));
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(check(txn));
    RETURN_IF_ERROR(Count(txn, ThrottleRule::kLogin, source, now));
    return Count(txn, ThrottleRule::kAccount, account, now);
  };
  auto done = storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
  if (!IsFull(done)) return done;
  const Subject what[] = {{ThrottleRule::kLogin, source}, {ThrottleRule::kAccount, account}};
  return TakeSpare(what, now);
}

Result<void> Throttle::LoginWasGood(std::string_view source, std::string_view account) {
  const std::int64_t now = clock_.NowMillis();
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(PayBack(txn, ThrottleRule::kLogin, source, now));
    txn.Erase(Table::kThrottle, RowKey(ThrottleRule::kAccount, account));
    return {};
  };
  {
    const std::lock_guard lock(spare_mu_);
    spare_.erase(RowKey(ThrottleRule::kAccount, account));
  }
  PayBackSpare(ThrottleRule::kLogin, source);
  auto done = storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
  return IsFull(done) ? Result<void>() : done;
}

Result<void> Throttle::GiveBack(ThrottleRule rule, std::string_view subject) {
  const std::int64_t now = clock_.NowMillis();
  auto body = [&](KvTxn& txn) { return PayBack(txn, rule, subject, now); };
  PayBackSpare(rule, subject);
  auto done = storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
  return IsFull(done) ? Result<void>() : done;
}

void Throttle::PayBackSpare(ThrottleRule rule, std::string_view subject) {
  const std::lock_guard lock(spare_mu_);
  const auto found = spare_.find(RowKey(rule, subject));
  if (found != spare_.end()) found->second.set_due(found->second.due() - RateOf(rule)->interval);
}

Result<void> Throttle::Take(ThrottleRule rule, std::string_view subject) {
  const std::int64_t now = clock_.NowMillis();
  RETURN_IF_ERROR(Check(*store_.Published(), rule, subject, now));
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Check(txn, rule, subject, now));
    return Count(txn, rule, subject, now);
  };
  auto done = storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
  if (!IsFull(done)) return done;
  const Subject what[] = {{rule, subject}};
  return TakeSpare(what, now);
}

// On top of what the rows say: two subjects count together or not at all.
Result<void> Throttle::TakeSpare(std::span<const Subject> what, std::int64_t now) {
  const auto view = store_.Published();
  const std::lock_guard lock(spare_mu_);
  if (spare_.size() >= kMostSpare) {
    std::erase_if(spare_, [&](const auto& row) { return HoldsNobody(row.first, row.second, now); });
    if (spare_.size() >= kMostSpare) return Refused(kHour);
  }
  for (const auto& [rule, subject] : what) {
    if (subject.empty()) continue;
    ASSIGN_OR_RETURN(const storage::Throttle stored, Row(*view, rule, subject));
    const auto& row = spare_.try_emplace(RowKey(rule, subject), stored).first->second;
    RETURN_IF_ERROR(CheckRow(row, rule, now));
  }
  for (const auto& [rule, subject] : what) {
    if (!subject.empty()) CountIn(spare_[RowKey(rule, subject)], rule, now);
  }
  return {};
}

Result<std::uint32_t> Throttle::Attempts(ThrottleRule rule, std::string_view subject) const {
  ASSIGN_OR_RETURN(const storage::Throttle row, Row(*store_.Published(), rule, subject));
  if (rule == ThrottleRule::kAccount) return row.failures();
  const std::int64_t interval = RateOf(rule)->interval;
  const std::int64_t owed = std::max<std::int64_t>(0, row.due() - clock_.NowMillis());
  return static_cast<std::uint32_t>((owed + interval - 1) / interval);
}

Result<void> Throttle::Reset(ThrottleRule rule, std::string_view subject) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    txn.Erase(Table::kThrottle, RowKey(rule, subject));
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<std::size_t> Throttle::ExpireStep(std::size_t limit) {
  const std::int64_t now = clock_.NowMillis();
  std::vector<std::string> keys;
  auto collect = [&](std::string_view key, std::string_view value) {
    storage::Throttle row;
    if (!storage::ParseInto(value, row) || HoldsNobody(key, row, now)) keys.emplace_back(key);
    return keys.size() < limit;
  };
  RETURN_IF_ERROR(store_.Published()->Scan(Table::kThrottle, {}, {}, collect));
  if (keys.empty()) return std::size_t{0};
  auto body = [&](KvTxn& txn) -> Result<void> {
    for (const std::string& key : keys) {
      ASSIGN_OR_RETURN(const auto value, txn.Get(Table::kThrottle, key));
      storage::Throttle row;
      if (value && storage::ParseInto(*value, row) && !HoldsNobody(key, row, now)) continue;
      txn.Erase(Table::kThrottle, key);
    }
    return {};
  };
  RETURN_IF_ERROR(storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  return keys.size();
}

}  // namespace cairn::auth
