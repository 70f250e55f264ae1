// URL paths, queries and Destination headers. The one path decoder: request targets, Destination,
// XML hrefs, zip lists and OCS paths all pass through DecodePath (promise T-43).
//
// Thread-safe, does not block.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace cairn::http {

struct DecodedPath {
  std::vector<std::string> segments;  // valid UTF-8 without '/' and NUL; never empty, "." or ".."
  bool trailing_slash = false;        // also true for "/"
  bool operator==(const DecodedPath&) const = default;
};

// Decodes an absolute path (no query): percent escapes once, segments at '/', duplicate slashes as
// one. kInvalidArgument: not absolute, "." or ".." (also when encoded), an encoded slash or NUL, a
// broken percent escape, invalid UTF-8. Raw UTF-8 is taken as it is: some clients do not encode XML
// hrefs.
Result<DecodedPath> DecodePath(std::string_view raw_path);

// Encodes for hrefs: everything outside A-Za-z0-9_-.~()/:@ becomes %xx with lower-case hex, as
// clients have recorded it. DecodePath is the inverse.
std::string EncodePath(std::string_view path);
// The same for one segment: '/' is encoded too.
std::string EncodeSegment(std::string_view segment);
// "/a/b%20c", or with a final slash when the path has one.
std::string EncodePath(const DecodedPath& path);

// RFC 3986 encoding with upper-case hex: for RFC 8187 header values and query values.
std::string EncodeUriComponent(std::string_view text);

// The fields of a query string or of a form body, decoded: '+' is a blank, a broken escape stays as
// it is. At most 1,000 fields; the rest is ignored.
class Form {
 public:
  static Form Parse(std::string_view raw);

  // The value given first or last; nullopt when absent. Clients and PHP agree on the last.
  std::optional<std::string_view> First(std::string_view name) const;
  std::optional<std::string_view> Last(std::string_view name) const;
  // Every value, in order; for `name[]`.
  std::vector<std::string_view> All(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// True when the query says `format=json`, which wins over Accept.
bool WantsJson(const Form& query);

// `path` without the sub path the server is published under ("" or "/cloud"); unchanged when it is
// not below it.
std::string_view StripSubPath(std::string_view path, std::string_view sub_path);

enum class DestinationStatus {
  kOk,
  kMalformed,    // 400
  kForeignHost,  // 502 (RFC 4918 section 9.9.4)
};
struct Destination {
  DestinationStatus status = DestinationStatus::kMalformed;
  DecodedPath path;  // when kOk, without the sub path of `public_url`
};

// A Destination header (or any URL a client names a resource with): an absolute path or an http(s)
// URL whose host is `request_host` (the Host header) or that of `public_url`
// ("https://example.org/cloud", may be empty). Default ports are equal to none.
Destination ParseDestination(std::string_view value, std::string_view request_host,
                             std::string_view public_url);

// The host of "https://host[:port][/path]", without the port and without brackets; empty for
// anything else.
std::string HostOfUrl(std::string_view url);

}  // namespace cairn::http
