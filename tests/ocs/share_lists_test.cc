// Lists of shares over OCS: what somebody has made, what he was given, what waits, what he has
// left.
#include "tests/ocs/share_api_case.h"

namespace cairn::ocs {
namespace {

class ShareListsTest : public ShareApiCase {
 protected:
  void WantsToBeAsked(std::string_view user) {
    ASSERT_TRUE(users_.SetSetting(IdOf(user), "files_sharing", "default_accept", "no").has_value());
  }
  // Share 1: shr with bob, 2: bob's share of it with carol, 3: single.txt with bob.
  void ShareAll() {
    ASSERT_EQ(Share("alice", "/shr", "bob"), "1");
    ASSERT_EQ(Share("bob", "/shr", "carol", "&permissions=17"), "2");
    ASSERT_EQ(Share("alice", "/single.txt", "bob"), "3");
  }
};

TEST_F(ShareListsTest, OfOnePath) {
  ShareAll();
  EXPECT_EQ(List("/shares?path=/shr"), "[" + Json(Recorded()) + "]");
  EXPECT_EQ(Ids("/shares?path=shr"), "1");
  EXPECT_EQ(Ids("/shares?path=/shr/"), "1");
  EXPECT_EQ(Ids("/shares?path=/shr&reshares=true"), "1 2");
  EXPECT_EQ(Ids("/shares?path=/shr&reshares=1"), "1 2");
  EXPECT_EQ(Ids("/shares?path=/shr&reshares=false"), "1");
  EXPECT_EQ(Ids("/shares?path=/shr/sub&reshares=true"), "");
  EXPECT_EQ(List("/shares?path=/shr/a.txt"), "[]");
  EXPECT_EQ(Ids("/shares?path=/"), "");
  EXPECT_EQ(Ids("/shares?path=/nope"), Refusal(404, "Wrong path, file/folder does not exist"));
  EXPECT_EQ(Ids("/shares?path=/single.txt", "carol"),
            Refusal(404, "Wrong path, file/folder does not exist"));
  EXPECT_EQ(Ids("/shares?path=/shr", "bob"), "2") << "what he has made himself";
  EXPECT_EQ(Ids("/shares?path=/shr&reshares=true", "bob"), "2");
  EXPECT_EQ(Ids("/shares?path=/shr&reshares=true", "carol"), "");
}

TEST_F(ShareListsTest, OfAFoldersMembers) {
  ShareAll();
  EXPECT_EQ(Ids("/shares?path=/&subfiles=true"), "1 2 3");
  EXPECT_EQ(Ids("/shares?subfiles=true"), "3 2 1");
  EXPECT_EQ(Ids("/shares?path=/shr&subfiles=true"), "");
  EXPECT_EQ(Ids("/shares?path=/single.txt&subfiles=true"), Refusal(400, "Not a directory"));
  EXPECT_EQ(Ids("/shares?path=/&subfiles=true", "bob"), "2") << "also of what stands there only";
}

TEST_F(ShareListsTest, OfEverything) {
  ShareAll();
  EXPECT_EQ(Ids("/shares"), "3 1") << "the newest first";
  EXPECT_EQ(Ids("/shares?reshares=true"), "3 2 1");
  EXPECT_EQ(Ids("/shares", "bob"), "2");
  EXPECT_EQ(Ids("/shares", "carol"), "");
  EXPECT_EQ(
      Call("GET", "/shares", "alice", {}, 1).body.substr(0, 95),
      R"({"ocs":{"meta":{"status":"ok","statuscode":100,"message":"OK","totalitems":"","items)"
      R"(perpage":"")");
  EXPECT_THAT(Get(Base(2) + "/shares").body,
              testing::HasSubstr(" <data>\n  <element>\n   <id>3</id>\n"));
  EXPECT_THAT(Get(Base(2) + "/shares", "carol").body, testing::HasSubstr("\n <data/>\n"));
}

TEST_F(ShareListsTest, OfWhatOneWasGiven) {
  ShareAll();
  EXPECT_EQ(Ids("/shares?shared_with_me=true", "bob"), "3 1");
  EXPECT_EQ(List("/shares?shared_with_me=true&path=/shr", "bob"), "[" + Json(ToBob()) + "]");
  EXPECT_EQ(Ids("/shares?shared_with_me=true&path=/shr/sub", "bob"), "");
  EXPECT_EQ(Ids("/shares?shared_with_me=true", "carol"), "2");
  EXPECT_EQ(Ids("/shares?shared_with_me=true"), "");
  EXPECT_EQ(List("/shares?shared_with_me=true&path=/shr&include_tags=true", "bob"),
            "[" + Json(With(ToBob(), {{"tags", "[]"}})) + "]");
  EXPECT_EQ(Field("2", "permissions", "carol"), "17");
}

TEST_F(ShareListsTest, TagsAreFavourites) {
  ShareAll();
  storage::PropertiesPatch patch;
  patch.favorite = true;
  const auto bob = users_.FindByName(*engine_.kv().Published(), "bob");
  storage::Caller caller;
  caller.user = IdOf("bob");
  caller.user_version = (*bob)->version();
  const storage::WriteContext context{.caller = caller};
  const storage::TreePath at{.home = SpaceId{1}, .segments = {}, .start = NodeOf("alice", {"shr"})};
  auto body = [&](storage::KvTxn& txn) {
    return storage::PatchProperties(engine_.tree(), txn, context, at, patch);
  };
  ASSERT_TRUE(
      storage::CommitBlocking(engine_.kv(), {storage::SpaceKey(SpaceId{1})}, body).has_value());
  EXPECT_EQ(List("/shares?shared_with_me=true&path=/shr&include_tags=true", "bob"),
            "[" + Json(With(ToBob(), {{"tags", R"(["_$!<Favorite>!$_"])"}})) + "]");
  EXPECT_EQ(List("/shares?path=/shr&include_tags=true"),
            "[" + Json(With(Recorded(), {{"tags", "[]"}})) + "]");
}

TEST_F(ShareListsTest, OfTheFoldersAbove) {
  ShareAll();
  ASSERT_EQ(Share("alice", "/shr/sub", "carol"), "4");
  Put("alice", {"shr", "sub", "b.txt"});
  const std::string shr = NodeText("alice", {"shr"});
  const Fields via = {{"via_fileid", shr}, {"via_path", R"("/shr")"}};
  EXPECT_EQ(Ids("/shares/inherited?path=/shr/sub/b.txt"), "4 1 2") << "from below";
  EXPECT_EQ(Ids("/shares/inherited?path=/shr"), "");
  EXPECT_EQ(Ids("/shares/inherited?path=/"), "");
  EXPECT_EQ(Ids("/shares/inherited?path=/nope"),
            Refusal(404, "Wrong path, file/folder does not exist"));
  const auto told = Call("GET", "/shares/inherited?path=/shr/a.txt").Data().as_array();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(ToJson(told[0]), Json(With(Recorded(), via)));
  EXPECT_EQ(told[1].at("via_path"), "/shr");
  EXPECT_EQ(Ids("/shares/inherited?path=/shr/sub/b.txt", "bob"), "2");
  EXPECT_EQ(Ids("/shares/inherited?path=/sub/b.txt", "carol"), "");
}

TEST_F(ShareListsTest, AGroupsShareLeftAndTakenBack) {
  ASSERT_TRUE(groups_.SetDisplayName("staff", "The Staff").has_value());
  ASSERT_EQ(Share("root", "/x", "staff"), Refusal(404, "Wrong path, file/folder does not exist"));
  ASSERT_EQ(Share("alice", "/shr", "staff"), "1");
  const Fields group = With(Recorded(), {{"share_type", "1"},
                                         {"share_with", R"("staff")"},
                                         {"share_with_displayname", R"("The Staff")"},
                                         {"share_with_displayname_unique", ""}});
  EXPECT_EQ(List("/shares/1"), "[" + Json(group) + "]");
  EXPECT_EQ(List("/shares?shared_with_me=true", "carol"),
            "[" +
                Json(With(group, {{"can_edit", "false"},
                                  {"can_delete", "false"},
                                  {"is-mount-root", "true"},
                                  {"mount-type", R"("shared")"},
                                  {"storage_id", R"("shared::/shr")"}})) +
                "]");
  EXPECT_EQ(Ids("/shares?shared_with_me=true"), "") << "not to its maker, who is of the group";
  EXPECT_EQ(Call("GET", "/shares/1", "bob").body, NoShare());

  const std::string path = "/deletedshares/ocinternal:1";
  EXPECT_EQ(List("/deletedshares", "carol"), "[]");
  EXPECT_EQ(Call("POST", path, "carol").body, Refusal(404, "No deleted share found"));
  EXPECT_EQ(Call("DELETE", "/shares/1", "carol").body, Success());
  EXPECT_EQ(Ids("/shares?shared_with_me=true", "carol"), "");
  EXPECT_EQ(Call("GET", "/shares/1", "carol").body, NoShare());
  Fields left = With(group, {{"id", R"("ocinternal:1")"}, {"permissions", "0"}});
  for (const std::string gone :
       {"can_edit", "can_delete", "note", "label", "item_permissions", "is-mount-root",
        "mount-type", "has_preview", "mail_send", "hide_download", "attributes"})
    left = With(left, {{gone, ""}});
  EXPECT_EQ(List("/deletedshares", "carol"), "[" + Json(left) + "]");
  EXPECT_EQ(List("/deletedshares", "bob"), "[]");

  EXPECT_EQ(Call("POST", path).body, Refusal(404, "No deleted share found"));
  for (const std::string id : {"ocinternal:1", "ocinternal:2", "1", "ocinternal:x", "ocinternal:"})
    EXPECT_EQ(Call("POST", "/deletedshares/" + id, "bob").body, Refusal(404, "Share not found"));
  EXPECT_EQ(Call("POST", path, "carol").body, Success());
  EXPECT_EQ(List("/deletedshares", "carol"), "[]");
  EXPECT_EQ(Ids("/shares?shared_with_me=true", "carol"), "1");
}

TEST_F(ShareListsTest, WhatComesBackToItsOwnerIsNoGift) {
  ASSERT_EQ(Share("alice", "/shr", "bob"), "1");
  ASSERT_EQ(Share("bob", "/shr", "staff"), "2");
  EXPECT_EQ(Ids("/shares?shared_with_me=true", "carol"), "2");
  EXPECT_EQ(Ids("/shares?shared_with_me=true"), "");
  EXPECT_EQ(Ids("/shares?path=/&subfiles=true"), "1 2");
  EXPECT_EQ(Field("2", "can_edit", "alice"), "true");
}

TEST_F(ShareListsTest, WaitsUntilItIsAccepted) {
  WantsToBeAsked("bob");
  ASSERT_EQ(Share("alice", "/shr", "bob", "&permissions=17"), "1");
  const Fields waits =
      With(Recorded(), {{"permissions", "0"}, {"can_edit", "false"}, {"item_permissions", "25"}});
  EXPECT_EQ(List("/shares/pending", "bob"), "[" + Json(waits) + "]");
  EXPECT_EQ(List("/shares/pending", "carol"), "[]");
  EXPECT_EQ(List("/shares/1", "bob"), "[" + Json(waits) + "]");
  EXPECT_EQ(List("/shares?shared_with_me=true", "bob"), "[]");
  EXPECT_EQ(Ids("/shares?path=/shr", "bob"),
            Refusal(404, "Wrong path, file/folder does not exist"));
  EXPECT_EQ(Call("POST", "/shares/pending/1", "carol").body, NoShare());
  EXPECT_EQ(Call("POST", "/shares/pending/9", "bob").body, NoShare());
  EXPECT_EQ(Call("DELETE", "/shares/pending/1", "bob").status, 405) << "as recorded";
  EXPECT_EQ(Call("POST", "/shares/pending/1", "bob").body, Success());
  EXPECT_EQ(List("/shares/pending", "bob"), "[]");
  EXPECT_EQ(Ids("/shares?shared_with_me=true", "bob"), "1");
  EXPECT_EQ(Call("POST", "/shares/pending/1", "bob").body, Success()) << "once more";

  ASSERT_EQ(Share("alice", "/single.txt", "bob"), "2");
  EXPECT_EQ(Call("DELETE", "/shares/2", "bob").body, Success());
  EXPECT_EQ(Ids("/shares/pending", "bob"), "");
  EXPECT_EQ(Call("GET", "/shares/2").body, NoShare()) << "a user share ends when it is declined";
}

TEST_F(ShareListsTest, AGroupsShareWaitsToo) {
  WantsToBeAsked("carol");
  ASSERT_EQ(Share("alice", "/shr", "staff"), "1");
  EXPECT_EQ(Ids("/shares/pending", "carol"), "1");
  EXPECT_EQ(Ids("/shares?shared_with_me=true", "carol"), "");
  EXPECT_EQ(Call("POST", "/shares/pending/1", "carol").body, Success());
  EXPECT_EQ(Ids("/shares/pending", "carol"), "");
  EXPECT_EQ(Ids("/shares?shared_with_me=true", "carol"), "1");
}

TEST_F(ShareListsTest, WhatOthersDeepInAFolderOwnIsNotToldByItsPath) {
  Mkcol("alice", {"private"});
  Mkcol("alice", {"private", "deep"});
  ASSERT_EQ(Share("alice", "/private/deep", "bob"), "1");
  for (const std::string_view list : {"/shares/1", "/shares?shared_with_me=true"})
    EXPECT_EQ(List(list, "bob").find("private"), std::string::npos);
  WantsToBeAsked("carol");
  ASSERT_EQ(Share("alice", "/private/deep", "staff"), "2");
  EXPECT_EQ(List("/shares/pending", "carol").find("private"), std::string::npos);
  EXPECT_EQ(Field("1", "path", "alice"), R"("/private/deep")");
}

TEST_F(ShareListsTest, NothingComesFromOtherServers) {
  EXPECT_EQ(List("/remote_shares"), "[]");
  EXPECT_EQ(List("/remote_shares/pending"), "[]");
  EXPECT_EQ(Call("GET", "/remote_shares/999999").body, Refusal(404, "share does not exist"));
  EXPECT_EQ(Call("GET", "/remote_shares", "").status, 401);
}

}  // namespace
}  // namespace cairn::ocs
