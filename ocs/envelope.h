// The OCS envelope: what an endpoint says, as JSON or XML, by the rules of API version 1 or 2.
//
// One data model for both forms: boost::json::value. In XML a list's items are <element>, true is
// 1, false and "" are an empty pair of tags, null and what holds nothing is <x/>. Thread-safe, does
// not block.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/exchange.h"
#include "http/url.h"

namespace cairn::ocs {

enum class ApiVersion { kV1, kV2 };  // /ocs/v1.php, /ocs/v2.php
enum class Format { kXml, kJson };

// Status codes of OCS that are no HTTP codes.
inline constexpr int kServerError = 996;
inline constexpr int kUnauthenticated = 997;
inline constexpr int kNotFound = 998;
inline constexpr int kUnknownError = 999;
// Of the provisioning API.
inline constexpr int kBadValue = 101;
inline constexpr int kNotEditable = 113;

// What an endpoint answers. Codes are version 2's: 200 is success, in version 1 it is shown as 100.
struct Reply {
  int code = 200;
  std::string message = "OK";
  boost::json::value data = boost::json::array();  // the recorded "nothing" is an empty list
  std::string link = {};                           // a Link header; empty: none
  bool cacheable = false;  // has an ETag; If-None-Match is answered with 304

  static Reply Of(boost::json::value data);
  static Reply Failure(int code, std::string message);
};

// kForbidden is 403, kBusy 503, what is broken 996 ... for errors an endpoint does not answer
// itself.
Reply ReplyTo(const Error& error);

// `?format=` wins over Accept; XML unless JSON is asked for.
Format FormatOf(const http::Form& query, std::string_view accept);

// Version 1: 200, but 401 for kUnauthenticated, 429 and 503 for themselves. Version 2: the code's
// own.
int HttpStatusOf(int code, ApiVersion version);

// Compact JSON; meta.statuscode is the first key of that name, as clients search the text for it.
std::string ToJson(const boost::json::value& value);
// `value` as the element `name`, indented by `depth` blanks, with a final newline.
std::string ToXml(std::string_view name, const boost::json::value& value, int depth);
// The opaque tag of an answer with these data; the same in all forms and versions.
std::string EtagOf(const boost::json::value& data);

http::Response Render(const Reply& reply, ApiVersion version, Format format);

}  // namespace cairn::ocs
