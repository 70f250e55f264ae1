// Somebody with a public link, on its pages: let in by the link's door, and the place below the
// link's node that he looks at. Until he is in, no answer tells anything of the link but that it
// has a password.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "web/visit.h"

namespace cairn::web {

// What comes after the password; a segment of the address, as it was recorded.
inline constexpr std::string_view kToShow = "showshare";
inline constexpr std::string_view kToDownload = "downloadshare";

// Of the request's token, by this password or what the browser has of an earlier one. Errors as
// shares::LinkDoor.
net::awaitable<Result<shares::LinkVisit>> EnterLink(const Visit& visit, std::string password = {});
// What the door's error looks like: the way to the password (`next`: kToShow, kToDownload), or the
// page of links that do not exist. Other errors stay what they are.
Result<http::Response> RefuseLink(const Visit& visit, std::string_view next, Error error);
// 404, the same whatever is missing, over or not to be seen.
http::Response NoLink(const Visit& visit);

// "?path=…&files=…" of the request, for where the password leads; empty when it has neither.
std::string PlaceQuery(const Visit& visit);
// "/s/TOKEN", with what follows it.
std::string LinkPath(const storage::Share& share, std::string_view after = {});
// "/a b/c" of a query, as DecodePath says, and the way back. kInvalidArgument.
Result<std::vector<std::string>> SegmentsOf(std::string_view path);
std::string PathOfSegments(const std::vector<std::string>& segments);

struct LinkPlace {
  std::vector<std::string> segments;
  storage::Chain chain;
  storage::Permissions rights = 0;
  const storage::Entry& entry() const { return chain.leaf(); }
};
// kNotFound: there is nothing that the visitor may see. Blocking.
Result<LinkPlace> FindPlace(const Visit& visit, const storage::KvView& view,
                            const shares::LinkVisit& link, std::vector<std::string> segments);
// Whether the pages offer the bytes.
bool OffersDownload(const storage::Share& share, storage::Permissions rights);

}  // namespace cairn::web
