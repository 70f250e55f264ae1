#include "web/picture.h"

#include <gd.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/log.h"
#include "base/unicode.h"

namespace cairn::web {
namespace {

// Debian's package fonts-dejavu-core.
constexpr const char* kFont = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";

constexpr int kWhite = 0xffffff;
constexpr int kJpegQuality = 90;
// The sides that are tried until the picture is small enough. Noise fits at the last one.
constexpr std::array kStoredSides = {512, 448, 384, 320, 256, 192};

struct EndImage {
  void operator()(gdImage* image) const { gdImageDestroy(image); }
};
using Image = std::unique_ptr<gdImage, EndImage>;

struct EndBytes {
  void operator()(void* bytes) const { gdFree(bytes); }
};

void LogGd(int, const char* format, std::va_list values) {
  char text[200];
  std::vsnprintf(text, sizeof text, format, values);
  log::debug("libgd: {}", text);
}

// libgd's globals, set before its first use by whichever thread comes first.
void PrepareGd() {
  static const bool prepared = [] {
    gdSetErrorMethod(LogGd);
    return gdFontCacheSetup() == 0;
  }();
  if (!prepared) log::debug("libgd: no fonts");
}

bool HasFont() {
  static const bool there = [] {
    std::error_code failed;
    return std::filesystem::is_regular_file(kFont, failed);
  }();
  return there;
}

Image NewImage(int side) {
  PrepareGd();
  Image image(gdImageCreateTrueColor(side, side));
  if (image) gdImageAlphaBlending(image.get(), 0);
  return image;
}

Error NoMemory() { return Fail(ErrorCode::kBusy, "libgd made no picture"); }
Error Broken() { return Fail(ErrorCode::kInvalidArgument, "The picture is broken."); }

int GdColor(const Color& color) { return gdTrueColor(color.red, color.green, color.blue); }

// ---- letters

// The box of a text at (0, 0), y downwards; nullopt: it cannot be drawn.
struct Box {
  int left = 0, right = 0, top = 0, bottom = 0;
  bool operator==(const Box&) const = default;
};
std::optional<Box> BoxOf(const std::string& text, double points) {
  int corners[8] = {};
  if (gdImageStringFT(nullptr, corners, 0, kFont, points, 0, 0, 0, text.c_str()) != nullptr)
    return std::nullopt;
  return Box{.left = corners[0], .right = corners[2], .top = corners[5], .bottom = corners[1]};
}

// The font draws the same box for every letter that it does not have: its size gives it away.
bool FontHas(const std::string& letter) {
  constexpr double kPoints = 500;
  const auto box = BoxOf(letter, kPoints);
  const auto unknown = BoxOf("\xef\xbf\xbf", kPoints);  // U+FFFF, which is no character
  return box && box != unknown && box->right > box->left;
}

void DrawLetter(gdImage* image, const std::string& letter, Color color) {
  const int side = gdImageSX(image);
  double points = side * 0.45;
  auto box = BoxOf(letter, points);
  if (!box) return;
  const double widest = side * 0.8;
  if (box->right - box->left > widest) {
    points *= widest / (box->right - box->left);
    box = BoxOf(letter, points);
    if (!box) return;
  }
  const int x = (side - box->left - box->right) / 2;
  const int y = (side - box->top - box->bottom) / 2;
  gdImageAlphaBlending(image, 1);
  int corners[8] = {};
  gdImageStringFT(image, corners, GdColor(color), kFont, points, 0, x, y, letter.c_str());
}

// ---- files

bool IsSeeThrough(gdImage* image) {
  for (int y = 0; y < gdImageSY(image); ++y) {
    for (int x = 0; x < gdImageSX(image); ++x)
      if (gdTrueColorGetAlpha(gdImageTrueColorPixel(image, x, y)) != 0) return true;
  }
  return false;
}

Result<std::string> Encode(gdImage* image, PictureFormat format) {
  int size = 0;
  std::unique_ptr<void, EndBytes> bytes;
  if (format == PictureFormat::kPng) {
    gdImageSaveAlpha(image, IsSeeThrough(image) ? 1 : 0);
    bytes.reset(gdImagePngPtr(image, &size));
  } else {
    // JPEG has no transparency: on white.
    const Image flat = NewImage(gdImageSX(image));
    if (!flat) return NoMemory();
    gdImageFilledRectangle(flat.get(), 0, 0, gdImageSX(image), gdImageSY(image), kWhite);
    gdImageAlphaBlending(flat.get(), 1);
    gdImageCopy(flat.get(), image, 0, 0, 0, 0, gdImageSX(image), gdImageSY(image));
    bytes.reset(gdImageJpegPtr(flat.get(), &size, kJpegQuality));
  }
  if (!bytes || size <= 0) return NoMemory();
  return std::string(static_cast<const char*>(bytes.get()), static_cast<std::size_t>(size));
}

Image Decode(std::string_view file, ImageFormat format) {
  PrepareGd();
  const int size = static_cast<int>(file.size());
  void* data = const_cast<char*>(file.data());  // libgd's readers only read
  switch (format) {
    case ImageFormat::kPng:
      return Image(gdImageCreateFromPngPtr(size, data));
    case ImageFormat::kJpeg:
      return Image(gdImageCreateFromJpegPtr(size, data));
    case ImageFormat::kWebp:
      return Image(gdImageCreateFromWebpPtr(size, data));
  }
  return nullptr;
}

// The centre square of `image`, `side` pixels wide.
Image SquareOf(gdImage* image, int side) {
  Image square = NewImage(side);
  if (!square) return nullptr;
  const int width = gdImageSX(image);
  const int height = gdImageSY(image);
  const int taken = std::min(width, height);
  gdImageCopyResampled(square.get(), image, 0, 0, (width - taken) / 2, (height - taken) / 2, side,
                       side, taken, taken);
  return square;
}

// Turns and mirrors a square as Exif's orientation says (CIPA DC-008, 4.6.4).
Image Upright(Image square, int orientation) {
  if (orientation == 1) return square;
  const int last = gdImageSX(square.get()) - 1;
  Image turned = NewImage(last + 1);
  if (!turned) return nullptr;
  for (int y = 0; y <= last; ++y) {
    for (int x = 0; x <= last; ++x) {
      // Where the pixel comes from: 5 to 8 swap rows and columns.
      int from_x = orientation >= 5 ? y : x;
      int from_y = orientation >= 5 ? x : y;
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
        from_x = last - from_x;
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
        from_y = last - from_y;
      gdImageSetPixel(turned.get(), x, y, gdImageTrueColorPixel(square.get(), from_x, from_y));
    }
  }
  return turned;
}

}  // namespace

std::string LetterOf(std::string_view display_name, std::string_view user_name) {
  if (!HasFont()) return {};
  PrepareGd();
  for (const std::string_view name : {display_name, user_name}) {
    std::string letter = UpperInitial(Trim(name));
    if (!letter.empty() && FontHas(letter)) return letter;
  }
  return {};
}

Result<std::string> Draw(const Drawing& drawing) {
  const Image image = NewImage(drawing.side);
  if (!image) return NoMemory();
  gdImageFilledRectangle(image.get(), 0, 0, drawing.side, drawing.side,
                         GdColor(drawing.colors.ground));
  if (!drawing.letter.empty()) DrawLetter(image.get(), drawing.letter, drawing.colors.letter);
  return Encode(image.get(), drawing.format);
}

Result<std::string> Resize(std::string_view png, int side, PictureFormat format) {
  const Image stored = Decode(png, ImageFormat::kPng);
  if (!stored) return Fail(ErrorCode::kCorruption, "a stored picture cannot be decoded");
  if (format == PictureFormat::kPng && gdImageSX(stored.get()) == side) return std::string(png);
  const Image square = SquareOf(stored.get(), side);
  if (!square) return NoMemory();
  return Encode(square.get(), format);
}

Result<std::string> StoredPicture(std::string_view file, const ImageSize& size) {
  Image square;
  {
    const Image decoded = Decode(file, size.format);
    if (!decoded) return Broken();
    square = SquareOf(decoded.get(), kStoredSides.front());
  }
  if (square) square = Upright(std::move(square), size.orientation);
  if (!square) return NoMemory();
  for (const int side : kStoredSides) {
    const Image smaller = SquareOf(square.get(), side);
    if (!smaller) return NoMemory();
    ASSIGN_OR_RETURN(std::string png, Encode(smaller.get(), PictureFormat::kPng));
    if (png.size() <= kMaxStoredPicture) return png;
  }
  return Fail(ErrorCode::kTooLarge, "The picture is too large.");
}

}  // namespace cairn::web
