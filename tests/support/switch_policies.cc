#include "tests/support/switch_policies.h"

namespace cairn::support {

Result<void> SwitchAccess::CheckLive(const KvView&, const Caller& caller) const {
  if (on_check) on_check();
  if (user_disabled) return Fail(ErrorCode::kUnauthenticated, "user disabled");
  if (token_deleted && caller.token.has_value())
    return Fail(ErrorCode::kUnauthenticated, "token deleted");
  return {};
}

Permissions SwitchAccess::For(const KvView&, const Caller&, const Chain& chain) const {
  for (auto entry = chain.entries.rbegin(); entry != chain.entries.rend(); ++entry) {
    if (const auto mask = masks.find(entry->id()); mask != masks.end()) return mask->second;
  }
  return all;
}

Result<void> SwitchQuota::Charge(const Space&, std::uint64_t used, std::int64_t bytes,
                                 std::uint64_t) const {
  if (!limit.has_value() || bytes <= 0) return {};
  if (used + static_cast<std::uint64_t>(bytes) > *limit)
    return Fail(ErrorCode::kQuotaExceeded, "full");
  return {};
}

Result<std::unique_ptr<QuotaHold>> SwitchQuota::Hold(const Space&, std::uint64_t,
                                                     std::uint64_t bytes) {
  struct Held final : QuotaHold {
    Held(std::uint64_t& to, std::uint64_t size) : sum(to), bytes(size) { sum += bytes; }
    ~Held() override { sum -= bytes; }
    std::uint64_t& sum;
    const std::uint64_t bytes;
  };
  return std::unique_ptr<QuotaHold>(std::make_unique<Held>(held, bytes));
}

namespace {

Keeping PlainKeeping(const QuotaGate& quota) {
  return {.retention = [] { return *ParseRetention("auto"); },
          .free_disk = [] { return std::uint64_t{1} << 50; },
          .quota = quota,
          .crowded = [](SpaceId) {}};
}

}  // namespace

SwitchVersions::SwitchVersions(const Clock& clock, const QuotaGate& quota)
    : keeper_(clock, PlainKeeping(quota)) {}

Result<bool> SwitchVersions::Capture(KvTxn& txn, ContentStore& contents, const Chain& chain,
                                     Node& node) {
  return keep ? keeper_.Capture(txn, contents, chain, node) : false;
}

Result<void> SwitchVersions::Erase(KvTxn& txn, ContentStore& contents, const Node& node) {
  return keeper_.Erase(txn, contents, node);
}

SwitchTrash::SwitchTrash(const Clock& clock, const QuotaGate& quota)
    : can_(clock, PlainKeeping(quota)) {}

Result<std::optional<std::string>> SwitchTrash::Take(KvTxn& txn, const Caller& caller,
                                                     const Chain& chain, const Removal& how,
                                                     Node& node) {
  if (!keep) return std::optional<std::string>();
  return can_.Take(txn, caller, chain, how, node);
}

}  // namespace cairn::support
