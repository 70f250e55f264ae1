#include "auth/login_flows.h"

#include "auth/app_passwords.h"
#include "auth/expire_rows.h"
#include "auth/names.h"
#include "auth/records.h"
#include "storage/commit.h"

namespace cairn::auth {

using storage::KvTxn;
using storage::KvView;
using storage::LoginFlow;
using storage::Table;

namespace {

Result<std::optional<LoginFlow>> LoadFlow(const KvView& view, std::string_view key) {
  return storage::ReadRecord<LoginFlow>(view, Table::kLoginFlows, key);
}

void EraseFlow(KvTxn& txn, std::string_view key, const LoginFlow& flow) {
  txn.Erase(Table::kLoginFlows, key);
  txn.Erase(Table::kLoginTokens, flow.login_key());
}

bool IsSame(const std::optional<storage::User>& user, std::uint64_t version) {
  return user && !user->disabled() && user->version() == version;
}

}  // namespace

Result<StartedFlow> LoginFlows::Start(std::string_view device) {
  StartedFlow started{secrets_.Draw(kPollTokenLength), secrets_.Draw(kPollTokenLength)};
  ASSIGN_OR_RETURN(const std::string key, secrets_.KeyOf(started.poll_token));
  LoginFlow flow;
  flow.set_client(DeviceName(device, kMaxTokenName));
  flow.set_created(clock_.NowSeconds());
  ASSIGN_OR_RETURN(*flow.mutable_login_key(), secrets_.KeyOf(started.login_token));
  auto body = [&](KvTxn& txn) -> Result<void> {
    storage::WriteRecord(txn, Table::kLoginFlows, key, flow);
    txn.Put(Table::kLoginTokens, flow.login_key(), key);
    return {};
  };
  RETURN_IF_ERROR(storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  return started;
}

Result<std::optional<LoginFlows::Place>> LoginFlows::ByLoginToken(
    const KvView& view, std::string_view login_token) const {
  std::optional<Place> place;
  if (login_token.size() != kPollTokenLength) return place;
  ASSIGN_OR_RETURN(const auto login_key, secrets_.FindKeyOf(login_token));
  if (!login_key) return place;
  ASSIGN_OR_RETURN(const auto key, view.Get(Table::kLoginTokens, *login_key));
  if (!key) return place;
  ASSIGN_OR_RETURN(auto flow, LoadFlow(view, *key));
  if (!flow || IsOver(*flow) || flow->user() != 0) return place;
  place.emplace(Place{*key, std::move(*flow)});
  return place;
}

Result<std::optional<LoginFlow>> LoginFlows::Find(const KvView& view,
                                                  std::string_view login_token) const {
  ASSIGN_OR_RETURN(auto place, ByLoginToken(view, login_token));
  if (!place) return std::optional<LoginFlow>();
  return std::optional(std::move(place->flow));
}

Result<void> LoginFlows::Grant(std::string_view login_token, UserId user,
                               std::uint64_t user_version) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(auto place, ByLoginToken(txn, login_token));
    if (!place) return Fail(ErrorCode::kNotFound, "no such login flow");
    ASSIGN_OR_RETURN(const auto owner, LoadUser(txn, user));
    if (!IsSame(owner, user_version))
      return Fail(ErrorCode::kUnauthenticated, "the user has changed");
    place->flow.set_user(Raw(user));
    place->flow.set_user_version(user_version);
    storage::WriteRecord(txn, Table::kLoginFlows, place->key, place->flow);
    return {};
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<bool> LoginFlows::IsKnown(const KvView& view, std::string_view poll_token) const {
  if (poll_token.size() != kPollTokenLength) return false;
  ASSIGN_OR_RETURN(const auto key, secrets_.FindKeyOf(poll_token));
  if (!key) return false;
  ASSIGN_OR_RETURN(const auto flow, LoadFlow(view, *key));
  return flow && !IsOver(*flow);
}

Result<std::optional<FetchedLogin>> LoginFlows::Fetch(std::string_view poll_token) {
  using Fetched = std::optional<FetchedLogin>;
  if (poll_token.size() != kPollTokenLength) return Fetched();
  ASSIGN_OR_RETURN(const auto key, secrets_.FindKeyOf(poll_token));
  if (!key) return Fetched();
  // Most polls find nothing: they cost no transaction.
  ASSIGN_OR_RETURN(const auto waiting, LoadFlow(*store_.Published(), *key));
  if (!waiting || IsOver(*waiting) || waiting->user() == 0) return Fetched();

  const std::string secret = DrawAppPassword(secrets_);
  ASSIGN_OR_RETURN(const std::string token_key, secrets_.KeyOf(secret));
  auto body = [&](KvTxn& txn) -> Result<Fetched> {
    ASSIGN_OR_RETURN(const auto flow, LoadFlow(txn, *key));
    if (!flow || IsOver(*flow) || flow->user() == 0) return Fetched();
    EraseFlow(txn, *key, *flow);
    ASSIGN_OR_RETURN(auto owner, LoadUser(txn, UserId{flow->user()}));
    if (!IsSame(owner, flow->user_version())) return Fetched();
    ASSIGN_OR_RETURN(const storage::Token token,
                     AddToken(txn, *owner, token_key, flow->client(), {}, clock_.NowSeconds()));
    StoreUser(txn, *owner);
    return Fetched({owner->name(), secret, token.name()});
  };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<std::size_t> LoginFlows::ExpireStep(std::size_t limit) {
  const auto is_over = [&](const LoginFlow& flow) { return IsOver(flow); };
  return ExpireRows<LoginFlow>(store_, Table::kLoginFlows, limit, is_over, EraseFlow);
}

}  // namespace cairn::auth
