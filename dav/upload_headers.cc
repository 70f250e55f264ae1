#include "dav/upload_headers.h"

#include <algorithm>

#include "dav/permission_letters.h"
#include "http/checksum_header.h"

namespace cairn::dav {
namespace {

Result<std::optional<std::uint64_t>> ParseLength(const http::Headers& headers,
                                                 std::string_view name) {
  if (!headers.Has(name)) return std::optional<std::uint64_t>();
  const auto length = ParseUint(headers.Get(name));
  if (!length) return Fail(ErrorCode::kInvalidArgument, std::string(name) + " is not a length");
  return length;
}

}  // namespace

Result<UploadHeaders> ParseUploadHeaders(const http::Request& request) {
  const http::Headers& headers = request.headers;
  UploadHeaders out;
  ASSIGN_OR_RETURN(out.total_length, ParseLength(headers, "OC-Total-Length"));
  ASSIGN_OR_RETURN(out.entity_length, ParseLength(headers, "X-Expected-Entity-Length"));
  out.expected = http::ParseChecksums(headers.Joined("OC-Checksum"));
  out.put.mtime = http::ParseMtime(headers.Get("X-OC-MTime"));
  out.put.created = http::ParseMtime(headers.Get("X-OC-CTime"));
  out.mtime_accepted = out.put.mtime.has_value();
  out.ctime_accepted = out.put.created.has_value();
  return out;
}

Result<void> VerifyChecksums(const std::vector<Checksum>& expected,
                             const std::vector<Checksum>& actual) {
  for (const Checksum& wanted : expected) {
    if (std::find(actual.begin(), actual.end(), wanted) == actual.end()) {
      return Fail(ErrorCode::kChecksumMismatch,
                  "The computed checksum does not match the one received from the client.");
    }
  }
  return {};
}

http::Response WrittenResponse(const Ctx& ctx, const WrittenNode& node) {
  const std::string etag = "\"" + node.etag.Text() + "\"";
  http::Response response(node.created ? 201 : 204);
  if (node.mtime_accepted) response.With("X-OC-MTime", "accepted");
  if (node.ctime_accepted) response.With("X-OC-CTime", "accepted");
  response.With("OC-FileId", ctx.services.engine.OcId(node.id))
      .With("ETag", etag)
      .With("OC-ETag", etag);
  if (!ctx.link) response.With("X-NC-OwnerId", ctx.principal.caller.user_name);
  const Belonging belonging = ctx.link ? Belonging::kOwn : BelongingOf(node.place);
  response.With("X-NC-Permissions", PermissionLetters(node.permissions, false, belonging));
  return response;
}

}  // namespace cairn::dav
