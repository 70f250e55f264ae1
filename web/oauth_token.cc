// OAuth's token endpoint (RFC 6749 section 3.2): a client exchanges a code, or a refresh token, for
// an access token. The answers are those that were recorded.
#include <boost/json.hpp>

#include "auth/audit.h"
#include "base/bytes.h"
#include "conf/network.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

constexpr std::string_view kBasicScheme = "Basic ";
constexpr std::size_t kMaxBasic = 1024;  // bytes

// RFC 6749 section 3.1: a parameter without a value counts as none.
std::optional<std::string> Given(const Visit& visit, std::string_view name) {
  const auto value = visit.form.Last(name);
  if (!value || value->empty()) return std::nullopt;
  return std::string(*value);
}

// Of the header, else of the body.
auth::OAuthCredentials CredentialsOf(const Visit& visit) {
  const std::string_view header = visit.request.headers.Get("Authorization");
  if (EqualsIgnoreCase(header.substr(0, kBasicScheme.size()), kBasicScheme) &&
      header.size() <= kMaxBasic) {
    const auto text = FromBase64(Trim(header.substr(kBasicScheme.size())));
    const auto colon = text ? text->find(':') : std::string::npos;
    if (colon != std::string::npos) return {text->substr(0, colon), text->substr(colon + 1)};
  }
  return {Given(visit, "client_id").value_or(""), Given(visit, "client_secret").value_or("")};
}

http::Response TokenError(std::string_view error) {
  return Json(400, "{\"error\":\"" + std::string(error) + "\"}");
}

std::string_view ErrorOf(auth::OAuthRefusal refusal) {
  switch (refusal) {
    case auth::OAuthRefusal::kUnknown:
      return "invalid_request";
    case auth::OAuthRefusal::kWrongClient:
      return "invalid_client";
    case auth::OAuthRefusal::kWrongProof:
      return "invalid_grant";
  }
  return "invalid_request";
}

// Without grant_type the recorded answer is empty.
http::Response NoGrantType() {
  http::Response response(400);
  response.With("Content-Type", "text/html; charset=UTF-8")
      .With("Cache-Control", "no-cache, no-store, must-revalidate");
  return response;
}

}  // namespace

Outcome IssueToken(Visit& visit) {
  const auto kind = Given(visit, "grant_type");
  if (!kind) co_return NoGrantType();
  const bool refresh = *kind == "refresh_token";
  if (!refresh && *kind != "authorization_code") co_return TokenError("invalid_grant");
  auth::OAuth::Exchanged given{CredentialsOf(visit), Given(visit, "code").value_or(""),
                               Given(visit, "redirect_uri"), Given(visit, "code_verifier")};
  const std::string refresh_token = Given(visit, "refresh_token").value_or("");
  auto work = [&]() -> Result<auth::OAuthAnswer> {
    auth::OAuth& oauth = visit.services.oauth;
    ASSIGN_OR_RETURN(auto answer,
                     refresh ? oauth.Refresh(given.client, refresh_token) : oauth.Exchange(given));
    if (answer.stolen_from)
      auth::Audit({auth::AuditEvent::kTokenRevoked, *answer.stolen_from, visit.request.remote,
                   refresh ? "OAuth: a refresh token came twice" : "OAuth: a code came twice"});
    if (!answer.tokens)
      RETURN_IF_ERROR(visit.services.throttle.Take(auth::ThrottleRule::kTokenMiss,
                                                   conf::SourceOf(visit.request.remote)));
    return answer;
  };
  auto answer = co_await visit.services.pools.slow.Run(work);
  if (answer.has_error()) co_return std::move(answer).error();
  if (!answer->tokens) co_return TokenError(ErrorOf(answer->refusal));
  const auth::OAuthTokens& tokens = *answer->tokens;
  if (!refresh)
    auth::Audit(
        {auth::AuditEvent::kTokenCreated, tokens.user, visit.request.remote, tokens.client});
  const boost::json::object body{{"access_token", tokens.access_token},
                                 {"token_type", "Bearer"},
                                 {"expires_in", auth::OAuth::kAccessLifetime},
                                 {"refresh_token", tokens.refresh_token},
                                 {"user_id", tokens.user}};
  co_return Json(200, boost::json::serialize(body));
}

}  // namespace cairn::web
