#include "conf/config.h"

#include <algorithm>

#include "base/bytes.h"

namespace cairn::conf {

namespace {

bool IsHost(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == ':';
  });
}

Result<void> CheckPublicUrl(std::string_view url) {
  const bool http = url.starts_with("http://");
  if (!http && !url.starts_with("https://")) {
    return Fail(ErrorCode::kInvalidArgument, "public_url: must begin with https:// or http://");
  }
  const std::string_view rest = url.substr(http ? 7 : 8);
  const bool clean = std::all_of(rest.begin(), rest.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '?' && c != '#' && c != '@' && c != '"' && c != '<' &&
           c != '>';
  });
  if (!clean || rest.empty() || rest.front() == '/') {
    return Fail(ErrorCode::kInvalidArgument,
                "public_url: a host, maybe a port and a path, nothing else");
  }
  return {};
}

Result<void> CheckVersion(std::string_view version) {
  constexpr int kParts = 4;
  int parts = 0;
  for (bool more = true; more && parts <= kParts; ++parts) {
    const std::size_t dot = version.find('.');
    if (!ParseUint(version.substr(0, dot))) break;
    more = dot != std::string_view::npos;
    version = more ? version.substr(dot + 1) : std::string_view();
    if (!more && parts + 1 == kParts) return {};
  }
  return Fail(ErrorCode::kInvalidArgument, "version_reported: four numbers, as 32.0.6.1");
}

}  // namespace

Result<ListenAddress> ParseListen(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument, "listen: an address and a port, as 127.0.0.1:8080");
  }
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument,
                "listen: an IPv6 address stands in brackets, as [::1]:8080");
  }
  const auto port = ParseUint(text.substr(colon + 1));
  if (!IsHost(host) || !port || *port > 65535) {
    return Fail(ErrorCode::kInvalidArgument, "listen: an address and a port, as 127.0.0.1:8080");
  }
  return ListenAddress{std::string(host), static_cast<std::uint16_t>(*port)};
}

Result<Config> Checked(Config config) {
  if (config.data_dir.empty()) return Fail(ErrorCode::kInvalidArgument, "data_dir: not set");
  RETURN_IF_ERROR(ParseListen(config.listen));
  RETURN_IF_ERROR(CheckVersion(config.version_reported));
  if (config.public_url.empty()) config.public_url = "http://" + config.listen;
  while (config.public_url.ends_with('/')) config.public_url.pop_back();
  RETURN_IF_ERROR(CheckPublicUrl(config.public_url));
  return config;
}

}  // namespace cairn::conf
