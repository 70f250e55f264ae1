// The Nextcloud headers of an upload, PUT and MOVE of a chunked upload alike.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/hash.h"
#include "dav/context.h"

namespace cairn::dav {

struct UploadHeaders {
  storage::PutOptions put;
  std::vector<Checksum> expected;  // OC-Checksum: verified; empty when absent or of unknown kinds
  std::optional<std::uint64_t> total_length;   // OC-Total-Length
  std::optional<std::uint64_t> entity_length;  // X-Expected-Entity-Length (Finder)
  bool mtime_accepted = false;
  bool ctime_accepted = false;
};

// kInvalidArgument: a length that is not a number (T-41). Unusable times never fail an upload
// (promise A16).
Result<UploadHeaders> ParseUploadHeaders(const http::Request& request);

// kChecksumMismatch unless each expected checksum is among `actual`.
Result<void> VerifyChecksums(const std::vector<Checksum>& expected,
                             const std::vector<Checksum>& actual);

// ETag, OC-ETag, OC-FileId, X-NC-OwnerId, X-NC-Permissions, X-OC-MTime, X-OC-CTime: what clients
// need to read.
struct WrittenNode {
  FileId id{};
  storage::Etag etag;
  bool created = false;
  storage::Permissions permissions = 0;
  bool mtime_accepted = false;
  bool ctime_accepted = false;
  storage::TreePath place = {};
};
http::Response WrittenResponse(const Ctx& ctx, const WrittenNode& node);

}  // namespace cairn::dav
