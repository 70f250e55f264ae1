// Lists of accounts, making, disabling and deleting them.
#include "tests/ocs/provisioning_case.h"

namespace cairn::ocs {
namespace {

using UsersCase = ProvisioningCase;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(UsersCase, ListedForThoseWhoLookAfterThem) {
  EXPECT_EQ(DataOf("/users"), R"({"users":["alice","bob","carol","root"]})");
  EXPECT_EQ(DataOf("/users", "carol"), R"({"users":["alice","carol"]})");
  const Answer refused = Call("GET", "/users", "alice");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body, Refusal(403, "Logged in account must be at least a sub admin"));
  EXPECT_EQ(Call("GET", "/users/details", "alice").status, 403);
  EXPECT_EQ(Call("GET", "/users/disabled", "alice").status, 403);
  EXPECT_EQ(Get("/ocs/v2.php/cloud/users", "").status, 401);
}

TEST_F(UsersCase, ListedAsXmlInVersion1) {
  EXPECT_EQ(Get("/ocs/v1.php/cloud/users?search=ALI", "root").body,
            "<?xml version=\"1.0\"?>\n<ocs>\n <meta>\n  <status>ok</status>\n"
            "  <statuscode>100</statuscode>\n  <message>OK</message>\n"
            "  <totalitems></totalitems>\n  <itemsperpage></itemsperpage>\n </meta>\n <data>\n"
            "  <users>\n   <element>alice</element>\n  </users>\n </data>\n</ocs>\n");
}

TEST_F(UsersCase, SearchedAndCutInTheOrderOfDisplayNames) {
  EXPECT_EQ(DataOf("/users?search=example.ORG"), R"({"users":["alice"]})");
  EXPECT_EQ(DataOf("/users?search=ada"), R"({"users":["carol"]})");
  EXPECT_EQ(DataOf("/users?search=ada", "alice"),
            Refusal(403, "Logged in account must be at least a sub admin"));
  // "Ada Carol", "Alice <A.>", "bob", "root"
  EXPECT_EQ(DataOf("/users?limit=2"), R"({"users":["alice","carol"]})");
  EXPECT_EQ(DataOf("/users?limit=1&offset=1"), R"({"users":["alice"]})");
  EXPECT_EQ(DataOf("/users?limit=9&offset=3"), R"({"users":["root"]})");
  EXPECT_EQ(DataOf("/users?limit=0"), R"({"users":[]})");
  EXPECT_EQ(DataOf("/users?offset=99999999999999"), R"({"users":[]})");
  EXPECT_EQ(DataOf("/users?limit=-1&offset=many&search=bob"), R"({"users":["bob"]})");
}

TEST_F(UsersCase, DetailsAreThoseOfOneAccount) {
  const auto users = Call("GET", "/users/details?search=alice", "root").Data().at("users");
  ASSERT_EQ(users.as_object().size(), 1u);
  EXPECT_EQ(ToJson(users.at("alice")), ToJson(Call("GET", "/users/alice", "root").Data()));
  const auto own = Call("GET", "/users/details", "carol").Data().at("users");
  EXPECT_THAT(own.as_object().size(), 2u);
  EXPECT_EQ(ToJson(own.at("carol").at("subadmin")), R"(["staff"])");
  EXPECT_FALSE(own.at("carol").as_object().contains("emailScope"));
  EXPECT_FALSE(own.at("carol").as_object().contains("storageLocation"));
  EXPECT_EQ(DataOf("/users/details?search=nobody"), R"({"users":[]})");
}

TEST_F(UsersCase, DisabledOnes) {
  EXPECT_EQ(DataOf("/users/disabled"), R"({"users":[]})");
  ASSERT_TRUE(users_.SetDisabled(IdOf("bob"), true).has_value());
  const auto users = Call("GET", "/users/disabled", "root").Data().at("users");
  EXPECT_EQ(users.at("bob").at("enabled"), false);
  EXPECT_EQ(users.as_object().size(), 1u);
  EXPECT_EQ(DataOf("/users/disabled", "carol"), R"({"users":[]})");
}

TEST_F(UsersCase, SubAdminsReadTheirMembersOnly) {
  EXPECT_EQ(FieldOf("alice", "email", "carol"), R"("alice@example.org")");
  EXPECT_EQ(FieldOf("alice", "storageLocation", "carol"), "absent");
  for (const std::string_view name : {"bob", "root", "nobody"}) {
    EXPECT_EQ(Call("GET", "/users/" + std::string(name), "carol").body, Refusal(998));
    EXPECT_EQ(Call("GET", "/users/" + std::string(name) + "/groups", "carol").body, Refusal(998));
    EXPECT_EQ(Call("GET", "/user/fields/" + std::string(name), "carol").body, Refusal(998));
  }
  ASSERT_TRUE(groups_.AddMember("sales", IdOf("alice")).has_value());
  EXPECT_EQ(DataOf("/users/alice/groups"), R"({"groups":["sales","staff"]})");
  EXPECT_EQ(DataOf("/users/alice/groups", "alice"), R"({"groups":["sales","staff"]})");
  EXPECT_EQ(DataOf("/users/alice/groups", "carol"), R"({"groups":["staff"]})");
}

TEST_F(UsersCase, EditableFields) {
  constexpr std::string_view kFields =
      R"(["address","biography","birthdate","displayname","email","fediverse","headline",)"
      R"("organisation","phone","profile_enabled","pronouns","role","twitter","bluesky",)"
      R"("website","additional_mail"])";
  EXPECT_EQ(DataOf("/user/fields", "alice"), kFields);
  EXPECT_EQ(DataOf("/user/fields/alice", "root"), kFields);
  EXPECT_EQ(DataOf("/user/fields/alice", "bob"), Refusal(998));
  EXPECT_EQ(DataOf("/user/fields/nobody", "root"), Refusal(998));
}

TEST_F(UsersCase, MadeWithEverything) {
  const Answer made =
      Call("POST", "/users", "root",
           "userid=dave&password=dave-password&displayName=Dave+D.&email=Dave%40Example.org"
           "&groups%5B%5D=staff&groups[1]=sales&subadmin%5B%5D=sales&quota=5+GB&language=de");
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(
      made.body,
      R"({"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":{"id":"dave"}}})");
  EXPECT_EQ(FieldOf("dave", "displayname"), R"("Dave D.")");
  EXPECT_EQ(FieldOf("dave", "email"), R"("dave@example.org")");
  EXPECT_EQ(FieldOf("dave", "groups"), R"(["sales","staff"])");
  EXPECT_EQ(FieldOf("dave", "subadmin"), R"(["sales"])");
  EXPECT_EQ(FieldOf("dave", "language"), R"("de")");
  EXPECT_EQ(FieldOf("dave", "firstLoginTimestamp"), "0");
  EXPECT_EQ(FieldOf("dave", "quota"),
            R"({"free":5368709120,"used":0,"total":5368709120,"relative":0,"quota":5368709120})");
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "dave").status, 200);
}

TEST_F(UsersCase, MadeFromJson) {
  HeaderList json = {{"Content-Type", "application/json; charset=utf-8"}};
  const Answer made = Ask("POST", "/ocs/v1.php/cloud/users?format=json", "root", json,
                          R"({"userid":"dave","password":"päss \"wörd\"&=","groups":["staff"],)"
                          R"("email":null,"nested":{"a":1},"n":5})");
  EXPECT_EQ(made.status, 200);
  EXPECT_THAT(made.body, HasSubstr(R"("statuscode":100)"));
  EXPECT_EQ(FieldOf("dave", "groups"), R"(["staff"])");
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "", Basic("dave", "päss \"wörd\"&=")).status, 200);
  EXPECT_EQ(Ask("POST", "/ocs/v2.php/cloud/users", "root", json, "[1").status, 400);
}

TEST_F(UsersCase, RefusalsOfMakingOne) {
  const auto make = [&](std::string body, std::string_view user = "root") {
    return Call("POST", "/users", user, std::move(body)).body;
  };
  const std::string dave = "userid=dave&password=dave-password";
  EXPECT_EQ(make("userid=ALICE&password=dave-password"), Refusal(102, "User already exists"));
  EXPECT_EQ(make(dave + "&groups[]=none"), Refusal(104, "Group none does not exist"));
  EXPECT_EQ(make(dave + "&subadmin[]=none"), Refusal(109, "Sub-admin group does not exist"));
  EXPECT_EQ(make(dave + "&subadmin[]=admin"),
            Refusal(103, "Cannot create sub-admins for admin group"));
  EXPECT_EQ(make("userid=dave"),
            Refusal(108, "An email address is required, to send a password link to the user."));
  EXPECT_EQ(make("userid=dave&password=short"),
            Refusal(107,
                    "Password is among the most common ones. Please make it unique. Password "
                    "needs to be at least 10 characters long."));
  EXPECT_EQ(make("userid=dave&password=" + std::string(1025, 'x')),
            Refusal(101, "Invalid password value"));
  EXPECT_EQ(make("userid=&password=dave-password"), Refusal(101, "A valid Login must be provided"));
  EXPECT_EQ(
      make("userid=a%2Fb&password=dave-password"),
      Refusal(101, "Only these characters are allowed in a user name: a-z, A-Z, 0-9 and _.@-"));
  EXPECT_EQ(make(dave + "&email=nobody"), Refusal(101, "Invalid email"));
  EXPECT_EQ(make(dave + "&quota=lots"), Refusal(101, "Invalid quota value: lots"));
  EXPECT_EQ(make(dave + "&language=xx_nope"), Refusal(101, "Invalid language"));
  EXPECT_EQ(make(dave + "&displayName=" + std::string(200, 'x')),
            Refusal(101, "Invalid displayname"));
  EXPECT_EQ(make(dave, "alice"), Refusal(403, "Logged in account must be at least a sub admin"));
  EXPECT_FALSE(Exists("dave"));
  EXPECT_EQ(Call("POST", "/users", "root", "userid=alice&password=x").status, 400);
  EXPECT_EQ(Ask("POST", "/ocs/v1.php/cloud/users", "root", {}, "userid=alice").status, 200);
}

TEST_F(UsersCase, WithoutAPasswordNobodyLogsIn) {
  EXPECT_EQ(Call("POST", "/users", "root", "userid=dave&email=dave%40example.org").status, 200);
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "", Basic("dave", "")).status, 401);
  EXPECT_EQ(Edit("dave", "password", "dave-password").body, Success());
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "dave").status, 200);
}

TEST_F(UsersCase, SubAdminsMakeMembersOfTheirGroups) {
  const std::string dave = "userid=dave&password=dave-password";
  const auto make = [&](const std::string& more) {
    return Call("POST", "/users", "carol", dave + more).body;
  };
  EXPECT_EQ(make(""), Refusal(106, "No group specified (required for sub-admins)"));
  EXPECT_EQ(make("&groups[]=sales"), Refusal(105, "Insufficient privileges for group sales"));
  EXPECT_EQ(make("&groups[]=admin"), Refusal(105, "Insufficient privileges for group admin"));
  EXPECT_EQ(make("&groups[]=staff&subadmin[]=sales"),
            Refusal(105, "No permissions to promote sub-admins"));
  EXPECT_FALSE(Exists("dave"));
  EXPECT_THAT(make("&groups[]=staff"), HasSubstr(R"("id":"dave")"));
  EXPECT_THAT(GroupsOf("dave"), ElementsAre("staff"));
}

TEST_F(UsersCase, AnAppPasswordChangesNothing) {
  HeaderList token = Basic("root", MakeToken("root", "phone"));
  token.emplace_back("Accept", "application/json");
  const std::pair<std::string_view, std::string_view> calls[] = {
      {"POST", "/users"},
      {"PUT", "/users/alice"},
      {"DELETE", "/users/alice"},
      {"PUT", "/users/alice/enable"},
      {"PUT", "/users/alice/disable"},
      {"PUT", "/users/alice/additional_mail"},
      {"POST", "/users/alice/welcome"},
      {"POST", "/users/alice/groups"},
      {"DELETE", "/users/alice/groups"},
      {"POST", "/users/alice/subadmins"},
      {"DELETE", "/users/alice/subadmins"},
      {"POST", "/groups"},
      {"PUT", "/groups/staff"},
      {"DELETE", "/groups/staff"},
  };
  for (const auto& [method, path] : calls) {
    const Answer answer = Ask(method, "/ocs/v2.php/cloud" + std::string(path), "", token,
                              "userid=dave&password=dave-password&groupid=sales");
    EXPECT_EQ(answer.status, 403) << method << path;
    EXPECT_EQ(answer.body, Refusal(403, "Password confirmation is required")) << method << path;
  }
  EXPECT_FALSE(Exists("dave"));
  EXPECT_EQ(Ask("GET", "/ocs/v2.php/cloud/users", "", token).status, 200);
}

TEST_F(UsersCase, DisabledAndEnabled) {
  EXPECT_EQ(Call("PUT", "/users/alice/disable", "carol").body, Success());
  EXPECT_EQ(FieldOf("alice", "enabled"), "false");
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "alice").status, 401);
  EXPECT_EQ(Call("PUT", "/users/alice/enable", "root").body, Success());
  EXPECT_EQ(Get("/ocs/v2.php/cloud/user", "alice").status, 200);

  EXPECT_EQ(Call("PUT", "/users/root/disable", "root").body, Refusal(101));
  EXPECT_EQ(Call("PUT", "/users/nobody/disable", "root").body, Refusal(101));
  EXPECT_EQ(Call("PUT", "/users/alice/disable", "alice").body, Refusal(101));
  for (const std::string_view name : {"bob", "root", "nobody"}) {
    EXPECT_EQ(Call("PUT", "/users/" + std::string(name) + "/disable", "carol").body, Refusal(998));
  }
  EXPECT_EQ(Call("PUT", "/users/bob/disable", "alice").body, Refusal(998));
  EXPECT_EQ(FieldOf("bob", "enabled"), "true");
}

TEST_F(UsersCase, Deleted) {
  EXPECT_EQ(Call("DELETE", "/users/root", "root").body, Refusal(101));
  EXPECT_EQ(Call("DELETE", "/users/nobody", "root").body, Refusal(998));
  EXPECT_EQ(Call("DELETE", "/users/bob", "carol").body, Refusal(998));
  EXPECT_EQ(Call("DELETE", "/users/root", "carol").body, Refusal(998));
  EXPECT_EQ(Call("DELETE", "/users/alice", "bob").body, Refusal(998));
  EXPECT_EQ(Call("DELETE", "/users/alice", "carol").body, Success());
  EXPECT_FALSE(Exists("alice"));
  EXPECT_EQ(Call("DELETE", "/users/carol", "root").body, Success());
  EXPECT_EQ(DataOf("/groups/staff/subadmins"), "[]");
}

TEST_F(UsersCase, NoMailIsSentAndNobodyIsToldSo) {
  EXPECT_EQ(Call("POST", "/users/alice/welcome", "root").body,
            Refusal(102, "Sending email failed"));
  EXPECT_EQ(Call("POST", "/users/bob/welcome", "root").body,
            Refusal(101, "Email address not available"));
  EXPECT_EQ(Call("POST", "/users/bob/welcome", "carol").body, Refusal(998));
  EXPECT_EQ(Call("POST", "/users/alice/welcome", "alice").body, Refusal(998));
}

}  // namespace
}  // namespace cairn::ocs
