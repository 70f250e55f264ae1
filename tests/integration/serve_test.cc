// The real binary as an administrator runs it: a user, a server on a free port, files, a stop.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "tests/support/raw_client.h"

namespace cairn {
namespace {

using testing::HasSubstr;

// The binary with arguments and an environment of its own; standard output and error in one pipe.
class Program {
 public:
  Program(const std::vector<std::string>& args, const std::vector<std::string>& environment = {}) {
    int out[2];
    CAIRN_CHECK(pipe(out) == 0);
    std::vector<char*> argv = Pointers(args);
    std::vector<char*> envp = Pointers(environment);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(out[1], STDOUT_FILENO);
      dup2(out[1], STDERR_FILENO);
      close(out[0]);
      close(out[1]);
      execve(CAIRN_BINARY, argv.data(), envp.data());
      _exit(127);
    }
    close(out[1]);
    output_ = fdopen(out[0], "r");
  }
  ~Program() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    std::fclose(output_);
  }

  std::string Line() {
    std::string line;
    for (int c = 0; (c = std::fgetc(output_)) != EOF && c != '\n';) line += static_cast<char>(c);
    return line;
  }
  std::string Rest() {
    std::string text;
    for (int c = 0; (c = std::fgetc(output_)) != EOF;) text += static_cast<char>(c);
    return text;
  }
  void Signal(int number) { kill(pid_, number); }
  // The exit code; -1: a signal ended it.
  int Wait() {
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  static std::vector<char*> Pointers(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
  }

  pid_t pid_ = -1;
  FILE* output_ = nullptr;
};

class ServeTest : public testing::Test {
 protected:
  ServeTest() {
    char name[] = "/tmp/cairn_integration_XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~ServeTest() override { std::filesystem::remove_all(directory_); }

  std::vector<std::string> Command(const std::vector<std::string>& args) const {
    std::vector<std::string> all = {"cairn", "--data-dir", directory_ / "data"};
    all.insert(all.end(), args.begin(), args.end());
    return all;
  }
  void AddUser() {
    Program program(Command({"user:add", "--password-from-env", "alice"}),
                    {"OC_PASS=Wonderland-1865"});
    const std::string output = program.Rest();
    ASSERT_EQ(program.Wait(), 0) << output;
  }
  std::unique_ptr<Program> Serve() {
    auto server = std::make_unique<Program>(Command({"serve", "--listen", "127.0.0.1:0"}));
    std::string line;
    do {
      line = server->Line();
    } while (!line.empty() && !line.starts_with("Cairn is serving on http://127.0.0.1:"));
    EXPECT_FALSE(line.empty()) << "the server did not start";
    port_ = static_cast<std::uint16_t>(ParseUint(line.substr(line.rfind(':') + 1)).value_or(0));
    return server;
  }
  static std::string Request(const std::string& method, const std::string& path,
                             const std::string& body = "") {
    return method + " " + path + " HTTP/1.1\r\nHost: h\r\nAuthorization: Basic " +
           ToBase64("alice:Wonderland-1865") +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  std::filesystem::path directory_;
  std::uint16_t port_ = 0;
};

TEST_F(ServeTest, FilesAreWrittenReadAndKept) {
  AddUser();
  auto server = Serve();
  const std::string content = std::string(300'000, 'x') + "end";
  {
    RawClient client(port_);
    EXPECT_EQ(client.Exchange(Request("MKCOL", "/remote.php/dav/files/alice/folder")).status, 201);
    EXPECT_EQ(
        client.Exchange(Request("PUT", "/remote.php/dav/files/alice/folder/a.bin", content)).status,
        201);
    EXPECT_EQ(client.Exchange(Request("GET", "/remote.php/webdav/folder/a.bin")).body, content);
  }
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(), 0);
  server = Serve();
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(Request("GET", "/remote.php/dav/files/alice/folder/a.bin")).body,
            content);
}

TEST_F(ServeTest, UserMadeWhileServingMayLogInAtOnce) {
  auto server = Serve();
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(Request("GET", "/remote.php/dav/files/alice/none")).status, 401);
  AddUser();
  EXPECT_EQ(client.Exchange(Request("GET", "/remote.php/dav/files/alice/none")).status, 404);
}

TEST_F(ServeTest, JobsAreListedAndRun) {
  auto server = Serve();
  Program list(Command({"background:job:list"}));
  EXPECT_THAT(list.Rest(), HasSubstr("collect-contents"));
  EXPECT_EQ(list.Wait(), 0);
  Program run(Command({"background:job:run", "collect-contents"}));
  const std::string output = run.Rest();
  EXPECT_EQ(run.Wait(), 0) << output;
}

TEST_F(ServeTest, SecondServerIsRefused) {
  auto server = Serve();
  Program second(Command({"serve", "--listen", "127.0.0.1:0"}));
  EXPECT_THAT(second.Rest(), HasSubstr("cairn: cannot start: "));
  EXPECT_EQ(second.Wait(), 1);
}

TEST_F(ServeTest, SecretsStayOutOfTheLog) {
  AddUser();
  auto server = Serve();
  {
    RawClient client(port_);
    client.Exchange(Request("GET", "/remote.php/dav/files/alice/none?token=canary"));
  }
  server->Signal(SIGTERM);
  const std::string output = server->Rest();
  EXPECT_EQ(server->Wait(), 0);
  EXPECT_THAT(output, HasSubstr(R"("path":"/remote.php/dav/files/alice/none","status":404)"));
  EXPECT_THAT(output, testing::Not(HasSubstr("canary")));
  EXPECT_THAT(output, testing::Not(HasSubstr("Wonderland")));
  EXPECT_THAT(output, testing::Not(HasSubstr(ToBase64("alice:Wonderland-1865"))));
}

}  // namespace
}  // namespace cairn
