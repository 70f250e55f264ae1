#include "auth/oauth.h"

#include <algorithm>

#include "auth/app_passwords.h"
#include "auth/oauth_records.h"
#include "auth/records.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "storage/commit.h"

namespace cairn::auth {

using storage::KvTxn;
using storage::KvView;
using storage::OAuthGrant;
using storage::Table;

namespace {

constexpr std::size_t kShortestVerifier = 43;  // RFC 7636 section 4.1
constexpr std::size_t kLongestVerifier = 128;

bool IsVerifier(std::string_view text) {
  const auto unreserved = [](char c) {
    return IsAlphaNumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
  };
  return text.size() >= kShortestVerifier && text.size() <= kLongestVerifier &&
         std::all_of(text.begin(), text.end(), unreserved);
}

// RFC 4648 section 5, without padding.
std::string ToBase64Url(std::string_view bytes) {
  std::string text = ToBase64(bytes);
  text.erase(text.find_last_not_of('=') + 1);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

OAuthAnswer RefusedWith(OAuthRefusal refusal) {
  OAuthAnswer answer;
  answer.refusal = refusal;
  return answer;
}

// Ends an access: its token, and with it whatever would renew it.
Result<OAuthAnswer> EndStolen(KvTxn& txn, std::string_view key, const OAuthGrant& grant) {
  txn.Erase(Table::kOAuthGrants, key);
  const UserId user{grant.user()};
  RETURN_IF_ERROR(EraseToken(txn, user, TokenId{grant.token()}));
  ASSIGN_OR_RETURN(const auto owner, LoadUser(txn, user));
  OAuthAnswer answer;
  answer.stolen_from = owner ? owner->name() : std::string();
  return answer;
}

}  // namespace

struct OAuth::Drawn {
  std::string access;
  std::string access_key;
  std::string family;  // first half of the refresh token: the same as long as the access lasts
  std::string family_key;
  std::string current;  // second half: another one at each refresh
  std::string current_key;
};

bool IsChallenge(const OAuthChallenge& challenge) {
  switch (challenge.method) {
    case storage::OAUTH_NO_CHALLENGE:
      return challenge.text.empty();
    case storage::OAUTH_PLAIN:
      return IsVerifier(challenge.text);
    case storage::OAUTH_S256:
      return IsVerifier(challenge.text) && challenge.text.size() == kShortestVerifier;
    default:
      return false;
  }
}

std::optional<std::string> ChallengeOf(std::string_view verifier,
                                       storage::OAuthChallengeMethod method) {
  if (!IsVerifier(verifier)) return std::nullopt;
  switch (method) {
    case storage::OAUTH_PLAIN:
      return std::string(verifier);
    case storage::OAUTH_S256:
      return ToBase64Url(Sha256(verifier));
    default:
      return std::nullopt;
  }
}

Result<OAuth::Drawn> OAuth::Draw() {
  Drawn drawn;
  drawn.access = secrets_.Draw();
  drawn.family = secrets_.Draw();
  drawn.current = secrets_.Draw();
  ASSIGN_OR_RETURN(drawn.access_key, secrets_.KeyOf(drawn.access));
  ASSIGN_OR_RETURN(drawn.family_key, secrets_.KeyOf(drawn.family));
  ASSIGN_OR_RETURN(drawn.current_key, secrets_.KeyOf(drawn.current));
  return drawn;
}

Result<std::string> OAuth::Grant(const OAuthConsent& consent) {
  if (!IsChallenge(consent.challenge))
    return Fail(ErrorCode::kInvalidArgument, "no challenge of PKCE");
  const std::string code = secrets_.Draw();
  ASSIGN_OR_RETURN(const std::string key, secrets_.KeyOf(code));
  OAuthGrant grant;
  grant.set_kind(storage::OAUTH_CODE);
  grant.set_client(consent.client);
  grant.set_user(Raw(consent.user));
  grant.set_user_version(consent.user_version);
  grant.set_created(clock_.NowSeconds());
  grant.set_method(consent.challenge.method);
  // Even a plain challenge, which is the verifier itself, does not stand here to be read.
  if (!consent.challenge.text.empty()) {
    ASSIGN_OR_RETURN(*grant.mutable_challenge(), secrets_.KeyOf(consent.challenge.text));
  }
  auto body = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const auto client, LoadOAuthClient(txn, consent.client));
    if (!client) return Fail(ErrorCode::kNotFound, "no such OAuth client");
    ASSIGN_OR_RETURN(const auto owner, LoadUser(txn, consent.user));
    if (!owner || owner->disabled() || owner->version() != consent.user_version)
      return Fail(ErrorCode::kUnauthenticated, "the user has changed");
    grant.set_redirect_uri(client->redirect_uri());
    StoreOAuthGrant(txn, key, grant);
    return {};
  };
  RETURN_IF_ERROR(storage::CommitBlocking(store_, {storage::DirectoryKey()}, body));
  return code;
}

Result<std::optional<std::string>> OAuth::NameOfClient(const KvView& view, const OAuthGrant& grant,
                                                       const OAuthCredentials& given) const {
  std::optional<std::string> name;
  ASSIGN_OR_RETURN(const auto client, LoadOAuthClient(view, grant.client()));
  ASSIGN_OR_RETURN(const auto secret, secrets_.FindKeyOf(given.secret));
  const bool right = client && secret && ConstantTimeEqual(*secret, client->secret_hash());
  if (right && given.identifier == grant.client()) name = client->name();
  return name;
}

Result<bool> OAuth::IsProof(const OAuthGrant& grant, const Exchanged& given) const {
  if (given.redirect_uri && *given.redirect_uri != grant.redirect_uri()) return false;
  // A verifier without a challenge: somebody has taken the challenge away (RFC 9700 section 4.8.2).
  if (grant.method() == storage::OAUTH_NO_CHALLENGE) return !given.verifier;
  if (!given.verifier) return false;
  const auto challenge = ChallengeOf(*given.verifier, grant.method());
  if (!challenge) return false;
  ASSIGN_OR_RETURN(const auto key, secrets_.FindKeyOf(*challenge));
  return key && ConstantTimeEqual(*key, grant.challenge());
}

Result<OAuthAnswer> OAuth::Exchange(const Exchanged& given) {
  if (given.code.size() != kSecretLength) return OAuthAnswer();
  ASSIGN_OR_RETURN(const auto key, secrets_.FindKeyOf(given.code));
  if (!key) return OAuthAnswer();
  // What strangers try costs no transaction.
  const auto view = store_.Published();
  ASSIGN_OR_RETURN(const auto grant, LoadOAuthGrant(*view, *key));
  if (!grant || grant->kind() != storage::OAUTH_CODE || IsOver(*grant)) return OAuthAnswer();
  ASSIGN_OR_RETURN(const auto name, NameOfClient(*view, *grant, given.client));
  if (!name) return RefusedWith(OAuthRefusal::kWrongClient);

  ASSIGN_OR_RETURN(const Drawn drawn, Draw());
  auto body = [&](KvTxn& txn) { return UseCode(txn, *key, given, drawn); };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<OAuthAnswer> OAuth::UseCode(KvTxn& txn, std::string_view key, const Exchanged& given,
                                   const Drawn& drawn) {
  ASSIGN_OR_RETURN(auto code, LoadOAuthGrant(txn, key));
  if (!code || code->kind() != storage::OAUTH_CODE || IsOver(*code)) return OAuthAnswer();
  ASSIGN_OR_RETURN(auto name, NameOfClient(txn, *code, given.client));
  if (!name) return RefusedWith(OAuthRefusal::kWrongClient);
  if (code->used() != 0) return EndStolen(txn, key, *code);
  ASSIGN_OR_RETURN(auto owner, LoadUser(txn, UserId{code->user()}));
  if (!owner || owner->disabled() || owner->version() != code->user_version()) {
    txn.Erase(Table::kOAuthGrants, key);
    return OAuthAnswer();
  }
  const std::int64_t now = clock_.NowSeconds();
  code->set_used(now);
  ASSIGN_OR_RETURN(const bool proven, IsProof(*code, given));
  if (!proven) {
    StoreOAuthGrant(txn, key, *code);
    return RefusedWith(OAuthRefusal::kWrongProof);
  }
  TokenOptions options;
  options.expires = now + kAccessLifetime;
  options.renewable = now + kRefreshIdle;
  ASSIGN_OR_RETURN(const storage::Token token,
                   AddToken(txn, *owner, drawn.access_key, *name, options, now));
  StoreUser(txn, *owner);
  code->set_token(token.id());
  StoreOAuthGrant(txn, key, *code);

  OAuthGrant refresh;
  refresh.set_kind(storage::OAUTH_REFRESH);
  refresh.set_client(code->client());
  refresh.set_user(code->user());
  refresh.set_created(now);
  refresh.set_token(token.id());
  refresh.set_current(drawn.current_key);
  StoreOAuthGrant(txn, drawn.family_key, refresh);
  OAuthAnswer answer;
  answer.tokens.emplace(
      OAuthTokens{drawn.access, drawn.family + drawn.current, owner->name(), std::move(*name)});
  return answer;
}

Result<OAuthAnswer> OAuth::Refresh(const OAuthCredentials& client, std::string_view refresh_token) {
  if (refresh_token.size() != kRefreshLength) return OAuthAnswer();
  const std::string_view family = refresh_token.substr(0, kSecretLength);
  ASSIGN_OR_RETURN(const auto key, secrets_.FindKeyOf(family));
  ASSIGN_OR_RETURN(const auto current, secrets_.FindKeyOf(refresh_token.substr(kSecretLength)));
  if (!key || !current) return OAuthAnswer();
  const auto view = store_.Published();
  ASSIGN_OR_RETURN(const auto grant, LoadOAuthGrant(*view, *key));
  if (!grant || grant->kind() != storage::OAUTH_REFRESH || IsOver(*grant)) return OAuthAnswer();
  ASSIGN_OR_RETURN(const auto name, NameOfClient(*view, *grant, client));
  if (!name) return RefusedWith(OAuthRefusal::kWrongClient);

  ASSIGN_OR_RETURN(Drawn drawn, Draw());
  drawn.family = family;
  drawn.family_key = *key;
  auto body = [&](KvTxn& txn) { return UseRefresh(txn, *current, client, drawn); };
  return storage::CommitBlocking(store_, {storage::DirectoryKey()}, body);
}

Result<OAuthAnswer> OAuth::UseRefresh(KvTxn& txn, std::string_view current,
                                      const OAuthCredentials& client, const Drawn& drawn) {
  const std::string& key = drawn.family_key;
  ASSIGN_OR_RETURN(auto grant, LoadOAuthGrant(txn, key));
  if (!grant || grant->kind() != storage::OAUTH_REFRESH || IsOver(*grant)) return OAuthAnswer();
  ASSIGN_OR_RETURN(auto name, NameOfClient(txn, *grant, client));
  if (!name) return RefusedWith(OAuthRefusal::kWrongClient);
  const UserId user{grant->user()};
  ASSIGN_OR_RETURN(const auto token_key, TokenKey(txn, user, TokenId{grant->token()}));
  if (!token_key) {  // revoked
    txn.Erase(Table::kOAuthGrants, key);
    return OAuthAnswer();
  }
  if (!ConstantTimeEqual(current, grant->current())) return EndStolen(txn, key, *grant);
  ASSIGN_OR_RETURN(auto token, LoadToken(txn, *token_key));
  ASSIGN_OR_RETURN(const auto owner, LoadUser(txn, user));
  // Disabled is not gone: as with every app password, it goes on when the user is enabled again.
  if (!token || token->wipe() || !owner || owner->disabled()) return OAuthAnswer();

  const std::int64_t now = clock_.NowSeconds();
  token->set_expires(now + kAccessLifetime);
  token->set_renewable(now + kRefreshIdle);
  RekeyToken(txn, *token_key, drawn.access_key, *token);
  grant->set_used(now);
  grant->set_current(drawn.current_key);
  StoreOAuthGrant(txn, key, *grant);
  OAuthAnswer answer;
  answer.tokens.emplace(
      OAuthTokens{drawn.access, drawn.family + drawn.current, owner->name(), std::move(*name)});
  return answer;
}

}  // namespace cairn::auth
