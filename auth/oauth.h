// OAuth 2.0 (RFC 6749): programs that are registered here get access to the files of users who have
// agreed, without ever seeing a password.
//
//   ASSIGN_OR_RETURN(NewOAuthClient made, oauth.Add("OpenProject", "https://op.example/callback"));
//   ... a user agrees; the browser takes the code to the client's redirect URI ...
//   ASSIGN_OR_RETURN(std::string code, oauth.Grant({client, user, version, challenge}));
//   ASSIGN_OR_RETURN(OAuthAnswer answer, oauth.Exchange({id, secret, code, verifier}));
//   ASSIGN_OR_RETURN(answer, oauth.Refresh({id, secret, answer.tokens->refresh_token}));
//
// A code lives for kCodeLifetime and works once. The access token is an app password of the user,
// named after the client and valid for kAccessLifetime: listed and revoked like every other. Each
// refresh gives it a new secret. When it is revoked, or its user deleted, nothing brings it back.
// A code or a refresh token that comes a second time has been stolen from somebody: the access that
// came of it ends (RFC 6749 section 4.1.2, RFC 9700 section 4.14.2).
//
// A new password, as any change of User.version, ends the codes; tokens go on. All secrets are
// handed out once and kept as keyed hashes.
//
// Thread-safe. Every call may block. Changes are transactions under the directory key, durable when
// they return.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/secrets.h"
#include "base/clock.h"
#include "base/ids.h"
#include "storage/records.pb.h"

namespace cairn::auth {

inline constexpr std::size_t kMaxOAuthClients = 1000;

struct NewOAuthClient {
  std::string secret;
  storage::OAuthClient client;
};

// PKCE (RFC 7636).
struct OAuthChallenge {
  std::string text;  // empty: none
  storage::OAuthChallengeMethod method = storage::OAUTH_NO_CHALLENGE;
};

struct OAuthConsent {
  std::string client;  // identifier
  UserId user{};
  std::uint64_t user_version = 0;
  OAuthChallenge challenge = {};
};

// How a client names itself to the server.
struct OAuthCredentials {
  std::string identifier;
  std::string secret;
};

struct OAuthTokens {
  std::string access_token;
  std::string refresh_token;
  std::string user;    // canonical name
  std::string client;  // name
};

enum class OAuthRefusal {
  kUnknown,      // no such code or token, or it is over
  kWrongClient,  // it exists, and is not this client's
  kWrongProof,   // redirect URI or PKCE verifier; the code is spent all the same
};

struct OAuthAnswer {
  std::optional<OAuthTokens> tokens;
  OAuthRefusal refusal = OAuthRefusal::kUnknown;  // when there are no tokens
  // It came a second time, and the access that came of it has ended: the user whose it was.
  std::optional<std::string> stolen_from = {};
};

class OAuth {
 public:
  static constexpr std::int64_t kCodeLifetime = 10 * 60;            // seconds
  static constexpr std::int64_t kAccessLifetime = 3600;             // seconds
  static constexpr std::int64_t kRefreshIdle = 90 * 24 * 3600;      // seconds without a refresh
  static constexpr std::size_t kRefreshLength = 2 * kSecretLength;  // characters

  OAuth(storage::KvStore& store, const Clock& clock, Random& random)
      : store_(store), clock_(clock), secrets_(store, random) {}

  // ---- clients (oauth_clients.cc)

  // kInvalidArgument: the name or the redirect URI, with a message for people. kTooLarge: there are
  // kMaxOAuthClients.
  Result<NewOAuthClient> Add(std::string_view name, std::string_view redirect_uri);
  // By number.
  Result<std::vector<storage::OAuthClient>> List(const storage::KvView& view) const;
  Result<std::optional<storage::OAuthClient>> Find(const storage::KvView& view,
                                                   std::string_view identifier) const;
  // Its codes and tokens open nothing any more when this returns. kNotFound.
  Result<void> Remove(std::string_view identifier);

  // ---- access

  // A code for a user who has agreed. kNotFound: no such client. kUnauthenticated: the user has
  // changed since `user_version`.
  Result<std::string> Grant(const OAuthConsent& consent);
  // `redirect_uri`: nullopt when the client did not repeat it. `verifier`: of PKCE.
  struct Exchanged {
    OAuthCredentials client;
    std::string code;
    std::optional<std::string> redirect_uri = {};
    std::optional<std::string> verifier = {};
  };
  Result<OAuthAnswer> Exchange(const Exchanged& given);
  Result<OAuthAnswer> Refresh(const OAuthCredentials& client, std::string_view refresh_token);

  // Background job: erases up to `limit` grants that are over, with the tokens of those whose
  // client is gone or that nobody has renewed for kRefreshIdle; returns how many.
  Result<std::size_t> ExpireStep(std::size_t limit);

 private:
  // Fresh secrets for one access, drawn before the transaction.
  struct Drawn;
  Result<Drawn> Draw();
  // The name of the client that the grant is for; nullopt: `given` are not its credentials.
  Result<std::optional<std::string>> NameOfClient(const storage::KvView& view,
                                                  const storage::OAuthGrant& grant,
                                                  const OAuthCredentials& given) const;
  Result<bool> IsProof(const storage::OAuthGrant& grant, const Exchanged& given) const;
  Result<OAuthAnswer> UseCode(storage::KvTxn& txn, std::string_view key, const Exchanged& given,
                              const Drawn& drawn);
  Result<OAuthAnswer> UseRefresh(storage::KvTxn& txn, std::string_view current,
                                 const OAuthCredentials& client, const Drawn& drawn);
  // Over by itself, whatever its client and its token are.
  bool IsOver(const storage::OAuthGrant& grant) const;
  Result<bool> IsDead(const storage::KvView& view, const storage::OAuthGrant& grant) const;

  storage::KvStore& store_;
  const Clock& clock_;
  Secrets secrets_;
};

// RFC 7636 section 4.2: 43 to 128 unreserved characters, with S256 exactly 43.
bool IsChallenge(const OAuthChallenge& challenge);
// The challenge that `verifier` answers; nullopt: it is no verifier, or there is no method.
std::optional<std::string> ChallengeOf(std::string_view verifier,
                                       storage::OAuthChallengeMethod method);

}  // namespace cairn::auth
