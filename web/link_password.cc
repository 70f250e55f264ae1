// The page that asks for a link's password: the same for all links that have one.
#include "web/html.h"
#include "web/link_visit.h"
#include "web/page.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

// Where the password leads; empty: the address is none of ours.
std::string AfterPassword(const Visit& visit, const storage::Share& share) {
  const std::string query = PlaceQuery(visit);
  if (visit.params[1] == kToShow) return visit.Local(LinkPath(share, query));
  if (visit.params[1] == kToDownload) return visit.Local(LinkPath(share, "/download" + query));
  return {};
}

http::Response PasswordPage(const Visit& visit, int status, std::string_view problem) {
  const std::string action = "/s/" + http::EncodeSegment(visit.params[0]) + "/authenticate/" +
                             http::EncodeSegment(visit.params[1]) + PlaceQuery(visit);
  Form form(visit.Local(action), visit.RequestToken());
  form.Input({.name = "password",
              .label = "Password",
              .type = "password",
              .autocomplete = "current-password",
              .hint = "Whoever sent you the link knows it."})
      .Button("Open");
  Page page{
      .title = "Password needed", .body = Notice(problem, true), .narrow = true, .status = status};
  page.body += std::move(form).End();
  return Render(visit, page);
}

}  // namespace

Outcome AskLinkPassword(Visit& visit) {
  auto entered = co_await EnterLink(visit);
  if (entered.has_error()) {
    if (Is(entered.error(), ErrorCode::kUnauthenticated)) co_return PasswordPage(visit, 200, {});
    co_return RefuseLink(visit, kToShow, std::move(entered).error());
  }
  const std::string next = AfterPassword(visit, entered->share);
  if (next.empty()) co_return NoLink(visit);
  co_return SeeOther(next);
}

Outcome TakeLinkPassword(Visit& visit) {
  std::string password(visit.form.Last("password").value_or(""));
  auto entered = co_await EnterLink(visit, std::move(password));
  if (entered.has_error() && Is(entered.error(), ErrorCode::kUnauthenticated))
    co_return PasswordPage(visit, 403, "Wrong password.");
  if (entered.has_error() && Is(entered.error(), ErrorCode::kThrottled)) {
    http::Response refused = PasswordPage(visit, 429, "Too many attempts. Try again later.");
    co_return refused.With("Retry-After", std::to_string(entered.error().retry_after));
  }
  if (entered.has_error()) co_return RefuseLink(visit, kToShow, std::move(entered).error());
  const std::string next = AfterPassword(visit, entered->share);
  if (next.empty()) co_return NoLink(visit);
  auto work = [&] { return visit.services.links.PassOf(entered->share); };
  auto pass = co_await visit.services.pools.slow.Run(work);
  if (pass.has_error()) co_return std::move(pass).error();
  http::Response response = SeeOther(next);
  // Of this link and this password of it; what the browser had before is worth nothing (T-12).
  http::SetCookie(response, visit.request, shares::PassCookie(entered->share.token()), *pass, 0);
  co_return response;
}

}  // namespace cairn::web
