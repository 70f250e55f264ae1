// GET /s/TOKEN/download: sends the browser to the bytes, which the link's DAV address gives out,
// as one file or as an archive.
#include <boost/json.hpp>

#include "shares/terms.h"
#include "web/link_visit.h"
#include "web/page.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

// `files`: one name, or a JSON list of names. kInvalidArgument.
Result<std::vector<std::string>> NamesOf(std::string_view files) {
  std::vector<std::string> names;
  if (files.empty()) return names;
  boost::system::error_code failed;
  const auto value = boost::json::parse(files, failed);
  const auto* list = failed ? nullptr : value.if_array();
  if (list == nullptr) {
    names.emplace_back(files);
  } else {
    for (const auto& item : *list) {
      const auto* text = item.if_string();
      if (text == nullptr) return Fail(ErrorCode::kInvalidArgument, "files: names are expected");
      names.emplace_back(*text);
    }
  }
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const auto segments, SegmentsOf(name));
    if (segments.size() != 1 || segments.front() != name)
      return Fail(ErrorCode::kInvalidArgument, "files: a name has no slash");
  }
  return names;
}

struct Wish {
  std::vector<std::string> segments;
  std::vector<std::string> names;  // several members of the folder there; else empty
};

Result<Wish> WishOf(const Visit& visit) {
  Wish wish;
  ASSIGN_OR_RETURN(wish.segments, SegmentsOf(visit.query.Last("path").value_or("/")));
  ASSIGN_OR_RETURN(wish.names, NamesOf(visit.query.Last("files").value_or("")));
  if (wish.names.size() == 1) {
    wish.segments.push_back(std::move(wish.names.front()));
    wish.names.clear();
  }
  return wish;
}

std::string AddressOf(const Visit& visit, const shares::LinkVisit& link, const LinkPlace& place,
                      const std::vector<std::string>& names) {
  std::string address = visit.Absolute("/public.php/dav/files/" + link.share.token());
  for (const std::string& segment : place.segments) address += "/" + http::EncodeSegment(segment);
  if (!place.entry().is_collection()) return address;
  address += "?accept=zip";
  if (names.empty()) return address;
  boost::json::array list;
  for (const std::string& name : names) list.emplace_back(name);
  return address + "&files=" + http::EncodeUriComponent(boost::json::serialize(list));
}

}  // namespace

Outcome DownloadLink(Visit& visit) {
  auto entered = co_await EnterLink(visit);
  if (entered.has_error()) co_return RefuseLink(visit, kToDownload, std::move(entered).error());
  if (shares::IsDrop(entered->rights)) co_return NoLink(visit);
  auto wish = WishOf(visit);
  if (wish.has_error()) co_return std::move(wish).error();
  // A link to a file has nothing below it, whatever is asked for.
  if (!entered->chain.leaf().is_collection()) *wish = {};
  auto look = [&] {
    return FindPlace(visit, *visit.services.engine.kv().Published(), *entered, wish->segments);
  };
  auto place = co_await visit.services.pools.read.Run(look);
  if (place.has_error() && Is(place.error(), ErrorCode::kNotFound)) co_return NoLink(visit);
  if (place.has_error()) co_return std::move(place).error();
  if (!OffersDownload(entered->share, place->rights))
    co_return Message(visit, 403, "Not possible", "What this link shows is not for downloading.");
  co_return SeeOther(AddressOf(visit, *entered, *place, wish->names));
}

}  // namespace cairn::web
