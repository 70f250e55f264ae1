// Pictures of users for whoever is logged in: the one that the user has sent, or a letter on a
// colour. Others are told the same as about users that do not exist.
#include <algorithm>

#include "auth/avatars.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "http/conditional.h"
#include "http/date.h"
#include "web/picture.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

constexpr std::int64_t kFreshSeconds = 24 * 60 * 60;

struct Wanted {
  std::string user;
  int side = 0;  // pixels
  bool dark = false;
  PictureFormat format = PictureFormat::kPng;
};

// What is known about a user before anything is drawn.
struct Portrayed {
  storage::User user;
  std::optional<storage::Avatar> own;
};

struct Portrait {
  bool own = false;
  std::string etag;  // without quotes
  std::optional<std::int64_t> changed;
  http::Precondition verdict = http::Precondition::kProceed;
  std::string bytes;  // only for kProceed
};

Result<std::optional<Portrayed>> FindPortrayed(const Visit& visit, std::string_view name) {
  const auto view = visit.services.engine.kv().Published();
  ASSIGN_OR_RETURN(auto user, visit.services.users.FindByName(*view, name));
  if (!user) return std::optional<Portrayed>();
  ASSIGN_OR_RETURN(auto own, auth::FindAvatar(*view, UserId{user->id()}));
  return std::optional<Portrayed>({std::move(*user), std::move(own)});
}

std::string TextOf(const Color& color) {
  return std::to_string(color.red) + "," + std::to_string(color.green) + "," +
         std::to_string(color.blue) + ";";
}

// All that decides how the picture looks, so that a 304 costs no drawing.
std::string EtagOf(const Wanted& wanted, const Portrayed& portrayed, const Drawing& drawing) {
  constexpr std::size_t kEtagBytes = 16;
  std::string recipe = "1;" + std::to_string(wanted.side);
  recipe += wanted.format == PictureFormat::kPng ? ";png;" : ";jpeg;";
  if (portrayed.own) {
    recipe += "own;" + portrayed.own->etag();
  } else {
    recipe +=
        "drawn;" + TextOf(drawing.colors.ground) + TextOf(drawing.colors.letter) + drawing.letter;
  }
  return ToHex(Sha256(recipe).substr(0, kEtagBytes));
}

Result<Portrait> MakePortrait(const Visit& visit, const Wanted& wanted,
                              const Portrayed& portrayed) {
  const std::string& name = portrayed.user.name();
  Drawing drawing;
  if (!portrayed.own) {
    drawing.letter = LetterOf(portrayed.user.display_name(), name);
    drawing.colors = ColorsOf(name, wanted.dark);
  }
  drawing.side = wanted.side;
  drawing.format = wanted.format;

  Portrait shown;
  shown.own = portrayed.own.has_value();
  shown.etag = EtagOf(wanted, portrayed, drawing);
  if (shown.own) shown.changed = portrayed.own->changed();
  shown.verdict =
      http::EvaluatePreconditions(visit.request.method, visit.request.headers,
                                  {.exists = true, .etag = shown.etag, .mtime = shown.changed});
  if (shown.verdict != http::Precondition::kProceed) return shown;
  if (shown.own) {
    ASSIGN_OR_RETURN(shown.bytes, Resize(portrayed.own->png(), wanted.side, wanted.format));
  } else {
    ASSIGN_OR_RETURN(shown.bytes, Draw(drawing));
  }
  return shown;
}

// nullopt: no such user.
net::awaitable<Result<std::optional<Portrait>>> ShowUser(Visit& visit, const Wanted& wanted) {
  auto find = [&] { return FindPortrayed(visit, wanted.user); };
  auto found = co_await visit.services.pools.read.Run(find);
  if (found.has_error()) co_return std::move(found).error();
  if (!*found) co_return std::optional<Portrait>();
  auto make = [&] { return MakePortrait(visit, wanted, **found); };
  auto shown = co_await visit.services.pools.data.Run(make);
  if (shown.has_error()) co_return std::move(shown).error();
  co_return std::optional<Portrait>(std::move(*shown));
}

// The picture, 304 or 412, with the headers that all of them have.
http::Response Answer(Portrait shown, PictureFormat format) {
  http::Response response(200);
  if (shown.verdict == http::Precondition::kNotModified) response.status = 304;
  if (shown.verdict == http::Precondition::kFailed) response.status = 412;
  if (response.status == 200) {
    response.With("Content-Type", format == PictureFormat::kPng ? "image/png" : "image/jpeg");
    response.body = std::move(shown.bytes);
  }
  response.With("ETag", "\"" + shown.etag + "\"");
  if (shown.changed) response.With("Last-Modified", http::HttpDate(*shown.changed));
  return response;
}

http::Response ForReader(const Visit& visit, http::Response response) {
  const bool program = visit.caller.has_value();
  if (program || visit.session) {
    response.With("X-User-Id",
                  program ? visit.caller->caller.user_name : visit.session->user.name());
  }
  return response.With("Content-Security-Policy",
                       "default-src 'none';base-uri 'none';manifest-src 'self';"
                       "frame-ancestors 'none'");
}

Outcome ShowPicture(Visit& visit, bool dark) {
  const auto size = ParseUint(visit.params[1]);
  const bool known = visit.caller || visit.session;
  if (!known || !size) co_return ForReader(visit, Json(404, "[]"));
  // Nextcloud makes two sizes, whatever is asked for; clients scale.
  Wanted wanted;
  wanted.user = visit.params[0];
  wanted.side = *size <= 64 ? 64 : 512;
  wanted.dark = dark;
  auto shown = co_await ShowUser(visit, wanted);
  if (shown.has_error()) co_return std::move(shown).error();
  if (!*shown) co_return ForReader(visit, Json(404, "[]"));
  const bool own = (*shown)->own;
  http::Response response = Answer(std::move(**shown), wanted.format);
  const std::int64_t until = visit.services.engine.clock().NowSeconds() + kFreshSeconds;
  response
      .With("Cache-Control", "private, max-age=" + std::to_string(kFreshSeconds) + ", immutable")
      .With("Expires", http::HttpDate(until))
      .With("X-NC-IsCustomAvatar", own ? "1" : "0")
      .With("Content-Disposition", std::string("inline; filename=\"avatar") +
                                       (dark ? "-dark." : ".") + std::to_string(wanted.side) +
                                       ".png\"");
  co_return ForReader(visit, std::move(response));
}

http::Response DavNotFound() {
  http::Response response(404);
  response.With("Content-Type", "application/xml; charset=utf-8");
  response.body =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
      "<d:error xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\">\n"
      "  <s:exception>Sabre\\DAV\\Exception\\NotFound</s:exception>\n"
      "  <s:message>The picture could not be located</s:message>\n"
      "</d:error>\n";
  return response;
}

// "128.png"; nullopt for what names no picture.
std::optional<Wanted> ParseDavName(std::string_view name) {
  Wanted wanted;
  const std::size_t dot = std::min(name.find('.'), name.size());
  const auto size = ParseUint(name.substr(0, dot));
  const std::string_view kind = name.substr(dot);
  if (!size || *size == 0 || (kind != ".png" && kind != ".jpeg")) return std::nullopt;
  wanted.side = static_cast<int>(std::min<std::uint64_t>(*size, kMaxPictureSide));
  if (kind == ".jpeg") wanted.format = PictureFormat::kJpeg;
  return wanted;
}

}  // namespace

Outcome ShowAvatar(Visit& visit) { co_return co_await ShowPicture(visit, false); }

Outcome ShowDarkAvatar(Visit& visit) { co_return co_await ShowPicture(visit, true); }

Outcome ShowDavAvatar(Visit& visit) {
  auto wanted = ParseDavName(visit.params[1]);
  if (!wanted) co_return ForReader(visit, DavNotFound());
  wanted->user = visit.params[0];
  auto shown = co_await ShowUser(visit, *wanted);
  if (shown.has_error()) co_return std::move(shown).error();
  if (!*shown) co_return ForReader(visit, DavNotFound());
  const std::string etag = "\"" + (*shown)->etag + "\"";
  http::Response response = Answer(std::move(**shown), wanted->format);
  const std::string name =
      std::to_string(wanted->side) + (wanted->format == PictureFormat::kPng ? ".png" : ".jpeg");
  response.With("OC-ETag", etag)
      .With("Content-Disposition",
            "attachment; filename*=UTF-8''" + name + "; filename=\"" + name + "\"");
  co_return ForReader(visit, std::move(response));
}

}  // namespace cairn::web
