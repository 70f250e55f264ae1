// The real binary as an administrator runs it: a user, a server on a free port, files, a stop.
#include <gmock/gmock.h>

#include <csignal>

#include "base/bytes.h"
#include "tests/integration/binary_case.h"

namespace cairn {
namespace {

using testing::HasSubstr;
using testing::Not;

class ServeTest : public BinaryCase {};

TEST_F(ServeTest, FilesAreWrittenReadAndKept) {
  AddUser();
  auto server = Serve();
  const std::string content = std::string(300'000, 'x') + "end";
  {
    RawClient client(port_);
    EXPECT_EQ(client.Exchange(File("MKCOL", "/folder")).status, 201);
    EXPECT_EQ(client.Exchange(File("PUT", "/folder/a.bin", content)).status, 201);
    EXPECT_EQ(client.Exchange(Request("GET", "/remote.php/webdav/folder/a.bin")).body, content);
  }
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(), 0);
  server = Serve();
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(File("GET", "/folder/a.bin")).body, content);
}

TEST_F(ServeTest, UserMadeWhileServingMayLogInAtOnce) {
  auto server = Serve();
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(File("GET", "/none")).status, 401);
  AddUser();
  EXPECT_EQ(client.Exchange(File("GET", "/none")).status, 404);
}

TEST_F(ServeTest, JobsAreListedAndRun) {
  auto server = Serve();
  EXPECT_THAT(Command({"background:job:list"}), HasSubstr("collect-contents"));
  Command({"background:job:run", "collect-contents"});
}

TEST_F(ServeTest, SecondServerIsRefused) {
  auto server = Serve();
  const auto second = Start({"serve", "--listen", "127.0.0.1:0"});
  EXPECT_THAT(second->Rest(), HasSubstr("cairn: cannot start: "));
  EXPECT_EQ(second->Wait(), 1);
}

TEST_F(ServeTest, SecretsStayOutOfTheLog) {
  AddUser();
  auto server = Serve();
  {
    RawClient client(port_);
    client.Exchange(File("GET", "/none?token=canary"));
  }
  server->Signal(SIGTERM);
  const std::string output = server->Rest();
  EXPECT_EQ(server->Wait(), 0);
  EXPECT_THAT(output, HasSubstr(R"("path":"/remote.php/dav/files/alice/none","status":404)"));
  EXPECT_THAT(output, Not(HasSubstr("canary")));
  EXPECT_THAT(output, Not(HasSubstr("Wonderland")));
  EXPECT_THAT(output, Not(HasSubstr(ToBase64(kLogin))));
}

}  // namespace
}  // namespace cairn
