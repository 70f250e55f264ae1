#include "auth/app_passwords.h"

#include <algorithm>

#include "auth/expire_rows.h"
#include "auth/names.h"
#include "auth/records.h"
#include "storage/commit.h"

namespace cairn::auth {

using storage::KvTxn;
using storage::KvView;
using storage::Table;
using storage::Token;

namespace {

constexpr std::size_t kGroup = 5;  // characters between hyphens

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

void EraseRow(KvTxn& txn, UserId user, const TokenRow& row) {
  txn.Erase(Table::kTokens, row.key);
  txn.Erase(Table::kUserTokens, storage::keys::UserToken(user, row.id));
}

bool IsOverForGood(const Token& token, std::int64_t now) {
  return token.expires() != 0 && std::max(token.expires(), token.renewable()) <= now;
}

}  // namespace

Result<std::optional<std::string>> TokenKey(const KvView& view, UserId user, TokenId token) {
  return view.Get(Table::kUserTokens, storage::keys::UserToken(user, token));
}

void RekeyToken(KvTxn& txn, std::string_view old_key, std::string_view key, Token& token) {
  token.set_version(token.version() + 1);
  txn.Erase(Table::kTokens, old_key);
  storage::WriteRecord(txn, Table::kTokens, key, token);
  txn.Put(Table::kUserTokens, storage::keys::UserToken(UserId{token.user()}, TokenId{token.id()}),
          key);
}

Result<void> EraseToken(KvTxn& txn, UserId user, TokenId token) {
  ASSIGN_OR_RETURN(const auto key, TokenKey(txn, user, token));
  if (key) EraseRow(txn, user, {token, *key});
  return {};
}

Result<void> EraseTokens(KvTxn& txn, UserId user) {
  ASSIGN_OR_RETURN(const auto rows, RowsOf(txn, user));
  for (const TokenRow& row : rows) EraseRow(txn, user, row);
  return {};
}

std::string DrawAppPassword(const Secrets& secrets) {
  std::string text = secrets.Draw(kAppPasswordLength);
  for (std::size_t at = kGroup; at < text.size(); at += kGroup + 1) text.insert(at, 1, '-');
  return text;
}

Result<Token> AddToken(KvTxn& txn, storage::User& owner, std::string_view key,
                       std::string_view name, const TokenOptions& options,
                       std::int64_t now_seconds) {
  const UserId user{owner.id()};
  ASSIGN_OR_RETURN(const auto rows, RowsOf(txn, user));
  if (rows.size() >= kMaxAppPasswords)
    return Fail(ErrorCode::kTooLarge, "the user has too many app passwords");
  const std::uint64_t id = std::max<std::uint64_t>(owner.next_token(), 1);
  owner.set_next_token(id + 1);
  Token token;
  token.set_id(id);
  token.set_user(Raw(user));
  token.set_name(std::string(name));
  token.set_created(now_seconds);
  token.set_expires(options.expires);
  token.set_version(1);
  token.set_no_files(options.no_files);
  token.set_one_time(options.one_time);
  token.set_renewable(options.renewable);
  storage::WriteRecord(txn, Table::kTokens, key, token);
  txn.Put(Table::kUserTokens, storage::keys::UserToken(user, TokenId{id}), key);
  return token;
}

Result<NewAppPassword> AppPasswords::Create(UserId user, std::string_view name,
                                            const TokenOptions& options,
                                            const Precondition& allowed) {
  if (const auto label = CheckLabel(name, kMaxTokenName); label.has_error()) {
    return Fail(ErrorCode::kInvalidArgument,
                "the name of an app password " + label.error().message);
  }
  const std::string secret = DrawAppPassword(secrets_);
  ASSIGN_OR_RETURN(const std::string key, secrets_.KeyOf(secret));
  auto body = [&](KvTxn& txn) -> Result<Token> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    ASSIGN_OR_RETURN(auto owner, LoadUser(txn, user));
    if (!owner) return Fail(ErrorCode::kNotFound, "no such user");
    ASSIGN_OR_RETURN(Token token, AddToken(txn, *owner, key, name, options, clock_.NowSeconds()));
    StoreUser(txn, *owner);
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
    ASSIGN_OR_RETURN(const auto key, TokenKey(txn, user, token));
    if (!key) return Fail(ErrorCode::kNotFound, "no such app password");
    EraseRow(txn, user, {token, *key});
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<NewAppPassword> AppPasswords::Rotate(UserId user, TokenId id) {
  const std::string secret = DrawAppPassword(secrets_);
  ASSIGN_OR_RETURN(const std::string key, secrets_.KeyOf(secret));
  auto body = [&](KvTxn& txn) -> Result<Token> {
    ASSIGN_OR_RETURN(const auto old_key, TokenKey(txn, user, id));
    if (!old_key) return Fail(ErrorCode::kNotFound, "no such app password");
    ASSIGN_OR_RETURN(auto token, LoadToken(txn, *old_key));
    if (!token || token->wipe()) return Fail(ErrorCode::kNotFound, "no such app password");
    token->set_one_time(false);
    RekeyToken(txn, *old_key, key, *token);
    return std::move(*token);
  };
  ASSIGN_OR_RETURN(Token token, storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  return NewAppPassword{secret, std::move(token)};
}

Result<void> AppPasswords::OrderWipe(UserId user, std::optional<TokenId> id) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const auto owner, LoadUser(txn, user));
    if (!owner) return Fail(ErrorCode::kNotFound, "no such user");
    ASSIGN_OR_RETURN(const auto rows, RowsOf(txn, user));
    bool found = !id;
    for (const TokenRow& row : rows) {
      if (id && row.id != *id) continue;
      ASSIGN_OR_RETURN(auto token, LoadToken(txn, row.key));
      if (!token) return Fail(ErrorCode::kCorruption, "an app password has no record");
      found = true;
      if (token->wipe()) continue;
      token->set_wipe(true);
      token->set_version(token->version() + 1);  // what it has begun ends, too
      storage::WriteRecord(txn, Table::kTokens, row.key, *token);
    }
    if (!found) return Fail(ErrorCode::kNotFound, "no such app password");
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<std::optional<Token>> AppPasswords::ToBeWiped(const KvView& view,
                                                     std::string_view secret) const {
  ASSIGN_OR_RETURN(const auto key, secrets_.FindKeyOf(secret));
  if (!key) return std::optional<Token>();
  ASSIGN_OR_RETURN(auto token, LoadToken(view, *key));
  if (token && !token->wipe()) token.reset();
  return token;
}

Result<std::optional<Token>> AppPasswords::WipeDone(std::string_view secret) {
  ASSIGN_OR_RETURN(const auto key, secrets_.FindKeyOf(secret));
  if (!key) return std::optional<Token>();
  auto body = [&](KvTxn& txn) -> Result<std::optional<Token>> {
    ASSIGN_OR_RETURN(auto token, LoadToken(txn, *key));
    if (!token || !token->wipe()) return std::optional<Token>();
    EraseRow(txn, UserId{token->user()}, {TokenId{token->id()}, *key});
    return token;
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<std::size_t> AppPasswords::ExpireStep(std::size_t limit) {
  const std::int64_t now = clock_.NowSeconds();
  const auto is_over = [&](const Token& token) { return IsOverForGood(token, now); };
  const auto erase = [](KvTxn& txn, const std::string& key, const Token& token) {
    EraseRow(txn, UserId{token.user()}, {TokenId{token.id()}, key});
  };
  return ExpireRows<Token>(store_, Table::kTokens, limit, is_over, erase);
}

}  // namespace cairn::auth
