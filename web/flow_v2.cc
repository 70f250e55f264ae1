// Login flow v2: a device starts it and polls; the browser that it opens shows who asks, has the
// user log in, and at a click the device gets an app password (auth/login_flows.h).
// The login token travels in the address once and then in a cookie (web/flow_pages.h).
#include <boost/json.hpp>

#include "auth/audit.h"
#include "conf/network.h"
#include "web/flow_pages.h"
#include "web/page.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

namespace json = boost::json;

// As it was recorded; clients compare nothing, but some search the text.
std::string Slashed(const json::value& value) {
  std::string out;
  for (const char c : json::serialize(value)) {
    if (c == '/') out += '\\';
    out += c;
  }
  return out;
}

// The flow that this browser has opened, if it still waits for a decision.
struct Asked {
  storage::LoginFlow flow;
  std::string login_token;
};
net::awaitable<Result<std::optional<Asked>>> AskedFlow(Visit& visit) {
  std::optional<Asked> asked;
  const std::string token = visit.FlowCookie();
  if (token.size() != auth::LoginFlows::kPollTokenLength) co_return asked;
  auto work = [&] {
    return visit.services.login_flows.Find(*visit.services.engine.kv().Published(), token);
  };
  auto flow = co_await visit.services.pools.read.Run(work);
  if (flow.has_error()) co_return std::move(flow).error();
  if (*flow) asked.emplace(Asked{std::move(**flow), token});
  co_return asked;
}

std::string PathToGrant(const Asked& asked) {
  return "/login/v2/grant?stateToken=" + FlowState(asked.login_token);
}

// The password is given after the flow began: a browser that was left open grants nothing.
bool IsFresh(const Visit& visit, const Asked& asked) {
  return visit.session && visit.session->record.confirmed() >= asked.flow.created();
}

std::optional<std::string> PollToken(const Visit& visit) {
  if (const auto token = visit.form.Last("token")) return std::string(*token);
  if (const auto token = visit.query.Last("token")) return std::string(*token);
  return std::nullopt;
}

}  // namespace

Outcome StartFlow(Visit& visit) {
  const std::string device(visit.request.headers.Get("User-Agent"));
  auto work = [&]() -> Result<auth::StartedFlow> {
    RETURN_IF_ERROR(visit.services.throttle.Take(auth::ThrottleRule::kFlowStart,
                                                 conf::SourceOf(visit.request.remote)));
    return visit.services.login_flows.Start(device);
  };
  auto started = co_await visit.services.pools.slow.Run(work);
  if (started.has_error()) co_return std::move(started).error();
  const json::object answer{
      {"poll", {{"token", started->poll_token}, {"endpoint", visit.Absolute("/login/v2/poll")}}},
      {"login", visit.Absolute("/login/v2/flow/" + started->login_token)}};
  co_return Json(200, Slashed(answer));
}

Outcome PollFlow(Visit& visit) {
  const auto token = PollToken(visit);
  if (!token || token->empty()) co_return Message(visit, 400, "Bad request", "No token was given.");
  auto work = [&]() -> Result<std::optional<auth::FetchedLogin>> {
    ASSIGN_OR_RETURN(auto fetched, visit.services.login_flows.Fetch(*token));
    if (fetched) return fetched;
    ASSIGN_OR_RETURN(const bool known, visit.services.login_flows.IsKnown(
                                           *visit.services.engine.kv().Published(), *token));
    if (!known)
      RETURN_IF_ERROR(visit.services.throttle.Take(auth::ThrottleRule::kTokenMiss,
                                                   conf::SourceOf(visit.request.remote)));
    return fetched;
  };
  auto fetched = co_await visit.services.pools.slow.Run(work);
  if (fetched.has_error()) co_return std::move(fetched).error();
  if (!*fetched) co_return Json(404, "[]");
  const auth::FetchedLogin& login = **fetched;
  auth::Audit(
      {auth::AuditEvent::kTokenCreated, login.login_name, visit.request.remote, login.device});
  co_return Json(200, Slashed(json::object{{"server", visit.base_url()},
                                           {"loginName", login.login_name},
                                           {"appPassword", login.app_password}}));
}

Outcome OpenFlow(Visit& visit) {
  const std::string& token = visit.params[0];
  auto work = [&]() -> Result<bool> {
    ASSIGN_OR_RETURN(const auto flow, visit.services.login_flows.Find(
                                          *visit.services.engine.kv().Published(), token));
    if (!flow)
      RETURN_IF_ERROR(visit.services.throttle.Take(auth::ThrottleRule::kTokenMiss,
                                                   conf::SourceOf(visit.request.remote)));
    return flow.has_value();
  };
  auto known = co_await visit.services.pools.slow.Run(work);
  if (known.has_error()) co_return std::move(known).error();
  if (!*known) co_return NoFlow(visit);
  const std::string user(visit.query.Last("user").value_or(""));
  http::Response response =
      SeeOther(visit.Local("/login/v2/flow?user=" + http::EncodeUriComponent(user) + "&direct=0"));
  http::SetCookie(response, visit.request, kFlowCookie, token, auth::LoginFlows::kLifetime);
  co_return response;
}

Outcome ShowFlow(Visit& visit) {
  auto asked = co_await AskedFlow(visit);
  if (asked.has_error()) co_return std::move(asked).error();
  if (!*asked) co_return NoFlow(visit);
  co_return AskPage(visit, (*asked)->flow.client(), PathToGrant(**asked),
                    visit.query.Last("user").value_or(""));
}

Outcome ShowGrant(Visit& visit) {
  auto asked = co_await AskedFlow(visit);
  if (asked.has_error()) co_return std::move(asked).error();
  if (!*asked || !HasFlowState(visit, visit.query.Last("stateToken"))) co_return NoFlow(visit);
  if (!IsFresh(visit, **asked)) co_return SeeOther(visit.Local(LoginPath(PathToGrant(**asked))));
  co_return GrantPage(visit, (*asked)->flow.client(), "/login/v2/grant");
}

Outcome GrantAccess(Visit& visit) {
  auto asked = co_await AskedFlow(visit);
  if (asked.has_error()) co_return std::move(asked).error();
  if (!*asked || !HasFlowState(visit, visit.form.Last("stateToken"))) co_return NoFlow(visit);
  if (!IsFresh(visit, **asked)) co_return SeeOther(visit.Local(LoginPath(PathToGrant(**asked))));
  const storage::User& user = visit.session->user;
  auto work = [&] {
    return visit.services.login_flows.Grant((*asked)->login_token, UserId{user.id()},
                                            user.version());
  };
  auto granted = co_await visit.services.pools.slow.Run(work);
  if (granted.has_error() && Is(granted.error(), ErrorCode::kNotFound)) co_return NoFlow(visit);
  if (granted.has_error()) co_return std::move(granted).error();
  auth::Audit({auth::AuditEvent::kAccessGranted, user.name(), visit.request.remote,
               (*asked)->flow.client()});
  http::Response done = Message(visit, 200, "Account connected",
                                "Your application is connected. You can close this window.");
  http::SetCookie(done, visit.request, kFlowCookie, "", -1);
  co_return done;
}

}  // namespace cairn::web
