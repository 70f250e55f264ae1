// The settings page: the account, its storage, its password, and what is logged in to it.
#include "auth/audit.h"
#include "auth/avatars.h"
#include "auth/names.h"
#include "auth/password_policy.h"
#include "http/date.h"
#include "storage/records.h"
#include "storage/schema.h"
#include "web/change.h"
#include "web/html.h"
#include "web/page.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

// What one hop reads for the page.
struct Shown {
  storage::User user;
  std::optional<storage::Avatar> picture;
  std::vector<storage::Token> tokens;
  std::vector<storage::Session> sessions;
  auth::SecondFactorState second_factor;
  std::uint64_t used = 0;              // bytes
  std::optional<std::uint64_t> quota;  // bytes
};

Result<Shown> Read(const Visit& visit) {
  const auto view = visit.services.engine.kv().Published();
  const UserId id{visit.session->user.id()};
  Shown shown;
  ASSIGN_OR_RETURN(auto user, visit.services.users.Find(*view, id));
  if (!user) return Fail(ErrorCode::kUnauthenticated, "the user is gone");
  shown.user = std::move(*user);
  ASSIGN_OR_RETURN(shown.picture, auth::FindAvatar(*view, id));
  ASSIGN_OR_RETURN(shown.tokens, visit.services.app_passwords.List(*view, id));
  ASSIGN_OR_RETURN(shown.sessions, visit.services.sessions.List(*view, id));
  ASSIGN_OR_RETURN(shown.second_factor, visit.services.second_factors.StateOf(*view, id));
  const SpaceId home{shown.user.space()};
  ASSIGN_OR_RETURN(const auto space,
                   storage::ReadRecord<storage::Space>(*view, storage::Table::kSpaces,
                                                       storage::keys::Space(home)));
  if (!space) return Fail(ErrorCode::kCorruption, "space of user " + shown.user.name());
  ASSIGN_OR_RETURN(const auto root,
                   visit.services.engine.tree().Resolve(*view, {.home = home, .segments = {}}));
  shown.used = root.leaf().node.below().bytes();
  shown.quota = visit.services.quota.LimitOf(*space);
  return shown;
}

std::string TimeText(std::int64_t seconds) {
  return seconds == 0 ? "never" : http::HttpDate(seconds);
}

std::string AccountSection(const Visit& visit, const Shown& shown) {
  Form form(visit.Local("/settings/user/profile"), visit.RequestToken());
  form.Input({.name = "displayname",
              .label = "Name",
              .value = shown.user.display_name(),
              .autocomplete = "name",
              .required = false})
      .Input({.name = "email",
              .label = "E-mail",
              .type = "email",
              .value = shown.user.email(),
              .autocomplete = "email",
              .required = false})
      .Button("Save");
  const std::string limit = shown.quota ? " of " + SizeText(*shown.quota) : std::string();
  return "<section aria-labelledby=\"account\">\n<h2 id=\"account\">Account " +
         Escape(shown.user.name()) + "</h2>\n<p>Storage: " + SizeText(shown.used) + limit +
         " used.</p>\n" + std::move(form).End() + "</section>\n";
}

std::string PasswordSection(const Visit& visit) {
  Form form(visit.Local("/settings/user/password"), visit.RequestToken());
  form.Input({.name = "password",
              .label = "Present password",
              .type = "password",
              .autocomplete = "current-password"})
      .Input({.name = "new",
              .label = "New password",
              .type = "password",
              .autocomplete = "new-password",
              .hint = "At least 10 characters. Devices with an app password stay connected."})
      .Input({.name = "again",
              .label = "New password, once more",
              .type = "password",
              .autocomplete = "new-password"})
      .Button("Change password");
  return "<section aria-labelledby=\"password\">\n<h2 id=\"password\">Password</h2>\n" +
         std::move(form).End() + "</section>\n";
}

std::string DevicesSection(const Visit& visit, const Shown& shown) {
  std::vector<std::vector<std::string>> rows;
  for (const storage::Token& token : shown.tokens) {
    Form form(visit.Local("/settings/user/devices/end"), visit.RequestToken());
    form.Hidden("id", std::to_string(token.id()));
    if (!token.wipe()) {
      form.Button("Revoke", "Revoke " + token.name(), "what", "revoke")
          .Button("Erase", "Erase the data of " + token.name(), "what", "wipe");
    } else {
      form.Button("Revoke", "Revoke " + token.name(), "what", "revoke");
    }
    rows.push_back({Escape(token.name()) + (token.wipe() ? " (erases its data)" : "") +
                        (token.no_files() ? " (no files)" : ""),
                    TimeText(token.created()), TimeText(token.last_used()), std::move(form).End()});
  }
  Form create(visit.Local("/settings/user/devices"), visit.RequestToken());
  create.Input({.name = "name", .label = "Name of a new app password"})
      .Input({.name = "password",
              .label = "Your password",
              .type = "password",
              .autocomplete = "current-password"})
      .Button("Create app password");
  std::string html =
      "<section aria-labelledby=\"devices\">\n<h2 id=\"devices\">Devices and app passwords</h2>\n";
  html += rows.empty() ? "<p>None.</p>\n"
                       : Table("App passwords", {"Name", "Made", "Last used", "Action"}, rows);
  return html + std::move(create).End() + "</section>\n";
}

std::string BrowsersSection(const Visit& visit, const Shown& shown) {
  std::vector<std::vector<std::string>> rows;
  for (const storage::Session& session : shown.sessions) {
    const bool own = session.id() == visit.session->record.id();
    Form form(visit.Local("/settings/user/browsers/end"), visit.RequestToken());
    form.Hidden("id", std::to_string(session.id())).Button("Log out", "Log out " + session.agent());
    rows.push_back({Escape(session.agent()) + (own ? " <strong>(this one)</strong>" : ""),
                    TimeText(session.created()), TimeText(session.last_used()),
                    own ? std::string("-") : std::move(form).End()});
  }
  Form out(visit.Local("/logout"), visit.RequestToken());
  out.Button("Log out here");
  return "<section aria-labelledby=\"browsers\">\n<h2 id=\"browsers\">Browsers</h2>\n" +
         Table("Sessions", {"Browser", "Since", "Last used", "Action"}, rows) +
         std::move(out).End() + "</section>\n";
}

std::uint64_t IdOf(const Visit& visit) {
  return ParseUint(visit.form.Last("id").value_or("")).value_or(0);
}

// Changed: back to the page by GET, so that reloading repeats nothing.
http::Response Back(const Visit& visit) { return SeeOther(visit.Local(kHome)); }

}  // namespace

Outcome ShowSettingsWith(Visit& visit, Word word) {
  auto work = [&] { return Read(visit); };
  auto shown = co_await visit.services.pools.read.Run(work);
  if (shown.has_error()) co_return std::move(shown).error();
  Page page{.title = "Settings", .body = {}, .narrow = false, .status = word.status};
  page.body = Notice(word.text, word.status >= 400) + word.extra + AccountSection(visit, *shown) +
              PictureSection(visit, shown->user, shown->picture) + PasswordSection(visit) +
              SecondFactorSection(visit, shown->second_factor) + DevicesSection(visit, *shown) +
              BrowsersSection(visit, *shown);
  co_return Render(visit, page);
}

std::optional<Word> Explain(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kInvalidName:
    case ErrorCode::kTooLarge:
      return Word{.status = 400, .text = error.message};
    case ErrorCode::kUnauthenticated:
      return Word{.status = 403, .text = "The password is wrong."};
    case ErrorCode::kNotFound:
      return Word{.status = 404, .text = "That is gone already."};
    case ErrorCode::kConflict:
      return Word{.status = 409, .text = "That is so already."};
    default:
      return std::nullopt;
  }
}

Result<void> ConfirmPassword(const Visit& visit) {
  const auto checked = visit.services.authenticator.CheckForm(
      visit.session->user.name(), visit.form.Last("password").value_or(""), visit.request.remote,
      *visit.services.engine.kv().Published());
  if (checked.has_error()) return checked.error();
  return {};
}

Outcome ShowSettings(Visit& visit) {
  Word word;
  co_return co_await ShowSettingsWith(visit, std::move(word));
}

Outcome SaveProfile(Visit& visit) {
  const UserId id{visit.session->user.id()};
  auto work = [&]() -> Result<void> {
    RETURN_IF_ERROR(visit.services.users.SetDisplayName(
        id, visit.form.Last("displayname").value_or(""), visit.StillOpen()));
    return visit.services.users.SetEmail(id, visit.form.Last("email").value_or(""),
                                         visit.StillOpen());
  };
  auto word = co_await RunChange(visit, work);
  if (word.has_error()) co_return std::move(word).error();
  if (!*word) co_return Back(visit);
  co_return co_await ShowSettingsWith(visit, std::move(**word));
}

Outcome ChangePassword(Visit& visit) {
  const UserId id{visit.session->user.id()};
  const std::string fresh(visit.form.Last("new").value_or(""));
  std::optional<auth::OpenedSession> opened;
  auto work = [&]() -> Result<void> {
    if (fresh != visit.form.Last("again").value_or(""))
      return Fail(ErrorCode::kInvalidArgument, "The new passwords differ.");
    RETURN_IF_ERROR(auth::CheckNewPassword(fresh));
    RETURN_IF_ERROR(ConfirmPassword(visit));
    RETURN_IF_ERROR(visit.services.users.SetPassword(id, fresh, visit.StillOpen()));
    // All sessions have ended; this browser gets a new one.
    ASSIGN_OR_RETURN(const auto user,
                     visit.services.users.Find(*visit.services.engine.kv().Published(), id));
    if (!user) return Fail(ErrorCode::kNotFound, "the user is gone");
    ASSIGN_OR_RETURN(opened, visit.services.sessions.Open(id, user->version(),
                                                          visit.request.headers.Get("User-Agent")));
    return {};
  };
  auto word = co_await RunChange(visit, work);
  if (word.has_error()) co_return std::move(word).error();
  if (*word) co_return co_await ShowSettingsWith(visit, std::move(**word));
  auth::Audit(
      {auth::AuditEvent::kPasswordChanged, visit.session->user.name(), visit.request.remote});
  http::Response response = Back(visit);
  http::SetCookie(response, visit.request, kSessionCookie, opened->cookie, 0);
  co_return response;
}

Outcome CreateDevice(Visit& visit) {
  const UserId id{visit.session->user.id()};
  const std::string name(Trim(visit.form.Last("name").value_or("")));
  std::string secret;
  auto work = [&]() -> Result<void> {
    RETURN_IF_ERROR(ConfirmPassword(visit));
    ASSIGN_OR_RETURN(auto made,
                     visit.services.app_passwords.Create(id, name, {}, visit.StillOpen()));
    secret = std::move(made.secret);
    return {};
  };
  auto word = co_await RunChange(visit, work);
  if (word.has_error()) co_return std::move(word).error();
  if (*word) co_return co_await ShowSettingsWith(visit, std::move(**word));
  auth::Audit(
      {auth::AuditEvent::kTokenCreated, visit.session->user.name(), visit.request.remote, name});
  Word shown;
  shown.text = "The app password of " + name + " is shown this once:";
  shown.extra = "<section aria-label=\"New app password\"><p class=\"secret\">" + Escape(secret) +
                "</p></section>\n";
  co_return co_await ShowSettingsWith(visit, std::move(shown));
}

Outcome EndDevice(Visit& visit) {
  const UserId user{visit.session->user.id()};
  const TokenId token{IdOf(visit)};
  const bool wipe = visit.form.Last("what").value_or("") == "wipe";
  auto work = [&]() -> Result<void> {
    return wipe ? visit.services.app_passwords.OrderWipe(user, token)
                : visit.services.app_passwords.Delete(user, token);
  };
  auto word = co_await RunChange(visit, work);
  if (word.has_error()) co_return std::move(word).error();
  if (*word) co_return co_await ShowSettingsWith(visit, std::move(**word));
  auth::Audit({wipe ? auth::AuditEvent::kWipeOrdered : auth::AuditEvent::kTokenRevoked,
               visit.session->user.name(), visit.request.remote,
               "app password " + std::to_string(Raw(token))});
  co_return Back(visit);
}

Outcome EndBrowser(Visit& visit) {
  const UserId user{visit.session->user.id()};
  const std::uint64_t session = IdOf(visit);
  auto work = [&] { return visit.services.sessions.End(user, session); };
  auto word = co_await RunChange(visit, work);
  if (word.has_error()) co_return std::move(word).error();
  if (*word) co_return co_await ShowSettingsWith(visit, std::move(**word));
  auth::Audit({auth::AuditEvent::kSessionEnded, visit.session->user.name(), visit.request.remote});
  co_return Back(visit);
}

}  // namespace cairn::web
