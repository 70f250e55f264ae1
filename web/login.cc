// The login page: the one place where a password becomes a session.
#include "auth/audit.h"
#include "web/html.h"
#include "web/page.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

constexpr std::size_t kMaxRedirect = 2048;  // bytes

http::Response LoginPage(const Visit& visit, int status, std::string_view redirect,
                         std::string_view user, std::string_view problem) {
  Form form(visit.Local("/login"), visit.RequestToken());
  form.Hidden("redirect_url", redirect)
      .Input({.name = "user", .label = "User name", .value = user, .autocomplete = "username"})
      .Input({.name = "password",
              .label = "Password",
              .type = "password",
              .autocomplete = "current-password"})
      .Button("Log in");
  Page page{.title = "Log in", .body = Notice(problem, true), .narrow = true, .status = status};
  page.body += std::move(form).End();
  return Render(visit, page);
}

// As it was recorded: only what would end the value is encoded.
std::string WithRedirect(std::string_view page, std::string_view redirect) {
  std::string path = std::string(page) + "?redirect_url=";
  for (const char c : redirect) {
    const bool ends = std::string_view("=&%+#").find(c) != std::string_view::npos;
    path += ends ? http::EncodeUriComponent(std::string_view(&c, 1)) : std::string(1, c);
  }
  return path;
}

}  // namespace

std::string LoginPath(std::string_view redirect) { return WithRedirect("/login", redirect); }

std::string ChallengePath(std::string_view redirect) {
  return WithRedirect("/login/challenge", redirect);
}

std::string SafeRedirect(std::string_view redirect) {
  const bool path = redirect.size() <= kMaxRedirect && redirect.starts_with('/') &&
                    !redirect.starts_with("//") && redirect.find('\\') == std::string_view::npos;
  for (const char c : redirect) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return std::string(kHome);
  }
  return std::string(path ? redirect : kHome);
}

Outcome ShowLogin(Visit& visit) {
  const std::string redirect = SafeRedirect(visit.query.Last("redirect_url").value_or(""));
  if (visit.session && redirect == kHome) co_return SeeOther(visit.Local(kHome));
  // Somebody who is logged in confirms it for what he was doing.
  const std::string user(visit.session ? visit.session->user.name()
                                       : visit.query.Last("user").value_or(""));
  co_return LoginPage(visit, 200, redirect, user, {});
}

Outcome LogIn(Visit& visit) {
  const std::string user(visit.form.Last("user").value_or(""));
  const std::string password(visit.form.Last("password").value_or(""));
  const std::string redirect = SafeRedirect(visit.form.Last("redirect_url").value_or(""));
  const std::string agent(visit.request.headers.Get("User-Agent"));
  bool more = false;  // a second factor is to come
  auto work = [&]() -> Result<auth::OpenedSession> {
    ASSIGN_OR_RETURN(const auth::Principal principal, visit.services.authenticator.CheckForm(
                                                          user, password, visit.request.remote,
                                                          *visit.services.engine.kv().Published()));
    const UserId id = principal.caller.user;
    ASSIGN_OR_RETURN(more, visit.services.second_factors.IsRequired(
                               *visit.services.engine.kv().Published(), id));
    // Always a session of its own: one that was there before is not raised (T-12).
    const std::uint64_t version = principal.caller.user_version;
    return more ? visit.services.sessions.OpenPending(id, version, agent)
                : visit.services.sessions.Open(id, version, agent);
  };
  auto opened = co_await visit.services.pools.slow.Run(work);
  if (opened.has_error() && Is(opened.error(), ErrorCode::kUnauthenticated))
    co_return LoginPage(visit, 403, redirect, user, "Wrong user name or password.");
  if (opened.has_error() && Is(opened.error(), ErrorCode::kThrottled)) {
    http::Response refused =
        LoginPage(visit, 429, redirect, user, "Too many attempts. Try again later.");
    co_return refused.With("Retry-After", std::to_string(opened.error().retry_after));
  }
  if (opened.has_error()) co_return std::move(opened).error();
  if (visit.session) {
    const UserId before{visit.session->user.id()};
    auto end = [&] { return visit.services.sessions.End(before, visit.session->record.id()); };
    auto ended = co_await visit.services.pools.slow.Run(end);
    if (ended.has_error() && !Is(ended.error(), ErrorCode::kNotFound))
      co_return std::move(ended).error();
  }
  const std::string next = more ? ChallengePath(redirect) : redirect;
  http::Response response = SeeOther(visit.Local(next));
  http::SetCookie(response, visit.request, kSessionCookie, opened->cookie, 0);
  co_return response;
}

Outcome LogOut(Visit& visit) {
  const UserId user{visit.session->user.id()};
  auto work = [&] { return visit.services.sessions.End(user, visit.session->record.id()); };
  auto ended = co_await visit.services.pools.slow.Run(work);
  if (ended.has_error() && !Is(ended.error(), ErrorCode::kNotFound))
    co_return std::move(ended).error();
  auth::Audit({auth::AuditEvent::kSessionEnded, visit.session->user.name(), visit.request.remote});
  http::Response response = SeeOther(visit.Local("/login"));
  http::SetCookie(response, visit.request, kSessionCookie, "", -1);
  co_return response;
}

}  // namespace cairn::web
