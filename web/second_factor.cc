// The second factor: its form at the login, and setting it up.
#include "auth/audit.h"
#include "web/change.h"
#include "web/html.h"
#include "web/page.h"
#include "web/qr_code.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

http::Response ChallengePage(const Visit& visit, int status, std::string_view redirect,
                             std::string_view problem) {
  Form form(visit.Local("/login/challenge"), visit.RequestToken());
  form.Hidden("redirect_url", redirect)
      .Input({.name = "code",
              .label = "Code",
              .autocomplete = "one-time-code",
              .hint = "Six digits of your application, or one of your backup codes."})
      .Button("Confirm");
  Page page{.title = "Second step", .body = Notice(problem, true), .status = status};
  page.body += std::move(form).End();
  return Render(visit, page);
}

// The login that waits for its second factor in this browser.
net::awaitable<Result<std::optional<auth::LiveSession>>> Pending(Visit& visit) {
  auto work = [&] {
    return visit.services.sessions.FindPending(*visit.services.engine.kv().Published(),
                                               visit.cookie);
  };
  co_return co_await visit.services.pools.read.Run(work);
}

std::string CodeList(const std::vector<std::string>& codes) {
  std::string html = "<section aria-label=\"Backup codes\"><ul class=\"secret\">\n";
  for (const std::string& code : codes) html += "<li>" + Escape(code) + "</li>\n";
  return html + "</ul></section>\n";
}

http::Response EnrolPage(const Visit& visit, int status, std::string_view secret,
                         std::string_view problem) {
  Form form(visit.Local("/settings/user/totp/confirm"), visit.RequestToken());
  form.Hidden("secret", secret)
      .Input({.name = "code",
              .label = "Code that your application shows",
              .autocomplete = "one-time-code"})
      .Button("Turn on");
  Page page{.title = "Set up codes", .body = Notice(problem, true), .status = status};
  page.body += "<div class=\"card\">\n<p>Scan this with an application for one-time codes:</p>\n" +
               QrCode(auth::TotpUri(visit.session->user.name(), secret), "QR code of the secret") +
               "<p>Or type the secret: <span class=\"secret\">" + Escape(secret) +
               "</span></p>\n</div>\n" + std::move(form).End();
  return Render(visit, page);
}

// The base 32 that BeginTotp has shown and the form has brought back: shown again after a mistake.
// The server's own secret decides.
std::string ShownSecret(const Visit& visit) {
  return std::string(visit.form.Last("secret").value_or("").substr(0, 64));
}

}  // namespace

Outcome ShowChallenge(Visit& visit) {
  auto pending = co_await Pending(visit);
  if (pending.has_error()) co_return std::move(pending).error();
  const std::string redirect = SafeRedirect(visit.query.Last("redirect_url").value_or(""));
  if (!*pending) co_return SeeOther(visit.Local(LoginPath(redirect)));
  co_return ChallengePage(visit, 200, redirect, {});
}

Outcome AnswerChallenge(Visit& visit) {
  const std::string redirect = SafeRedirect(visit.form.Last("redirect_url").value_or(""));
  auto pending = co_await Pending(visit);
  if (pending.has_error()) co_return std::move(pending).error();
  if (!*pending) co_return SeeOther(visit.Local(LoginPath(redirect)));
  const storage::User& user = (*pending)->user;
  auto work = [&]() -> Result<auth::OpenedSession> {
    RETURN_IF_ERROR(visit.services.second_factors.Check(UserId{user.id()},
                                                        visit.form.Last("code").value_or("")));
    return visit.services.sessions.Complete(**pending);
  };
  auto opened = co_await visit.services.pools.slow.Run(work);
  const bool refused = opened.has_error() && (Is(opened.error(), ErrorCode::kUnauthenticated) ||
                                              Is(opened.error(), ErrorCode::kThrottled));
  if (refused) {
    auth::Audit(
        {auth::AuditEvent::kLoginFailed, user.name(), visit.request.remote, "second factor"});
    const bool throttled = Is(opened.error(), ErrorCode::kThrottled);
    http::Response page = ChallengePage(visit, throttled ? 429 : 403, redirect,
                                        throttled ? "Too many attempts. Try again later."
                                                  : "The code is wrong, or it was used before.");
    if (throttled) page.With("Retry-After", std::to_string(opened.error().retry_after));
    co_return page;
  }
  if (opened.has_error()) co_return std::move(opened).error();
  auth::Audit(
      {auth::AuditEvent::kSessionOpened, user.name(), visit.request.remote, "second factor"});
  http::Response response = SeeOther(visit.Local(redirect));
  http::SetCookie(response, visit.request, kSessionCookie, opened->cookie, 0);
  co_return response;
}

Outcome BeginTotp(Visit& visit) {
  std::string secret;
  auto work = [&]() -> Result<void> {
    RETURN_IF_ERROR(ConfirmPassword(visit));
    ASSIGN_OR_RETURN(secret, visit.services.second_factors.BeginTotp(
                                 UserId{visit.session->user.id()}, visit.StillOpen()));
    return {};
  };
  auto word = co_await RunChange(visit, work);
  if (word.has_error()) co_return std::move(word).error();
  if (*word) co_return co_await ShowSettingsWith(visit, std::move(**word));
  co_return EnrolPage(visit, 200, secret, {});
}

Outcome ConfirmTotp(Visit& visit) {
  const UserId user{visit.session->user.id()};
  std::vector<std::string> codes;
  auto work = [&]() -> Result<void> {
    RETURN_IF_ERROR(visit.services.second_factors.ConfirmTotp(
        user, visit.form.Last("code").value_or(""), visit.StillOpen()));
    ASSIGN_OR_RETURN(codes, visit.services.second_factors.NewBackupCodes(user, visit.StillOpen()));
    return {};
  };
  auto done = co_await visit.services.pools.slow.Run(work);
  if (done.has_error() && Is(done.error(), ErrorCode::kUnauthenticated))
    co_return EnrolPage(visit, 403, ShownSecret(visit), "The code is wrong.");
  if (done.has_error() && Is(done.error(), ErrorCode::kConflict))
    co_return SeeOther(visit.Local(kHome));
  if (done.has_error()) co_return std::move(done).error();
  auth::Audit({auth::AuditEvent::kSecondFactorChanged, visit.session->user.name(),
               visit.request.remote, "on"});
  Word word{.text = "Codes are asked for from now on. Keep these backup codes, each is good once:"};
  word.extra = CodeList(codes);
  co_return co_await ShowSettingsWith(visit, std::move(word));
}

Outcome TurnOffTotp(Visit& visit) {
  auto work = [&]() -> Result<void> {
    RETURN_IF_ERROR(ConfirmPassword(visit));
    return visit.services.second_factors.TurnOff(UserId{visit.session->user.id()},
                                                 visit.StillOpen());
  };
  auto word = co_await RunChange(visit, work);
  if (word.has_error()) co_return std::move(word).error();
  if (*word) co_return co_await ShowSettingsWith(visit, std::move(**word));
  auth::Audit({auth::AuditEvent::kSecondFactorChanged, visit.session->user.name(),
               visit.request.remote, "off"});
  co_return SeeOther(visit.Local(kHome));
}

Outcome RenewBackupCodes(Visit& visit) {
  std::vector<std::string> codes;
  auto work = [&]() -> Result<void> {
    RETURN_IF_ERROR(ConfirmPassword(visit));
    ASSIGN_OR_RETURN(codes, visit.services.second_factors.NewBackupCodes(
                                UserId{visit.session->user.id()}, visit.StillOpen()));
    return {};
  };
  auto word = co_await RunChange(visit, work);
  if (word.has_error()) co_return std::move(word).error();
  if (*word) co_return co_await ShowSettingsWith(visit, std::move(**word));
  auth::Audit({auth::AuditEvent::kSecondFactorChanged, visit.session->user.name(),
               visit.request.remote, "backup codes"});
  Word shown{.text = "New backup codes, each is good once. The old ones are good no more:"};
  shown.extra = CodeList(codes);
  co_return co_await ShowSettingsWith(visit, std::move(shown));
}

std::string SecondFactorSection(const Visit& visit, const auth::SecondFactorState& state) {
  std::string html =
      "<section aria-labelledby=\"second\">\n<h2 id=\"second\">Second step at the "
      "login</h2>\n";
  const Form::Field password{.name = "password",
                             .label = "Your password",
                             .type = "password",
                             .autocomplete = "current-password"};
  if (!state.totp) {
    html += state.enforced
                ? "<p>Your administrator asks for one: set it up.</p>\n"
                : "<p>Off. With it, the password alone opens nothing but the login form; "
                  "devices use app passwords.</p>\n";
    Form begin(visit.Local("/settings/user/totp/begin"), visit.RequestToken());
    begin.Input(password).Button("Set up codes");
    return html + std::move(begin).End() + "</section>\n";
  }
  html += "<p>On. Backup codes left: " + std::to_string(state.backup_codes) + ".</p>\n";
  Form renew(visit.Local("/settings/user/totp/codes"), visit.RequestToken());
  renew.Input(password).Button("New backup codes");
  Form off(visit.Local("/settings/user/totp/off"), visit.RequestToken());
  off.Input(password).Button("Turn off");
  return html + std::move(renew).End() + std::move(off).End() + "</section>\n";
}

}  // namespace cairn::web
