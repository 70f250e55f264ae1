// Groups, memberships, sub-admins and the list of apps.
#include "tests/ocs/provisioning_case.h"

namespace cairn::ocs {
namespace {

using GroupsCase = ProvisioningCase;
using testing::ElementsAre;

TEST_F(GroupsCase, Listed) {
  EXPECT_EQ(DataOf("/groups"), R"({"groups":["admin","sales","staff"]})");
  EXPECT_EQ(DataOf("/groups?search=SA"), R"({"groups":["sales"]})");
  EXPECT_EQ(DataOf("/groups?limit=1&offset=1"), R"({"groups":["sales"]})");
  EXPECT_EQ(DataOf("/groups", "carol"), R"({"groups":["staff"]})");
  EXPECT_EQ(DataOf("/groups", "alice"),
            Refusal(403, "Logged in account must be at least a sub admin"));
  EXPECT_EQ(DataOf("/groups/details", "alice"),
            Refusal(403, "Logged in account must be at least a sub admin"));
  ASSERT_TRUE(users_.SetDisabled(IdOf("alice"), true).has_value());
  ASSERT_TRUE(groups_.SetDisplayName("staff", "The Staff").has_value());
  EXPECT_EQ(DataOf("/groups/details?search=the"),
            R"({"groups":[{"id":"staff","displayname":"The Staff","usercount":2,"disabled":1,)"
            R"("canAdd":true,"canRemove":true}]})");
}

TEST_F(GroupsCase, Members) {
  for (const std::string_view who : {"root", "carol", "alice"}) {
    EXPECT_EQ(DataOf("/groups/staff", who), R"({"users":["alice","carol"]})");
    EXPECT_EQ(DataOf("/groups/staff/users", who), R"({"users":["alice","carol"]})");
  }
  EXPECT_EQ(DataOf("/groups/staff/users?search=ada"), R"({"users":["carol"]})");
  const std::string absent = Refusal(404, "The requested group could not be found");
  EXPECT_EQ(DataOf("/groups/none"), absent);
  EXPECT_EQ(DataOf("/groups/staff", "bob"), absent);  // as one that does not exist
  EXPECT_EQ(DataOf("/groups/none", "bob"), absent);
  EXPECT_EQ(DataOf("/groups/sales", "carol"), absent);
  EXPECT_EQ(DataOf("/groups/staff/users/details", "alice"), absent);
  const auto users = Call("GET", "/groups/staff/users/details", "carol").Data().at("users");
  EXPECT_EQ(users.as_object().size(), 2u);
  EXPECT_EQ(users.at("alice").at("email"), "alice@example.org");
}

TEST_F(GroupsCase, MadeNamedAndRemoved) {
  const auto make = [&](std::string body, std::string_view user = "root") {
    return Call("POST", "/groups", user, std::move(body)).body;
  };
  EXPECT_EQ(make("groupid=R%26D+%C3%BC&displayname=Research"), Success());
  EXPECT_EQ(make("groupid=R%26D+%C3%BC"), Refusal(102, "group exists"));
  EXPECT_EQ(make("groupid=admin"), Refusal(102, "group exists"));
  EXPECT_EQ(make("groupid="), Refusal(101, "Invalid group name"));
  EXPECT_EQ(make("groupid=a%2Fb"), Refusal(101, "Invalid group name"));
  EXPECT_EQ(make("groupid=x", "carol"), Refusal(403, "Logged in account must be an admin"));
  EXPECT_EQ(make("groupid=x", "alice"), Refusal(403, "Logged in account must be an admin"));

  const std::string path = "/groups/R%26D%20%C3%BC";
  EXPECT_EQ(DataOf(path), R"({"users":[]})");
  EXPECT_EQ(Call("PUT", path, "root", "key=displayname&value=R+and+D").body, Success());
  EXPECT_EQ(Call("PUT", path, "root", "key=nonsense&value=x").body, Refusal(999));
  EXPECT_EQ(Call("PUT", path, "root", "key=nonsense&value=x").status, 500);
  EXPECT_EQ(Call("PUT", path, "root", "key=displayname&value=%01").body,
            Refusal(101, "Invalid displayname"));
  EXPECT_EQ(Call("PUT", "/groups/none", "root", "key=displayname&value=x").body,
            Refusal(998, "Group does not exist"));
  EXPECT_EQ(Call("PUT", path, "carol", "key=displayname&value=x").status, 403);
  EXPECT_EQ(Call("GET", "/groups/details?search=R%26D", "root")
                .Data()
                .at("groups")
                .at(0)
                .at("displayname"),
            "R and D");
  EXPECT_EQ(Call("DELETE", path, "carol").status, 403);
  EXPECT_EQ(Call("DELETE", path, "root").body, Success());
  EXPECT_EQ(Call("DELETE", path, "root").body, Refusal(101));
  EXPECT_EQ(Call("DELETE", "/groups/admin", "root").body, Refusal(102));
  EXPECT_EQ(Call("DELETE", "/groups/staff", "root").body, Success());
  EXPECT_EQ(FieldOf("carol", "subadmin"), "[]");
  EXPECT_EQ(Call("GET", "/users", "carol").status, 403);
}

TEST_F(GroupsCase, Memberships) {
  const auto add = [&](std::string_view name, std::string group, std::string_view user = "root") {
    return Call("POST", "/users/" + std::string(name) + "/groups", user, "groupid=" + group).body;
  };
  EXPECT_EQ(add("alice", "sales"), Success());
  EXPECT_EQ(add("alice", "sales"), Success());
  EXPECT_THAT(GroupsOf("alice"), ElementsAre("sales", "staff"));
  EXPECT_EQ(add("alice", "none"), Refusal(102));
  EXPECT_EQ(add("nobody", "sales"), Refusal(103));
  EXPECT_EQ(add("alice", ""), Refusal(101));
  EXPECT_EQ(add("alice", "admin"), Success());
  EXPECT_EQ(Call("GET", "/groups", "alice").status, 200);  // an administrator at once

  const auto remove = [&](std::string_view name, std::string_view group,
                          std::string_view user = "root") {
    return Call("DELETE", "/users/" + std::string(name) + "/groups?groupid=" + std::string(group),
                user)
        .body;
  };
  EXPECT_EQ(remove("alice", "admin"), Success());
  EXPECT_EQ(remove("alice", "sales"), Success());
  EXPECT_EQ(remove("alice", "sales"), Success());
  EXPECT_EQ(remove("alice", "none"), Refusal(102));
  EXPECT_EQ(remove("nobody", "sales"), Refusal(103));
  EXPECT_EQ(remove("alice", ""), Refusal(101));
  EXPECT_EQ(remove("root", "admin"), Refusal(105, "Cannot remove yourself from the admin group"));
  EXPECT_THAT(GroupsOf("root"), ElementsAre("admin"));
}

TEST_F(GroupsCase, SubAdminsMoveTheirOwnMembersBetweenTheirOwnGroups) {
  const auto change = [&](std::string_view method, std::string_view name, std::string group,
                          std::string_view user = "carol") {
    return Call(method, "/users/" + std::string(name) + "/groups", user, "groupid=" + group).body;
  };
  // Nobody out of reach, known or not, and no group of others.
  for (const std::string_view name : {"bob", "root", "nobody"})
    EXPECT_EQ(change("POST", name, "staff"), Refusal(104)) << name;
  for (const std::string group : {"sales", "admin", "none"})
    EXPECT_EQ(change("POST", "alice", group), Refusal(104)) << group;
  EXPECT_EQ(change("POST", "alice", "staff", "alice"),
            Refusal(403, "Logged in account must be at least a sub admin"));

  EXPECT_EQ(change("DELETE", "alice", "staff"),
            Refusal(105, "Not viable to remove user from the last group you are sub-admin of"));
  EXPECT_EQ(change("DELETE", "carol", "staff"),
            Refusal(105, "Cannot remove yourself from this group as you are a sub-admin"));
  ASSERT_TRUE(admins_.Add("sales", IdOf("carol")).has_value());
  EXPECT_EQ(change("POST", "alice", "sales"), Success());
  EXPECT_EQ(change("DELETE", "alice", "staff"), Success());
  EXPECT_THAT(GroupsOf("alice"), ElementsAre("sales"));
}

TEST_F(GroupsCase, SubAdmins) {
  const auto change = [&](std::string_view method, std::string_view name, std::string group,
                          std::string_view user = "root") {
    return Call(method, "/users/" + std::string(name) + "/subadmins", user, "groupid=" + group)
        .body;
  };
  EXPECT_EQ(change("POST", "alice", "sales"), Success());
  EXPECT_EQ(change("POST", "alice", "sales"), Success());
  EXPECT_EQ(change("POST", "alice", "none"), Refusal(102, "Group does not exist"));
  EXPECT_EQ(change("POST", "alice", "admin"),
            Refusal(103, "Cannot create sub-admins for admin group"));
  EXPECT_EQ(change("POST", "nobody", "sales"), Refusal(101, "User does not exist"));
  EXPECT_EQ(change("POST", "alice", "staff", "carol"),
            Refusal(403, "Logged in account must be an admin"));
  EXPECT_EQ(DataOf("/users/alice/subadmins"), R"(["sales"])");
  EXPECT_EQ(DataOf("/users/bob/subadmins"), "[]");
  EXPECT_EQ(DataOf("/users/nobody/subadmins"), Refusal(404, "User does not exist"));
  EXPECT_EQ(DataOf("/users/alice/subadmins", "alice"),
            Refusal(403, "Logged in account must be an admin"));
  EXPECT_EQ(DataOf("/groups/sales/subadmins"), R"(["alice"])");
  EXPECT_EQ(DataOf("/groups/none/subadmins"), Refusal(101, "Group does not exist"));
  EXPECT_EQ(DataOf("/groups/sales/subadmins", "carol"),
            Refusal(403, "Logged in account must be an admin"));
  EXPECT_EQ(DataOf("/users", "alice"), R"({"users":["bob"]})");

  EXPECT_EQ(change("DELETE", "alice", "sales"), Success());
  EXPECT_EQ(change("DELETE", "alice", "sales"),
            Refusal(102, "User is not a sub-admin of this group"));
  EXPECT_EQ(change("DELETE", "alice", "none"), Refusal(101, "Group does not exist"));
  EXPECT_EQ(change("DELETE", "nobody", "sales"), Refusal(101, "User does not exist"));
  EXPECT_EQ(Call("GET", "/users", "alice").status, 403);
}

TEST_F(GroupsCase, Apps) {
  EXPECT_EQ(DataOf("/apps?filter=enabled"),
            R"({"apps":["dav","files","files_sharing","files_trashbin","files_versions",)"
            R"("provisioning_api","theming"]})");
  EXPECT_EQ(DataOf("/apps?filter=disabled"), R"({"apps":[]})");
  EXPECT_EQ(DataOf("/apps/files"),
            R"({"id":"files","name":"Files","summary":"Files and folders, uploads in parts",)"
            R"("description":"Files and folders, uploads in parts","version":"32.0.6"})");
  const Answer unknown = Call("GET", "/apps/nonsense", "root");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, Refusal(998, "The request app was not found"));
  for (const std::string_view who : {"alice", "carol"}) {
    EXPECT_EQ(DataOf("/apps", who), Refusal(403, "Logged in account must be an admin"));
    EXPECT_EQ(DataOf("/apps/files", who), Refusal(403, "Logged in account must be an admin"));
  }
}

}  // namespace
}  // namespace cairn::ocs
