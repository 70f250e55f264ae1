#include "outgoing/address_rules.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

namespace cairn::outgoing {
namespace {

Endpoint EndpointOfText(const std::string& text) {
  sockaddr_storage storage{};
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    storage.ss_family = AF_INET;
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr), 1) << text;
    storage.ss_family = AF_INET6;
  }
  return *EndpointOf(*reinterpret_cast<sockaddr*>(&storage));
}

struct Row {
  const char* address;
  const char* why;  // "": may be reached
};

constexpr Row kRows[] = {
    {"0.0.0.0", "this network"},
    {"0.255.255.255", "this network"},
    {"1.0.0.0", ""},
    {"8.8.8.8", ""},
    {"9.255.255.255", ""},
    {"10.0.0.0", "private"},
    {"10.255.255.255", "private"},
    {"11.0.0.0", ""},
    {"100.63.255.255", ""},
    {"100.64.0.0", "shared by a provider (CGNAT)"},
    {"100.100.100.200", "shared by a provider (CGNAT)"},
    {"100.127.255.255", "shared by a provider (CGNAT)"},
    {"100.128.0.0", ""},
    {"126.255.255.255", ""},
    {"127.0.0.0", "loopback"},
    {"127.0.0.1", "loopback"},
    {"127.255.255.255", "loopback"},
    {"128.0.0.0", ""},
    {"168.63.129.15", ""},
    {"168.63.129.16", "of a cloud's inside"},
    {"169.253.255.255", ""},
    {"169.254.0.0", "link-local"},
    {"169.254.169.254", "link-local"},
    {"169.255.0.0", ""},
    {"172.15.255.255", ""},
    {"172.16.0.0", "private"},
    {"172.31.255.255", "private"},
    {"172.32.0.0", ""},
    {"192.0.0.192", "of protocols"},
    {"192.0.1.0", ""},
    {"192.0.2.1", "for documentation"},
    {"192.88.99.1", "6to4"},
    {"192.167.255.255", ""},
    {"192.168.0.0", "private"},
    {"192.168.255.255", "private"},
    {"192.169.0.0", ""},
    {"198.17.255.255", ""},
    {"198.18.0.0", "for benchmarks"},
    {"198.19.255.255", "for benchmarks"},
    {"198.20.0.0", ""},
    {"198.51.100.7", "for documentation"},
    {"203.0.113.7", "for documentation"},
    {"223.255.255.255", ""},
    {"224.0.0.1", "multicast"},
    {"239.255.255.255", "multicast"},
    {"240.0.0.1", "reserved"},
    {"255.255.255.254", "reserved"},
    {"255.255.255.255", "broadcast"},
    {"::", "unspecified"},
    {"::1", "loopback"},
    {"::2", "IPv4-compatible"},
    {"::127.0.0.1", "IPv4-compatible"},
    {"::ffff:127.0.0.1", "IPv4-mapped"},
    {"::ffff:8.8.8.8", "IPv4-mapped"},
    {"::ffff:0:127.0.0.1", "IPv4-translated"},
    {"64:ff9b::127.0.0.1", "NAT64"},
    {"64:ff9b::808:808", "NAT64"},
    {"64:ff9b:1::1", "NAT64"},
    {"64:ff9b:1:ffff::1", "NAT64"},
    {"64:ff9b:2::1", "not of the public internet"},
    {"100::1", "discarded"},
    {"2001::1", "Teredo"},
    {"2001:0:ffff::1", "Teredo"},
    {"2001:2::1", "for benchmarks"},
    {"2001:10::1", "of protocols"},
    {"2001:20::1", "of protocols"},
    {"2001:1ff:ffff::1", "of protocols"},
    {"2001:200::1", ""},
    {"2001:4860:4860::8888", ""},
    {"2001:db7:ffff::1", ""},
    {"2001:db8::1", "for documentation"},
    {"2001:db9::1", ""},
    {"2002:7f00:1::", "6to4"},
    {"2002:808:808::1", "6to4"},
    {"2003::1", ""},
    {"2606:4700::1111", ""},
    {"3ffe::1", ""},
    {"3fff::1", "for documentation"},
    {"3fff:1000::1", ""},
    {"4000::1", "not of the public internet"},
    {"5f00::1", "not of the public internet"},
    {"fbff::1", "not of the public internet"},
    {"fc00::1", "private (ULA)"},
    {"fd12:3456::1", "private (ULA)"},
    {"fe00::1", "not of the public internet"},
    {"fe80::1", "link-local"},
    {"febf::1", "link-local"},
    {"fec0::1", "site-local"},
    {"feff::1", "site-local"},
    {"ff02::1", "multicast"},
};

TEST(AddressRules, TellWhatIsPublic) {
  const AddressRules rules;
  for (const auto& [address, why] : kRows)
    EXPECT_EQ(rules.WhyBlocked(EndpointOfText(address)), why) << address;
}

TEST(AddressRules, WhatIsListedMayBeReached) {
  const AddressRules rules({*conf::ParseNetwork("10.1.0.0/16"), *conf::ParseNetwork("fd00::/8")});
  EXPECT_EQ(rules.WhyBlocked(EndpointOfText("10.1.2.3")), "");
  EXPECT_EQ(rules.WhyBlocked(EndpointOfText("::ffff:10.1.2.3")), "");
  EXPECT_EQ(rules.WhyBlocked(EndpointOfText("fd00::1")), "");
  EXPECT_EQ(rules.WhyBlocked(EndpointOfText("10.2.0.1")), "private");
  EXPECT_EQ(rules.WhyBlocked(EndpointOfText("fc00::1")), "private (ULA)");
  // What carries a listed address is not that address.
  EXPECT_EQ(rules.WhyBlocked(EndpointOfText("64:ff9b::10.1.2.3")), "NAT64");
  EXPECT_EQ(rules.WhyBlocked(EndpointOfText("::10.1.2.3")), "IPv4-compatible");
  EXPECT_EQ(rules.WhyBlocked(EndpointOfText("2002:a01:203::1")), "6to4");
  EXPECT_TRUE(rules.IsListed(EndpointOfText("10.1.2.3").ip));
  EXPECT_FALSE(rules.IsListed(EndpointOfText("8.8.8.8").ip));
}

TEST(AddressRules, OtherFamiliesAreNoAddress) {
  sockaddr address{};
  address.sa_family = AF_UNIX;
  EXPECT_FALSE(EndpointOf(address).has_value());
}

}  // namespace
}  // namespace cairn::outgoing
