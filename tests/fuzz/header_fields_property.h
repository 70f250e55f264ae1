// What must hold for any fields of a request that say how deep, how long, which sums, which page,
// and who stands in front.
#pragma once

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "conf/network.h"
#include "http/checksum_header.h"
#include "http/dav_headers.h"
#include "server/forwarded.h"

namespace cairn::fuzz {

// "Name: value" per line.
inline http::Headers FieldsOf(std::string_view input) {
  http::Headers headers;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string_view line = input.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos)
      headers.Add(line.substr(0, colon), Trim(line.substr(colon + 1)));
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  return headers;
}

inline bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= 19 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

inline void CheckDavFields(const http::Headers& headers) {
  const http::Depth depth = http::ParseDepth(headers);
  const std::string_view said = Trim(headers.Get("Depth"));
  CAIRN_CHECK((depth.kind == http::Depth::Kind::kAbsent) == !headers.Has("Depth"));
  if (depth.kind == http::Depth::Kind::kLevels) CAIRN_CHECK(IsNumber(said));
  if (depth.kind == http::Depth::Kind::kInfinity)
    CAIRN_CHECK(IsNumber(said) || EqualsIgnoreCase(said, "infinity"));
  if (const auto timeout = http::ParseTimeout(headers))
    CAIRN_CHECK(timeout->infinite || timeout->seconds > 0);
  const auto overwrite = http::ParseOverwrite(headers);
  CAIRN_CHECK(overwrite.has_value() || Is(overwrite.error(), ErrorCode::kInvalidArgument));
  if (const auto page = http::ParsePaginate(headers)) CAIRN_CHECK(page->count > 0);
}

inline void CheckUploadFields(const http::Headers& headers) {
  const auto sums = http::ParseChecksums(headers.Joined("OC-Checksum"));
  CAIRN_CHECK(sums.size() <= 16);
  for (const Checksum& sum : sums) {
    CAIRN_CHECK(!sum.hex.empty() && sum.hex.size() <= 128 && sum.hex == ToLower(sum.hex));
    CAIRN_CHECK(sum.hex.find_first_of(" \t,") == std::string::npos);
  }
  CAIRN_CHECK(http::ParseChecksums(http::FormatChecksums(sums)) == sums);
  if (const auto time = http::ParseMtime(headers.Get("X-OC-MTime"))) {
    CAIRN_CHECK(*time > 0 && *time < 253'402'300'800);
    CAIRN_CHECK(http::ParseMtime(std::to_string(*time)) == time);
  }
}

// Nobody but a trusted proxy says where a request came from, and what it says is an address.
inline void CheckOrigin(const http::Headers& headers) {
  const std::vector<conf::Network> trusted = {*conf::ParseNetwork("127.0.0.0/8")};
  const server::Origin stranger{"192.0.2.7", false};
  CAIRN_CHECK(server::OriginOf(stranger, false, headers, trusted) == stranger);
  const server::Origin origin = server::OriginOf({"127.0.0.1", false}, false, headers, trusted);
  CAIRN_CHECK(conf::ParseIp(origin.remote).has_value());
  CAIRN_CHECK(!origin.secure || headers.Has("X-Forwarded-Proto"));
}

inline void CheckHeaderFields(std::string_view input) {
  const http::Headers headers = FieldsOf(input);
  CheckDavFields(headers);
  CheckUploadFields(headers);
  CheckOrigin(headers);
}

}  // namespace cairn::fuzz
