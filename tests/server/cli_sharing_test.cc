// files:transfer-ownership, share:list.
#include <gmock/gmock.h>

#include "shares/shares.h"
#include "tests/server/cli_files_case.h"

namespace cairn::server {
namespace {

using testing::HasSubstr;
using testing::Not;

class CliSharingTest : public CliFilesCase {
 protected:
  void SetUp() override {
    for (const char* name : {"alice", "bob", "carol"}) AddUser(name);
    Put("alice", "a.txt", "12345");
    Put("alice", "b.txt", "12");
    ASSERT_EQ(Run({"group:add", "staff"}).exit, 0);
  }

  // The id of a new share of a file of alice's; with nobody: a link.
  std::uint64_t Share(const std::string& file, const std::string& with, std::int64_t expires = 0) {
    storage::Caller caller;
    caller.user = UserId{User("alice").id()};
    caller.user_version = User("alice").version();
    shares::NewShare request;
    request.node = NodeOf("alice", file);
    request.type = with.empty()      ? shares::ShareType::kLink
                   : with == "staff" ? shares::ShareType::kGroup
                                     : shares::ShareType::kUser;
    if (with == "staff") request.group = with;
    if (!with.empty() && with != "staff") request.recipient = UserId{User(with).id()};
    if (expires != 0) request.set.expires = expires;
    if (with.empty()) request.set.password_hash = "the-hash";
    const auto made = shares_.Create(caller, request);
    EXPECT_TRUE(made.has_value() && !made->refused);
    token_ = made->share.token();
    return made->share.id();
  }
  FileId NodeOf(const std::string& user, const std::string& name) {
    return engine_.tree().Resolve(*engine_.kv().Published(), Path(user, name))->leaf().id();
  }
  bool HasBelow(const std::string& user, std::vector<std::string> segments) {
    const storage::TreePath path{.home = SpaceId{User(user).space()},
                                 .segments = std::move(segments)};
    return engine_.tree().Resolve(*engine_.kv().Published(), path).has_value();
  }

  shares::Shares shares_{engine_.kv(), engine_.tree(), features_.mounts, clock_, random_};
  std::string token_;
  const std::string folder_ = "Transferred from alice on 2023-11-14 22-13-20";
};

TEST_F(CliSharingTest, TransfersEverythingIntoANewFolder) {
  Share("a.txt", "carol");
  Share("b.txt", "bob");
  const Said said = Run({"files:transfer-ownership", "alice", "bob"});
  EXPECT_EQ(said.exit, 0) << said.err;
  EXPECT_EQ(said.out, "Transferred files to bob/files/" + folder_ +
                          "\n1 shares are bob's now, 1 with bob ended\n");
  EXPECT_TRUE(HasBelow("bob", {folder_, "a.txt"}));
  EXPECT_TRUE(HasBelow("bob", {folder_, "b.txt"}));
  EXPECT_FALSE(Has("alice", "a.txt"));
  EXPECT_EQ(Run({"files:transfer-ownership", "alice", "bob"}).out, "Nothing to transfer\n");
}

TEST_F(CliSharingTest, TransfersWhatStandsAtAPath) {
  for (const char* path : {"a.txt", "/b.txt/"}) {
    EXPECT_EQ(Run({"files:transfer-ownership", "alice", "bob", "--path=" + std::string(path)}).exit,
              0);
  }
  EXPECT_TRUE(HasBelow("bob", {folder_, "a.txt"}));
  EXPECT_TRUE(HasBelow("bob", {folder_ + " (2)", "b.txt"}));
}

TEST_F(CliSharingTest, MovesIntoAnEmptyRoot) {
  Put("carol", "hers", "x");
  const Said refused = Run({"files:transfer-ownership", "alice", "carol", "--move"});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_EQ(refused.err, "Destination path does not exists or is not empty\n");
  EXPECT_TRUE(Has("alice", "a.txt"));
  EXPECT_EQ(Run({"files:transfer-ownership", "alice", "bob", "--move"}).exit, 0);
  EXPECT_TRUE(Has("bob", "a.txt"));
  EXPECT_TRUE(Has("bob", "b.txt"));
}

TEST_F(CliSharingTest, TransfersWhatADisabledUserHas) {
  ASSERT_EQ(Run({"user:disable", "alice"}).exit, 0);
  EXPECT_EQ(Run({"files:transfer-ownership", "alice", "bob"}).exit, 0);
  EXPECT_TRUE(HasBelow("bob", {folder_, "a.txt"}));
}

TEST_F(CliSharingTest, WrongTransfersAreRefused) {
  struct Row {
    std::vector<std::string> args;
    std::string says;
  };
  for (const Row& row : {Row{{"nobody", "bob"}, "Unknown source user nobody\n"},
                         Row{{"alice", "nobody"}, "Unknown destination user nobody\n"},
                         Row{{"alice", "bob", "--path=none"}, "Unknown path provided: none\n"},
                         Row{{"alice", "bob", "--path=../x"}, "Unknown path provided: ../x\n"},
                         Row{{"alice", "alice"}, "both are the same user\n"},
                         Row{{"alice", "bob", "--transfer-incoming-shares=1"},
                             "Incoming shares are not transferred: they stay with whom they were "
                             "made for\n"}}) {
    std::vector<std::string> args = row.args;
    args.insert(args.begin(), "files:transfer-ownership");
    const Said said = Run(args);
    EXPECT_EQ(said.exit, 1) << row.says;
    EXPECT_EQ(said.err, row.says);
    EXPECT_EQ(said.out, "");
  }
  EXPECT_EQ(Run({"files:transfer-ownership", "alice"}).exit, 1);
  EXPECT_TRUE(Has("alice", "a.txt"));
}

TEST_F(CliSharingTest, ListsSharesWithoutWhatOpensThem) {
  Share("a.txt", "bob");
  Share("b.txt", "", clock_.NowSeconds() + 86'400);
  const std::string a = std::to_string(Raw(NodeOf("alice", "a.txt")));
  const std::string b = std::to_string(Raw(NodeOf("alice", "b.txt")));
  const Said said = Run({"share:list", "--output=json"});
  EXPECT_EQ(said.exit, 0) << said.err;
  EXPECT_EQ(said.out,
            R"([{"id":1,"type":"user","owner":"alice","by":"alice","recipient":"bob","file":)" + a +
                R"(,"path":"/a.txt","permissions":19,"expires":null},)"
                R"({"id":2,"type":"link","owner":"alice","by":"alice","recipient":"","file":)" +
                b +
                R"(,"path":"/b.txt","permissions":17,"expires":"2023-11-15T22:13:20+00:00"}])"
                "\n");
  for (const char* command : {"share:list", "sharing:list"}) {
    const std::string plain = Run({command}).out;
    EXPECT_THAT(plain, HasSubstr("/a.txt"));
    EXPECT_THAT(plain, Not(HasSubstr(token_)));
    EXPECT_THAT(plain, Not(HasSubstr("the-hash")));
  }
}

TEST_F(CliSharingTest, ListsOnlyWhatIsAskedFor) {
  Share("a.txt", "bob");
  Share("a.txt", "staff");
  Share("b.txt", "");
  Put("bob", "his", "x");
  const std::string a = std::to_string(Raw(NodeOf("alice", "a.txt")));
  const auto root = std::to_string(
      (*engine_.tree().FindSpace(*engine_.kv().Published(), SpaceId{User("alice").space()}))
          ->files_root());
  struct Row {
    std::vector<std::string> args;
    std::string ids;
  };
  for (const Row& row :
       {Row{{}, "123"}, Row{{"--type=user"}, "1"}, Row{{"--type=group"}, "2"},
        Row{{"--type=link"}, "3"}, Row{{"--recipient=bob"}, "1"}, Row{{"--recipient=staff"}, "2"},
        Row{{"--owner=alice"}, "123"}, Row{{"--owner=bob"}, ""}, Row{{"--by=alice"}, "123"},
        Row{{"--by=bob"}, ""}, Row{{"--user=bob"}, "1"}, Row{{"--user=carol"}, ""},
        Row{{"--path=/a.txt"}, "12"}, Row{{"--path=b.txt"}, "3"}, Row{{"--file=" + a}, "12"},
        Row{{"--parent=" + root}, "123"}, Row{{"--parent=" + root, "--recursive"}, "123"},
        Row{{"--parent=" + a}, ""}, Row{{"--type=user", "--path=/a.txt"}, "1"}}) {
    std::vector<std::string> args = row.args;
    args.insert(args.begin(), {"share:list", "--output=json"});
    const Said said = Run(args);
    EXPECT_EQ(said.exit, 0) << said.err;
    std::string ids;
    for (const char* id : {"1", "2", "3"})
      if (said.out.find("{\"id\":" + std::string(id) + ",") != std::string::npos) ids += id;
    EXPECT_EQ(ids, row.ids) << (row.args.empty() ? "" : row.args[0]);
  }
  Remove("alice", "b.txt");
  EXPECT_THAT(Run({"share:list", "--type=link", "--output=json"}).out, HasSubstr(R"("path":"")"));
  for (const char* wrong : {"--type=mail", "--owner=nobody", "--recipient=nobody", "--recursive",
                            "--file=x", "--file=0", "--parent=-1"})
    EXPECT_EQ(Run({"share:list", wrong}).exit, 1) << wrong;
}

}  // namespace
}  // namespace cairn::server
