// What must hold for any bytes that are said to be a picture.
#pragma once

#include <string>

#include "web/image_size.h"

namespace cairn::fuzz {

inline void CheckImageSize(std::string_view input) {
  const auto size = web::ReadImageSize(input);
  if (size.has_error()) {
    CAIRN_CHECK(Is(size.error(), ErrorCode::kInvalidArgument) && !size.error().message.empty());
    return;
  }
  CAIRN_CHECK(size->width >= 1 && size->width <= web::kMaxImageSide);
  CAIRN_CHECK(size->height >= 1 && size->height <= web::kMaxImageSide);
  CAIRN_CHECK(std::uint64_t{size->width} * size->height <= web::kMaxImagePixels);
  CAIRN_CHECK(size->orientation >= 1 && size->orientation <= 8);
  // What follows a whole file changes nothing.
  const auto longer = web::ReadImageSize(std::string(input).append("\xff\xda\0\2x", 5));
  CAIRN_CHECK(longer.has_value() && longer->format == size->format &&
              longer->width == size->width && longer->height == size->height &&
              longer->orientation == size->orientation);
}

}  // namespace cairn::fuzz
