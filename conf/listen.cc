#include "conf/listen.h"

#include <algorithm>

#include "base/bytes.h"

namespace cairn::conf {

namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";
constexpr std::string_view kUnix = "unix:";
constexpr std::size_t kMaxSocketPath = 107;  // sun_path

Error Refused() {
  return Fail(ErrorCode::kInvalidArgument,
              "an address and a port as 127.0.0.1:8080, https://[::]:8443, unix:/run/cairn.sock or "
              "systemd");
}

bool IsAddress(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' ||
           c == ':';
  });
}

}  // namespace

Result<ListenAddress> ParseListen(std::string_view text) {
  ListenAddress address;
  if (text == "systemd" || text == "systemd+tls") {
    address.kind = ListenAddress::Kind::kSystemd;
    address.tls = text.ends_with("+tls");
    return address;
  }
  if (text.starts_with(kUnix)) {
    address.kind = ListenAddress::Kind::kUnix;
    address.path = text.substr(kUnix.size());
    if (!address.path.starts_with('/') || address.path.size() > kMaxSocketPath) return Refused();
    return address;
  }
  if (text.starts_with(kHttps)) {
    address.tls = true;
    text.remove_prefix(kHttps.size());
  } else if (text.starts_with(kHttp)) {
    text.remove_prefix(kHttp.size());
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Refused();
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument, "an IPv6 address stands in brackets, as [::1]:8080");
  }
  const auto port = ParseUint(text.substr(colon + 1));
  if (!IsAddress(host) || !port || *port > 65535) return Refused();
  address.host = host;
  address.port = static_cast<std::uint16_t>(*port);
  return address;
}

std::string ListenText(const ListenAddress& address) {
  switch (address.kind) {
    case ListenAddress::Kind::kSystemd:
      return address.tls ? "systemd+tls" : "systemd";
    case ListenAddress::Kind::kUnix:
      return std::string(kUnix).append(address.path);
    case ListenAddress::Kind::kTcp:
      break;
  }
  const bool v6 = address.host.find(':') != std::string::npos;
  std::string text(address.tls ? kHttps : kHttp);
  text.append(v6 ? "[" : "").append(address.host).append(v6 ? "]" : "");
  return text.append(":").append(std::to_string(address.port));
}

std::string ReachText(const ListenAddress& address) {
  ListenAddress reached = address;
  if (reached.host == "0.0.0.0") reached.host = "127.0.0.1";
  if (reached.host == "::") reached.host = "::1";
  return ListenText(reached);
}

std::string OwnUrl(const ListenAddress& address) {
  const bool every = address.host == "0.0.0.0" || address.host == "::";
  const bool one = address.kind == ListenAddress::Kind::kTcp && !every;
  return one ? ListenText(address) : std::string();
}

}  // namespace cairn::conf
