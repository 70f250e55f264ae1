#include "auth/authenticator.h"

#include <algorithm>
#include <utility>

#include "auth/audit.h"
#include "auth/basic_credentials.h"
#include "auth/keyed_hash.h"
#include "auth/names.h"
#include "auth/records.h"
#include "base/bytes.h"
#include "base/log.h"
#include "conf/network.h"

namespace cairn::auth {

using storage::KvView;
using storage::Token;
using storage::User;

namespace {

constexpr std::string_view kBearer = "Bearer ";
constexpr std::size_t kProcessKeyBytes = 32;

Error Refusal() { return Fail(ErrorCode::kUnauthenticated, "the credentials are not accepted"); }

bool IsLogin(std::string_view login) {
  return !login.empty() && login.size() <= kMaxLogin &&
         std::none_of(login.begin(), login.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

bool IsExpired(const Token& token, std::int64_t now) {
  return token.expires() != 0 && token.expires() <= now;
}

Principal MakePrincipal(const User& user, const std::optional<Token>& token,
                        const std::string& token_key) {
  Principal principal;
  principal.caller.user = UserId{user.id()};
  principal.caller.user_name = user.name();
  principal.caller.user_version = user.version();
  if (token) {
    principal.caller.token = TokenId{token->id()};
    principal.caller.token_key = token_key;
    principal.caller.token_name = token->name();
    principal.caller.token_version = token->version();
  }
  principal.display_name = ShownName(user);
  principal.admin = user.admin();
  principal.app_password = token.has_value();
  principal.one_time = token && token->one_time();
  principal.home = SpaceId{user.space()};
  return principal;
}

}  // namespace

Authenticator::Authenticator(storage::KvStore& store, const Users& users,
                             const AppPasswords& app_passwords, Throttle& throttle,
                             const SecondFactors& second_factors, const Clock& clock,
                             Random& random, const AuthenticatorOptions& options)
    : users_(users),
      app_passwords_(app_passwords),
      clock_(clock),
      process_key_(random.Bytes(kProcessKeyBytes)),
      logins_(options.remembered_logins),
      refusals_(options.remembered_refusals),
      last_used_(store),
      throttle_(throttle),
      second_factors_(second_factors) {}

std::optional<Authenticator::Credentials> Authenticator::Parse(const Attempt& attempt) const {
  const std::string_view header = attempt.authorization;
  std::optional<Credentials> given;
  if (EqualsIgnoreCase(header.substr(0, kBearer.size()), kBearer)) {
    given = Make({}, Trim(header.substr(kBearer.size())));
  } else if (const auto pair = ParseBasic(header); pair && !pair->login.empty()) {
    given = Make(pair->login, pair->secret);
  }
  if (given) given->one_time_too = attempt.one_time_too;
  return given;
}

std::optional<Authenticator::Credentials> Authenticator::Make(std::string_view login,
                                                              std::string_view secret) const {
  if (!login.empty() && !IsLogin(login)) return std::nullopt;
  if (secret.empty() || secret.size() > kMaxPasswordBytes) return std::nullopt;
  Credentials given;
  given.login = login;
  given.secret = secret;
  // IsLogin lets no NUL pass, so that two pairs never give one key.
  given.cache_key =
      KeyedHash(process_key_, FoldedUserName(given.login).append(1, '\0').append(given.secret));
  return given;
}

std::optional<Result<Principal>> Authenticator::CheckFast(const Attempt& attempt,
                                                          const KvView& view) {
  const auto given = Parse(attempt);
  if (!given) return Result<Principal>(Refusal());
  if (auto known = CheckKnown(*given, view)) return known;
  if (auto token = CheckToken(*given, view)) return token;
  return CheckRefused(*given, view);
}

Result<Principal> Authenticator::CheckSlow(const Attempt& attempt, const KvView& view) {
  // Another request with the same credentials may have been here while this one was queued.
  if (auto fast = CheckFast(attempt, view)) return std::move(*fast);
  const auto given = Parse(attempt);
  if (given->login.empty()) return RefuseBearer(*given, attempt.remote);
  return CheckPassword(*given, attempt.remote, view);
}

Result<Principal> Authenticator::CheckForm(std::string_view login, std::string_view password,
                                           std::string_view remote, const KvView& view) {
  auto given = login.empty() ? std::nullopt : Make(login, password);
  if (!given) return Refusal();
  given->form = true;
  return CheckPassword(*given, remote, view);
}

std::optional<Result<Principal>> Authenticator::CheckKnown(const Credentials& given,
                                                           const KvView& view) {
  const auto login = logins_.Find(given.cache_key);
  if (!login) return std::nullopt;
  auto principal = PrincipalOf(view, *login, given);
  if (principal.has_error()) return Result<Principal>(std::move(principal).error());
  if (*principal) return Admit(given, *login, std::move(**principal), view);
  logins_.Erase(given.cache_key);
  return std::nullopt;
}

std::optional<Result<Principal>> Authenticator::CheckToken(const Credentials& given,
                                                           const KvView& view) {
  auto key = app_passwords_.KeyOf(given.secret);
  if (key.has_error()) return Result<Principal>(std::move(key).error());
  if (!*key) return std::nullopt;
  auto token = LoadToken(view, **key);
  if (token.has_error()) return Result<Principal>(std::move(token).error());
  if (!*token) return std::nullopt;
  const KnownLogin login{UserId{(*token)->user()}, **key, (*token)->version()};
  const auto owner = LoadUser(view, login.user);
  if (owner.has_error()) return Result<Principal>(owner.error());
  const bool is_his = *owner && (given.login.empty() ||
                                 FoldedUserName((*owner)->name()) == FoldedUserName(given.login));
  if (!is_his) return Conclude(given, login, std::nullopt);
  auto principal = PrincipalOf(view, login, given);
  if (principal.has_error()) return Result<Principal>(std::move(principal).error());
  return Conclude(given, login, std::move(*principal));
}

// A device whose app password was deleted goes on asking: it shall not cost a hash each time.
std::optional<Result<Principal>> Authenticator::CheckRefused(const Credentials& given,
                                                             const KvView& view) {
  const auto refused = refusals_.Find(given.cache_key);
  if (!refused) return std::nullopt;
  auto user = users_.FindByLogin(view, given.login);
  if (user.has_error()) return Result<Principal>(std::move(user).error());
  const KnownLogin now{UserId{*user ? (*user)->id() : 0}, {}, *user ? (*user)->version() : 0};
  if (refused->user == now.user && refused->version == now.version)
    return Conclude(given, now, std::nullopt);
  refusals_.Erase(given.cache_key);
  return std::nullopt;
}

// Taken before the hash runs: a hundred guesses at once are a hundred guesses (T-10).
Result<Principal> Authenticator::CheckPassword(const Credentials& given, std::string_view remote,
                                               const KvView& view) {
  // Made before anything depends on the user, so that the first check is equally slow for
  // everybody.
  const std::string& dummy = DummyHash();
  ASSIGN_OR_RETURN(const auto user, users_.FindByLogin(view, given.login));
  const std::string source = conf::SourceOf(remote);
  const std::string account =
      user ? AccountSubject(UserId{user->id()}) : AccountSubject(given.login);
  if (const auto taken = throttle_.TakeLogin(source, account); taken.has_error()) {
    if (Is(taken.error(), ErrorCode::kThrottled))
      Audit({AuditEvent::kLoginThrottled, user ? user->name() : std::string_view(), remote});
    return taken.error();
  }
  const bool has_password = user && !user->password_hash().empty();
  const bool matches = VerifyPassword(has_password ? user->password_hash() : dummy, given.secret);
  const KnownLogin login{UserId{user ? user->id() : 0}, {}, user ? user->version() : 0};
  std::optional<Principal> principal;
  if (has_password && matches) {
    ASSIGN_OR_RETURN(principal, PrincipalOf(view, login, given));
  }
  // A name that nobody has may be a password that slipped into the wrong field: it is not written.
  Audit({principal ? AuditEvent::kLoginSucceeded : AuditEvent::kLoginFailed,
         user ? user->name() : std::string_view(), remote});
  if (!principal) return Conclude(given, login, std::nullopt);
  RETURN_IF_ERROR(throttle_.LoginWasGood(source, account));
  return Admit(given, login, std::move(*principal), view);
}

// The last question to a password that is right: is it enough at this door? It is remembered all
// the same, so that a device that goes on sending it costs no hash each time.
Result<Principal> Authenticator::Admit(const Credentials& given, const KnownLogin& login,
                                       Principal principal, const KvView& view) {
  auto admitted = Conclude(given, login, std::move(principal));
  if (!login.token_key.empty() || given.form) return admitted;
  ASSIGN_OR_RETURN(const bool more, second_factors_.IsRequired(view, login.user));
  if (more) return Refusal();
  return admitted;
}

Result<Principal> Authenticator::RefuseBearer(const Credentials& given, std::string_view remote) {
  RETURN_IF_ERROR(throttle_.Take(ThrottleRule::kTokenMiss, conf::SourceOf(remote)));
  return Conclude(given, {}, std::nullopt);
}

// nullopt: the login is over.
Result<std::optional<Principal>> Authenticator::PrincipalOf(const KvView& view,
                                                            const KnownLogin& login,
                                                            const Credentials& given) {
  std::optional<Token> token;
  if (!login.token_key.empty()) {
    ASSIGN_OR_RETURN(token, LoadToken(view, login.token_key));
    const bool valid = token && token->version() == login.version &&
                       token->user() == Raw(login.user) &&
                       !IsExpired(*token, clock_.NowSeconds()) && !token->wipe() &&
                       (given.one_time_too || !token->one_time());
    if (!valid) return std::optional<Principal>();
  }
  ASSIGN_OR_RETURN(const auto user, LoadUser(view, login.user));
  if (!user || user->disabled()) return std::optional<Principal>();
  if (!token && user->version() != login.version) return std::optional<Principal>();
  last_used_.Note(login.user, user->last_login(), login.token_key, token ? token->last_used() : 0,
                  clock_.NowSeconds());
  return std::optional(MakePrincipal(*user, token, login.token_key));
}

Result<Principal> Authenticator::Conclude(const Credentials& given, const KnownLogin& login,
                                          std::optional<Principal> principal) {
  if (principal) {
    logins_.Insert(given.cache_key, login);
    return std::move(*principal);
  }
  if (login.token_key.empty()) refusals_.Insert(given.cache_key, login);
  log::debug("login refused, user {}", Raw(login.user));
  return Refusal();
}

const std::string& Authenticator::DummyHash() {
  const std::lock_guard lock(dummy_mu_);
  if (dummy_hash_.empty()) {
    auto hash = HashPassword("nobody's password", users_.cost());
    if (hash.has_value()) dummy_hash_ = std::move(*hash);
  }
  return dummy_hash_;
}

}  // namespace cairn::auth
