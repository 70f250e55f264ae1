#include "web/routes.h"

#include <array>

#include "web/link_script.h"
#include "web/style.h"

namespace cairn::web {

std::span<const Route> Routes() {
  static constexpr std::size_t kMaxPictureBytes = 20 * 1024 * 1024;
  static constexpr std::array kRows{
      Route{"POST", "/login/v2", Guard::kOpen, StartFlow},
      Route{"POST", "/login/v2/poll", Guard::kOpen, PollFlow},
      Route{"GET", "/login/v2/flow/{token}", Guard::kOpen, OpenFlow},
      Route{"GET", "/login/v2/flow", Guard::kOpen, ShowFlow},
      Route{"GET", "/login/v2/grant", Guard::kOpen, ShowGrant},
      Route{"POST", "/login/v2/grant", Guard::kSession, GrantAccess},
      Route{"GET", "/login/flow", Guard::kOpen, ShowFlowV1},
      Route{"GET", "/login/flow/grant", Guard::kOpen, ShowGrantV1},
      Route{"POST", "/login/flow/grant", Guard::kSession, GrantAccessV1},
      Route{"GET", "/apps/oauth2/authorize", Guard::kOpen, ShowConsent},
      Route{"POST", "/apps/oauth2/authorize", Guard::kSession, DecideConsent},
      Route{"POST", "/apps/oauth2/api/v1/token", Guard::kOpen, IssueToken},
      Route{"GET", "/login", Guard::kOpen, ShowLogin},
      Route{"POST", "/login", Guard::kForm, LogIn},
      Route{"GET", "/login/challenge", Guard::kOpen, ShowChallenge},
      Route{"POST", "/login/challenge", Guard::kForm, AnswerChallenge},
      Route{"POST", "/logout", Guard::kSession, LogOut},
      Route{"GET", "/settings/user", Guard::kSession, ShowSettings},
      Route{"GET", "/settings/user/security", Guard::kSession, ShowSettings},
      Route{"POST", "/settings/user/profile", Guard::kSession, SaveProfile},
      Route{"POST", "/settings/user/password", Guard::kSession, ChangePassword},
      Route{"POST", "/settings/user/totp/begin", Guard::kSession, BeginTotp},
      Route{"POST", "/settings/user/totp/confirm", Guard::kSession, ConfirmTotp},
      Route{"POST", "/settings/user/totp/off", Guard::kSession, TurnOffTotp},
      Route{"POST", "/settings/user/totp/codes", Guard::kSession, RenewBackupCodes},
      Route{"POST", "/settings/user/devices", Guard::kSession, CreateDevice},
      Route{"POST", "/settings/user/devices/end", Guard::kSession, EndDevice},
      Route{"POST", "/settings/user/browsers/end", Guard::kSession, EndBrowser},
      Route{"POST", "/settings/user/picture/remove", Guard::kSession, RemovePicture},
      Route{"GET", "/avatar/{user}/{size}", Guard::kCaller, ShowAvatar},
      Route{"GET", "/avatar/{user}/{size}/dark", Guard::kCaller, ShowDarkAvatar},
      Route{"POST", "/avatar", Guard::kCredentials, PutAvatar, kMaxPictureBytes},
      Route{"DELETE", "/avatar", Guard::kCredentials, DeleteAvatar},
      Route{"GET", "/remote.php/dav/avatars/{user}/{file}", Guard::kCredentials, ShowDavAvatar},
      Route{"POST", "/core/wipe/check", Guard::kOpen, CheckWipe},
      Route{"POST", "/core/wipe/success", Guard::kOpen, ConfirmWipe},
      Route{"GET", "/s/{token}", Guard::kOpen, ShowLink},
      Route{"GET", "/s/{token}/download", Guard::kOpen, DownloadLink},
      Route{"GET", "/s/{token}/authenticate/{next}", Guard::kOpen, AskLinkPassword},
      Route{"POST", "/s/{token}/authenticate/{next}", Guard::kForm, TakeLinkPassword},
      Route{"GET", kStylePath, Guard::kOpen, ServeStyle},
      Route{"GET", kLinkScriptPath, Guard::kOpen, ServeLinkScript},
  };
  return kRows;
}

namespace {

http::Response StaticFile(std::string_view type, std::string_view content) {
  http::Response response(200);
  response.With("Content-Type", type).With("Cache-Control", "public, max-age=3600");
  response.body = content;
  return response;
}

}  // namespace

Outcome ServeStyle(Visit&) { co_return StaticFile("text/css; charset=utf-8", kStyle); }
Outcome ServeLinkScript(Visit&) {
  co_return StaticFile("text/javascript; charset=utf-8", kLinkScript);
}

http::Response Json(int status, std::string body) {
  http::Response response(status);
  response.With("Content-Type", "application/json; charset=utf-8")
      .With("Cache-Control", "no-cache, no-store, must-revalidate");
  response.body = std::move(body);
  return response;
}

http::Response Challenge() {
  return Json(401, R"({"message":"Current user is not logged in"})")
      .With("WWW-Authenticate", "Basic realm=\"Authorisation Required\"");
}

}  // namespace cairn::web
