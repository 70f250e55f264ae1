// The whole server process, in a child: start, requests, second server, stop.
#include "server/serve.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "base/bytes.h"
#include "server/wiring.h"
#include "tests/support/raw_client.h"

namespace cairn::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A function in a process of its own, with its output in pipes: storage threads and signals stay
// out of the tests.
class Child {
 public:
  explicit Child(const std::function<int()>& run) {
    int out[2];
    CAIRN_CHECK(pipe(out) == 0);
    std::fflush(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(out[1], STDOUT_FILENO);
      dup2(out[1], STDERR_FILENO);
      close(out[0]);
      close(out[1]);
      const int code = run();
      std::fflush(nullptr);
      _exit(code);
    }
    close(out[1]);
    output_ = fdopen(out[0], "r");
  }
  ~Child() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    std::fclose(output_);
  }

  // The next line that contains `text`; empty at the end of the output.
  std::string LineWith(const std::string& text) {
    std::string line;
    for (int c = 0; (c = std::fgetc(output_)) != EOF;) {
      if (c != '\n') {
        line += static_cast<char>(c);
      } else if (line.find(text) != std::string::npos) {
        return line;
      } else {
        line.clear();
      }
    }
    return {};
  }
  void Signal(int number) { kill(pid_, number); }
  // The exit code; -1: it was killed.
  int Wait() {
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
  FILE* output_ = nullptr;
};

class ServeTest : public testing::Test {
 protected:
  ServeTest() {
    char name[] = "/tmp/cairn_serve_XXXXXX";
    directory_ = mkdtemp(name);
    options_.overrides = {{"data_dir", (directory_ / "data").string()}, {"listen", "127.0.0.1:0"}};
  }
  ~ServeTest() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<Child> Start() {
    auto child = std::make_unique<Child>([this] { return Serve(options_); });
    const std::string line = child->LineWith("Cairn is serving on http://127.0.0.1:");
    const auto port = ParseUint(line.substr(line.rfind(':') + 1));
    EXPECT_TRUE(port && *port > 0) << line;
    port_ = static_cast<std::uint16_t>(port.value_or(0));
    return child;
  }
  void MakeUser(const std::string& name, const std::string& password) {
    Child child([&] {
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
  static std::string Request(const std::string& method, const std::string& path,
                             const std::string& user, const std::string& body = "") {
    return method + " " + path + " HTTP/1.1\r\nHost: h\r\nAuthorization: Basic " + ToBase64(user) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  std::filesystem::path directory_;
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
        client.Exchange(Request("PUT", "/remote.php/dav/files/alice/a.txt", login, content)).status,
        201);
    EXPECT_EQ(
        client.Exchange(Request("PUT", "/remote.php/dav/files/alice/b.txt", login, "small")).status,
        201);
  }
  server->Signal(SIGINT);
  EXPECT_EQ(server->Wait(), 0);
  server = Start();
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(Request("GET", "/remote.php/dav/files/alice/a.txt", login)).body,
            content);
  EXPECT_EQ(client.Exchange(Request("GET", "/remote.php/webdav/b.txt", login)).body, "small");
}

TEST_F(ServeTest, SecondServerOnTheDirectoryIsRefused) {
  auto server = Start();
  Child second([this] { return Serve(options_); });
  EXPECT_THAT(second.LineWith("cairn: "), StartsWith("cairn: cannot start: "));
  EXPECT_EQ(second.Wait(), 1);
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(), 0);
}

TEST_F(ServeTest, BadAddressAndTakenPortAreClearErrors) {
  auto server = Start();
  conf::LoadOptions other;
  other.overrides = {{"data_dir", (directory_ / "other").string()},
                     {"listen", "127.0.0.1:" + std::to_string(port_)}};
  Child taken([&] { return Serve(other); });
  EXPECT_THAT(taken.LineWith("cairn: "), HasSubstr("cannot listen on http://127.0.0.1"));
  EXPECT_EQ(taken.Wait(), 1);
  other.overrides.back().second = "nowhere";
  Child bad([&] { return Serve(other); });
  EXPECT_THAT(bad.LineWith("cairn: "), HasSubstr("listen: "));
  EXPECT_EQ(bad.Wait(), 1);
}

TEST_F(ServeTest, HangupReadsTheSettingsAgain) {
  options_.file = directory_ / "cairn.yaml";
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
