// What must hold for any Destination header: a clean path on this server, or a refusal.
#pragma once

#include "base/bytes.h"
#include "dav/tree_route.h"
#include "http/url.h"
#include "tests/fuzz/clean_path.h"

namespace cairn::fuzz {

// The authority of a URL as any client reads it.
inline std::string AuthorityOf(std::string_view url) {
  const auto from = url.find("://");
  CAIRN_CHECK(from != std::string_view::npos);
  const std::string_view rest = url.substr(from + 3);
  return ToLower(rest.substr(0, rest.find_first_of("/?#")));
}

inline void CheckDestinationAt(std::string_view input, const std::string& public_url,
                               const std::string& mount, std::string_view public_host) {
  constexpr std::string_view kHost = "files.example.net:8080";
  const auto destination = http::ParseDestination(input, kHost, public_url);
  if (destination.status != http::DestinationStatus::kOk) {
    CAIRN_CHECK(destination.path.segments.empty());
    return;
  }
  CheckCleanSegments(destination.path.segments);
  const std::string_view value = Trim(input);
  if (!value.starts_with('/')) {
    const std::string authority = AuthorityOf(value);
    const bool secure = EqualsIgnoreCase(value.substr(0, 5), "https");
    const auto names = [&](std::string_view host) {
      return !host.empty() && (authority == host || authority == std::string(host) + ":" ||
                               authority == std::string(host) + (secure ? ":443" : ":80"));
    };
    CAIRN_CHECK(names(kHost) || names(public_host));
  }
  // The same path in a client's own words names the same.
  const std::string encoded = http::EncodePath(destination.path);
  for (const std::string& written :
       {mount + encoded, "http://" + std::string(kHost) + mount + encoded}) {
    const auto again = http::ParseDestination(written, kHost, public_url);
    CAIRN_CHECK(again.status == http::DestinationStatus::kOk && again.path == destination.path);
  }
  const auto route = dav::RouteOf(encoded);
  CAIRN_CHECK(route.has_value());
  CheckCleanSegments(route->segments);
  CAIRN_CHECK(route->segments.size() <= destination.path.segments.size());
}

inline void CheckDestination(std::string_view input) {
  CheckDestinationAt(input, "", "", "");
  CheckDestinationAt(input, "https://example.org/cloud", "/cloud", "example.org");
}

}  // namespace cairn::fuzz
