// A request, its answer, and the exchange between them: what handlers see of HTTP. No sockets here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/asio.h"
#include "base/bytes.h"
#include "base/error.h"
#include "http/headers.h"

namespace cairn::http {

enum class Framing { kNone, kLength, kChunked };

struct Request {
  std::string method;
  std::string target;     // as received, origin form: path and query
  std::string path;       // target up to '?', still encoded
  std::string query;      // after '?', still encoded; empty when none
  int version_minor = 1;  // HTTP/1.x
  Headers headers;
  bool keep_alive = true;
  Framing framing = Framing::kNone;
  std::uint64_t content_length = 0;  // framing kLength
  bool expects_continue = false;

  // Set by the connection:
  std::string id;       // X-Request-Id: the client's when usable, else ours
  std::string remote;   // address of the peer
  bool secure = false;  // TLS
  std::string mount;  // sub path that the router took off `path` ("/cloud"): goes in front of hrefs

  std::string_view host() const { return headers.Get("Host"); }
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;

  Response() = default;
  explicit Response(int status_code) : status(status_code) {}
  Response& With(std::string_view name, std::string_view value) {
    headers.Set(name, value);
    return *this;
  }
};

// One request being answered. A handler answers exactly once: Send, or Begin, Write..., End. Not
// thread-safe: used by the connection's coroutine only.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const Request& request() const = 0;

  // The next piece of the body, at most 64 KiB, empty at its end; valid until the next call. The
  // first call sends 100 Continue if the client waits for it, so a handler that refuses must not
  // call it. kCancelled: the client went away or stalled; kInvalidArgument: broken framing. After
  // an error the connection is closed.
  virtual net::awaitable<Result<Bytes>> ReadBody() = 0;

  // Whether all of the body has been received already: ReadBody will not wait.
  virtual bool BodyIsHere() const { return false; }

  // The whole answer. Adds Content-Length, Date and the fixed headers. For HEAD the body is not
  // sent but counted.
  virtual net::awaitable<Result<void>> Send(Response response) = 0;

  // A streamed answer. `length` absent: chunked (or close-delimited for HTTP/1.0). Bytes written
  // must add up to it.
  virtual net::awaitable<Result<void>> Begin(Response head,
                                             std::optional<std::uint64_t> length) = 0;
  virtual net::awaitable<Result<void>> Write(Bytes data) = 0;
  virtual net::awaitable<Result<void>> End() = 0;
  // After Begin: the answer cannot be completed. The connection breaks so that the client sees it.
  virtual void Abort() = 0;

  // For the log line.
  virtual void SetUser(std::string_view name) = 0;
  virtual bool answered() const = 0;
};

// The rest of the body, at most `limit` bytes. kTooLarge beyond.
net::awaitable<Result<std::string>> ReadWholeBody(Exchange& exchange, std::size_t limit);

}  // namespace cairn::http
