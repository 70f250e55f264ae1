// The search for people to share with and to mention: whole answers as recorded, and the rules of
// the administrator on every route that shows people to each other (T-35).
#include "ocs/sharee_search.h"
#include "storage/commit.h"
#include "tests/ocs/provisioning_case.h"

namespace cairn::ocs {
namespace {

using conf::SearchScope;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kSharees = "/ocs/v2.php/apps/files_sharing/api/v1/sharees";
const HeaderList kJson = {{"Accept", "application/json"}};

class ShareesCase : public ProvisioningCase {
 protected:
  Answer Search(std::string_view query, std::string_view user = "bob") {
    return Get(kSharees + "?" + std::string(query), user, kJson);
  }
  // What a list of the answer is called: "exact/users".
  std::vector<std::string> List(std::string_view query, std::string_view exact,
                                std::string_view kind) {
    const Answer answer = Search(query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto data = answer.Data();
    std::vector<std::string> names;
    for (const auto& entry : (exact.empty() ? data : data.at(exact)).at(kind).as_array())
      names.emplace_back(entry.at("value").at("shareWith").as_string());
    return names;
  }
  std::vector<std::string> Users(std::string_view query) { return List(query, "", "users"); }
  std::vector<std::string> Exact(std::string_view query) { return List(query, "exact", "users"); }
  std::vector<std::string> Groups(std::string_view query) { return List(query, "", "groups"); }
  std::vector<std::string> Mentioned(std::string_view query) {
    const auto data = Get("/ocs/v2.php/core/autocomplete/get?" + std::string(query), "bob", kJson);
    EXPECT_EQ(data.status, 200);
    std::vector<std::string> ids;
    const auto all = data.Data();
    for (const auto& one : all.as_array()) ids.emplace_back(one.at("id").as_string());
    return ids;
  }
};

std::string Body(std::string_view exact, std::string_view others) {
  return R"({"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":{"exact":{)" +
         std::string(exact) + R"(,"circles":[],"rooms":[]},)" + std::string(others) +
         R"(,"lookup":[],"circles":[],"rooms":[],"lookupEnabled":false}}})";
}

constexpr std::string_view kNobody =
    R"("users":[],"groups":[],"remotes":[],"remote_groups":[],"emails":[])";
constexpr std::string_view kAlice =
    R"({"label":"Alice <A.>","subline":"","icon":"icon-user",)"
    R"("value":{"shareType":0,"shareWith":"alice"},)"
    R"("shareWithDisplayNameUnique":"alice@example.org","status":[]})";

TEST_F(ShareesCase, AWholeNameIsExact) {
  const std::string alice = "\"users\":[" + std::string(kAlice) +
                            R"(],"groups":[],"remotes":[],"remote_groups":[],"emails":[])";
  for (const std::string_view text : {"alice", "ALICE", "alice%40example.org", "+alice%20"})
    EXPECT_EQ(Search("itemType=file&perPage=10&search=" + std::string(text)).body,
              Body(alice, kNobody))
        << text;
  EXPECT_EQ(Search("itemType=file&search=alice").Header("Link"), "");
}

TEST_F(ShareesCase, APartIsNot) {
  EXPECT_EQ(Search("search=a&itemType=folder&shareType[]=0&shareType[]=1&lookup=true").body,
            Body(kNobody, R"("users":[{"label":"Ada Carol","subline":"","icon":"icon-user",)"
                          R"("value":{"shareType":0,"shareWith":"carol"},)"
                          R"("shareWithDisplayNameUnique":"carol","status":[]},)" +
                              std::string(kAlice) +
                              R"(],"groups":[{"label":"admin","value":)"
                              R"({"shareType":1,"shareWith":"admin"}},)"
                              R"({"label":"sales","value":{"shareType":1,"shareWith":"sales"}},)"
                              R"({"label":"staff","value":{"shareType":1,"shareWith":"staff"}}],)"
                              R"("remotes":[],"remote_groups":[],"emails":[])"));
}

TEST_F(ShareesCase, AddressesOfOthersAreOfferedAsTheyAre) {
  EXPECT_EQ(
      Search("search=x@example.net&itemType=file").body,
      Body(
          R"!("users":[],"groups":[],"remotes":[{"label":"x (example.net)","uuid":"x","name":"x",)!"
          R"("value":{"shareType":6,"shareWith":"x@example.net","server":"example.net",)"
          R"("isTrustedServer":false}}],"remote_groups":[],)"
          R"("emails":[{"label":"x@example.net","uuid":"x@example.net",)"
          R"("value":{"shareType":4,"shareWith":"x@example.net"}}])",
          kNobody));
  const auto kinds = [&](std::string_view query) {
    return List(query, "exact", "remotes").size() * 10 + List(query, "exact", "emails").size();
  };
  EXPECT_EQ(kinds("search=alice@127.0.0.1:8080&itemType=file"), 10u);
  EXPECT_EQ(kinds("search=x@example.net&itemType=file&page=2"), 0u);
  EXPECT_EQ(kinds("search=x@example.net&itemType=calendar"), 1u);
  EXPECT_EQ(kinds("search=x@example.net&itemType=file&shareType=6"), 10u);
  EXPECT_EQ(kinds("search=x@example.net&itemType=file&shareType[]=4"), 1u);
  // An address of somebody here leads nowhere else, the caller's own neither.
  EXPECT_EQ(kinds("search=alice@example.org&itemType=file"), 0u);
  ASSERT_TRUE(users_.SetEmail(IdOf("bob"), "bob@example.org").has_value());
  EXPECT_EQ(Search("search=bob@example.org&itemType=file").body, Body(kNobody, kNobody));
}

TEST_F(ShareesCase, AddressesAreRead) {
  const auto remote = [](std::string_view text) -> std::string {
    const auto address = ParseRemoteAddress(text);
    if (!address) return "none";
    return std::string(address->user) + " " + std::string(address->server);
  };
  EXPECT_EQ(remote("x@example.net"), "x example.net");
  EXPECT_EQ(remote("x@y.z@host:8443/cloud"), "x@y.z host:8443/cloud");
  EXPECT_EQ(remote("x@[::1]:80"), "x [::1]:80");
  EXPECT_EQ(remote("x@host/a@b"), "none");
  for (const std::string_view text : {"", "x", "@", "x@", "@host", "x y@host", "x@ho st", "x@-h",
                                      "x@h<b>", "x@h\xc3\xa4", "a/b@host", "x@\"h\""})
    EXPECT_EQ(remote(text), "none") << text;
  for (const std::string_view text : {"x@example.net", "a.b+c@mail.example.co", "x@a-b.xn--p1ai"})
    EXPECT_TRUE(IsMailAddress(text)) << text;
  for (const std::string_view text :
       {"", "x", "x@", "@example.net", "x@localhost", "x@127.0.0.1", "x@example.net:80", "x@.net",
        "x@a..net", "x@net.", "x y@example.net", "x@y@example.net", "\"x\"@example.net",
        "\xc3\xa4@example.net"})
    EXPECT_FALSE(IsMailAddress(text)) << text;
}

TEST_F(ShareesCase, TypesAreChosen) {
  EXPECT_THAT(Users("search=a&itemType=file&shareType[]=1"), ElementsAre());
  EXPECT_THAT(Groups("search=a&itemType=file&shareType[]=0"), ElementsAre());
  EXPECT_THAT(Groups("search=sta&itemType=file&shareType%5B0%5D=1"), ElementsAre("staff"));
  EXPECT_THAT(Groups("search=sta&itemType=file&shareType=1"), ElementsAre("staff"));
  EXPECT_THAT(Groups("search=sta&itemType=file&shareType=nonsense"), ElementsAre("staff"));
  EXPECT_THAT(List("search=staff&itemType=file", "exact", "groups"), ElementsAre("staff"));
  for (const std::string_view type : {"7", "10", "99", "-1", "x", ""})
    EXPECT_EQ(Search("search=a&itemType=file&shareType[]=" + std::string(type)).body,
              Body(kNobody, kNobody))
        << type;
}

TEST_F(ShareesCase, PagesAndTheirLinks) {
  const std::string query = "search=a&itemType=file&shareType[]=0&perPage=1";
  const Answer first = Search(query);
  EXPECT_EQ(first.Header("Link"), "<https://cloud.example" + kSharees +
                                      "?search=a&itemType=file&shareType%5B0%5D=0&perPage=1&page=2"
                                      ">; rel=\"next\"");
  EXPECT_THAT(Users(query), ElementsAre("carol"));
  EXPECT_THAT(Users(query + "&page=2"), ElementsAre("alice"));
  EXPECT_EQ(Search(query + "&page=2").Header("Link"), "");
  EXPECT_THAT(Users(query + "&page=3"), ElementsAre());
  EXPECT_THAT(Users(query + "&page=9999999999999999999"), ElementsAre());
  EXPECT_THAT(Search("search=%3E%22%0D%0Aa&itemType=%3E&perPage=1").Header("Link"),
              Not(HasSubstr("\r")));
  for (int i = 0; i < 30; ++i) {
    auth::NewUser user;
    user.name = "many" + std::to_string(i);
    ASSERT_TRUE(users_.Create(user).has_value());
  }
  EXPECT_EQ(Users("search=many&itemType=file&perPage=1000").size(), 25u);
  EXPECT_THAT(Search("search=many&itemType=file").Header("Link"), HasSubstr("&perPage=25&page=2>"));
  EXPECT_EQ(Users("search=many&itemType=file&page=2").size(), 5u);
}

TEST_F(ShareesCase, BadArguments) {
  EXPECT_EQ(Search("search=a").body, Refusal(400, "Missing itemType"));
  EXPECT_EQ(Search("search=a").status, 400);
  for (const std::string_view number : {"0", "-1", "x", "", "99999999999999999999"}) {
    EXPECT_EQ(Search("search=a&itemType=file&perPage=" + std::string(number)).body,
              Refusal(400, "Invalid perPage argument"));
    EXPECT_EQ(Search("search=a&itemType=file&page=" + std::string(number)).body,
              Refusal(400, "Invalid page"));
  }
  EXPECT_EQ(Search("search=" + std::string(5000, 'a') + "&itemType=file").body,
            Body(kNobody, kNobody));
  EXPECT_EQ(Search("search=%ff%fe&itemType=file").body, Body(kNobody, kNobody));
  EXPECT_EQ(Get(kSharees + "?search=a&itemType=file", "").status, 401);
}

TEST_F(ShareesCase, Xml) {
  const Answer answer =
      Get("/ocs/v1.php/apps/files_sharing/api/v1/sharees?search=alice&itemType=file", "bob");
  EXPECT_EQ(answer.body,
            "<?xml version=\"1.0\"?>\n<ocs>\n <meta>\n  <status>ok</status>\n"
            "  <statuscode>100</statuscode>\n  <message>OK</message>\n"
            "  <totalitems></totalitems>\n  <itemsperpage></itemsperpage>\n </meta>\n"
            " <data>\n  <exact>\n   <users>\n    <element>\n"
            "     <label>Alice &lt;A.&gt;</label>\n     <subline></subline>\n"
            "     <icon>icon-user</icon>\n     <value>\n      <shareType>0</shareType>\n"
            "      <shareWith>alice</shareWith>\n     </value>\n"
            "     <shareWithDisplayNameUnique>alice@example.org</shareWithDisplayNameUnique>\n"
            "     <status/>\n    </element>\n   </users>\n   <groups/>\n   <remotes/>\n"
            "   <remote_groups/>\n   <emails/>\n   <circles/>\n   <rooms/>\n  </exact>\n"
            "  <users/>\n  <groups/>\n  <remotes/>\n  <remote_groups/>\n  <emails/>\n"
            "  <lookup/>\n  <circles/>\n  <rooms/>\n  <lookupEnabled></lookupEnabled>\n"
            " </data>\n</ocs>\n");
}

TEST_F(ShareesCase, NobodyIsRecommended) {
  const Answer answer = Get(kSharees + "_recommended?itemType=file", "bob", kJson);
  EXPECT_EQ(answer.body,
            R"({"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":{"exact":{)" +
                std::string(kNobody) + "}," + std::string(kNobody) + "}}}");
  EXPECT_EQ(Get(kSharees + "_recommended", "bob", kJson).body, Refusal(400, "Missing itemType"));
}

TEST_F(ShareesCase, NamesAreCompleted) {
  const Answer answer =
      Get("/ocs/v2.php/core/autocomplete/get?search=ali&itemType=files&itemId=1&shareTypes[]=0",
          "bob", kJson);
  EXPECT_EQ(
      answer.body,
      R"({"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":[{"id":"alice",)"
      R"("label":"Alice <A.>","icon":"icon-user","source":"users","status":"","subline":"",)"
      R"("shareWithDisplayNameUnique":"alice@example.org"}]}})");
  EXPECT_THAT(Mentioned("search=a"), ElementsAre("carol", "alice"));
  EXPECT_THAT(Mentioned("search=a&limit=1"), ElementsAre("carol"));
  EXPECT_THAT(Mentioned("search=a&limit=0"), ElementsAre());
  EXPECT_THAT(Mentioned("search=alice"), ElementsAre("alice"));
  EXPECT_THAT(Mentioned("search=s&shareTypes[]=1"), ElementsAre("sales", "staff"));
  EXPECT_THAT(Mentioned("search=nobody"), ElementsAre());
  EXPECT_EQ(Get("/ocs/v2.php/core/autocomplete/get?search=a", "").status, 401);
}

TEST_F(ShareesCase, TheRulesHoldOnEveryRoute) {
  ASSERT_TRUE(groups_.AddMember("sales", IdOf("alice")).has_value());
  const auto members = [&] { return DataOf("/groups/sales/users", "bob"); };
  EXPECT_THAT(Users("search=a&itemType=file"), ElementsAre("carol", "alice"));
  EXPECT_THAT(Mentioned("search=a"), ElementsAre("carol", "alice"));
  EXPECT_EQ(members(), R"({"users":["alice","bob"]})");

  people_.SetRules({SearchScope::kGroups, 0});
  EXPECT_THAT(Users("search=a&itemType=file"), ElementsAre("alice"));
  EXPECT_THAT(Groups("search=s&itemType=file"), ElementsAre("sales"));
  EXPECT_THAT(Exact("search=carol&itemType=file"), ElementsAre("carol"));
  EXPECT_THAT(Mentioned("search=a"), ElementsAre("alice"));
  EXPECT_EQ(members(), R"({"users":["alice","bob"]})");

  people_.SetRules({SearchScope::kExact, 0});
  EXPECT_EQ(Search("search=alic&itemType=file").body, Body(kNobody, kNobody));
  EXPECT_THAT(Mentioned("search=alic"), ElementsAre());
  EXPECT_THAT(Exact("search=alice&itemType=file"), ElementsAre("alice"));
  EXPECT_THAT(Search("search=alice&itemType=file").body, Not(HasSubstr("example.org")));
  EXPECT_THAT(Mentioned("search=alice"), ElementsAre("alice"));
  EXPECT_EQ(members(), R"({"users":[]})");
  // Whoever looks after a group has to see who is in it.
  EXPECT_EQ(DataOf("/groups/sales/users", "root"), R"({"users":["alice","bob"]})");
  EXPECT_EQ(DataOf("/groups/staff/users", "carol"), R"({"users":["alice","carol"]})");

  people_.SetRules({SearchScope::kAll, 3});
  EXPECT_EQ(Search("search=al&itemType=file").body, Body(kNobody, kNobody));
  EXPECT_THAT(Mentioned("search=al"), ElementsAre());
  EXPECT_EQ(members(), R"({"users":[]})");
  EXPECT_EQ(DataOf("/groups/sales/users?search=ali", "bob"), R"({"users":["alice"]})");
  EXPECT_THAT(Users("search=ali&itemType=file"), ElementsAre("alice"));
}

TEST_F(ShareesCase, TheDisabledAreShownToNobody) {
  ASSERT_TRUE(groups_.AddMember("sales", IdOf("alice")).has_value());
  ASSERT_TRUE(users_.SetDisabled(IdOf("alice"), true).has_value());
  EXPECT_EQ(Search("search=alice&itemType=file").body, Body(kNobody, kNobody));
  // An address of hers is one like any other.
  EXPECT_THAT(List("search=alice@example.org&itemType=file", "exact", "emails"),
              ElementsAre("alice@example.org"));
  EXPECT_THAT(Mentioned("search=ali"), ElementsAre());
  EXPECT_EQ(DataOf("/groups/sales/users", "bob"), R"({"users":["bob"]})");
  EXPECT_EQ(DataOf("/groups/sales/users"), R"({"users":["alice","bob"]})");
}

TEST_F(ShareesCase, WhoAsksTooOftenWaits) {
  const storage::TreePath own{
      SpaceId{users_.Find(*engine_.kv().Published(), IdOf("bob")).value()->space()}, {"own"}};
  storage::Caller bob;
  bob.user = IdOf("bob");
  bob.user_version = users_.Find(*engine_.kv().Published(), bob.user).value()->version();
  const storage::WriteContext context{.caller = bob};
  auto make = [&](storage::KvTxn& txn) {
    return engine_.tree().MakeCollection(txn, context, own, {});
  };
  ASSERT_TRUE(
      storage::CommitBlocking(engine_.kv(), {storage::SpaceKey(own.home)}, make).has_value());
  for (int i = 0; i < 120; ++i) ASSERT_TRUE(people_.Admit(IdOf("bob")).has_value());
  const Answer answer = Search("search=a&itemType=file");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.Header("Retry-After"), "1");
  EXPECT_EQ(Get("/ocs/v1.php/core/autocomplete/get?search=a", "bob").status, 429);
  EXPECT_EQ(Call("GET", "/groups/sales", "bob").status, 429);
  EXPECT_EQ(Call("GET", "/groups/nonsense/users/details", "bob").status, 429);
  const auto share = [&] {
    return Ask("POST", "/ocs/v2.php/apps/files_sharing/api/v1/shares", "bob",
               {{"Content-Type", "application/x-www-form-urlencoded"}},
               "path=%2Fown&shareType=0&shareWith=nobody")
        .status;
  };
  EXPECT_EQ(share(), 429) << "sharing tells whether a name exists, too";
  EXPECT_EQ(Search("search=b&itemType=file", "alice").status, 200);
  EXPECT_EQ(Call("GET", "/groups/sales", "root").status, 200);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Search("search=a&itemType=file").status, 200);
  EXPECT_EQ(Search("search=a&itemType=file").status, 429);
}

}  // namespace
}  // namespace cairn::ocs
