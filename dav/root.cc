// /remote.php/dav and the trees below it without a user: collections that exist for clients that
// climb up. A caller sees his own home there, nobody else's.
#include "dav/download.h"
#include "dav/locate.h"
#include "dav/methods.h"
#include "dav/multistatus_stream.h"
#include "dav/propfind_body.h"
#include "dav/propfind_writer.h"
#include "dav/simple_response.h"
#include "http/dav_headers.h"
#include "http/url.h"

namespace cairn::dav {
namespace {

// A collection that has nothing but its type.
void AppendBare(std::string& out, const PropertySet& set, std::string_view href) {
  const auto value = [](const XmlName& name) -> std::optional<std::string> {
    if (name.ns == kDavNs && name.local == "resourcetype") return "<d:collection/>";
    return std::nullopt;
  };
  AppendSimpleResponse(out, set, href, value);
}

// The caller's home as his own PROPFIND shows it.
Result<void> AppendHome(Ctx& ctx, PropertySet& set, std::string& out) {
  const auto view = ctx.kv().Published();
  storage::FileTree& tree = ctx.services.engine.tree();
  const storage::Caller& caller = ctx.principal.caller;
  ASSIGN_OR_RETURN(
      const storage::Chain chain,
      tree.ResolveFor(*view, caller, {ctx.principal.home, {}}, storage::Permission::kRead));
  PropfindWriter writer(ctx, set, *view);
  RETURN_IF_ERROR(writer.Prepare());
  const std::string href = ctx.base + "/files/" + http::EncodeSegment(caller.user_name) + "/";
  ListedEntry listed{chain.leaf(), href};
  listed.permissions = tree.policies().access.For(*view, caller, chain);
  listed.home_root = true;
  ASSIGN_OR_RETURN(const auto mounts, MountsOf(*view, ctx));
  ASSIGN_OR_RETURN(const auto live,
                   shares::LiveBelow(*view, caller.user, *mounts, chain.leaf().id(),
                                     ctx.services.engine.clock().NowSeconds()));
  ShowMounts(listed, live);
  ASSIGN_OR_RETURN(const auto favorites, writer.Favorites({&chain.leaf(), 1}));
  listed.favorite = favorites.front();
  return writer.Append(out, listed);
}

}  // namespace

Outcome RootPropfind(Ctx& ctx) {
  auto asked = co_await ReadPropfind(ctx);
  CO_ASSIGN_OR_RETURN(PropertySet set, std::move(asked));
  const bool members = http::PropfindDepth(ctx.request().headers) > 0;
  const std::string tree = ctx.segments.empty() ? std::string() : ctx.segments.front();
  const std::string own = http::EncodeSegment(ctx.principal.caller.user_name);
  auto produce = [&](std::string& out) -> Result<bool> {
    AppendBare(out, set, tree.empty() ? ctx.base + "/" : ctx.base + "/" + tree + "/");
    if (!members) return false;
    if (tree == "files") {
      RETURN_IF_ERROR(AppendHome(ctx, set, out));
    } else if (!tree.empty()) {
      AppendBare(out, set, ctx.base + "/" + tree + "/" + own + "/");
    } else {
      for (const std::string_view name : {"files", "uploads", "trashbin", "versions"})
        AppendBare(out, set, ctx.base + "/" + std::string(name) + "/");
    }
    return false;
  };
  co_return co_await StreamMultistatus(ctx, produce);
}

Outcome RootGet(Ctx& ctx) {
  http::Response response = FolderResponse();
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
