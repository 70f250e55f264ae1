// Square pictures of users: drawn from a letter, or made of a file that somebody sent. The door to
// libgd.
//
//   ASSIGN_OR_RETURN(const ImageSize size, ReadImageSize(file));   // before anything is decoded
//   ASSIGN_OR_RETURN(std::string png, StoredPicture(file, size));
//
// Thread-safe. Every call computes for milliseconds, StoredPicture for up to seconds: work of the
// data pool.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "web/avatar_colors.h"
#include "web/image_size.h"

namespace cairn::web {

enum class PictureFormat { kPng, kJpeg };

inline constexpr int kMaxPictureSide = 1024;                  // pixels, of what is drawn
inline constexpr std::size_t kMaxStoredPicture = 200 * 1024;  // bytes

// What is drawn for a user: the first letter of the display name in upper case, of the user name
// when the font does not have it. Empty: there is no font on this machine.
std::string LetterOf(std::string_view display_name, std::string_view user_name);

struct Drawing {
  std::string letter;  // as LetterOf says; empty = none
  AvatarColors colors;
  int side = 0;  // 1 to kMaxPictureSide
  PictureFormat format = PictureFormat::kPng;
};
Result<std::string> Draw(const Drawing& drawing);

// A stored picture in another size. kCorruption: it is none.
Result<std::string> Resize(std::string_view png, int side, PictureFormat format);

// The centre square of a picture, upright, 512 pixels wide, as PNG of at most kMaxStoredPicture
// bytes: what does not fit is made smaller. Nothing but pixels comes out of it. `size` is what
// ReadImageSize said. kInvalidArgument, with a message for people: it cannot be decoded.
Result<std::string> StoredPicture(std::string_view file, const ImageSize& size);

}  // namespace cairn::web
