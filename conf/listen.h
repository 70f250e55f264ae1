// Where the server accepts connections. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cairn::conf {

struct ListenAddress {
  enum class Kind { kTcp, kUnix, kSystemd };
  Kind kind = Kind::kTcp;
  bool tls = false;
  std::string host;        // kTcp: an IP address, without brackets
  std::uint16_t port = 0;  // kTcp: 0 = any free port
  std::string path;        // kUnix: the socket's file

  bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:8080", "http://[::1]:8080", "https://0.0.0.0:8443", "unix:/run/cairn/http.sock",
// "systemd" (the sockets that systemd hands over; "systemd+tls": they speak TLS).
// kInvalidArgument: anything else; the message says what is expected.
Result<ListenAddress> ParseListen(std::string_view text);

// The text of an address; ParseListen gives the same again.
std::string ListenText(const ListenAddress& address);
// kTcp: a URL that reaches it from this machine; for a wildcard address that is the loopback's.
std::string ReachText(const ListenAddress& address);
// What addresses of answers begin with when no public_url says it; empty: with what each client has
// addressed, as nobody can connect to "every address of this machine", nor to a file.
std::string OwnUrl(const ListenAddress& address);

}  // namespace cairn::conf
