// Login flow v1: the application shows these pages in a window of its own and takes the app
// password from the nc: address at the end.
#include "auth/audit.h"
#include "auth/names.h"
#include "web/flow_pages.h"
#include "web/page.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

constexpr std::int64_t kFresh = 5 * 60;  // seconds since the password was given

std::string DeviceOf(const Visit& visit) {
  return auth::DeviceName(visit.request.headers.Get("User-Agent"), auth::kMaxTokenName);
}

std::string PathToGrant(std::string_view flow_cookie) {
  return "/login/flow/grant?stateToken=" + FlowState(flow_cookie);
}

bool IsFresh(const Visit& visit) {
  const std::int64_t now = visit.services.engine.clock().NowSeconds();
  return visit.session && now - visit.session->record.confirmed() <= kFresh;
}

}  // namespace

Outcome ShowFlowV1(Visit& visit) {
  const std::string secret =
      auth::Secrets(visit.services.engine.kv(), visit.services.random).Draw();
  http::Response response =
      AskPage(visit, DeviceOf(visit), PathToGrant(secret), visit.query.Last("user").value_or(""));
  http::SetCookie(response, visit.request, kFlowCookie, secret, auth::LoginFlows::kLifetime);
  co_return response;
}

Outcome ShowGrantV1(Visit& visit) {
  if (!HasFlowState(visit, visit.query.Last("stateToken"))) co_return NoFlow(visit);
  if (!IsFresh(visit)) co_return SeeOther(visit.Local(LoginPath(PathToGrant(visit.FlowCookie()))));
  co_return GrantPage(visit, DeviceOf(visit), "/login/flow/grant");
}

Outcome GrantAccessV1(Visit& visit) {
  if (!HasFlowState(visit, visit.form.Last("stateToken"))) co_return NoFlow(visit);
  if (!IsFresh(visit)) co_return SeeOther(visit.Local(LoginPath(PathToGrant(visit.FlowCookie()))));
  const storage::User& user = visit.session->user;
  const std::string device = DeviceOf(visit);
  auto work = [&] {
    return visit.services.app_passwords.Create(UserId{user.id()}, device, {}, visit.StillOpen());
  };
  auto made = co_await visit.services.pools.slow.Run(work);
  if (made.has_error()) co_return std::move(made).error();
  auth::Audit({auth::AuditEvent::kTokenCreated, user.name(), visit.request.remote, device});
  http::Response response = SeeOther("nc://login/server:" + visit.base_url() +
                                     "&user:" + http::EncodeUriComponent(user.name()) +
                                     "&password:" + http::EncodeUriComponent(made->secret));
  http::SetCookie(response, visit.request, kFlowCookie, "", -1);
  co_return response;
}

}  // namespace cairn::web
