#include "server/forwarded.h"

#include <algorithm>

#include "base/bytes.h"

namespace cairn::server {

namespace {

// The last item of a comma-separated list; takes it off.
std::string_view TakeLast(std::string_view& list) {
  const std::size_t comma = list.rfind(',');
  const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
  return Trim(last);
}

bool Contains(const conf::IpAddress& address, const std::vector<conf::Network>& trusted) {
  return std::any_of(trusted.begin(), trusted.end(),
                     [&](const conf::Network& network) { return network.Contains(address); });
}

}  // namespace

bool IsTrustedProxy(std::string_view address, const std::vector<conf::Network>& trusted) {
  const auto parsed = conf::ParseIp(address);
  return parsed && Contains(*parsed, trusted);
}

Origin OriginOf(const Origin& peer, bool peer_is_local, const http::Headers& headers,
                const std::vector<conf::Network>& trusted) {
  if (!peer_is_local && !IsTrustedProxy(peer.remote, trusted)) return peer;
  Origin origin = peer;
  const std::string all_hops = headers.Joined("X-Forwarded-For");
  std::string_view hops = all_hops;
  while (!hops.empty()) {
    const auto hop = conf::ParseIp(TakeLast(hops));
    if (!hop) break;
    origin.remote = conf::IpText(*hop);
    if (!Contains(*hop, trusted)) break;
  }
  const std::string all_protocols = headers.Joined("X-Forwarded-Proto");
  std::string_view protocols = all_protocols;
  if (!protocols.empty()) origin.secure = EqualsIgnoreCase(TakeLast(protocols), "https");
  return origin;
}

}  // namespace cairn::server
