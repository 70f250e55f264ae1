// File drop: a link that lets others add to a folder and see nothing of it. Whatever is there
// already, what they are told is the same (T-29): no name is ever taken, no folder ever there or
// missing.
#include "dav/drop.h"

#include "dav/dav_error.h"
#include "dav/methods.h"
#include "dav/put.h"
#include "http/url.h"
#include "shares/mount_names.h"
#include "storage/records.h"
#include "storage/tree_checks.h"

namespace cairn::dav {

using storage::KvView;
using storage::Node;
using storage::Table;
using storage::TreePath;
namespace keys = storage::keys;

namespace {

// The folder that whoever drops says he is. nullopt: he has not said it.
Result<std::optional<std::string>> NicknameOf(const http::Request& request) {
  using Found = std::optional<std::string>;
  if (!request.headers.Has("X-NC-Nickname")) return Found();
  const auto path = http::DecodePath("/" + std::string(request.headers.Get("X-NC-Nickname")));
  const bool one = path.has_value() && path->segments.size() == 1;
  const std::string name(one ? Trim(path->segments.front()) : std::string_view());
  const auto key = storage::CheckName(name);
  if (key.has_error() || storage::CheckNewName(*key).has_error())
    return Fail(ErrorCode::kInvalidArgument, "Invalid nickname");
  return Found(name);
}

}  // namespace

Result<TreePath> DropPlace(const KvView& view, TreePath path) {
  ASSIGN_OR_RETURN(const storage::Way way, storage::FindWay(view, {path.home, {}, path.start}));
  FileId parent = way.chain.leaf().id();
  for (std::size_t i = 0; i < path.segments.size(); ++i) {
    const bool last = i + 1 == path.segments.size();
    std::optional<FileId> folder;  // that stands there
    const auto taken = [&](const std::string& key) -> Result<bool> {
      ASSIGN_OR_RETURN(const auto node,
                       storage::ReadRecord<Node>(view, Table::kEntries, keys::Entry(parent, key)));
      folder = node && node->collection() ? std::optional(FileId{node->id()}) : std::nullopt;
      return node && (last || !folder);
    };
    ASSIGN_OR_RETURN(shares::FreeName free, shares::FindFreeName(path.segments[i], taken));
    path.segments[i] = std::move(free.name);
    // Below a folder that is to be made everything is free.
    if (!folder) break;
    parent = *folder;
  }
  return path;
}

Outcome DropPut(Ctx& ctx) {
  auto nickname = NicknameOf(ctx.request());
  CO_RETURN_IF_ERROR(nickname);
  if (ctx.segments.empty()) co_return Fail(ErrorCode::kInvalidArgument, "A file needs a name");
  if (*nickname) {
    ctx.place.segments.insert(ctx.place.segments.begin(), std::move(**nickname));
  } else if (ctx.link->share.asks_name()) {
    const DavError error = BadRequest("A nickname header is required for file requests");
    co_return co_await Refuse(ctx, error);
  }
  co_return co_await PutDropped(ctx);
}

// Folders come with what is dropped into them.
Outcome DropMkcol(Ctx& ctx) {
  http::Response response(201);
  co_return co_await ctx.exchange.Send(std::move(response));
}

Outcome DropGet(Ctx& ctx) {
  const DavError error{404, "Sabre\\DAV\\Exception\\NotFound", {}, {}, {}};
  co_return co_await Refuse(ctx, error);
}

Outcome DropOptions(Ctx& ctx) {
  http::Response response(200);
  response.With("Allow", kDropAllow);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
