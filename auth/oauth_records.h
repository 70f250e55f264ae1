// The records of auth/oauth.h. kCorruption: a record that does not parse.
#pragma once

#include <optional>

#include "auth/secrets.h"
#include "storage/records.h"

namespace cairn::auth {

// nullopt too for what cannot be an identifier.
inline Result<std::optional<storage::OAuthClient>> LoadOAuthClient(const storage::KvView& view,
                                                                   std::string_view identifier) {
  if (identifier.size() != kSecretLength) return std::optional<storage::OAuthClient>();
  return storage::ReadRecord<storage::OAuthClient>(view, storage::Table::kOAuthClients, identifier);
}

inline Result<std::optional<storage::OAuthGrant>> LoadOAuthGrant(const storage::KvView& view,
                                                                 std::string_view key) {
  return storage::ReadRecord<storage::OAuthGrant>(view, storage::Table::kOAuthGrants, key);
}

inline void StoreOAuthGrant(storage::KvTxn& txn, std::string_view key,
                            const storage::OAuthGrant& grant) {
  storage::WriteRecord(txn, storage::Table::kOAuthGrants, key, grant);
}

}  // namespace cairn::auth
