// The one way out: HTTP requests that Cairn itself makes, of an address that an administrator has
// named or a user must not choose freely.
//
// http and https only, certificates are verified, nothing is followed to somewhere else (a redirect
// is an answer like any other), no proxy is taken from the environment, no cookie is kept. Time and
// the size of the answer are bounded.
//
// Thread-safe. Send blocks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/error.h"
#include "http/headers.h"

namespace cairn::server {

struct OutgoingRequest {
  std::string method = "GET";
  std::string url;  // http:// or https://; sent as it stands, dots in the path too
  http::Headers headers;
  // The body, piece by piece: fills the room and returns how much; 0 ends it. Empty: no body.
  std::function<std::size_t(std::span<char> room)> body;
  std::optional<std::uint64_t> body_length;  // absent: chunked
};

struct OutgoingAnswer {
  int status = 0;
  http::Headers headers;
  std::string body;
  std::string peer;  // the address that answered
  std::uint16_t peer_port = 0;
};

struct HttpClientOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{15'000};  // for all of a request
  std::size_t answer_limit = 1 << 20;
  std::filesystem::path authorities;  // PEM; empty: the system's
  std::filesystem::path unix_socket;  // connect here, whatever the URL's host; empty: no
  bool verify = true;                 // false: only for this machine's own listener
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // kInvalidArgument: not such a URL; kIo: no connection, a certificate that is not accepted, or no
  // answer in time, with the reason as text; kTooLarge: the answer.
  virtual Result<OutgoingAnswer> Send(const OutgoingRequest& request) = 0;
};

std::unique_ptr<HttpClient> MakeHttpClient(HttpClientOptions options);

}  // namespace cairn::server
