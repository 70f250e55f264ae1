// /remote.php/dav/uploads/USER[/SESSION[/CHUNK]]: what a path below the uploads root names.
#pragma once

#include <string>

#include "dav/context.h"
#include "dav/dav_error.h"
#include "storage/uploads.h"

namespace cairn::dav {

inline constexpr std::string_view kFutureFile = ".file";  // the virtual member that MOVE assembles

enum class UploadLevel { kHome, kSession, kChunk, kDeeper };

inline UploadLevel LevelOf(const Ctx& ctx) {
  switch (ctx.segments.size()) {
    case 0:
      return UploadLevel::kHome;
    case 1:
      return UploadLevel::kSession;
    case 2:
      return UploadLevel::kChunk;
    default:
      return UploadLevel::kDeeper;
  }
}

inline DavError ForbiddenUpload(std::string message) {
  return {403, "Sabre\\DAV\\Exception\\Forbidden", std::move(message), {}, {}};
}
inline DavError NoSuchUpload() {
  return {404, "Sabre\\DAV\\Exception\\NotFound", "The upload could not be located", {}, {}};
}

}  // namespace cairn::dav
