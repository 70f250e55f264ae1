#include "web/link_visit.h"

#include <utility>

#include "storage/file_tree.h"
#include "web/page.h"
#include "web/routes.h"

namespace cairn::web {

net::awaitable<Result<shares::LinkVisit>> EnterLink(const Visit& visit, std::string password) {
  shares::Knock knock;
  knock.token = visit.params.front();
  knock.password = std::move(password);
  knock.pass = http::CookieValue(visit.request, shares::PassCookie(knock.token));
  knock.remote = visit.request.remote;
  co_return co_await shares::Enter(visit.services.links, visit.services.pools,
                                   visit.services.engine.kv(), std::move(knock));
}

Result<http::Response> RefuseLink(const Visit& visit, std::string_view next, Error error) {
  if (Is(error, ErrorCode::kNotFound)) return NoLink(visit);
  if (!Is(error, ErrorCode::kUnauthenticated)) return error;
  const std::string token = http::EncodeSegment(visit.params.front());
  const std::string form = visit.Local("/s/" + token + "/authenticate/").append(next);
  return SeeOther(form + PlaceQuery(visit));
}

http::Response NoLink(const Visit& visit) {
  return Message(visit, 404, "Not found", "There is nothing here, or not any more.");
}

std::string PlaceQuery(const Visit& visit) {
  std::string query;
  for (const std::string_view name : {"path", "files"}) {
    const auto value = visit.query.Last(name);
    if (!value || value->empty()) continue;
    query.append(query.empty() ? "?" : "&").append(name).append("=");
    query += http::EncodeUriComponent(*value);
  }
  return query;
}

std::string LinkPath(const storage::Share& share, std::string_view after) {
  return ("/s/" + share.token()).append(after);
}

Result<std::vector<std::string>> SegmentsOf(std::string_view path) {
  const std::string absolute = (path.starts_with('/') ? "" : "/") + std::string(path);
  ASSIGN_OR_RETURN(auto decoded, http::DecodePath(http::EncodePath(absolute)));
  return std::move(decoded.segments);
}

std::string PathOfSegments(const std::vector<std::string>& segments) {
  std::string path;
  for (const std::string& segment : segments) path += "/" + segment;
  return path.empty() ? "/" : path;
}

Result<LinkPlace> FindPlace(const Visit& visit, const storage::KvView& view,
                            const shares::LinkVisit& link, std::vector<std::string> segments) {
  const storage::FileTree& tree = visit.services.engine.tree();
  const storage::TreePath path{link.home(), segments, link.chain.leaf().id()};
  auto chain = tree.ResolveFor(view, link.caller, path, storage::Permission::kRead);
  if (chain.has_error()) {
    Error error = std::move(chain).error();
    switch (error.code) {
      case ErrorCode::kParentMissing:
      case ErrorCode::kNotACollection:
      case ErrorCode::kInvalidName:
      case ErrorCode::kForbidden:
      case ErrorCode::kUnauthenticated:  // it has ended since he came in
        error.code = ErrorCode::kNotFound;
        break;
      default:
        break;
    }
    return error;
  }
  LinkPlace place{std::move(segments), std::move(*chain)};
  place.rights = tree.policies().access.For(view, link.caller, place.chain);
  return place;
}

bool OffersDownload(const storage::Share& share, storage::Permissions rights) {
  return storage::Allows(rights, storage::Permission::kRead) &&
         (rights & storage::kWithheld) == 0 && !share.hide_download();
}

}  // namespace cairn::web
