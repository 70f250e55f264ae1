// Where connections come in: Unix sockets, reverse proxies, limits per address.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "conf/network.h"
#include "server/connection_set.h"
#include "server/forwarded.h"
#include "server/listen_socket.h"
#include "server/systemd.h"
#include "tests/server/test_server.h"
#include "tests/support/temp_directory.h"

namespace cairn::server {
namespace {

using testing::HasSubstr;

std::vector<conf::Network> Networks(const std::vector<std::string>& texts) {
  std::vector<conf::Network> networks;
  for (const std::string& text : texts) networks.push_back(*conf::ParseNetwork(text));
  return networks;
}

TEST(Forwarded, IsBelievedFromTrustedProxiesOnlyAndFromTheRight) {
  struct Row {
    const char *peer, *forwarded_for, *proto;
    const char* remote;
    bool secure;
  };
  const auto trusted = Networks({"127.0.0.1", "10.0.0.0/8"});
  for (const auto& row : {
           Row{"8.8.8.8", "1.1.1.1", "https", "8.8.8.8", false},
           Row{"127.0.0.1", "", "", "127.0.0.1", false},
           Row{"127.0.0.1", "1.1.1.1", "https", "1.1.1.1", true},
           Row{"127.0.0.1", "6.6.6.6, 1.1.1.1", "https", "1.1.1.1", true},
           Row{"127.0.0.1", "6.6.6.6, 1.1.1.1, 10.2.3.4", "http", "1.1.1.1", false},
           Row{"127.0.0.1", "10.9.9.9, 10.2.3.4", "", "10.9.9.9", false},
           Row{"127.0.0.1", "1.1.1.1, nonsense", "", "127.0.0.1", false},
           Row{"127.0.0.1", "nonsense, 1.1.1.1", "https, http", "1.1.1.1", false},
           Row{"10.0.0.1", "2001:db8::1", "HTTPS", "2001:db8::1", true},
           Row{"11.0.0.1", "2001:db8::1", "https", "11.0.0.1", false},
       }) {
    http::Headers headers;
    if (*row.forwarded_for != '\0') headers.Add("X-Forwarded-For", row.forwarded_for);
    if (*row.proto != '\0') headers.Add("X-Forwarded-Proto", row.proto);
    const Origin origin = OriginOf({row.peer, false}, false, headers, trusted);
    EXPECT_EQ(origin.remote, row.remote) << row.peer << " " << row.forwarded_for;
    EXPECT_EQ(origin.secure, row.secure) << row.peer << " " << row.forwarded_for;
  }
}

TEST(Forwarded, SeveralFieldsAreOneList) {
  http::Headers headers;
  headers.Add("X-Forwarded-For", "6.6.6.6");
  headers.Add("X-Forwarded-For", "1.1.1.1");
  EXPECT_EQ(OriginOf({"127.0.0.1", false}, false, headers, Networks({"127.0.0.1"})).remote,
            "1.1.1.1");
  EXPECT_EQ(OriginOf({"", false}, true, headers, {}).remote, "1.1.1.1") << "a Unix socket";
}

TEST(Source, IsAnAddressOrANetworkOfIPv6) {
  using conf::SourceOf;
  EXPECT_EQ(SourceOf("1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(SourceOf("::ffff:1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(SourceOf("2001:db8:1:2:3::4"), SourceOf("2001:db8:1:2::9"));
  EXPECT_NE(SourceOf("2001:db8:1:2::1"), SourceOf("2001:db8:1:3::1"));
  EXPECT_EQ(SourceOf(""), "");  // the other end of a Unix socket
}

class EdgeTest : public ServerTest {};

TEST_F(EdgeTest, AUnixSocketIsServedAndRemoved) {
  const TempDirectory directory;
  const std::string path = directory.path() / "http.sock";
  Start("unix:" + path);
  EXPECT_EQ(RawClient(path).Exchange(Get("/hello")).body, "hello");
  HttpServer second(options_, router_, random_, clock_);
  EXPECT_TRUE(second.Listen(*conf::ParseListen("unix:" + path)).has_error()) << "in use";
  server_.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(EdgeTest, AStaleSocketIsReplacedAnotherFileIsNot) {
  const TempDirectory directory;
  const std::string path = directory.path() / "http.sock";
  {
    auto sockets = OpenListenSockets(*conf::ParseListen("unix:" + path));
    ASSERT_TRUE(sockets.has_value());
  }  // closed, its file stays, as after a crash
  ASSERT_TRUE(std::filesystem::exists(path));
  Start("unix:" + path);
  EXPECT_EQ(RawClient(path).Exchange(Get("/hello")).body, "hello");
  const std::string file = directory.path() / "file";
  std::fclose(std::fopen(file.c_str(), "w"));
  EXPECT_TRUE(OpenListenSockets(*conf::ParseListen("unix:" + file)).has_error());
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(EdgeTest, TheLogNamesTheClientBehindAProxy) {
  edge_.trusted_proxies = Networks({"127.0.0.1"});
  Start();
  EXPECT_EQ(RawClient(port_).Exchange(Get("/hello", "X-Forwarded-For: 9.9.9.9\r\n")).status, 200);
  server_.reset();
  ASSERT_EQ(log().size(), 1u);
  EXPECT_THAT(log().front(), HasSubstr("\"remote\":\"9.9.9.9\""));
}

TEST_F(EdgeTest, OneAddressGetsSoManyConnectionsOnly) {
  options_.connections_per_source = 2;
  Start();
  RawClient first(port_);
  EXPECT_EQ(first.Exchange(Get("/hello")).status, 200);
  {
    RawClient second(port_);
    EXPECT_EQ(second.Exchange(Get("/hello")).status, 200);
    RawClient third(port_);
    EXPECT_EQ(third.Exchange(Get("/hello")).status, 0);
    EXPECT_EQ(first.Exchange(Get("/hello")).status, 200);
  }
  int status = 0;
  for (int i = 0; i < 1000 && status == 0; ++i)
    status = RawClient(port_).Exchange(Get("/hello")).status;
  EXPECT_EQ(status, 200) << "there is room again";
}

TEST_F(EdgeTest, TrustedProxiesHaveNoLimit) {
  options_.connections_per_source = 1;
  edge_.trusted_proxies = Networks({"127.0.0.1"});
  Start();
  RawClient first(port_), second(port_);
  EXPECT_EQ(first.Exchange(Get("/hello")).status, 200);
  EXPECT_EQ(second.Exchange(Get("/hello")).status, 200);
}

TEST(Systemd, SocketsAreForThisProcessOnly) {
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("LISTEN_PID", "1", 1);
  EXPECT_TRUE(TakeSystemdSockets().empty());
  EXPECT_EQ(::getenv("LISTEN_FDS"), nullptr);
  EXPECT_TRUE(OpenListenSockets(*conf::ParseListen("systemd")).has_error());
}

TEST(Systemd, IsToldWhatGoesOn) {
  const TempDirectory directory;
  const std::string path = directory.path() / "notify";
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  NotifySystemd("READY=1");
  ::unsetenv("NOTIFY_SOCKET");
  char received[64] = {};
  EXPECT_EQ(::recv(fd, received, sizeof received, MSG_DONTWAIT), 7);
  EXPECT_STREQ(received, "READY=1");
  ::close(fd);
}

}  // namespace
}  // namespace cairn::server
