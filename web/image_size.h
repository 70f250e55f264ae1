// What a picture's file says about itself, read before any decoder sees it: its format, its size,
// and how a camera was held. Takes PNG, JPEG and WebP. Pure, bounded, allocates nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace cairn::web {

enum class ImageFormat { kPng, kJpeg, kWebp };

struct ImageSize {
  ImageFormat format = ImageFormat::kPng;
  std::uint32_t width = 0;  // pixels, as stored
  std::uint32_t height = 0;
  int orientation = 1;  // 1 to 8, Exif's: how the stored pixels are to be turned; JPEG only
};

inline constexpr std::uint32_t kMaxImageSide = 8192;          // pixels
inline constexpr std::uint64_t kMaxImagePixels = 40'000'000;  // decoded in 320 MB
// Of a progressive JPEG; cameras and programs make about ten. Each costs a pass over all pixels.
inline constexpr int kMaxJpegScans = 100;

// kInvalidArgument, with a message for people: another format, a broken or cut file, or more pixels
// than the limits above.
Result<ImageSize> ReadImageSize(std::string_view file);

}  // namespace cairn::web
