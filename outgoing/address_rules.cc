#include "outgoing/address_rules.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace cairn::outgoing {
namespace {

struct BlockedRange {
  std::string_view network;
  std::string_view why;
};

// The special-purpose registries of IANA (RFC 6890) and what else leads elsewhere than it says. The
// first row that holds is the reason.
constexpr BlockedRange kBlocked[] = {
    {"0.0.0.0/8", "this network"},
    {"10.0.0.0/8", "private"},
    {"100.64.0.0/10", "shared by a provider (CGNAT)"},
    {"127.0.0.0/8", "loopback"},
    {"168.63.129.16/32", "of a cloud's inside"},  // Azure: a public address that never leaves it
    {"169.254.0.0/16", "link-local"},             // and what clouds tell their machines
    {"172.16.0.0/12", "private"},
    {"192.0.0.0/24", "of protocols"},
    {"192.0.2.0/24", "for documentation"},
    {"192.88.99.0/24", "6to4"},
    {"192.168.0.0/16", "private"},
    {"198.18.0.0/15", "for benchmarks"},
    {"198.51.100.0/24", "for documentation"},
    {"203.0.113.0/24", "for documentation"},
    {"224.0.0.0/4", "multicast"},
    {"255.255.255.255/32", "broadcast"},
    {"240.0.0.0/4", "reserved"},
    {"::/128", "unspecified"},
    {"::1/128", "loopback"},
    {"::/96", "IPv4-compatible"},
    {"::ffff:0:0:0/96", "IPv4-translated"},
    {"64:ff9b::/96", "NAT64"},
    {"64:ff9b:1::/48", "NAT64"},
    {"100::/64", "discarded"},
    {"2001::/32", "Teredo"},
    {"2001:2::/48", "for benchmarks"},
    {"2001::/23", "of protocols"},
    {"2001:db8::/32", "for documentation"},
    {"2002::/16", "6to4"},
    {"3fff::/20", "for documentation"},
    {"fc00::/7", "private (ULA)"},
    {"fe80::/10", "link-local"},
    {"fec0::/10", "site-local"},
    {"ff00::/8", "multicast"},
};
constexpr std::string_view kIpv4 = "::ffff:0:0/96";
constexpr std::string_view kGlobalUnicast = "2000::/3";

conf::Network Parsed(std::string_view text) {
  const auto network = conf::ParseNetwork(text);
  CAIRN_CHECK(network.has_value());
  return *network;
}

struct Table {
  std::vector<std::pair<conf::Network, std::string_view>> blocked;
  const conf::Network ipv4 = Parsed(kIpv4);
  const conf::Network global_unicast = Parsed(kGlobalUnicast);

  Table() {
    for (const auto& [network, why] : kBlocked) blocked.emplace_back(Parsed(network), why);
  }
};

const Table& BlockedTable() {
  static const Table table;
  return table;
}

}  // namespace

std::optional<Endpoint> EndpointOf(const sockaddr& address) {
  const Table& table = BlockedTable();
  Endpoint endpoint;
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    endpoint.ip = table.ipv4.address;
    std::memcpy(endpoint.ip.data() + 12, &v4.sin_addr, 4);
    return endpoint;
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    std::memcpy(endpoint.ip.data(), &v6.sin6_addr, endpoint.ip.size());
    endpoint.mapped = table.ipv4.Contains(endpoint.ip);
    return endpoint;
  }
  return std::nullopt;
}

AddressRules::AddressRules(std::vector<conf::Network> allowed) : allowed_(std::move(allowed)) {}

bool AddressRules::IsListed(const conf::IpAddress& ip) const {
  return std::any_of(allowed_.begin(), allowed_.end(),
                     [&](const conf::Network& network) { return network.Contains(ip); });
}

std::string_view AddressRules::WhyBlocked(const Endpoint& endpoint) const {
  if (IsListed(endpoint.ip)) return {};
  if (endpoint.mapped) return "IPv4-mapped";
  const Table& table = BlockedTable();
  for (const auto& [network, why] : table.blocked) {
    if (network.Contains(endpoint.ip)) return why;
  }
  const bool is_public =
      table.ipv4.Contains(endpoint.ip) || table.global_unicast.Contains(endpoint.ip);
  return is_public ? std::string_view() : "not of the public internet";
}

}  // namespace cairn::outgoing
