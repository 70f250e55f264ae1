// Downloading a folder as one file: GET with `Accept: application/zip` (or application/x-tar), or
// `?accept=zip`. Members are chosen by `X-NC-Files` fields (percent-encoded names) or
// `?files=["a","b"]`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dav/archive_writer.h"
#include "dav/context.h"

namespace cairn::dav {

struct ArchiveWish {
  ArchiveKind kind = ArchiveKind::kZip;
  std::vector<std::string> names;  // empty: the whole folder
};

// nullopt: the request asks for no archive. kInvalidArgument: for one that cannot be understood.
Result<std::optional<ArchiveWish>> ArchiveWishOf(const http::Request& request);

// Streams the archive. A source that fails in the middle breaks the connection: never a short
// archive that looks whole. A Range is ignored: the bytes do not exist before they are sent.
Outcome SendArchive(Ctx& ctx, ArchiveWish wish);

}  // namespace cairn::dav
