// A user's own picture: sent by programs, removed by them or in the settings.
#include "auth/avatars.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "web/change.h"
#include "web/html.h"
#include "web/page.h"
#include "web/picture.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

// A share of the pixels that may be decoded at one time, so that few large pictures cannot fill the
// memory. Given back when it goes.
class PixelLoan {
 public:
  PixelLoan(std::atomic<std::uint64_t>& lent, std::uint64_t pixels) : lent_(lent) {
    std::uint64_t now = lent.load();
    while (pixels_ == 0 && now + pixels <= kMaxImagePixels)
      if (lent.compare_exchange_weak(now, now + pixels)) pixels_ = pixels;
  }
  ~PixelLoan() { lent_ -= pixels_; }
  PixelLoan(const PixelLoan&) = delete;
  PixelLoan& operator=(const PixelLoan&) = delete;
  bool granted() const { return pixels_ > 0; }

 private:
  std::atomic<std::uint64_t>& lent_;
  std::uint64_t pixels_ = 0;
};

Result<std::string> PictureOf(const Visit& visit) {
  ASSIGN_OR_RETURN(const ImageSize size, ReadImageSize(visit.body));
  const PixelLoan loan(visit.services.pixels, std::uint64_t{size.width} * size.height);
  if (!loan.granted()) return Fail(ErrorCode::kBusy, "too many pictures at a time");
  return StoredPicture(visit.body, size);
}

http::Response Refused(int status, std::string_view message) {
  return Json(status, "{\"message\":\"" + std::string(message) + "\"}");
}

}  // namespace

Outcome PutAvatar(Visit& visit) {
  if (!ToLower(visit.request.headers.Get("Content-Type")).starts_with("image/"))
    co_return Refused(415, "The body is to be a picture: Content-Type: image/...");
  auto make = [&] { return PictureOf(visit); };
  auto png = co_await visit.services.pools.data.Run(make);
  if (png.has_error() &&
      (Is(png.error(), ErrorCode::kInvalidArgument) || Is(png.error(), ErrorCode::kTooLarge)))
    co_return Refused(400, png.error().message);
  if (png.has_error()) co_return std::move(png).error();
  storage::Engine& engine = visit.services.engine;
  auto set = [&] {
    return auth::SetAvatar(engine.kv(), engine.clock(), visit.caller->caller.user, std::move(*png));
  };
  auto done = co_await visit.services.pools.slow.Run(set);
  if (done.has_error()) co_return std::move(done).error();
  co_return Json(200, R"({"status":"success"})");
}

Outcome DeleteAvatar(Visit& visit) {
  auto remove = [&] {
    return auth::RemoveAvatar(visit.services.engine.kv(), visit.caller->caller.user);
  };
  auto done = co_await visit.services.pools.slow.Run(remove);
  if (done.has_error()) co_return std::move(done).error();
  co_return http::Response(204);
}

Outcome RemovePicture(Visit& visit) {
  const UserId id{visit.session->user.id()};
  auto remove = [&] { return auth::RemoveAvatar(visit.services.engine.kv(), id); };
  auto word = co_await RunChange(visit, remove);
  if (word.has_error()) co_return std::move(word).error();
  if (*word) co_return co_await ShowSettingsWith(visit, std::move(**word));
  co_return SeeOther(visit.Local(kHome));
}

std::string PictureSection(const Visit& visit, const storage::User& user,
                           const std::optional<storage::Avatar>& own) {
  constexpr std::size_t kStamp = 8;
  // Browsers keep a picture for a day: another one has another address.
  const std::string state = own ? own->etag() : "drawn " + user.display_name();
  const std::string path = "/avatar/" + http::EncodeUriComponent(user.name()) +
                           "/512?v=" + ToHex(Sha256(state)).substr(0, kStamp);
  std::string html =
      "<section aria-labelledby=\"picture\">\n<h2 id=\"picture\">Picture</h2>\n"
      "<img class=\"picture\" width=\"96\" height=\"96\" alt=\"The picture of " +
      Escape(user.name()) + "\" src=\"" + Escape(visit.Local(path)) + "\">\n";
  if (own) {
    Form form(visit.Local("/settings/user/picture/remove"), visit.RequestToken());
    form.Button("Remove picture");
    html += std::move(form).End();
  }
  return html + "</section>\n";
}

}  // namespace cairn::web
