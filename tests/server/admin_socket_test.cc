#include "server/admin_socket.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <future>

namespace cairn::server {
namespace {

class AdminSocketTest : public testing::Test {
 protected:
  AdminSocketTest() {
    std::string name = testing::TempDir() + "/cairn-admin-XXXXXX";
    directory_ = ::mkdtemp(name.data());
  }
  ~AdminSocketTest() override { std::filesystem::remove_all(directory_); }

  void Listen(AdminSocket::Handler handler) {
    auto socket = AdminSocket::Listen(directory_, std::move(handler));
    ASSERT_TRUE(socket.has_value()) << socket.error().message;
    socket_ = std::move(*socket);
  }
  Result<std::optional<AdminReply>> Ask(std::vector<std::string> args) {
    AdminRequest request;
    request.args = std::move(args);
    return AskServer(directory_, request);
  }
  // Repeats what was asked.
  static AdminReply Echo(const AdminRequest& request) {
    AdminReply reply;
    reply.exit = 3;
    for (const auto& arg : request.args) reply.out += arg + "\n";
    reply.err = request.input.stdin_text.value_or("no input");
    for (const auto& [name, value] : request.input.env) reply.err += name + "=" + value;
    return reply;
  }

  std::filesystem::path directory_;
  std::unique_ptr<AdminSocket> socket_;
};

TEST_F(AdminSocketTest, CarriesEverythingBothWays) {
  Listen(Echo);
  AdminRequest request;
  request.args = {"user:add", "with \"quotes\"", "line\nfeed", "\xc3\xa4"};
  request.input.stdin_text = "pass\\word";
  request.input.env["OC_PASS"] = "x";
  const auto reply = AskServer(directory_, request);
  ASSERT_TRUE(reply.has_value() && reply->has_value());
  EXPECT_EQ((*reply)->exit, 3);
  EXPECT_EQ((*reply)->out, "user:add\nwith \"quotes\"\nline\nfeed\n\xc3\xa4\n");
  EXPECT_EQ((*reply)->err, "pass\\wordOC_PASS=x");
}

TEST_F(AdminSocketTest, BelongsToTheOwnerAlone) {
  Listen(Echo);
  struct stat status {};
  ASSERT_EQ(::stat((directory_ / "admin.sock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
}

TEST_F(AdminSocketTest, NobodyListensBeforeAndAfter) {
  EXPECT_EQ(*Ask({"status"}), std::nullopt);
  Listen(Echo);
  EXPECT_TRUE(Ask({"status"})->has_value());
  socket_.reset();
  EXPECT_FALSE(Ask({"status"})->has_value());
  EXPECT_FALSE(std::filesystem::exists(directory_ / "admin.sock"));
}

TEST_F(AdminSocketTest, NoDirectoryIsNoServer) {
  std::filesystem::remove_all(directory_);
  EXPECT_FALSE(Ask({"status"})->has_value());
}

TEST_F(AdminSocketTest, TakesThePlaceOfAnOldSocket) {
  Listen(Echo);
  auto second = AdminSocket::Listen(directory_, [](const AdminRequest&) {
    return AdminReply{0, "second", ""};
  });
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ((*Ask({"status"}))->out, "second");
}

TEST_F(AdminSocketTest, ALongCommandDoesNotBlockAnother) {
  std::promise<void> release;
  auto released = release.get_future().share();
  std::promise<void> started;
  Listen([&](const AdminRequest& request) {
    if (request.args.front() == "long") {
      started.set_value();
      released.wait();
    }
    return AdminReply{0, request.args.front(), ""};
  });
  auto slow = std::async(std::launch::async, [&] { return Ask({"long"}); });
  started.get_future().wait();
  EXPECT_EQ((*Ask({"short"}))->out, "short");
  release.set_value();
  EXPECT_EQ((*slow.get())->out, "long");
}

TEST_F(AdminSocketTest, LongAnswersArriveWhole) {
  const std::string text(3 << 20, 'x');
  Listen([&](const AdminRequest&) { return AdminReply{0, text, ""}; });
  EXPECT_EQ((*Ask({"list"}))->out, text);
}

TEST_F(AdminSocketTest, WorksBelowALongPath) {
  const auto outer = directory_;
  for (int i = 0; i < 4; ++i) directory_ /= std::string(60, 'd');
  std::filesystem::create_directories(directory_);
  Listen(Echo);
  EXPECT_EQ((*Ask({"status"}))->out, "status\n");
  socket_.reset();
  directory_ = outer;
}

TEST(AdminProtocol, RefusesWhatIsNoLineOfIt) {
  for (const char* line :
       {"", "[]", "{}", "{\"args\":1}", "{\"args\":[1]}", "{\"args\":[],\"env\":[]}",
        "{\"args\":[],\"env\":{\"a\":1}}", "{\"args\":[],\"stdin\":1}", "{\"args\":[]} x",
        "{\"args\":[\"\xff\"]}"}) {
    EXPECT_TRUE(ParseAdminRequest(line).has_error()) << line;
  }
  EXPECT_TRUE(ParseAdminRequest("{\"args\":[]}").has_value());
  for (const char* line : {"", "{}", "{\"exit\":300,\"stdout\":\"\",\"stderr\":\"\"}",
                           "{\"exit\":0,\"stdout\":\"\"}"}) {
    EXPECT_TRUE(ParseAdminReply(line).has_error()) << line;
  }
}

}  // namespace
}  // namespace cairn::server
