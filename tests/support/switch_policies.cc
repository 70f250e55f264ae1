#include "tests/support/switch_policies.h"

#include "storage/tree_editor.h"

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

Result<bool> SwitchVersions::Capture(KvTxn& txn, const Caller&, const Node& node) {
  if (!keep) return false;
  const ContentId content = *ContentId::FromBytes(node.content());
  RETURN_IF_ERROR(contents->AddRef(txn, content, HolderKind::kVersion, Big64(++captured)));
  txn.Erase(Table::kRefs, keys::Ref(content, HolderKind::kNode, keys::Node(FileId{node.id()})));
  return true;
}

Result<std::optional<std::string>> SwitchTrash::Take(KvTxn&, const Caller&, const Chain& chain,
                                                     bool skip) {
  if (!keep || skip) return std::optional<std::string>();
  return std::optional<std::string>(HiddenKey(chain.leaf().id()));
}

}  // namespace cairn::support
