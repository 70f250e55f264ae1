// OAuth's clients, and the end of what is over.
#include <algorithm>

#include "auth/app_passwords.h"
#include "auth/names.h"
#include "auth/oauth.h"
#include "auth/oauth_records.h"
#include "auth/records.h"
#include "auth/redirect_uri.h"
#include "storage/commit.h"

namespace cairn::auth {

using storage::KvTxn;
using storage::KvView;
using storage::OAuthClient;
using storage::OAuthGrant;
using storage::Table;

namespace {

constexpr std::size_t kSweepPage = 500;   // grants read at once
constexpr std::size_t kSweepStep = 1000;  // grants erased at once when a client is removed

// Up to kSweepPage rows behind `after`, which moves on; empty at the end.
struct GrantRow {
  std::string key;
  OAuthGrant grant;
};
Result<std::vector<GrantRow>> GrantsBehind(const KvView& view, std::string& after) {
  std::vector<GrantRow> rows;
  auto collect = [&](std::string_view key, std::string_view value) {
    GrantRow row{std::string(key), {}};
    // A record that cannot be read is fsck's to report; it never lets anybody in.
    if (storage::ParseInto(value, row.grant)) rows.push_back(std::move(row));
    after = key;
    return rows.size() < kSweepPage;
  };
  RETURN_IF_ERROR(view.Scan(Table::kOAuthGrants, {}, std::string(after), collect));
  return rows;
}

}  // namespace

Result<NewOAuthClient> OAuth::Add(std::string_view name, std::string_view redirect_uri) {
  if (const auto label = CheckLabel(name, kMaxTokenName); label.has_error())
    return Fail(ErrorCode::kInvalidArgument, "the name of a client " + label.error().message);
  RETURN_IF_ERROR(CheckRedirectUri(redirect_uri));
  NewOAuthClient made;
  made.secret = secrets_.Draw();
  const std::string identifier = secrets_.Draw();
  ASSIGN_OR_RETURN(const std::string secret_hash, secrets_.KeyOf(made.secret));
  auto body = [&](KvTxn& txn) -> Result<OAuthClient> {
    ASSIGN_OR_RETURN(const auto present, List(txn));
    if (present.size() >= kMaxOAuthClients)
      return Fail(ErrorCode::kTooLarge, "there are too many OAuth clients");
    OAuthClient client;
    ASSIGN_OR_RETURN(const std::uint64_t id, NextId(txn, storage::keys::kOAuthClientIds));
    client.set_id(id);
    client.set_name(std::string(name));
    client.set_redirect_uri(std::string(redirect_uri));
    client.set_identifier(identifier);
    client.set_secret_hash(secret_hash);
    client.set_created(clock_.NowSeconds());
    storage::WriteRecord(txn, Table::kOAuthClients, identifier, client);
    return client;
  };
  ASSIGN_OR_RETURN(made.client, storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  return made;
}

Result<std::vector<OAuthClient>> OAuth::List(const KvView& view) const {
  std::vector<OAuthClient> clients;
  bool bad = false;
  auto collect = [&](std::string_view, std::string_view value) {
    bad = !storage::ParseInto(value, clients.emplace_back());
    return !bad;
  };
  RETURN_IF_ERROR(view.Scan(Table::kOAuthClients, {}, {}, collect));
  if (bad) return storage::BadRecord(OAuthClient());
  std::sort(clients.begin(), clients.end(),
            [](const OAuthClient& a, const OAuthClient& b) { return a.id() < b.id(); });
  return clients;
}

Result<std::optional<OAuthClient>> OAuth::Find(const KvView& view,
                                               std::string_view identifier) const {
  return LoadOAuthClient(view, identifier);
}

Result<void> OAuth::Remove(std::string_view identifier) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const auto client, LoadOAuthClient(txn, identifier));
    if (!client) return Fail(ErrorCode::kNotFound, "no such OAuth client");
    txn.Erase(Table::kOAuthClients, identifier);
    return {};
  };
  RETURN_IF_ERROR(storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  // From here on no code and no refresh token of it works. Its access tokens end in steps; if this
  // is interrupted, the background job goes on.
  while (true) {
    ASSIGN_OR_RETURN(const std::size_t done, ExpireStep(kSweepStep));
    if (done == 0) return {};
  }
}

bool OAuth::IsOver(const OAuthGrant& grant) const {
  const std::int64_t now = clock_.NowSeconds();
  switch (grant.kind()) {
    case storage::OAUTH_CODE:
      return grant.created() + kCodeLifetime <= now;
    case storage::OAUTH_REFRESH:
      return std::max(grant.created(), grant.used()) + kRefreshIdle <= now;
    default:
      return false;  // a newer version's
  }
}

Result<bool> OAuth::IsDead(const KvView& view, const OAuthGrant& grant) const {
  if (IsOver(grant)) return true;
  ASSIGN_OR_RETURN(const auto client, LoadOAuthClient(view, grant.client()));
  if (!client) return true;
  if (grant.kind() != storage::OAUTH_REFRESH) return false;
  ASSIGN_OR_RETURN(const auto token, TokenKey(view, UserId{grant.user()}, TokenId{grant.token()}));
  return !token;
}

Result<std::size_t> OAuth::ExpireStep(std::size_t limit) {
  std::vector<std::string> keys;
  const auto view = store_.Published();
  std::string after;
  for (bool more = true; more && keys.size() < limit;) {
    ASSIGN_OR_RETURN(const auto page, GrantsBehind(*view, after));
    more = page.size() == kSweepPage;
    for (const GrantRow& row : page) {
      ASSIGN_OR_RETURN(const bool dead, IsDead(*view, row.grant));
      if (dead && keys.size() < limit) keys.push_back(row.key);
    }
  }
  if (keys.empty()) return std::size_t{0};
  auto body = [&](KvTxn& txn) -> Result<void> {
    for (const std::string& key : keys) {
      ASSIGN_OR_RETURN(const auto grant, LoadOAuthGrant(txn, key));
      if (!grant) continue;
      ASSIGN_OR_RETURN(const bool dead, IsDead(txn, *grant));
      if (!dead) continue;
      txn.Erase(Table::kOAuthGrants, key);
      if (grant->kind() != storage::OAUTH_REFRESH) continue;
      RETURN_IF_ERROR(EraseToken(txn, UserId{grant->user()}, TokenId{grant->token()}));
    }
    return {};
  };
  RETURN_IF_ERROR(storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  return keys.size();
}

}  // namespace cairn::auth
