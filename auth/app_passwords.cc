#include "auth/app_passwords.h"

#include <algorithm>

#include "auth/names.h"
#include "auth/records.h"
#include "base/hash.h"
#include "storage/commit.h"

namespace cairn::auth {

using storage::KvTxn;
using storage::KvView;
using storage::Table;
using storage::Token;

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t kInstanceKeyBytes = 32;

struct TokenRow {
  TokenId id{};
  std::string key;  // in Table::kTokens
};

Result<std::vector<TokenRow>> RowsOf(const KvView& view, UserId user) {
  std::vector<TokenRow> rows;
  auto collect = [&](std::string_view rest, std::string_view value) {
    if (rest.size() == 8) rows.push_back({TokenId{ReadBig64(rest)}, std::string(value)});
    return true;
  };
  RETURN_IF_ERROR(view.Scan(Table::kUserTokens, storage::keys::User(user), {}, collect));
  return rows;
}

void EraseToken(KvTxn& txn, UserId user, const TokenRow& row) {
  txn.Erase(Table::kTokens, row.key);
  txn.Erase(Table::kUserTokens, storage::keys::UserToken(user, row.id));
}

}  // namespace

Result<void> EraseTokens(KvTxn& txn, UserId user) {
  ASSIGN_OR_RETURN(const auto rows, RowsOf(txn, user));
  for (const TokenRow& row : rows) EraseToken(txn, user, row);
  return {};
}

Result<std::optional<std::string>> AppPasswords::InstanceKey() const {
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

Result<std::string> AppPasswords::EnsureInstanceKey() {
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

Result<std::optional<std::string>> AppPasswords::KeyOf(std::string_view secret) const {
  ASSIGN_OR_RETURN(const auto instance_key, InstanceKey());
  if (!instance_key) return std::optional<std::string>();
  return std::optional(HmacSha256(*instance_key, secret));
}

Result<NewAppPassword> AppPasswords::Create(UserId user, std::string_view name,
                                            const TokenOptions& options) {
  if (const auto label = CheckLabel(name, kMaxTokenName); label.has_error()) {
    return Fail(ErrorCode::kInvalidArgument,
                "the name of an app password " + label.error().message);
  }
  ASSIGN_OR_RETURN(const std::string instance_key, EnsureInstanceKey());
  const std::string secret = random_.Text(kAppPasswordLength, kAlphabet);
  const std::string key = HmacSha256(instance_key, secret);
  auto body = [&](KvTxn& txn) -> Result<Token> {
    ASSIGN_OR_RETURN(auto owner, LoadUser(txn, user));
    if (!owner) return Fail(ErrorCode::kNotFound, "no such user");
    ASSIGN_OR_RETURN(const auto rows, RowsOf(txn, user));
    if (rows.size() >= kMaxAppPasswords)
      return Fail(ErrorCode::kTooLarge, "the user has too many app passwords");
    const std::uint64_t id = std::max<std::uint64_t>(owner->next_token(), 1);
    owner->set_next_token(id + 1);
    StoreUser(txn, *owner);
    Token token;
    token.set_id(id);
    token.set_user(Raw(user));
    token.set_name(std::string(name));
    token.set_created(clock_.NowSeconds());
    token.set_expires(options.expires);
    token.set_version(1);
    token.set_no_files(options.no_files);
    storage::WriteRecord(txn, Table::kTokens, key, token);
    txn.Put(Table::kUserTokens, storage::keys::UserToken(user, TokenId{id}), key);
    return token;
  };
  ASSIGN_OR_RETURN(Token token, storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  return NewAppPassword{secret, std::move(token)};
}

Result<std::vector<Token>> AppPasswords::List(const KvView& view, UserId user) const {
  ASSIGN_OR_RETURN(const auto rows, RowsOf(view, user));
  std::vector<Token> tokens;
  tokens.reserve(rows.size());
  for (const TokenRow& row : rows) {
    ASSIGN_OR_RETURN(auto token, LoadToken(view, row.key));
    if (!token) return Fail(ErrorCode::kCorruption, "an app password has no record");
    tokens.push_back(std::move(*token));
  }
  return tokens;
}

Result<void> AppPasswords::Delete(UserId user, TokenId token) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const auto key,
                     txn.Get(Table::kUserTokens, storage::keys::UserToken(user, token)));
    if (!key) return Fail(ErrorCode::kNotFound, "no such app password");
    EraseToken(txn, user, {token, *key});
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<std::size_t> AppPasswords::ExpireStep(std::size_t limit) {
  const std::int64_t now = clock_.NowSeconds();
  std::vector<std::string> keys;
  auto collect = [&](std::string_view key, std::string_view value) {
    Token token;
    // A record that cannot be read is fsck's to report; it never lets anybody in.
    if (storage::ParseInto(value, token) && token.expires() != 0 && token.expires() <= now)
      keys.emplace_back(key);
    return keys.size() < limit;
  };
  RETURN_IF_ERROR(store_.Published()->Scan(Table::kTokens, {}, {}, collect));
  if (keys.empty()) return std::size_t{0};
  auto body = [&](KvTxn& txn) -> Result<void> {
    for (const std::string& key : keys) {
      ASSIGN_OR_RETURN(const auto token, LoadToken(txn, key));
      if (token && token->expires() != 0 && token->expires() <= now) {
        EraseToken(txn, UserId{token->user()}, {TokenId{token->id()}, key});
      }
    }
    return {};
  };
  RETURN_IF_ERROR(storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  return keys.size();
}

}  // namespace cairn::auth
