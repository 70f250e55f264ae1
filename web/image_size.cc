#include "web/image_size.h"

#include <optional>

namespace cairn::web {
namespace {

enum class Order { kBig, kLittle };

// A number of up to 4 bytes; 0 when the data ends before it.
std::uint32_t NumberAt(std::string_view data, std::size_t at, std::size_t bytes, Order order) {
  if (at > data.size() || data.size() - at < bytes) return 0;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    const std::size_t place = order == Order::kBig ? at + i : at + bytes - 1 - i;
    number = number << 8 | static_cast<unsigned char>(data[place]);
  }
  return number;
}

bool HasAt(std::string_view data, std::size_t at, std::string_view what) {
  return at <= data.size() && data.substr(at, what.size()) == what;
}

// ---- PNG (ISO/IEC 15948): IHDR is the first chunk.

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

std::optional<ImageSize> PngSize(std::string_view data) {
  if (NumberAt(data, 8, 4, Order::kBig) != 13 || !HasAt(data, 12, "IHDR")) return std::nullopt;
  return ImageSize{.format = ImageFormat::kPng,
                   .width = NumberAt(data, 16, 4, Order::kBig),
                   .height = NumberAt(data, 20, 4, Order::kBig)};
}

// ---- WebP (RFC 9649)

std::optional<ImageSize> WebpSize(std::string_view data) {
  ImageSize size{.format = ImageFormat::kWebp};
  if (HasAt(data, 12, "VP8 ") && HasAt(data, 23, "\x9d\x01\x2a")) {
    size.width = NumberAt(data, 26, 2, Order::kLittle) & 0x3fff;
    size.height = NumberAt(data, 28, 2, Order::kLittle) & 0x3fff;
  } else if (HasAt(data, 12, "VP8L") && HasAt(data, 20, "\x2f") && data.size() >= 25) {
    const std::uint32_t bits = NumberAt(data, 21, 4, Order::kLittle);
    size.width = (bits & 0x3fff) + 1;
    size.height = (bits >> 14 & 0x3fff) + 1;
  } else if (HasAt(data, 12, "VP8X") && data.size() >= 30) {
    size.width = NumberAt(data, 24, 3, Order::kLittle) + 1;
    size.height = NumberAt(data, 27, 3, Order::kLittle) + 1;
  } else {
    return std::nullopt;
  }
  return size;
}

// ---- JPEG (ITU-T T.81): segments up to the end of the image.

constexpr unsigned kStartOfImage = 0xd8;
constexpr unsigned kEndOfImage = 0xd9;
constexpr unsigned kStartOfScan = 0xda;
constexpr unsigned kApp1 = 0xe1;
constexpr unsigned kTemporary = 0x01;

bool IsRestart(unsigned marker) { return marker >= 0xd0 && marker <= 0xd7; }

bool IsFrame(unsigned marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// The tag Orientation of Exif (0x0112) in the first directory; 1 when there is none.
int OrientationOf(std::string_view segment) {
  constexpr std::string_view kExif("Exif\0\0", 6);
  if (!segment.starts_with(kExif)) return 1;
  const std::string_view tiff = segment.substr(kExif.size());
  const Order order = tiff.starts_with("MM") ? Order::kBig : Order::kLittle;
  const std::size_t directory = NumberAt(tiff, 4, 4, order);
  const std::size_t entries = NumberAt(tiff, directory, 2, order);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * 12;
    if (entry >= tiff.size()) break;
    if (NumberAt(tiff, entry, 2, order) != 0x0112) continue;
    const std::uint32_t value = NumberAt(tiff, entry + 8, 2, order);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

// Where the marker behind the coded bytes of a scan stands.
std::size_t EndOfScan(std::string_view data, std::size_t at) {
  while (true) {
    at = data.find('\xff', at);
    if (at == std::string_view::npos || at + 1 >= data.size()) return data.size();
    const auto next = static_cast<unsigned char>(data[at + 1]);
    if (next == 0xff) {
      ++at;
    } else if (next == 0 || IsRestart(next)) {
      at += 2;
    } else {
      return at;
    }
  }
}

std::optional<ImageSize> JpegSize(std::string_view data) {
  ImageSize size{.format = ImageFormat::kJpeg};
  std::size_t at = 2;
  int scans = 0;
  while (true) {
    if (!HasAt(data, at, "\xff")) return std::nullopt;
    at = data.find_first_not_of('\xff', at);
    if (at == std::string_view::npos) return std::nullopt;
    const auto marker = static_cast<unsigned char>(data[at++]);
    if (marker == kEndOfImage) break;
    if (marker == kTemporary || IsRestart(marker)) continue;
    if (marker == kStartOfImage || marker == 0) return std::nullopt;
    const std::size_t length = NumberAt(data, at, 2, Order::kBig);
    if (length < 2 || data.size() - at < length) return std::nullopt;
    const std::string_view segment = data.substr(at + 2, length - 2);
    at += length;
    if (marker == kApp1 && size.orientation == 1) size.orientation = OrientationOf(segment);
    if (IsFrame(marker)) {
      if (size.width != 0) return std::nullopt;
      size.height = NumberAt(segment, 1, 2, Order::kBig);
      size.width = NumberAt(segment, 3, 2, Order::kBig);
    }
    if (marker != kStartOfScan) continue;
    if (++scans > kMaxJpegScans) return std::nullopt;
    at = EndOfScan(data, at);
  }
  return scans == 0 ? std::nullopt : std::optional<ImageSize>(size);
}

}  // namespace

Result<ImageSize> ReadImageSize(std::string_view file) {
  std::optional<ImageSize> size;
  if (file.starts_with(kPngSignature)) {
    size = PngSize(file);
  } else if (file.starts_with("\xff\xd8\xff")) {
    size = JpegSize(file);
  } else if (file.starts_with("RIFF") && HasAt(file, 8, "WEBP")) {
    size = WebpSize(file);
  } else {
    return Fail(ErrorCode::kInvalidArgument, "The picture is not PNG, JPEG or WebP.");
  }
  if (!size || size->width == 0 || size->height == 0)
    return Fail(ErrorCode::kInvalidArgument, "The picture is broken.");
  if (size->width > kMaxImageSide || size->height > kMaxImageSide ||
      std::uint64_t{size->width} * size->height > kMaxImagePixels) {
    return Fail(ErrorCode::kInvalidArgument,
                "The picture has more than 8192 pixels on a side or 40 megapixels.");
  }
  return *size;
}

}  // namespace cairn::web
