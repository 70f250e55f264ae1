#include <gd.h>

#include <memory>

#include "auth/avatars.h"
#include "base/bytes.h"
#include "tests/web/web_fixture.h"
#include "web/avatar_colors.h"
#include "web/picture.h"

namespace cairn::web {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct EndGd {
  void operator()(gdImage* image) const { gdImageDestroy(image); }
};
using GdImage = std::unique_ptr<gdImage, EndGd>;

constexpr int kRed = 0xd02020;
constexpr int kGreen = 0x20a020;
constexpr int kBlue = 0x2020d0;

enum class FileKind { kPng, kJpeg, kWebp, kGif };

// A picture whose left third is red and whose right third is blue, the middle is green.
std::string MakePicture(FileKind kind, int width, int height) {
  const GdImage image(gdImageCreateTrueColor(width, height));
  gdImageFilledRectangle(image.get(), 0, 0, width - 1, height - 1, kGreen);
  gdImageFilledRectangle(image.get(), 0, 0, width / 3, height - 1, kRed);
  gdImageFilledRectangle(image.get(), width - width / 3, 0, width - 1, height - 1, kBlue);
  int size = 0;
  void* bytes = nullptr;
  if (kind == FileKind::kPng) bytes = gdImagePngPtr(image.get(), &size);
  if (kind == FileKind::kJpeg) bytes = gdImageJpegPtr(image.get(), &size, 95);
  if (kind == FileKind::kWebp) bytes = gdImageWebpPtr(image.get(), &size);
  if (kind == FileKind::kGif) bytes = gdImageGifPtr(image.get(), &size);
  std::string file(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  gdFree(bytes);
  return file;
}

GdImage ReadPng(const std::string& png) {
  std::string copy = png;
  return GdImage(gdImageCreateFromPngPtr(static_cast<int>(copy.size()), copy.data()));
}

// Whether the pixel is about the colour: JPEG and resampling change it a little.
bool IsAbout(gdImage* image, int x, int y, int color) {
  const int pixel = gdImageGetTrueColorPixel(image, x, y);
  const auto near = [](int a, int b) { return std::abs(a - b) < 40; };
  return near(gdTrueColorGetRed(pixel), gdTrueColorGetRed(color)) &&
         near(gdTrueColorGetGreen(pixel), gdTrueColorGetGreen(color)) &&
         near(gdTrueColorGetBlue(pixel), gdTrueColorGetBlue(color));
}

class AvatarTest : public WebCase {
 protected:
  static support::HeaderList As(const std::string& user) {
    return {{"Authorization", "Basic " + ToBase64(user + ":" + user + "-password")}};
  }
  WholeAnswer Get(std::string_view path, const std::string& user = "alice") {
    return Send("GET", path, As(user));
  }
  WholeAnswer Put(std::string body, const std::string& type = "image/png",
                  const std::string& user = "alice") {
    auto headers = As(user);
    headers.emplace_back("Content-Type", type);
    return Send("POST", "/avatar", headers, std::move(body));
  }
  WholeAnswer GetUnless(std::string_view path, const std::string& etag) {
    auto headers = As("alice");
    headers.emplace_back("If-None-Match", etag);
    return Send("GET", path, headers);
  }
  int SideOf(std::string_view path) {
    const WholeAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 200) << path;
    const auto size = ReadImageSize(answer.body);
    if (size.has_error() || size->width != size->height) return -1;
    return static_cast<int>(size->width);
  }
  std::optional<storage::Avatar> Own(std::string_view user) {
    return *auth::FindAvatar(*engine_.kv().Published(), IdOf(user));
  }
};

// ---- drawn pictures

TEST_F(AvatarTest, ALetterOnAColour) {
  const WholeAnswer answer = Get("/avatar/alice/64");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.user, "alice");
  EXPECT_EQ(answer.Header("Content-Type"), "image/png");
  EXPECT_EQ(answer.Header("Cache-Control"), "private, max-age=86400, immutable");
  EXPECT_EQ(answer.Header("Expires"), "Wed, 15 Nov 2023 22:13:20 GMT");
  EXPECT_EQ(answer.Header("X-User-Id"), "alice");
  EXPECT_EQ(answer.Header("X-NC-IsCustomAvatar"), "0");
  EXPECT_EQ(answer.Header("Content-Disposition"), "inline; filename=\"avatar.64.png\"");
  EXPECT_THAT(answer.Header("Content-Security-Policy"), StartsWith("default-src 'none'"));
  EXPECT_THAT(answer.body, StartsWith("\x89PNG\r\n\x1a\n"));
  const GdImage image = ReadPng(answer.body);
  ASSERT_NE(image, nullptr);
  EXPECT_EQ(gdImageSX(image.get()), 64);
  // Ground in the corners, a letter somewhere in the middle.
  const Color ground = ColorsOf("alice", false).ground;
  const int color = gdTrueColor(ground.red, ground.green, ground.blue);
  for (const auto& [x, y] : {std::pair{0, 0}, {63, 0}, {0, 63}, {63, 63}})
    EXPECT_EQ(gdImageGetTrueColorPixel(image.get(), x, y), color);
  ASSERT_FALSE(LetterOf("", "alice").empty()) << "the package fonts-dejavu-core is missing";
  int white = 0;
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64; ++x) white += gdImageGetTrueColorPixel(image.get(), x, y) == 0xffffff;
  EXPECT_GT(white, 100);
  EXPECT_LT(white, 64 * 64 / 2);
}

TEST_F(AvatarTest, TwoSizesAndTheExactOneByDav) {
  EXPECT_EQ(SideOf("/avatar/alice/1"), 64);
  EXPECT_EQ(SideOf("/avatar/alice/64"), 64);
  EXPECT_EQ(SideOf("/avatar/alice/65"), 512);
  EXPECT_EQ(SideOf("/avatar/alice/999999999"), 512);
  EXPECT_EQ(SideOf("/remote.php/dav/avatars/alice/1.png"), 1);
  EXPECT_EQ(SideOf("/remote.php/dav/avatars/alice/128.png"), 128);
  EXPECT_EQ(SideOf("/remote.php/dav/avatars/alice/5000.png"), kMaxPictureSide);
  for (const char* path : {"/avatar/alice/big", "/avatar/alice/-1", "/avatar/alice/",
                           "/avatar/alice", "/avatar/alice/64/light",
                           "/remote.php/dav/avatars/alice/0.png", "/remote.php/dav/avatars/alice/5",
                           "/remote.php/dav/avatars/alice/5.gif", "/remote.php/dav/avatars/alice"})
    EXPECT_EQ(Get(path).status, 404) << path;
}

TEST_F(AvatarTest, TheEtagNamesWhatIsDrawn) {
  const std::string etag = Get("/avatar/alice/64").Header("ETag");
  EXPECT_THAT(etag, testing::MatchesRegex("\"[0-9a-f]{32}\""));
  EXPECT_EQ(Get("/avatar/alice/64", "bob").Header("ETag"), etag);
  EXPECT_EQ(Get("/avatar/alice/10").Header("ETag"), etag);
  EXPECT_NE(Get("/avatar/alice/512").Header("ETag"), etag);
  EXPECT_NE(Get("/avatar/alice/64/dark").Header("ETag"), etag);
  EXPECT_NE(Get("/avatar/bob/64").Header("ETag"), etag);

  const WholeAnswer same = GetUnless("/avatar/alice/64", etag);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.Header("ETag"), etag);
  EXPECT_EQ(same.Header("Cache-Control"), "private, max-age=86400, immutable");
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(GetUnless("/avatar/alice/64", "\"other\"").status, 200);

  ASSERT_TRUE(users_.SetDisplayName(IdOf("alice"), "alison").has_value());
  EXPECT_EQ(Get("/avatar/alice/64").Header("ETag"), etag) << "the same letter";
  ASSERT_FALSE(LetterOf("", "alice").empty()) << "the package fonts-dejavu-core is missing";
  ASSERT_TRUE(users_.SetDisplayName(IdOf("alice"), "Zoë").has_value());
  EXPECT_NE(Get("/avatar/alice/64").Header("ETag"), etag);
  EXPECT_EQ(GetUnless("/avatar/alice/64", etag).status, 200);
}

TEST_F(AvatarTest, HeadHasTheHeadersOfGet) {
  const WholeAnswer get = Get("/avatar/alice/64");
  const WholeAnswer head = Send("HEAD", "/avatar/alice/64", As("alice"));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("ETag"), get.Header("ETag"));
  EXPECT_EQ(head.body.size(), get.body.size());  // the connection counts it and sends none
}

TEST_F(AvatarTest, Dark) {
  const WholeAnswer answer = Get("/avatar/alice/64/dark");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Content-Disposition"), "inline; filename=\"avatar-dark.64.png\"");
  const GdImage image = ReadPng(answer.body);
  ASSERT_NE(image, nullptr);
  const Color ground = ColorsOf("alice", true).ground;
  EXPECT_EQ(gdImageGetTrueColorPixel(image.get(), 0, 0),
            gdTrueColor(ground.red, ground.green, ground.blue));
}

TEST_F(AvatarTest, ByDav) {
  const WholeAnswer png = Get("/remote.php/dav/avatars/alice/128.png");
  EXPECT_EQ(png.status, 200);
  EXPECT_EQ(png.Header("Content-Type"), "image/png");
  EXPECT_EQ(png.Header("OC-ETag"), png.Header("ETag"));
  EXPECT_EQ(png.Header("Content-Disposition"),
            "attachment; filename*=UTF-8''128.png; filename=\"128.png\"");
  const WholeAnswer jpeg = Get("/remote.php/dav/avatars/alice/96.jpeg");
  EXPECT_EQ(jpeg.Header("Content-Type"), "image/jpeg");
  EXPECT_EQ(ReadImageSize(jpeg.body)->format, ImageFormat::kJpeg);
  EXPECT_EQ(ReadImageSize(jpeg.body)->width, 96u);
  const WholeAnswer unknown = Get("/remote.php/dav/avatars/nobody/128.png");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.Header("Content-Type"), "application/xml; charset=utf-8");
  EXPECT_THAT(unknown.body,
              HasSubstr("<s:exception>Sabre\\DAV\\Exception\\NotFound</s:exception>"));
  EXPECT_EQ(Send("GET", "/remote.php/dav/avatars/alice/128.png").status, 401);
  EXPECT_EQ(Send("PROPFIND", "/remote.php/dav/avatars/alice/128.png", As("alice")).status, 405);
}

TEST(AvatarColors, AreReadable) {
  EXPECT_NEAR(ContrastOf({0, 0, 0}, {255, 255, 255}), 21, 0.01);
  EXPECT_NEAR(ContrastOf({119, 119, 119}, {255, 255, 255}), 4.48, 0.01);
  for (int i = 0; i < 2000; ++i) {
    for (const bool dark : {false, true}) {
      const AvatarColors colors = ColorsOf("user" + std::to_string(i), dark);
      EXPECT_GE(ContrastOf(colors.ground, colors.letter), kReadable) << i;
    }
  }
  EXPECT_EQ(ColorsOf("alice", false).ground, ColorsOf("alice", false).ground);
  EXPECT_NE(ColorsOf("alice", false).ground, ColorsOf("bob", false).ground);
}

TEST(AvatarLetter, IsTheFirstOneThatTheFontHas) {
  ASSERT_FALSE(LetterOf("", "a").empty()) << "the package fonts-dejavu-core is missing";
  EXPECT_EQ(LetterOf("éva", "user"), "É");
  EXPECT_EQ(LetterOf("  жук", "user"), "Ж");
  EXPECT_EQ(LetterOf("", "user"), "U");
  EXPECT_EQ(LetterOf("中文", "user"), "U");
  EXPECT_EQ(LetterOf("\xff", "user"), "U");
  EXPECT_EQ(LetterOf("&amp;", "user"), "&");
}

// ---- who may ask

TEST_F(AvatarTest, WhoIsNotLoggedInLearnsNothing) {
  const WholeAnswer known = Send("GET", "/avatar/alice/64");
  const WholeAnswer unknown = Send("GET", "/avatar/nobody/64");
  for (const WholeAnswer* answer : {&known, &unknown}) {
    EXPECT_EQ(answer->status, 404);
    EXPECT_EQ(answer->body, "[]");
    EXPECT_EQ(answer->Header("Content-Type"), "application/json; charset=utf-8");
    EXPECT_FALSE(answer->headers.Has("X-User-Id"));
  }
  EXPECT_EQ(known.headers.fields(), unknown.headers.fields());
  const WholeAnswer asked = Get("/avatar/nobody/64");
  EXPECT_EQ(asked.status, 404);
  EXPECT_EQ(asked.body, "[]");
  EXPECT_EQ(asked.Header("X-User-Id"), "alice");
}

TEST_F(AvatarTest, WrongCredentialsAre401) {
  const std::string wrong = "Basic " + ToBase64("alice:guess");
  const WholeAnswer answer = Send("GET", "/avatar/alice/64", {{"Authorization", wrong}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_THAT(answer.Header("WWW-Authenticate"), StartsWith("Basic "));
  EXPECT_EQ(Send("POST", "/avatar", {{"Authorization", wrong}}, "x").status, 401);
}

TEST_F(AvatarTest, AppPasswordsAndSessionsOpen) {
  const auto made = app_passwords_.Create(IdOf("bob"), "phone", {});
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(Send("GET", "/avatar/alice/64", {{"Authorization", "Bearer " + made->secret}}).status,
            200);
  Browser browser(*this);
  EXPECT_EQ(browser.Get("/avatar/alice/64").status, 404);
  ASSERT_EQ(browser.LogIn("bob", "bob-password").status, 303);
  const WholeAnswer seen = browser.Get("/avatar/alice/64");
  EXPECT_EQ(seen.status, 200);
  EXPECT_EQ(seen.Header("X-User-Id"), "bob");
}

// ---- pictures that users send

TEST_F(AvatarTest, APictureIsCroppedAndShownToOthers) {
  const std::string before = Get("/avatar/alice/64").Header("ETag");
  const WholeAnswer put = Put(MakePicture(FileKind::kPng, 900, 300));
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.body, R"({"status":"success"})");
  const WholeAnswer seen = Get("/avatar/alice/512", "bob");
  EXPECT_EQ(seen.status, 200);
  EXPECT_EQ(seen.Header("X-NC-IsCustomAvatar"), "1");
  EXPECT_EQ(seen.Header("Last-Modified"), "Tue, 14 Nov 2023 22:13:20 GMT");
  EXPECT_EQ(seen.body, Own("alice")->png());
  const GdImage image = ReadPng(seen.body);
  ASSERT_NE(image, nullptr);
  EXPECT_EQ(gdImageSX(image.get()), 512);
  EXPECT_EQ(gdImageSY(image.get()), 512);
  for (const int x : {5, 256, 506}) EXPECT_TRUE(IsAbout(image.get(), x, 256, kGreen)) << x;

  const WholeAnswer small = Get("/avatar/alice/64");
  EXPECT_NE(small.Header("ETag"), before);
  EXPECT_EQ(gdImageSX(ReadPng(small.body).get()), 64);
  EXPECT_EQ(GetUnless("/avatar/alice/64", small.Header("ETag")).status, 304);
  EXPECT_EQ(Get("/avatar/alice/64/dark").status, 200);
  EXPECT_EQ(ReadImageSize(Get("/remote.php/dav/avatars/alice/90.jpeg").body)->width, 90u);
  EXPECT_EQ(Get("/avatar/bob/64").Header("X-NC-IsCustomAvatar"), "0");
}

TEST_F(AvatarTest, JpegAndWebp) {
  for (const FileKind kind : {FileKind::kJpeg, FileKind::kWebp}) {
    ASSERT_EQ(Put(MakePicture(kind, 300, 900), "image/whatever").status, 200);
    const GdImage image = ReadPng(Own("alice")->png());
    ASSERT_NE(image, nullptr);
    EXPECT_EQ(gdImageSX(image.get()), 512);
    EXPECT_TRUE(IsAbout(image.get(), 10, 256, kRed));
    EXPECT_TRUE(IsAbout(image.get(), 256, 256, kGreen));
    EXPECT_TRUE(IsAbout(image.get(), 500, 256, kBlue));
  }
}

TEST_F(AvatarTest, CamerasAreHeldInEightWays) {
  const std::string plain = MakePicture(FileKind::kJpeg, 300, 300);
  // Where the red third is once the picture stands upright.
  const std::pair<int, int> kLeft{10, 256}, kRight{500, 256}, kTop{256, 10}, kBottom{256, 500};
  const std::pair<int, int> kRedAt[] = {kLeft, kRight, kRight, kLeft, kTop, kTop, kBottom, kBottom};
  for (char orientation = 1; orientation <= 8; ++orientation) {
    std::string exif(
        "\xff\xe1\0\x22"
        "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0",
        29);
    exif += orientation;
    exif.append(6, '\0');
    exif[3] = static_cast<char>(exif.size() - 2);
    const std::string file = plain.substr(0, 2) + exif + plain.substr(2);
    ASSERT_EQ(ReadImageSize(file)->orientation, orientation);
    ASSERT_EQ(Put(file, "image/jpeg").status, 200);
    const std::string stored = Own("alice")->png();
    EXPECT_THAT(stored, Not(HasSubstr("Exif")));
    const auto& [x, y] = kRedAt[orientation - 1];
    EXPECT_TRUE(IsAbout(ReadPng(stored).get(), x, y, kRed)) << int{orientation};
  }
}

TEST_F(AvatarTest, WhatDoesNotFitIsMadeSmaller) {
  SeededRandom random{7};
  const GdImage noise(gdImageCreateTrueColor(512, 512));
  gdImageAlphaBlending(noise.get(), 0);
  gdImageSaveAlpha(noise.get(), 1);
  for (int y = 0; y < 512; ++y) {
    for (int x = 0; x < 512; ++x)
      gdImageSetPixel(noise.get(), x, y, static_cast<int>(random.Uint64() & 0x7fffffff));
  }
  int size = 0;
  void* bytes = gdImagePngPtr(noise.get(), &size);
  std::string file(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  gdFree(bytes);
  EXPECT_GT(file.size(), kMaxStoredPicture);
  ASSERT_EQ(Put(file).status, 200);
  EXPECT_LE(Own("alice")->png().size(), kMaxStoredPicture);
  EXPECT_EQ(SideOf("/avatar/alice/512"), 512);
}

TEST_F(AvatarTest, RefusedPicturesChangeNothing) {
  ASSERT_EQ(Put(MakePicture(FileKind::kPng, 20, 20)).status, 200);
  const std::string before = Own("alice")->png();
  std::string huge = MakePicture(FileKind::kPng, 20, 20);
  huge.replace(16, 8, std::string("\0\x01\x86\xa0\0\x01\x86\xa0", 8));  // says 100,000 x 100,000
  const std::string png = MakePicture(FileKind::kPng, 200, 200);
  const std::string jpeg = MakePicture(FileKind::kJpeg, 200, 200);
  const std::string webp = MakePicture(FileKind::kWebp, 200, 200);
  std::string bent = png;
  bent[bent.size() / 2] = static_cast<char>(bent[bent.size() / 2] ^ 0x55);
  for (const std::string& file :
       {huge, png.substr(0, png.size() / 2), jpeg.substr(0, jpeg.size() / 2),
        webp.substr(0, webp.size() / 2), bent, MakePicture(FileKind::kGif, 20, 20),
        std::string("a text"), std::string("<svg/>"), std::string()}) {
    const WholeAnswer answer = Put(file);
    EXPECT_EQ(answer.status, 400) << file.size();
    EXPECT_THAT(answer.body, StartsWith("{\"message\":\"The picture "));
  }
  EXPECT_THAT(Put(huge).body, HasSubstr("8192"));
  EXPECT_EQ(Put(png, "text/plain").status, 415);
  EXPECT_EQ(Put(std::string(20 * 1024 * 1024 + 1, 'x')).status, 413);
  EXPECT_EQ(Own("alice")->png(), before);
}

TEST_F(AvatarTest, PixelsThatAreDecodedAtATimeAreCounted) {
  services_.pixels = kMaxImagePixels - 399;
  const WholeAnswer busy = Put(MakePicture(FileKind::kPng, 20, 20));
  EXPECT_EQ(busy.status, 503);
  EXPECT_TRUE(busy.headers.Has("Retry-After"));
  EXPECT_EQ(services_.pixels, kMaxImagePixels - 399);
  services_.pixels = kMaxImagePixels - 400;
  EXPECT_EQ(Put(MakePicture(FileKind::kPng, 20, 20)).status, 200);
  EXPECT_EQ(services_.pixels, kMaxImagePixels - 400);
}

TEST_F(AvatarTest, OnlyProgramsWithCredentialsSendAndDelete) {
  const std::string png = MakePicture(FileKind::kPng, 20, 20);
  Browser browser(*this);
  ASSERT_EQ(browser.LogIn("alice", "alice-password").status, 303);
  EXPECT_EQ(browser.Post("/avatar", {}, {{"Content-Type", "image/png"}}).status, 401);
  EXPECT_EQ(Send("POST", "/avatar", {{"Content-Type", "image/png"}}, png).status, 401);
  EXPECT_EQ(Send("DELETE", "/avatar").status, 401);
  auto foreign = As("alice");
  foreign.emplace_back("Sec-Fetch-Site", "cross-site");
  EXPECT_EQ(Send("DELETE", "/avatar", foreign).status, 403);
  EXPECT_EQ(Own("alice"), std::nullopt);

  const auto made = app_passwords_.Create(IdOf("alice"), "phone", {});
  ASSERT_TRUE(made.has_value());
  const support::HeaderList bearer{{"Authorization", "Bearer " + made->secret},
                                   {"Content-Type", "image/png"}};
  EXPECT_EQ(Send("POST", "/avatar", bearer, png).status, 200);
  EXPECT_NE(Own("alice"), std::nullopt);
  EXPECT_EQ(Own("bob"), std::nullopt);
  EXPECT_EQ(Send("DELETE", "/avatar", As("bob")).status, 204);
  EXPECT_NE(Own("alice"), std::nullopt);
  EXPECT_EQ(Send("DELETE", "/avatar", bearer).status, 204);
  EXPECT_EQ(Own("alice"), std::nullopt);
  EXPECT_EQ(Get("/avatar/alice/64").Header("X-NC-IsCustomAvatar"), "0");
}

TEST_F(AvatarTest, TheSettingsShowItAndRemoveIt) {
  Browser browser(*this);
  ASSERT_EQ(browser.LogIn("alice", "alice-password").status, 303);
  browser.Get("/settings/user");
  EXPECT_THAT(browser.page(), HasSubstr("src=\"/avatar/alice/512?v="));
  EXPECT_THAT(browser.page(), Not(HasSubstr("Remove picture")));
  ASSERT_EQ(Put(MakePicture(FileKind::kPng, 20, 20)).status, 200);
  browser.Get("/settings/user");
  EXPECT_THAT(browser.page(), HasSubstr("Remove picture"));
  EXPECT_EQ(browser.Post("/settings/user/picture/remove", {}).status, 403) << "without the token";
  EXPECT_NE(Own("alice"), std::nullopt);
  browser.Get("/settings/user");
  EXPECT_EQ(browser.Submit("/settings/user/picture/remove", {}).status, 303);
  EXPECT_EQ(Own("alice"), std::nullopt);
}

TEST_F(AvatarTest, GoesWithTheUser) {
  ASSERT_EQ(Put(MakePicture(FileKind::kPng, 20, 20)).status, 200);
  const UserId alice = IdOf("alice");
  ASSERT_TRUE(users_.Delete(alice).has_value());
  EXPECT_EQ(*auth::FindAvatar(*engine_.kv().Published(), alice), std::nullopt);
  EXPECT_EQ(Get("/avatar/alice/64", "bob").status, 404);
}

TEST_F(AvatarTest, ClosedInMaintenance) {
  services_.maintenance = true;
  const WholeAnswer answer = Get("/avatar/alice/64");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.Header("X-Nextcloud-Maintenance-Mode"), "1");
  EXPECT_EQ(answer.Header("Retry-After"), "120");
}

}  // namespace
}  // namespace cairn::web
