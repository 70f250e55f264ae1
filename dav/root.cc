// /remote.php/dav and /remote.php/dav/files: collections that exist for clients that climb up. A
// caller sees his own home there, nobody else's.
#include "dav/methods.h"
#include "dav/multistatus_stream.h"
#include "dav/propfind_writer.h"
#include "dav/simple_response.h"
#include "http/dav_headers.h"
#include "http/url.h"

namespace cairn::dav {
namespace {

constexpr std::string_view kRootText =
    "This is the WebDAV interface. It can only be accessed by WebDAV clients such as the Nextcloud "
    "desktop sync client.";

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
  ASSIGN_OR_RETURN(const auto favorites, writer.Favorites({&chain.leaf(), 1}));
  listed.favorite = favorites.front();
  return writer.Append(out, listed);
}

}  // namespace

Outcome RootPropfind(Ctx& ctx) {
  auto read = co_await http::ReadWholeBody(ctx.exchange, kMaxXmlBody);
  CO_ASSIGN_OR_RETURN(const std::string body, std::move(read));
  auto compiled = ctx.services.propfinds.Compile(body);
  CO_ASSIGN_OR_RETURN(PropertySet set, std::move(compiled));
  if (PrefersMinimal(ctx.request().headers)) set.skip_missing = true;
  const bool members = http::PropfindDepth(ctx.request().headers) > 0;
  const bool files = !ctx.segments.empty();
  auto produce = [&](std::string& out) -> Result<bool> {
    AppendBare(out, set, files ? ctx.base + "/files/" : ctx.base + "/");
    if (members && files) RETURN_IF_ERROR(AppendHome(ctx, set, out));
    if (members && !files) {
      AppendBare(out, set, ctx.base + "/files/");
      AppendBare(out, set, ctx.base + "/uploads/");
    }
    return false;
  };
  co_return co_await StreamMultistatus(ctx, produce);
}

Outcome RootGet(Ctx& ctx) {
  http::Response response(200);
  response.With("Content-Type", "text/html; charset=UTF-8");
  response.body = kRootText;
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
