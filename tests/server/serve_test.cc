// The whole server process, in a child: start, requests, second server, stop.
#include "server/serve.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

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
    options_.overrides = {{"data_dir", (directory_.path() / "data").string()},
                          {"listen", "127.0.0.1:0"}};
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
      auto instance = Instance::Open(options_, [](std::string_view) { _exit(70); });
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
  conf::LoadOptions options_;
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
  conf::LoadOptions other;
  other.overrides = {{"data_dir", (directory_.path() / "other").string()},
                     {"listen", "127.0.0.1:" + std::to_string(port_)}};
  ChildProcess taken([&] { return Serve(other); });
  EXPECT_THAT(taken.LineWith("cairn: "), HasSubstr("cannot listen on http://127.0.0.1"));
  EXPECT_EQ(taken.Wait(), 1);
  other.overrides.back().second = "nowhere";
  ChildProcess bad([&] { return Serve(other); });
  EXPECT_THAT(bad.LineWith("cairn: "), HasSubstr("listen: "));
  EXPECT_EQ(bad.Wait(), 1);
}

TEST_F(ServeTest, HangupReadsTheSettingsAgain) {
  options_.file = directory_.path() / "cairn.yaml";
  std::ofstream(options_.file) << "maintenance: false\n";
  auto server = Start();
  const std::string request = "GET /204 HTTP/1.1\r\nHost: h\r\n\r\n";
  EXPECT_EQ(RawClient(port_).Exchange(request).status, 204);
  std::ofstream(options_.file) << "maintenance: true\n";
  server->Signal(SIGHUP);
  EXPECT_NE(server->LineWith("the settings were read again"), "");
  const RawResponse closed = RawClient(port_).Exchange(request);
  EXPECT_EQ(closed.status, 503);
  EXPECT_EQ(closed.Header("Retry-After"), "120");
  std::ofstream(options_.file) << "maintenance: maybe\n";
  server->Signal(SIGHUP);
  EXPECT_THAT(server->LineWith("the settings stay as they are"), HasSubstr("cairn.yaml:1: "));
  EXPECT_EQ(RawClient(port_).Exchange(request).status, 503);
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(), 0);
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
