#include "web/flow_pages.h"

#include "auth/keyed_hash.h"
#include "base/bytes.h"
#include "web/html.h"
#include "web/page.h"
#include "web/routes.h"

namespace cairn::web {

std::string FlowState(std::string_view flow_cookie) {
  return ToHex(auth::KeyedHash(flow_cookie.substr(0, auth::kSecretLength), flow_cookie));
}

bool HasFlowState(const Visit& visit, std::optional<std::string_view> given) {
  const std::string cookie = visit.FlowCookie();
  return cookie.size() >= auth::kSecretLength && given &&
         ConstantTimeEqual(*given, FlowState(cookie));
}

http::Response AskPage(const Visit& visit, std::string_view device, std::string_view grant_path,
                       std::string_view user) {
  std::string login = LoginPath(grant_path);
  if (!user.empty()) login += "&user=" + http::EncodeUriComponent(user);
  Page page{.title = "Connect to your account", .body = {}};
  page.body =
      "<div class=\"card\">\n<p>An application asks for access to your files:</p>\n<p><strong>" +
      Escape(device) +
      "</strong></p>\n<p>Go on only if you have just started this yourself, on a device that you "
      "trust.</p>\n<p><a href=\"" +
      Escape(visit.Local(login)) + "\">Log in</a></p>\n</div>\n";
  return Render(visit, page);
}

http::Response GrantPage(const Visit& visit, std::string_view device, std::string_view action) {
  Form form(visit.Local(action), visit.RequestToken());
  form.Hidden("stateToken", FlowState(visit.FlowCookie())).Button("Grant access");
  Page page{.title = "Grant access", .body = {}};
  page.body = "<div class=\"card\">\n<p><strong>" + Escape(device) +
              "</strong> will reach all files of the account <strong>" +
              Escape(visit.session->user.name()) +
              "</strong> until you revoke it in your settings.</p>\n</div>\n" +
              std::move(form).End();
  return Render(visit, page);
}

http::Response NoFlow(const Visit& visit) {
  return Message(visit, 403, "Not possible",
                 "This request for access is not known, is over, or belongs to another browser. "
                 "Start again in the application.");
}

}  // namespace cairn::web
