// An error as a DAV client sees it: HTTP status, exception name, text. Errors from below carry only
// an ErrorCode; handlers that must answer something more exact than the table make one of these.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/exchange.h"

namespace cairn::dav {

struct DavError {
  int status = 500;
  std::string exception;     // "Sabre\\DAV\\Exception\\NotFound"
  std::string message;       // shown to the user by clients; fixed text, never a reflected value
  std::string header;        // s:header: the request header that failed a 412; or empty
  std::string precondition;  // element in the DAV: namespace inside d:error, e.g.
                             // "lock-token-submitted"; or empty
  std::string href = {};     // d:href inside the precondition: the path that is meant; or empty
};

DavError BadRequest(std::string message);  // 400 with this text
// The table: one row per ErrorCode (exhaustive).
DavError FromError(const Error& error);

// OCA\DAV\Connector\Sabre\Exception\InvalidPath answers also carry o:retry and o:reason (golden 03
// put-name-*). The recorded shape: pretty-printed XML (clients.md 5.10), Content-Type
// application/xml; charset=utf-8.
http::Response ErrorResponse(const DavError& error);

// 401 with the challenge that all clients understand (clients.md 1.4).
http::Response UnauthenticatedResponse(bool xml_http_request);

}  // namespace cairn::dav
