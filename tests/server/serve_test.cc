// The whole server process, in a child: start, requests, second server, stop.
#include "server/serve.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "base/bytes.h"
#include "server/wiring.h"
#include "tests/support/child_process.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_directory.h"

namespace cairn::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ServeTest : public testing::Test {
 protected:
  ServeTest() {
    options_.data_dir = directory_.path() / "data";
    options_.listen = "127.0.0.1:0";
  }

  // In a process of its own: storage threads and signals stay out of the tests.
  std::unique_ptr<ChildProcess> Start() {
    auto child = std::make_unique<ChildProcess>([this] { return Serve(options_); });
    port_ = AwaitPort(*child);
    EXPECT_NE(port_, 0);
    return child;
  }
  void MakeUser(const std::string& name, const std::string& password) {
    ChildProcess child([&] {
      conf::Config config;
      config.data_dir = options_.data_dir;
      auto instance = Instance::Open(config, [](std::string_view) { _exit(70); });
      if (instance.has_error()) return 1;
      auth::NewUser request;
      request.name = name;
      request.password = password;
      const bool made = (*instance)->users().Create(request).has_value();
      (*instance)->JoinPools();
      return made ? 0 : 2;
    });
    ASSERT_EQ(child.Wait(), 0);
  }
  TempDirectory directory_;
  ServeOptions options_;
  std::uint16_t port_ = 0;
};

TEST_F(ServeTest, StartsAnswersAndStopsInOrder) {
  auto server = Start();
  RawClient client(port_);
  EXPECT_EQ(
      client.Exchange("PROPFIND /remote.php/dav/files/alice HTTP/1.1\r\nHost: h\r\n\r\n").status,
      401);
  EXPECT_EQ(client.Exchange("GET /nonsense HTTP/1.1\r\nHost: h\r\n\r\n").status, 404);
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(), 0);
  EXPECT_TRUE(client.SeesEnd());
}

TEST_F(ServeTest, FilesSurviveARestart) {
  MakeUser("alice", "Wonderland-1865");
  const std::string login = "alice:Wonderland-1865";
  const std::string content = std::string(100'000, 'x') + "end";
  auto server = Start();
  {
    RawClient client(port_);
    EXPECT_EQ(
        client.Exchange(BasicRequest("PUT", "/remote.php/dav/files/alice/a.txt", login, content))
            .status,
        201);
    EXPECT_EQ(
        client.Exchange(BasicRequest("PUT", "/remote.php/dav/files/alice/b.txt", login, "small"))
            .status,
        201);
  }
  server->Signal(SIGINT);
  EXPECT_EQ(server->Wait(), 0);
  server = Start();
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(BasicRequest("GET", "/remote.php/dav/files/alice/a.txt", login)).body,
            content);
  EXPECT_EQ(client.Exchange(BasicRequest("GET", "/remote.php/webdav/b.txt", login)).body, "small");
}

TEST_F(ServeTest, SecondServerOnTheDirectoryIsRefused) {
  auto server = Start();
  ChildProcess second([this] { return Serve(options_); });
  EXPECT_THAT(second.LineWith("cairn: "), StartsWith("cairn: cannot start: "));
  EXPECT_EQ(second.Wait(), 1);
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(), 0);
}

TEST_F(ServeTest, BadAddressAndTakenPortAreClearErrors) {
  auto server = Start();
  ServeOptions other;
  other.data_dir = directory_.path() / "other";
  other.listen = "127.0.0.1:" + std::to_string(port_);
  ChildProcess taken([&] { return Serve(other); });
  EXPECT_THAT(taken.LineWith("cairn: "), HasSubstr("cannot listen on 127.0.0.1"));
  EXPECT_EQ(taken.Wait(), 1);
  other.listen = "nowhere";
  ChildProcess bad([&] { return Serve(other); });
  EXPECT_THAT(bad.LineWith("cairn: "), HasSubstr("listen: "));
  EXPECT_EQ(bad.Wait(), 1);
}

TEST_F(ServeTest, RunningUploadMayEndWhileStopping) {
  MakeUser("alice", "Wonderland-1865");
  auto server = Start();
  RawClient client(port_);
  client.Send(
      "PUT /remote.php/dav/files/alice/late.txt HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
      "Content-Length: 4\r\nAuthorization: Basic " +
      ToBase64("alice:Wonderland-1865") + "\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 100);
  server->Signal(SIGTERM);
  EXPECT_NE(server->LineWith("stopping on signal"), "");
  client.Send("late");
  EXPECT_EQ(client.Receive().status, 201);
  EXPECT_EQ(server->Wait(), 0);
}

}  // namespace
}  // namespace cairn::server
