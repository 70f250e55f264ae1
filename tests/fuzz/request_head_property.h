// What must hold for any bytes given to the request-head validator.
#pragma once

#include "http/request_head.h"

namespace cairn::fuzz {

inline void CheckRequestHead(std::string_view input) {
  const auto end = http::FindHeadEnd(input);
  CAIRN_CHECK(!end || *end <= input.size());
  for (std::string_view head : {input, input.substr(0, end.value_or(0))}) {
    const http::HeadResult result = http::ParseRequestHead(head);
    if (result.has_error()) {
      CAIRN_CHECK(result.error().status >= 400 && result.error().status < 600);
      continue;
    }
    const http::Request& request = *result;
    // One head only, ended where FindHeadEnd says.
    CAIRN_CHECK(http::FindHeadEnd(head) == head.size());
    CAIRN_CHECK(head.size() <= http::kMaxHeadBytes);
    CAIRN_CHECK(!request.method.empty());
    CAIRN_CHECK(request.path == "*" || request.path.starts_with('/'));
    CAIRN_CHECK(request.target.starts_with(request.path));
    CAIRN_CHECK(request.version_minor == 0 || http::IsValidHost(request.host()));
    CAIRN_CHECK(request.headers.fields().size() <= http::kMaxFields);
    const bool encoded = request.headers.Has("Transfer-Encoding");
    const bool counted = request.headers.Has("Content-Length");
    CAIRN_CHECK(!(encoded && counted));
    CAIRN_CHECK(encoded == (request.framing == http::Framing::kChunked));
    CAIRN_CHECK(counted == (request.framing == http::Framing::kLength));
    for (const auto& [name, value] : request.headers.fields()) {
      CAIRN_CHECK(!name.empty());
      CAIRN_CHECK(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    }
  }
}

}  // namespace cairn::fuzz
