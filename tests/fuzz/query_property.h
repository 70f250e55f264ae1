// What must hold for any query string and form body, and for the lists of names inside.
#pragma once

#include <boost/json.hpp>

#include "base/error.h"
#include "dav/archive.h"
#include "http/url.h"

namespace cairn::fuzz {

inline std::string QueryOf(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += "&";
    out += http::EncodeUriComponent(name) + "=" + http::EncodeUriComponent(value);
  }
  return out;
}

inline void CheckNames(std::string_view input) {
  http::Request request;
  request.method = "GET";
  request.query = input;
  request.headers.Add("Accept", "text/html, application/zip;q=0.5");
  const auto wish = dav::ArchiveWishOf(request);
  if (wish.has_error()) {
    CAIRN_CHECK(Is(wish.error(), ErrorCode::kInvalidArgument));
    return;
  }
  CAIRN_CHECK(wish->has_value() && (*wish)->names.size() <= 10'000);
  boost::json::array list;
  for (const std::string& name : (*wish)->names) list.emplace_back(name);
  request.query = QueryOf({{"accept", "tar"}, {"files", boost::json::serialize(list)}});
  request.headers.Remove("Accept");
  const auto again = dav::ArchiveWishOf(request);
  CAIRN_CHECK(again.has_value() && again->has_value());
  CAIRN_CHECK((*again)->kind == dav::ArchiveKind::kTar && (*again)->names == (*wish)->names);
}

inline void CheckQuery(std::string_view input) {
  const http::Form form = http::Form::Parse(input);
  CAIRN_CHECK(form.fields().size() <= 1000);
  CAIRN_CHECK(http::Form::Parse(QueryOf(form.fields())).fields() == form.fields());
  for (const auto& [name, value] : form.fields()) {
    const auto all = form.All(name);
    CAIRN_CHECK(!all.empty() && form.First(name) == all.front() && form.Last(name) == all.back());
  }
  CheckNames(input);
  CheckNames("files=" + http::EncodeUriComponent(input));
}

}  // namespace cairn::fuzz
