#include "conf/network.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/bytes.h"

namespace cairn::conf {

namespace {

constexpr IpAddress kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr int kMappedBits = 96;

bool IsV4(const IpAddress& address) {
  return std::equal(address.begin(), address.begin() + kMappedBits / 8, kMappedPrefix.begin());
}

IpAddress Masked(IpAddress address, int bits) {
  for (int i = 0; i < 16; ++i) {
    const int kept = std::clamp(bits - 8 * i, 0, 8);
    auto& byte = address[static_cast<std::size_t>(i)];
    byte = static_cast<std::uint8_t>(byte & (0xff00 >> kept));
  }
  return address;
}

}  // namespace

std::optional<IpAddress> ParseIp(std::string_view text) {
  const std::string name(text);
  IpAddress address = kMappedPrefix;
  if (inet_pton(AF_INET, name.c_str(), address.data() + kMappedBits / 8) == 1) return address;
  if (inet_pton(AF_INET6, name.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

std::string IpText(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (IsV4(address)) {
    inet_ntop(AF_INET, address.data() + kMappedBits / 8, text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  }
  return text.data();
}

std::string SourceOf(std::string_view text) {
  auto address = ParseIp(text);
  if (!address) return std::string(text);
  if (IsV4(*address)) return IpText(*address);
  std::fill(address->begin() + 8, address->end(), std::uint8_t{0});
  return IpText(*address) + "/64";
}

bool Network::Contains(const IpAddress& other) const { return Masked(other, bits) == address; }

Result<Network> ParseNetwork(std::string_view text) {
  const Error refused =
      Fail(ErrorCode::kInvalidArgument, "an IP address or a range as 10.0.0.0/8 or fd00::/8");
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto address = ParseIp(text.substr(0, slash));
  if (!address) return refused;
  Network network{*address, 128};
  if (slash < text.size()) {
    const auto length = ParseUint(text.substr(slash + 1));
    const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
    if (!length || *length > (v4 ? 32u : 128u)) return refused;
    network.bits = static_cast<int>(*length) + (v4 ? kMappedBits : 0);
  }
  if (Masked(*address, network.bits) != *address) {
    return Fail(ErrorCode::kInvalidArgument, "bits are set behind the length of the range");
  }
  return network;
}

std::string NetworkText(const Network& network) {
  std::string text = IpText(network.address);
  if (network.bits == 128) return text;
  const int length = IsV4(network.address) ? network.bits - kMappedBits : network.bits;
  return text.append("/").append(std::to_string(length));
}

}  // namespace cairn::conf
