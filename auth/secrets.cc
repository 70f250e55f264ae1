#include "auth/secrets.h"

#include "base/hash.h"
#include "storage/commit.h"

namespace cairn::auth {

using storage::KvTxn;
using storage::Table;

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t kInstanceKeyBytes = 32;

}  // namespace

std::string Secrets::Draw(std::size_t length) const { return random_.Text(length, kAlphabet); }

Result<std::string> Secrets::KeyOf(std::string_view secret) {
  ASSIGN_OR_RETURN(const std::string key, EnsureInstanceKey());
  return HmacSha256(key, secret);
}

Result<std::optional<std::string>> Secrets::FindKeyOf(std::string_view secret) const {
  ASSIGN_OR_RETURN(const auto key, InstanceKey());
  if (!key) return std::optional<std::string>();
  return std::optional(HmacSha256(*key, secret));
}

Result<std::optional<std::string>> Secrets::InstanceKey() const {
  {
    const std::lock_guard lock(mu_);
    if (!instance_key_.empty()) return std::optional(instance_key_);
  }
  ASSIGN_OR_RETURN(auto stored, store_.Published()->Get(Table::kSystem, storage::keys::kTokenKey));
  if (!stored) return std::optional<std::string>();
  if (stored->size() != kInstanceKeyBytes)
    return Fail(ErrorCode::kCorruption, "the key of the app passwords is damaged");
  const std::lock_guard lock(mu_);
  instance_key_ = *stored;
  return stored;
}

Result<std::string> Secrets::EnsureInstanceKey() {
  ASSIGN_OR_RETURN(auto key, InstanceKey());
  if (key) return std::move(*key);
  const std::string fresh = random_.Bytes(kInstanceKeyBytes);
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const auto stored, txn.Get(Table::kSystem, storage::keys::kTokenKey));
    if (!stored) txn.Put(Table::kSystem, storage::keys::kTokenKey, fresh);
    return {};
  };
  RETURN_IF_ERROR(storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  ASSIGN_OR_RETURN(key, InstanceKey());
  if (!key) return Fail(ErrorCode::kCorruption, "the key of the app passwords is gone");
  return std::move(*key);
}

}  // namespace cairn::auth
