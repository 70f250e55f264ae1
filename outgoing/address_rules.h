// Which IP addresses Cairn may connect to of its own accord: those of the public internet, and the
// networks that an administrator lists. Everything that is not known to be public is blocked.
//
// Pure; thread-safe.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "conf/network.h"

struct sockaddr;

namespace cairn::outgoing {

// The address to connect to. `mapped`: an IPv6 socket to an IPv4-mapped address (::ffff:a.b.c.d),
// which conf::IpAddress cannot tell from a.b.c.d.
struct Endpoint {
  conf::IpAddress ip{};
  bool mapped = false;
};
// nullopt: neither IPv4 nor IPv6.
std::optional<Endpoint> EndpointOf(const sockaddr& address);

class AddressRules {
 public:
  explicit AddressRules(std::vector<conf::Network> allowed = {});

  // Why the address is out of bounds ("loopback", "private", ...); empty: it may be reached. An
  // address that carries an IPv4 address (NAT64, 6to4, Teredo ...) is blocked whatever it carries.
  std::string_view WhyBlocked(const Endpoint& endpoint) const;
  bool IsListed(const conf::IpAddress& ip) const;

 private:
  const std::vector<conf::Network> allowed_;
};

}  // namespace cairn::outgoing
