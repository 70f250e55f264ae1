// What is deleted in a share: in its owner's trash, and in that of who deleted it.
#include "tests/dav/trash_links_case.h"
#include "trash/links.h"

namespace cairn::dav {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TrashLinksTest : public TrashLinksCase {};

constexpr std::string_view kFile = "/a.txt.d1700001000";

// The user manual's User1, User2 and User3.
TEST_F(TrashLinksTest, TheManualsScenario) {
  const std::string id = Id("/shr/a.txt");
  EXPECT_EQ(In("carol", "DELETE", "/shr/a.txt"), 403);
  EXPECT_EQ(In("bob", "DELETE", "/shr/a.txt"), 204);
  EXPECT_THAT(Trash("alice"), ElementsAre(kFile));
  EXPECT_THAT(Trash("bob"), ElementsAre(kFile));
  EXPECT_THAT(Trash("carol"), IsEmpty());
  EXPECT_EQ(Text("alice", kFile), "shared text");
  EXPECT_EQ(Text("bob", kFile), "shared text");
  EXPECT_EQ(Text("carol", kFile), "404");

  // User2 restores it.
  EXPECT_EQ(Restore("bob", kFile).status, 201);
  EXPECT_EQ(Id("/shr/a.txt"), id);
  EXPECT_EQ(Do("GET", Home("carol", "/shr/a.txt"), {}, {}, "carol").body, "shared text");
  EXPECT_THAT(Trash("alice"), IsEmpty());
  EXPECT_THAT(Trash("bob"), IsEmpty());
  EXPECT_EQ(Rows(), 0u);

  // He deletes it again, User1 restores it.
  EXPECT_EQ(In("bob", "DELETE", "/shr/a.txt"), 204);
  ASSERT_THAT(Trash("bob"), ElementsAre(kFile));
  EXPECT_EQ(Restore("alice", kFile).status, 201);
  EXPECT_THAT(Trash("bob"), IsEmpty());
  EXPECT_EQ(Text("bob", kFile), "404");
  EXPECT_EQ(In("bob", "GET", "/shr/a.txt"), 200);

  // Once more, and User1 deletes it for good.
  EXPECT_EQ(In("bob", "DELETE", "/shr/a.txt"), 204);
  const auto again = Trash("bob");
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(Purge("alice", Trash("alice").front()), 204);
  EXPECT_THAT(Trash("alice"), IsEmpty());
  EXPECT_THAT(Trash("bob"), IsEmpty());
  EXPECT_EQ(Text("bob", again.front()), "404");
  EXPECT_EQ(Restore("bob", again.front()).status, 404);
  ExpectClean();
}

TEST_F(TrashLinksTest, EachSeesItWhereHeHadIt) {
  constexpr std::string_view kProps =
      "<nc:trashbin-filename/><nc:trashbin-original-location/><nc:trashbin-deletion-time/>"
      "<nc:trashbin-deleted-by-id/><oc:permissions/><oc:fileid/>";
  const std::string id = Id("/shr/sub/b.txt");
  EXPECT_EQ(In("bob", "MKCOL", "/in"), 201);
  EXPECT_EQ(
      Do("MOVE", Home("bob", "/shr"), {{"Destination", Home("bob", "/in/got")}}, {}, "bob").status,
      201);
  EXPECT_EQ(In("bob", "DELETE", "/in/got/sub/b.txt"), 204);
  const auto found = [&](std::string_view place) {
    return "<nc:trashbin-filename>b.txt</nc:trashbin-filename><nc:trashbin-original-location>" +
           std::string(place) +
           "</nc:trashbin-original-location><nc:trashbin-deletion-time>1700001000"
           "</nc:trashbin-deletion-time><nc:trashbin-deleted-by-id>bob</nc:trashbin-deleted-by-id>"
           "<oc:permissions>GD</oc:permissions><oc:fileid>" +
           id + "</oc:fileid>";
  };
  constexpr std::string_view kItem = "/b.txt.d1700001000";
  EXPECT_THAT(Show("alice", {}, kProps).body,
              HasSubstr(ResponseAt(Bin("alice", kItem), found("shr/sub/b.txt"))));
  EXPECT_THAT(Show("bob", {}, kProps).body,
              HasSubstr(ResponseAt(Bin("bob", kItem), found("in/got/sub/b.txt"))));
  EXPECT_EQ(Show("bob", kItem, kProps, "0").body,
            Multistatus(ResponseAt(Bin("bob", kItem), found("in/got/sub/b.txt"))));
}

TEST_F(TrashLinksTest, AFolderIsBrowsedAndRestored) {
  EXPECT_EQ(In("bob", "DELETE", "/shr/sub"), 204);
  constexpr std::string_view kFolder = "/sub.d1700001000/";
  EXPECT_THAT(Trash("bob"), ElementsAre(kFolder));
  EXPECT_THAT(Trash("bob", kFolder), ElementsAre("/sub.d1700001000/b.txt"));
  EXPECT_EQ(Hrefs(Show("bob", {}, "<d:getetag/>", "infinity")).size(), 3u);
  EXPECT_THAT(Show("bob", "/sub.d1700001000/b.txt", "<nc:trashbin-original-location/>").body,
              HasSubstr(">shr/sub/b.txt<"));
  EXPECT_EQ(Text("bob", "/sub.d1700001000/b.txt"), "below");
  EXPECT_EQ(Text("bob", "/sub.d1700001000/c.txt"), "404");
  // One member: into what is shared with him, as its folder is gone.
  EXPECT_EQ(Purge("bob", "/sub.d1700001000/b.txt"), 403);
  EXPECT_EQ(Restore("bob", "/sub.d1700001000/b.txt").status, 201);
  EXPECT_EQ(Ask("GET", "/shr/b.txt").body, "below");
  EXPECT_EQ(Restore("bob", "/sub.d1700001000").status,
            404);  // the link went with what was restored
  EXPECT_THAT(Trash("alice"), ElementsAre(kFolder));
  ExpectClean();
}

TEST_F(TrashLinksTest, AMissingFolderAndATakenName) {
  EXPECT_EQ(In("bob", "DELETE", "/shr/sub/b.txt"), 204);
  EXPECT_EQ(In("alice", "DELETE", "/shr/sub"), 204);
  EXPECT_EQ(Do("PUT", Home("alice", "/shr/b.txt"), {}, "new").status, 201);
  EXPECT_EQ(Restore("bob", "/b.txt.d1700001000").status, 201);
  EXPECT_EQ(Ask("GET", "/shr/b%20(restored).txt").body, "below");
  EXPECT_EQ(Ask("GET", "/shr/b.txt").body, "new");
}

TEST_F(TrashLinksTest, WhatIsLinkedIsReadOnly) {
  EXPECT_EQ(In("bob", "DELETE", "/shr/a.txt"), 204);
  const HeaderList out = {{"Destination", Home("bob", "/out.txt")}};
  EXPECT_EQ(Do("MOVE", Bin("bob", kFile), out, {}, "bob").status, 403);
  EXPECT_EQ(Do("COPY", Bin("bob", kFile), out, {}, "bob").status, 403);
  EXPECT_EQ(Do("PUT", Bin("bob", kFile), {}, "x", "bob").status, 403);
  EXPECT_EQ(Text("bob", kFile), "shared text");
  // Deleting it ends the link, and nothing else.
  EXPECT_EQ(Purge("bob", kFile), 204);
  EXPECT_EQ(Purge("bob", kFile), 404);
  EXPECT_THAT(Trash("bob"), IsEmpty());
  EXPECT_EQ(Text("bob", kFile), "404");
  EXPECT_EQ(Text("alice", kFile), "shared text");
  EXPECT_EQ(Restore("alice", kFile).status, 201);
}

TEST_F(TrashLinksTest, EmptyingEndsAllLinks) {
  EXPECT_EQ(In("bob", "DELETE", "/shr/a.txt"), 204);
  EXPECT_EQ(In("bob", "DELETE", "/shr/sub"), 204);
  EXPECT_EQ(Do("PUT", Home("bob", "/own.txt"), {}, "own", "bob").status, 201);
  EXPECT_EQ(In("bob", "DELETE", "/own.txt"), 204);
  EXPECT_THAT(Trash("bob"), ElementsAre("/own.txt.d1700001000", kFile, "/sub.d1700001000/"));
  EXPECT_EQ(Do("DELETE", Bin("bob"), {}, {}, "bob").status, 204);
  EXPECT_THAT(Trash("bob"), IsEmpty());
  EXPECT_EQ(Rows(), 0u);
  EXPECT_THAT(Trash("alice"), ElementsAre(kFile, "/sub.d1700001000/"));
  EXPECT_EQ(Do("DELETE", Bin("alice"), {}, {}).status, 204);
  EXPECT_THAT(Trash("alice"), IsEmpty());
}

TEST_F(TrashLinksTest, NoTwoOfATrashHaveOneName) {
  EXPECT_EQ(Do("PUT", Home("bob", "/a.txt"), {}, "first", "bob").status, 201);
  EXPECT_EQ(In("bob", "DELETE", "/a.txt"), 204);
  EXPECT_EQ(In("bob", "DELETE", "/shr/a.txt"), 204);
  EXPECT_EQ(Do("PUT", Home("bob", "/a.txt"), {}, "third", "bob").status, 201);
  EXPECT_EQ(In("bob", "DELETE", "/a.txt"), 204);
  EXPECT_THAT(Trash("alice"), ElementsAre(kFile));
  EXPECT_THAT(Trash("bob"), ElementsAre(kFile, "/a.txt.d1700001003", "/a.txt.d1700001001"));
  EXPECT_EQ(Text("bob", kFile), "first");
  EXPECT_EQ(Text("bob", "/a.txt.d1700001001"), "shared text");
  EXPECT_EQ(Text("bob", "/a.txt.d1700001003"), "third");
  // What the owner has deleted since under that name is another deletion.
  EXPECT_EQ(Restore("alice", kFile).status, 201);
  EXPECT_EQ(In("alice", "DELETE", "/shr/a.txt"), 204);
  EXPECT_EQ(Text("bob", "/a.txt.d1700001001"), "404");
  EXPECT_EQ(Trash("bob").size(), 2u);
}

TEST_F(TrashLinksTest, ItOutlivesTheShare) {
  EXPECT_EQ(In("bob", "DELETE", "/shr/a.txt"), 204);
  EXPECT_EQ(In("bob", "DELETE", "/shr/sub"), 204);
  Unshare();
  EXPECT_EQ(In("bob", "GET", "/shr/a.txt"), 404);
  EXPECT_THAT(Trash("bob"), ElementsAre(kFile, "/sub.d1700001000/"));
  EXPECT_EQ(Text("bob", kFile), "shared text");
  EXPECT_EQ(Text("bob", "/sub.d1700001000/b.txt"), "below");
  // Back into a folder that he does not see any more it does not go.
  const Answer refused = Restore("bob", kFile);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("lies in its owner"));
  EXPECT_THAT(Trash("alice"), ElementsAre(kFile, "/sub.d1700001000/"));
  EXPECT_EQ(Ask("GET", "/shr/a.txt").status, 404);
  EXPECT_EQ(Purge("bob", kFile), 204);
}

TEST_F(TrashLinksTest, RestoringIsAddingToTheShare) {
  EXPECT_EQ(In("bob", "DELETE", "/shr/a.txt"), 204);
  Change({.permissions = 1 + 8});
  EXPECT_EQ(Restore("bob", kFile).status, 403);
  EXPECT_EQ(Text("bob", kFile), "shared text");
  Change({.permissions = 1 + 4});
  EXPECT_EQ(Restore("bob", kFile).status, 201);
}

TEST_F(TrashLinksTest, WithheldBytesStayWithheld) {
  Change({.attributes = "[]", .no_download = true});
  EXPECT_EQ(In("bob", "DELETE", "/shr/a.txt"), 204);
  EXPECT_THAT(Trash("bob"), ElementsAre(kFile));
  EXPECT_EQ(Text("bob", kFile), "403");
  Unshare();
  EXPECT_EQ(Text("bob", kFile), "403");
}

TEST_F(TrashLinksTest, OnlyTheOwnerDoesWithoutTheTrash) {
  const HeaderList skip = {{"X-NC-Skip-Trashbin", "true"}};
  EXPECT_EQ(Do("DELETE", Home("bob", "/shr/a.txt"), skip, {}, "bob").status, 204);
  EXPECT_THAT(Trash("alice"), ElementsAre(kFile));
  EXPECT_EQ(Do("DELETE", Home("alice", "/shr/sub"), skip).status, 204);
  EXPECT_THAT(Trash("alice"), ElementsAre(kFile));
}

TEST_F(TrashLinksTest, WhatAMoveReplacesIsDeleted) {
  Put("/shr/other.txt", "other");
  const HeaderList onto = {{"Destination", Home("bob", "/shr/a.txt")}};
  EXPECT_EQ(Do("MOVE", Home("bob", "/shr/other.txt"), onto, {}, "bob").status, 204);
  EXPECT_THAT(Trash("bob"), ElementsAre(kFile));
  EXPECT_EQ(Text("bob", kFile), "shared text");
  EXPECT_EQ(Restore("bob", kFile).status, 201);
  EXPECT_EQ(Ask("GET", "/shr/a%20(restored).txt").body, "shared text");
}

TEST_F(TrashLinksTest, WhoComesByALinkHasNoTrash) {
  shares::NewShare request;
  request.type = shares::ShareType::kLink;
  request.set.permissions = 15;
  const std::string token = MakeShare("/shr", request).token();
  const std::string path = "/public.php/dav/files/" + token + "/a.txt";
  EXPECT_EQ(Do("DELETE", path, {}, {}, "").status, 204);
  EXPECT_EQ(Rows(), 0u);
  constexpr std::string_view kBy =
      "<nc:trashbin-deleted-by-id/><nc:trashbin-deleted-by-display-name/>";
  EXPECT_THAT(Show("alice", {}, kBy).body, HasSubstr(ResponseAt(Bin("alice", kFile), {}, kBy)));
  EXPECT_EQ(Restore("alice", kFile).status, 201);
}

TEST_F(TrashLinksTest, ARowThatCannotBeReadHidesNothingElse) {
  EXPECT_EQ(In("bob", "DELETE", "/shr/a.txt"), 204);
  auto plant = [&](storage::KvTxn& txn) -> Result<void> {
    txn.Put(storage::Table::kTrashLinks,
            storage::keys::TrashLink(bob_.caller.user, storage::keys::TrashName(5, "bad")),
            "\xff\xff");
    return {};
  };
  ASSERT_TRUE(storage::CommitBlocking(kv(), {storage::DirectoryKey()}, plant).has_value());
  EXPECT_THAT(Trash("bob"), ElementsAre(kFile));
  EXPECT_EQ(Text("bob", kFile), "shared text");
}

TEST_F(TrashLinksTest, LinksThatHaveEndedAreCleanedAway) {
  for (const std::string_view path : {"/shr/a.txt", "/shr/sub/b.txt", "/shr/sub"})
    ASSERT_EQ(In("bob", "DELETE", path), 204);
  EXPECT_EQ(Restore("alice", kFile).status, 201);
  EXPECT_EQ(Purge("alice", "/b.txt.d1700001000"), 204);
  EXPECT_EQ(Rows(), 3u);
  trash::LinkCursor cursor;
  std::uint64_t gone = 0;
  do {
    const auto done = trash::CleanLinks(*engine_, cursor, 2);
    ASSERT_TRUE(done.has_value());
    gone += *done;
  } while (!cursor.after.empty());
  EXPECT_EQ(gone, 2u);
  EXPECT_EQ(Rows(), 1u);
  EXPECT_THAT(Trash("bob"), ElementsAre("/sub.d1700001000/"));
}

TEST_F(TrashLinksTest, TheyGoWithTheAccountsOfBoth) {
  EXPECT_EQ(In("bob", "DELETE", "/shr/a.txt"), 204);
  EXPECT_EQ(Rows(), 1u);
  ASSERT_TRUE(users_->Delete(bob_.caller.user).has_value());
  for (std::uint64_t done = 1; done > 0;) {
    const auto step = users_->PurgeStep(1000);
    ASSERT_TRUE(step.has_value());
    done = *step;
  }
  EXPECT_EQ(Rows(), 0u);
  EXPECT_EQ(Text("alice", kFile), "shared text");
  EXPECT_EQ(Restore("alice", kFile).status, 201);
}

}  // namespace
}  // namespace cairn::dav
