// Forms with files, as browsers without scripts send them from a link's page.
#include "shares/shares.h"
#include "tests/dav/dav_fixture.h"

namespace cairn::dav {
namespace {

using storage::Permission;
using testing::HasSubstr;

using Files = std::vector<std::pair<std::string, std::string>>;

class FormUploadTest : public DavCase {
 protected:
  static constexpr std::string_view kForm = "multipart/form-data; boundary=----xyz";

  FormUploadTest() {
    Mkcol("/shared");
    Mkcol("/shared/sub");
    Put("/shared/a.txt", "old");
  }

  // Its token.
  std::string Link(std::string_view path, std::initializer_list<Permission> rights,
                   bool asks_name = false) {
    shares::NewShare request;
    request.node = Stat(path).id();
    request.type = shares::ShareType::kLink;
    request.set.permissions = 0;
    for (const Permission one : rights)
      *request.set.permissions |= static_cast<storage::Permissions>(one);
    if (asks_name)
      request.set.attributes = R"([{"scope":"fileRequest","key":"enabled","value":true}])";
    request.set.asks_name = asks_name;
    const auto made = shares_->Create(alice_.caller, request);
    CAIRN_CHECK(made.has_value() && !made->refused);
    return made->share.token();
  }

  static std::string Body(const Files& files, std::string_view nickname = {}) {
    std::string body;
    if (!nickname.empty())
      body += "------xyz\r\nContent-Disposition: form-data; name=\"nickname\"\r\n\r\n" +
              std::string(nickname) + "\r\n";
    for (const auto& [name, data] : files) {
      body += "------xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
              "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + data + "\r\n";
    }
    return body + "------xyz--\r\n";
  }
  Answer Post(std::string_view token, std::string_view below, std::string body,
              HeaderList headers = {}, std::string_view type = kForm) {
    headers.emplace_back("Content-Type", type);
    const std::string path = "/public.php/dav/files/" + std::string(token) + std::string(below);
    return Do("POST", path, headers, std::move(body), "");
  }
  // Where the browser is led to, without the page itself.
  std::string Send(std::string_view token, std::string_view below, std::string body) {
    const Answer answer = Post(token, below, std::move(body));
    EXPECT_EQ(answer.status, 303) << answer.body;
    std::string to = answer.Header("Location");
    const std::string page = "/s/" + std::string(token) + "?";
    EXPECT_TRUE(to.starts_with(page)) << to;
    return to.substr(std::min(page.size(), to.size()));
  }
  std::string Read(std::string_view path) {
    const Answer answer = Ask("GET", path);
    return answer.status == 200 ? answer.body : "status " + std::to_string(answer.status);
  }
};

TEST_F(FormUploadTest, FilesOfAnySizeAreStored) {
  const std::string token = Link("/shared", {Permission::kRead, Permission::kCreate});
  std::string large;
  for (int i = 0; i < 60'000; ++i) large += "line " + std::to_string(i) + "\r\n--";
  body_is_here_ = false;
  EXPECT_EQ(Send(token, "/sub", Body({{"b.txt", "b"}, {"large", large}, {"empty", ""}})),
            "done=3&path=%2Fsub");
  EXPECT_EQ(Read("/shared/sub/b.txt"), "b");
  EXPECT_EQ(Read("/shared/sub/large"), large);
  EXPECT_EQ(Read("/shared/sub/empty"), "");
}

TEST_F(FormUploadTest, NothingIsReplaced) {
  const std::string token = Link("/shared", {Permission::kRead, Permission::kCreate,
                                             Permission::kUpdate, Permission::kDelete});
  EXPECT_EQ(Send(token, "", Body({{"a.txt", "new"}, {"a.txt", "newer"}, {"sub", "a file"}})),
            "done=3");
  EXPECT_EQ(Read("/shared/a.txt"), "old");
  EXPECT_EQ(Read("/shared/a (2).txt"), "new");
  EXPECT_EQ(Read("/shared/a (3).txt"), "newer");
  EXPECT_EQ(Read("/shared/sub (2)"), "a file");
}

TEST_F(FormUploadTest, OnlyTheNameOfAPathIsTaken) {
  const std::string token = Link("/shared", {Permission::kRead, Permission::kCreate});
  EXPECT_EQ(Send(token, "",
                 Body({{"C:\\dir\\c.txt", "c"}, {"../../d.txt", "d"}, {"\xc3\xa4 %22?#%41", "e"}})),
            "done=3");
  EXPECT_EQ(Read("/shared/c.txt"), "c");
  EXPECT_EQ(Read("/shared/d.txt"), "d");
  EXPECT_EQ(Read("/shared/%c3%a4%20%22%3f%23%2541"), "e");
}

TEST_F(FormUploadTest, ABadNameStopsNoOther) {
  const std::string token = Link("/shared", {Permission::kRead, Permission::kCreate});
  for (const std::string& bad : {std::string(".."), std::string("x/"), std::string("a.part"),
                                 std::string("a%0Ab"), std::string("\xff"), std::string(300, 'n')})
    EXPECT_EQ(Send(token, "", Body({{bad, "x"}})), "done=0&problem=name") << bad;
  EXPECT_EQ(Send(token, "", Body({{"..", "x"}, {"good", "y"}})), "done=1&problem=name");
  EXPECT_EQ(Read("/shared/good"), "y");
}

TEST_F(FormUploadTest, WhatIsCutOffIsNotStored) {
  const std::string token = Link("/shared", {Permission::kRead, Permission::kCreate});
  std::string body = Body({{"first", "whole"}, {"second", "not whole"}});
  body.resize(body.find("not whole") + 5);
  EXPECT_EQ(Send(token, "", body), "done=1&problem=form");
  EXPECT_EQ(Read("/shared/first"), "whole");
  EXPECT_EQ(Read("/shared/second"), "status 404");
  EXPECT_EQ(Send(token, "", "no form"), "done=0&problem=form");
  const std::string large(200'000, 'x');
  body = Body({{"third", large}});
  body.resize(body.size() - 20);
  EXPECT_EQ(Send(token, "", body), "done=0&problem=form");
  EXPECT_EQ(Read("/shared/third"), "status 404");
}

TEST_F(FormUploadTest, NothingChosen) {
  const std::string token = Link("/shared", {Permission::kRead, Permission::kCreate});
  EXPECT_EQ(Send(token, "", Body({{"", ""}})), "done=0&problem=none");
  EXPECT_EQ(Send(token, "", "------xyz--"), "done=0&problem=none");
}

TEST_F(FormUploadTest, WhereNothingMayBeAdded) {
  const std::string reading = Link("/shared", {Permission::kRead});
  EXPECT_EQ(Send(reading, "", Body({{"b", "x"}})), "done=0&problem=forbidden");
  const std::string file = Link("/shared/a.txt", {Permission::kRead, Permission::kUpdate});
  EXPECT_EQ(Send(file, "", Body({{"b", "x"}})), "done=0&problem=forbidden");
  EXPECT_EQ(Read("/shared/a.txt"), "old");
  const std::string adding = Link("/shared", {Permission::kRead, Permission::kCreate});
  EXPECT_EQ(Send(adding, "/gone", Body({{"b", "x"}})), "done=0&problem=folder&path=%2Fgone");
  EXPECT_EQ(Send(adding, "/a.txt", Body({{"b", "x"}})), "done=0&problem=forbidden&path=%2Fa.txt");
  EXPECT_EQ(Read("/shared/gone"), "status 404");
}

TEST_F(FormUploadTest, NoMoreThanTheQuota) {
  const std::string token = Link("/shared", {Permission::kRead, Permission::kCreate});
  SetQuota("100 KB");
  EXPECT_EQ(Send(token, "", Body({{"large", std::string(300'000, 'x')}, {"small", "y"}})),
            "done=1&problem=space");
  EXPECT_EQ(Read("/shared/large"), "status 404");
  EXPECT_EQ(Read("/shared/small"), "y");
}

TEST_F(FormUploadTest, OtherBodiesAreNoForms) {
  const std::string token = Link("/shared", {Permission::kRead, Permission::kCreate});
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data", "multipart/mixed; boundary=a"})
    EXPECT_EQ(Post(token, "", "file=a", {}, type).status, 415) << type;
  EXPECT_EQ(Ask("POST", "/shared", {{"Content-Type", std::string(kForm)}}, Body({})).status, 501)
      << "only links have forms";
}

// The password has changed while the page was open.
TEST_F(FormUploadTest, WhoIsNotLetInIsLedToThePage) {
  const std::string token = Link("/shared", {Permission::kRead, Permission::kCreate});
  const auto link = shares::FindByToken(*kv().Published(), token).value().value();
  const shares::ShareAttributes change{
      .password_hash = auth::HashPassword("correct horse", auth::PasswordCost::Minimum()).value()};
  ASSERT_TRUE(shares_->Update(alice_.caller, ShareId{link.id()}, change).has_value());
  const Answer answer = Post(token, "/", Body({{"new.txt", "x"}}));
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(answer.Header("Location"), "/s/" + token);
  EXPECT_EQ(
      Post(token, "/", Body({{"new.txt", "x"}}), {{"X-Requested-With", "XMLHttpRequest"}}).status,
      401);
  EXPECT_EQ(Read("/shared/new.txt"), "status 404");
}

TEST_F(FormUploadTest, AScriptIsToldInJson) {
  const std::string token = Link("/shared", {Permission::kRead, Permission::kCreate});
  const HeaderList script{{"X-Requested-With", "XMLHttpRequest"}};
  const Answer good = Post(token, "", Body({{"b", "x"}}), script);
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.Header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(good.body, R"({"done":1,"problem":""})");
  EXPECT_EQ(Post(token, "", Body({{"..", "x"}}), script).body, R"({"done":0,"problem":"name"})");
}

TEST_F(FormUploadTest, ADropTellsNothing) {
  const std::string token = Link("/shared", {Permission::kCreate});
  const Answer taken = Post(token, "", Body({{"a.txt", "new"}}));
  const Answer fresh = Post(token, "", Body({{"fresh.txt", "new"}}));
  EXPECT_EQ(taken.status, 303);
  EXPECT_EQ(taken.Header("Location"), "/s/" + token + "?done=1");
  EXPECT_EQ(taken.HeaderMap(), fresh.HeaderMap());
  EXPECT_EQ(taken.body, fresh.body);
  EXPECT_EQ(Read("/shared/a.txt"), "old");
  EXPECT_EQ(Read("/shared/a (2).txt"), "new");
  // Folders that are there, that are not, and a file in the way: the same.
  for (const std::string below : {"/sub", "/none", "/a.txt"})
    EXPECT_EQ(Send(token, below, Body({{"b", "x"}})), "done=1") << below;
  EXPECT_EQ(Read("/shared/sub/b"), "x");
  EXPECT_EQ(Read("/shared/none/b"), "x");
  EXPECT_EQ(Read("/shared/a (3).txt/b"), "x");
}

TEST_F(FormUploadTest, TheNicknameIsAFolder) {
  const std::string asking = Link("/shared", {Permission::kCreate}, true);
  EXPECT_EQ(Send(asking, "", Body({{"b", "x"}})), "done=0&problem=nickname");
  for (const std::string& bad :
       {std::string("a/b"), std::string(".."), std::string("\xff"), std::string(300, 'n')})
    EXPECT_EQ(Send(asking, "", Body({{"b", "x"}}, bad)), "done=0&problem=nickname") << bad;
  EXPECT_EQ(Send(asking, "", Body({{"b", "x"}}, " Bob %20 ")), "done=1");
  EXPECT_EQ(Read("/shared/Bob%20%2520/b"), "x");
  EXPECT_EQ(Send(asking, "", Body({{"b", "x"}}, std::string(5000, 'n'))), "done=0&problem=form");
  const std::string free = Link("/shared", {Permission::kCreate});
  EXPECT_EQ(Send(free, "", Body({{"c", "x"}}, "Eve")), "done=1");
  EXPECT_EQ(Read("/shared/Eve/c"), "x");
}

}  // namespace
}  // namespace cairn::dav
