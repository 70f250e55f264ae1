#include "dav/transfer.h"

#include "dav/destination.h"
#include "dav/locate.h"
#include "dav/write_errors.h"
#include "http/dav_headers.h"

namespace cairn::dav {

boost::system::result<WayOut, DavError> ParseWayOut(const Ctx& ctx, Tree tree) {
  const http::Headers& headers = ctx.request().headers;
  if (!headers.Has("Destination")) return BadRequest("The Destination header is missing");
  auto route = RouteDestination(ctx, headers.Get("Destination"));
  if (route.has_error()) return route.error();
  const auto overwrite = http::ParseOverwrite(headers);
  if (overwrite.has_error()) return BadRequest("The HTTP Overwrite header should be either T or F");
  WayOut way;
  way.restore =
      route->tree == tree && route->segments.size() == 2 && route->segments.front() == "restore";
  const bool files = route->tree == Tree::kFiles && !route->segments.empty();
  if (!way.restore && !files) {
    return DavError{403,
                    "Sabre\\DAV\\Exception\\Forbidden",
                    "It can be restored, or put somewhere among the files",
                    {},
                    {}};
  }
  way.to.home = ctx.principal.home;
  if (files) way.to.segments = std::move(route->segments);
  way.overwrite = *overwrite;
  return way;
}

Result<std::optional<storage::SeenParent>> PrepareWayOut(const Ctx& ctx, const WayOut& way) {
  storage::FileTree& tree = ctx.services.engine.tree();
  RETURN_IF_ERROR(tree.ReserveIds(way.to));
  if (!way.restore) {
    ASSIGN_OR_RETURN(const storage::TreePath located,
                     LocateOn(*ctx.kv().Published(), ctx.services, ctx.principal, way.to.segments));
    if (located.start != FileId{}) return Fail(ErrorCode::kForbidden, "not into what others share");
  }
  std::optional<storage::SeenParent> parent;
  if (!way.restore) {
    ASSIGN_OR_RETURN(parent, tree.SeeParent(*ctx.kv().Published(), way.to));
  }
  return parent;
}

DavError ExplainWayOut(std::string_view method, const Error& error) {
  DavError made = ExplainWrite(method, error);
  if (made.status == 423 && made.message.empty())
    made.message = "The file, or the folder that it goes to, is locked";
  return made;
}

Outcome AnswerTransfer(Ctx& ctx, std::string_view method,
                       const Result<storage::WriteOutcome>& done) {
  if (done.has_error()) {
    const DavError error = ExplainWrite(method, done.error());
    co_return co_await Refuse(ctx, error);
  }
  http::Response response(done->created ? 201 : 204);
  if (method == "MOVE") {
    const std::string etag = "\"" + done->entry.etag().Text() + "\"";
    response.With("OC-ETag", etag).With("ETag", etag);
  }
  response.With("OC-FileId", ctx.services.engine.OcId(done->entry.id()));
  co_return co_await ctx.exchange.Send(std::move(response));
}

Outcome AnswerWayOut(Ctx& ctx, std::string_view method, const WayOut& way,
                     const Result<storage::WriteOutcome>& done) {
  if (done.has_error()) {
    const DavError error = ExplainWayOut(method, done.error());
    co_return co_await Refuse(ctx, error);
  }
  if (!way.restore) co_return co_await AnswerTransfer(ctx, method, done);
  http::Response response(201);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
