#include "dav/dav_error.h"

#include "dav/xml_writer.h"
#include "http/status_map.h"

namespace cairn::dav {
namespace {

constexpr std::string_view kChallenge = "Basic realm=\"Nextcloud\", charset=\"UTF-8\"";

struct Row {
  std::string_view exception;
  std::string_view message;
  std::string_view precondition = {};
};

// kBusy is two things to a desktop: a server that stops ends its whole run, anything else skips one
// item (clients.md 12). Whoever reports a stop says so in the message.
bool IsStopping(const Error& error) {
  return error.message.find("stopping") != std::string::npos ||
         error.message.find("shutting down") != std::string::npos;
}

Row RowOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound:
      return {"Sabre\\DAV\\Exception\\NotFound", "The file or folder could not be located"};
    case ErrorCode::kAlreadyExists:
      return {"Sabre\\DAV\\Exception\\MethodNotAllowed",
              "The resource you tried to create already exists"};
    case ErrorCode::kParentMissing:
      return {"Sabre\\DAV\\Exception\\Conflict", "Parent node does not exist"};
    case ErrorCode::kNotACollection:
      return {"Sabre\\DAV\\Exception\\Conflict", "Parent node is not a collection"};
    case ErrorCode::kIsACollection:
      return {"Sabre\\DAV\\Exception\\Conflict", "The resource is a folder"};
    case ErrorCode::kPreconditionFailed:
      return {"Sabre\\DAV\\Exception\\PreconditionFailed",
              "A precondition of the request did not hold"};
    case ErrorCode::kLocked:
      return {"Sabre\\DAV\\Exception\\Locked", "", "lock-token-submitted"};
    case ErrorCode::kForbidden:
      return {"Sabre\\DAV\\Exception\\Forbidden", "Permission denied"};
    case ErrorCode::kUnauthenticated:
      return {"Sabre\\DAV\\Exception\\NotAuthenticated", "Username or password was incorrect"};
    case ErrorCode::kQuotaExceeded:
      return {"Sabre\\DAV\\Exception\\InsufficientStorage", "Insufficient space"};
    case ErrorCode::kDiskFull:
      return {"Sabre\\DAV\\Exception\\InsufficientStorage", "The server has no space left"};
    case ErrorCode::kInvalidArgument:
      return {"Sabre\\DAV\\Exception\\BadRequest", "The request could not be understood"};
    case ErrorCode::kInvalidName:
      return {"OCA\\DAV\\Connector\\Sabre\\Exception\\InvalidPath",
              "The name is not allowed for a file or folder"};
    case ErrorCode::kChecksumMismatch:
      return {"Sabre\\DAV\\Exception\\BadRequest",
              "The computed checksum does not match the one received from the client."};
    case ErrorCode::kTooLarge:
      return {"OCA\\DAV\\Connector\\Sabre\\Exception\\EntityTooLarge",
              "The request is larger than the server accepts"};
    case ErrorCode::kUnsupported:
      return {"Sabre\\DAV\\Exception\\NotImplemented", "This is not supported"};
    case ErrorCode::kConflict:
      return {"Sabre\\DAV\\Exception\\Conflict",
              "The operation is not possible in the present state"};
    case ErrorCode::kThrottled:
      return {"OCP\\AppFramework\\Http\\TooManyRequests", "Too many attempts, try again later"};
    case ErrorCode::kBusy:
    case ErrorCode::kCancelled:
      return {"OCP\\Files\\StorageNotAvailableException", "Storage is temporarily not available"};
    case ErrorCode::kIo:
    case ErrorCode::kCorruption:
      return {"Sabre\\DAV\\Exception", "The server could not read or write its data"};
  }
  return {"", ""};
}

void AppendLine(std::string& out, std::string_view indent, std::string_view tag,
                std::string_view text) {
  out.append(indent).append("<").append(tag);
  if (text.empty()) {
    out += "/>\n";
    return;
  }
  out += '>';
  AppendEscaped(out, text);
  out.append("</").append(tag.substr(0, tag.find(' '))).append(">\n");
}

}  // namespace

DavError BadRequest(std::string message) {
  return {400, "Sabre\\DAV\\Exception\\BadRequest", std::move(message), {}, {}};
}

DavError FromError(const Error& error) {
  const Row row = RowOf(error.code);
  DavError made;
  made.status = http::StatusOf(error.code);
  made.message = row.message;
  made.precondition = row.precondition;
  made.exception = row.exception;
  switch (error.code) {
    case ErrorCode::kBusy:
      if (!IsStopping(error)) break;
      made.exception = "Sabre\\DAV\\Exception\\ServiceUnavailable";
      made.message = "The server is stopping";
      break;
    case ErrorCode::kCancelled:
      made.status = 503;  // a view past its lease; a client that went away does not read it
      break;
    case ErrorCode::kInvalidName:
      // The reasons of storage::CheckName are fixed texts that tell the user what to rename.
      if (!error.message.empty()) made.message = error.message;
      break;
    default:
      break;
  }
  return made;
}

http::Response ErrorResponse(const DavError& error) {
  const bool invalid_path = error.exception.ends_with("\\InvalidPath");
  std::string body =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
      "<d:error xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\"";
  body += invalid_path ? " xmlns:o=\"http://owncloud.org/ns\">\n" : ">\n";
  AppendLine(body, "  ", "s:exception", error.exception);
  AppendLine(body, "  ", "s:message", error.message);
  if (!error.header.empty()) AppendLine(body, "  ", "s:header", error.header);
  if (invalid_path) {
    AppendLine(body, "  ", "o:retry xmlns:o=\"o:\"", "false");
    AppendLine(body, "  ", "o:reason xmlns:o=\"o:\"", error.message);
  }
  if (!error.precondition.empty()) {
    const std::string tag = "d:" + error.precondition;
    if (error.href.empty()) {
      AppendLine(body, "  ", tag, {});
    } else {
      body.append("  <").append(tag).append(">\n");
      AppendLine(body, "    ", "d:href", error.href);
      body.append("  </").append(tag).append(">\n");
    }
  }
  body += "</d:error>\n";

  http::Response response(error.status);
  response.With("Content-Type", kXmlContentType);
  if (error.status == 503) response.With("Retry-After", "10");
  if (error.status == 401) response.With("WWW-Authenticate", kChallenge);
  response.body = std::move(body);
  return response;
}

http::Response UnauthenticatedResponse(bool xml_http_request) {
  DavError error;
  error.status = 401;
  error.exception = "Sabre\\DAV\\Exception\\NotAuthenticated";
  error.message = xml_http_request
                      ? "Cannot authenticate over ajax calls"
                      : "No 'Authorization' header found, or its credentials were refused";
  http::Response response = ErrorResponse(error);
  // A browser shows no dialogue for a scheme it does not know.
  if (xml_http_request) response.With("WWW-Authenticate", "DummyBasic realm=\"Nextcloud\"");
  return response;
}

}  // namespace cairn::dav
