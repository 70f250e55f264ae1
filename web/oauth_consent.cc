// OAuth's authorization endpoint (RFC 6749 section 3.1): a program sends the browser here, the user
// logs in, sees who asks and for which account, and goes back with a code or with a refusal.
//
// A browser is sent to the client's registered redirect URI and nowhere else (T-17). The page's
// form carries the whole request, encoded, so that the client's state comes back byte by byte.
#include "auth/audit.h"
#include "auth/redirect_uri.h"
#include "web/html.h"
#include "web/page.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

constexpr std::string_view kConsentPath = "/apps/oauth2/authorize";

// One request for access, whose client is known.
struct AccessRequest {
  storage::OAuthClient client;
  std::optional<std::string> state;
  auth::OAuthChallenge challenge;
  std::string problem;  // RFC 6749 section 4.1.2.1: what the client is told; empty: none

  // For the login page and for the form.
  std::string Encoded() const;
  // Back to the client, with `parameters` and its state.
  http::Response Answer(std::string_view name, std::string_view value) const;
};

std::string_view NameOf(storage::OAuthChallengeMethod method) {
  return method == storage::OAUTH_S256 ? "S256" : "plain";
}

std::string AccessRequest::Encoded() const {
  std::string query = "response_type=code&client_id=" + client.identifier();
  if (state) query += "&state=" + http::EncodeUriComponent(*state);
  if (!challenge.text.empty()) {
    query += "&code_challenge=" + challenge.text;
    query.append("&code_challenge_method=").append(NameOf(challenge.method));
  }
  return query;
}

// As it was recorded: an error stands before the state, a code behind it.
http::Response AccessRequest::Answer(std::string_view name, std::string_view value) const {
  const std::string word = std::string(name) + "=" + http::EncodeUriComponent(value);
  std::string parameters = word;
  if (state) {
    const std::string its_state = "state=" + http::EncodeUriComponent(*state);
    parameters = name == "code" ? its_state + "&" + word : word + "&" + its_state;
  }
  return SeeOther(auth::WithParameters(client.redirect_uri(), parameters));
}

// nullopt: no challenge of PKCE.
std::optional<auth::OAuthChallenge> ChallengeIn(const http::Form& query) {
  auth::OAuthChallenge challenge;
  challenge.text = query.Last("code_challenge").value_or("");
  const std::string_view method = query.Last("code_challenge_method").value_or("");
  if (method == "S256") {
    challenge.method = storage::OAUTH_S256;
  } else if (method == "plain" || (method.empty() && !challenge.text.empty())) {
    challenge.method = storage::OAUTH_PLAIN;
  } else if (!method.empty()) {
    return std::nullopt;
  }
  if (!auth::IsChallenge(challenge)) return std::nullopt;
  return challenge;
}

// RFC 6749 section 3.1: no parameter twice. Two readers of one request shall not differ.
bool HasTwice(const http::Form& query) {
  for (const std::string_view name : {"client_id", "redirect_uri", "response_type", "state",
                                      "code_challenge", "code_challenge_method"}) {
    if (query.All(name).size() > 1) return true;
  }
  return false;
}

// nullopt: nobody to go back to, only a page can say so.
net::awaitable<Result<std::optional<AccessRequest>>> ReadRequest(Visit& visit,
                                                                 const http::Form& query) {
  std::optional<AccessRequest> asked;
  if (HasTwice(query)) co_return asked;
  const std::string identifier(query.Last("client_id").value_or(""));
  auto work = [&] {
    return visit.services.oauth.Find(*visit.services.engine.kv().Published(), identifier);
  };
  auto client = co_await visit.services.pools.read.Run(work);
  if (client.has_error()) co_return std::move(client).error();
  const std::string_view target = query.Last("redirect_uri").value_or("");
  if (!*client || (!target.empty() && target != (*client)->redirect_uri())) co_return asked;

  asked.emplace();
  asked->client = std::move(**client);
  if (const auto state = query.Last("state")) asked->state = std::string(*state);
  auto challenge = ChallengeIn(query);
  if (challenge) asked->challenge = std::move(*challenge);
  const std::string path = std::string(kConsentPath) + "?" + asked->Encoded();
  if (query.Last("response_type").value_or("") != "code") {
    asked->problem = "unsupported_response_type";
  } else if (!challenge || SafeRedirect(path) != path) {  // too long to come back from the login
    asked->problem = "invalid_request";
  }
  co_return asked;
}

http::Response NoSuchClient(const Visit& visit) {
  return Message(visit, 400, "Not possible",
                 "The program that sent you here is not registered on this server, or it asked "
                 "to be answered at another address than the one it is registered with.");
}

http::Response ConsentPage(const Visit& visit, const AccessRequest& asked) {
  const std::string& name = asked.client.name();
  const std::string target = auth::PolicySource(asked.client.redirect_uri());
  Form form(visit.Local(kConsentPath), visit.RequestToken());
  form.Hidden("request", asked.Encoded())
      .Button("Allow", "Allow " + name, "decision", "allow")
      .Button("Deny", "Deny " + name, "decision", "deny");
  Page page{.title = "Grant access", .body = {}, .form_target = target};
  page.body = "<div class=\"card\">\n<p><strong>" + Escape(name) +
              "</strong> asks for access to all files of the account <strong>" +
              Escape(visit.session->user.name()) +
              "</strong>, until you revoke it in your settings.</p>\n<p>You will be sent back to " +
              Escape(target) + ".</p>\n</div>\n" + std::move(form).End();
  return Render(visit, page);
}

}  // namespace

Outcome ShowConsent(Visit& visit) {
  auto asked = co_await ReadRequest(visit, visit.query);
  if (asked.has_error()) co_return std::move(asked).error();
  if (!*asked) co_return NoSuchClient(visit);
  const AccessRequest& request = **asked;
  if (!request.problem.empty()) co_return request.Answer("error", request.problem);
  if (!visit.session) {
    const std::string here = std::string(kConsentPath) + "?" + request.Encoded();
    co_return SeeOther(visit.Local(LoginPath(here)));
  }
  co_return ConsentPage(visit, request);
}

Outcome DecideConsent(Visit& visit) {
  const http::Form query = http::Form::Parse(visit.form.Last("request").value_or(""));
  auto asked = co_await ReadRequest(visit, query);
  if (asked.has_error()) co_return std::move(asked).error();
  if (!*asked) co_return NoSuchClient(visit);
  const AccessRequest& request = **asked;
  if (!request.problem.empty()) co_return request.Answer("error", request.problem);
  if (visit.form.Last("decision").value_or("") != "allow")
    co_return request.Answer("error", "access_denied");
  const storage::User& user = visit.session->user;
  auth::OAuthConsent consent;
  consent.client = request.client.identifier();
  consent.user = UserId{user.id()};
  consent.user_version = user.version();
  consent.challenge = request.challenge;
  auto work = [&] { return visit.services.oauth.Grant(consent); };
  auto code = co_await visit.services.pools.slow.Run(work);
  if (code.has_error() && Is(code.error(), ErrorCode::kNotFound)) co_return NoSuchClient(visit);
  if (code.has_error()) co_return std::move(code).error();
  auth::Audit(
      {auth::AuditEvent::kAccessGranted, user.name(), visit.request.remote, request.client.name()});
  co_return request.Answer("code", *code);
}

}  // namespace cairn::web
