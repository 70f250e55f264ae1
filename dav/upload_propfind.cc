// PROPFIND of an upload session: what resuming clients read (clients.md 3.2, point 7).
#include "dav/methods.h"
#include "dav/multistatus_stream.h"
#include "dav/propfind_body.h"
#include "dav/simple_response.h"
#include "dav/upload_target.h"
#include "http/date.h"
#include "http/dav_headers.h"
#include "http/url.h"

namespace cairn::dav {
namespace {

// What one member of the uploads tree shows.
struct Member {
  std::string href;
  bool collection = false;
  std::uint64_t length = 0;
  std::int64_t mtime = 0;  // 0: none
  std::string etag;        // empty: none
};

std::optional<std::string> ValueOf(const Member& shown, const XmlName& name) {
  if (name.ns != kDavNs) return std::nullopt;
  if (name.local == "resourcetype") return shown.collection ? "<d:collection/>" : "";
  if (name.local == "getlastmodified" && shown.mtime > 0) return http::HttpDate(shown.mtime);
  if (shown.collection) return std::nullopt;
  if (name.local == "getcontentlength") return std::to_string(shown.length);
  if (name.local == "getcontenttype") return "application/octet-stream";
  if (name.local == "getetag" && !shown.etag.empty()) return "&quot;" + shown.etag + "&quot;";
  return std::nullopt;
}

void Append(std::string& out, const PropertySet& set, const Member& shown) {
  const auto value = [&](const XmlName& name) { return ValueOf(shown, name); };
  AppendSimpleResponse(out, set, shown.href, value);
}

// The session itself, the virtual file, then the chunks. kNotFound.
Result<std::vector<Member>> Members(const Ctx& ctx, bool children) {
  const auto view = ctx.kv().Published();
  storage::Uploads& uploads = ctx.services.engine.uploads();
  ASSIGN_OR_RETURN(auto session, uploads.Find(*view, ctx.principal.caller.user, ctx.segments[0]));
  if (!session) return Fail(ErrorCode::kNotFound, "no such upload");
  const std::string base = ctx.base + "/" + http::EncodeSegment(ctx.segments[0]) + "/";
  ASSIGN_OR_RETURN(const auto chunks, uploads.Chunks(*view, *session));
  Member future{base + std::string(kFutureFile), false, 0, session->record.touched(),
                session->content.Hex()};
  std::vector<Member> members;
  for (const storage::ChunkInfo& chunk : chunks) {
    future.length += chunk.record.length();
    const storage::Etag etag{chunk.record.etag_start(), chunk.record.etag_count()};
    members.push_back({base + http::EncodeSegment(chunk.name), false, chunk.record.length(),
                       chunk.record.mtime(), etag.Text()});
  }
  members.insert(members.begin(), future);
  members.insert(members.begin(), Member{base, true, 0, session->record.touched(), {}});
  if (ctx.segments.size() == 1) {
    if (!children) members.resize(1);
    return members;
  }
  const std::string wanted = base + http::EncodeSegment(ctx.segments[1]);
  for (const Member& member : members) {
    if (member.href == wanted) return std::vector<Member>{member};
  }
  return Fail(ErrorCode::kNotFound, "no such chunk");
}

}  // namespace

Outcome UploadsPropfind(Ctx& ctx) {
  auto asked = co_await ReadPropfind(ctx);
  CO_ASSIGN_OR_RETURN(PropertySet set, std::move(asked));
  const bool children = http::PropfindDepth(ctx.request().headers) > 0;
  const UploadLevel level = LevelOf(ctx);
  if (level == UploadLevel::kDeeper) {
    const DavError error = NoSuchUpload();
    co_return co_await Refuse(ctx, error);
  }
  if (level == UploadLevel::kHome && children) {
    const DavError error{405,
                         "Sabre\\DAV\\Exception\\MethodNotAllowed",
                         "Listing members of this collection is disabled",
                         {},
                         {}};
    co_return co_await Refuse(ctx, error);
  }
  auto produce = [&](std::string& out) -> Result<bool> {
    if (level == UploadLevel::kHome) {
      Append(out, set, {ctx.base + "/", true, 0, 0, {}});
      return false;
    }
    ASSIGN_OR_RETURN(const auto members, Members(ctx, children));
    for (const Member& member : members) Append(out, set, member);
    return false;
  };
  co_return co_await StreamMultistatus(ctx, produce);
}

}  // namespace cairn::dav
