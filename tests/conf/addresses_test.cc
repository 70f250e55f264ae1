#include <gtest/gtest.h>

#include "conf/listen.h"
#include "conf/network.h"

namespace cairn::conf {
namespace {

using Kind = ListenAddress::Kind;

TEST(Listen, TakesAddressesSocketsAndSystemd) {
  EXPECT_EQ(ParseListen("0.0.0.0:80")->port, 80);
  EXPECT_FALSE(ParseListen("0.0.0.0:80")->tls);
  EXPECT_TRUE(ParseListen("https://0.0.0.0:443")->tls);
  EXPECT_EQ(ParseListen("http://[::1]:0")->host, "::1");
  EXPECT_EQ(ParseListen("unix:/run/c.sock")->path, "/run/c.sock");
  EXPECT_EQ(ParseListen("systemd")->kind, Kind::kSystemd);
  EXPECT_TRUE(ParseListen("systemd+tls")->tls);
}

TEST(Listen, RefusesEverythingElse) {
  for (const char* text :
       {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "a b:1",
        "ftp://127.0.0.1:1", "unix:relative", "unix:", "localhost:80", "systemd+x", "https://"}) {
    EXPECT_TRUE(ParseListen(text).has_error()) << text;
  }
  EXPECT_TRUE(ParseListen("unix:/" + std::string(200, 'x')).has_error());
}

TEST(Listen, TextIsReadBack) {
  for (const char* text : {"http://127.0.0.1:8080", "https://[::]:8443", "unix:/run/c.sock",
                           "systemd", "systemd+tls"}) {
    EXPECT_EQ(ListenText(*ParseListen(text)), text);
  }
}

TEST(Listen, AddressesOfAnswersBeginWithOneThatCanBeReached) {
  EXPECT_EQ(OwnUrl(*ParseListen("127.0.0.1:8080")), "http://127.0.0.1:8080");
  EXPECT_EQ(OwnUrl(*ParseListen("https://[2001:db8::1]:8443")), "https://[2001:db8::1]:8443");
  for (const char* nowhere : {"0.0.0.0:8080", "https://[::]:8443", "unix:/run/c.sock", "systemd"})
    EXPECT_EQ(OwnUrl(*ParseListen(nowhere)), "") << nowhere;
}

TEST(Network, ContainsItsAddresses) {
  struct Row {
    const char *network, *address;
    bool inside;
  };
  for (const auto& [network, address, inside] : {
           Row{"127.0.0.1", "127.0.0.1", true},
           Row{"127.0.0.1", "127.0.0.2", false},
           Row{"127.0.0.1", "::ffff:127.0.0.1", true},
           Row{"10.0.0.0/8", "10.255.1.2", true},
           Row{"10.0.0.0/8", "11.0.0.0", false},
           Row{"10.0.0.0/9", "10.128.0.0", false},
           Row{"0.0.0.0/0", "8.8.8.8", true},
           Row{"0.0.0.0/0", "::1", false},
           Row{"fd00::/8", "fd12::1", true},
           Row{"fd00::/8", "fe00::1", false},
           Row{"::/0", "::1", true},
           Row{"2001:db8::/33", "2001:db8:8000::", false},
       }) {
    EXPECT_EQ(ParseNetwork(network)->Contains(*ParseIp(address)), inside)
        << network << " " << address;
  }
}

TEST(Network, RefusesEverythingElse) {
  for (const char* text :
       {"", "/8", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "fd00::/129", "10.0.0", "localhost",
        "[::1]", "fe80::1%eth0", "10.0.0.0/8/8", "010.0.0.1"}) {
    EXPECT_TRUE(ParseNetwork(text).has_error()) << text;
  }
}

TEST(Network, TextIsReadBack) {
  for (const char* text : {"127.0.0.1", "10.0.0.0/8", "fd00::/8", "::1", "0.0.0.0/0", "::/0"})
    EXPECT_EQ(NetworkText(*ParseNetwork(text)), text);
}

}  // namespace
}  // namespace cairn::conf
