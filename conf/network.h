// A range of IP addresses, as "10.0.0.0/8". Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cairn::conf {

// An IPv6 address; an IPv4 address is the mapped one (::ffff:a.b.c.d).
using IpAddress = std::array<std::uint8_t, 16>;

// nullopt: not an IP address. Brackets and zones are refused.
std::optional<IpAddress> ParseIp(std::string_view text);
std::string IpText(const IpAddress& address);  // an IPv4 address as a.b.c.d

// What clients are counted by: an IPv4 address, or the /64 of an IPv6 address. A text that is no
// address is its own source.
std::string SourceOf(std::string_view address);

struct Network {
  IpAddress address{};
  int bits = 128;  // of the IPv6 form

  bool Contains(const IpAddress& other) const;
  bool operator==(const Network&) const = default;
};

// An address, or an address and a length: "127.0.0.1", "10.0.0.0/8", "fd00::/8". kInvalidArgument:
// anything else, and bits set behind the length.
Result<Network> ParseNetwork(std::string_view text);
std::string NetworkText(const Network& network);

}  // namespace cairn::conf
