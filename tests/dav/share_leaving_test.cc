// What is moved out of a share: who moves it has it, and its owner finds a copy in his trash.
#include "storage/commit.h"
#include "tests/dav/trash_links_case.h"

namespace cairn::dav {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ShareLeavingTest : public TrashLinksCase {
 protected:
  Answer Move(std::string_view user, std::string_view from, std::string_view to,
              HeaderList headers = {}) {
    headers.emplace_back("Destination", Home(user, to));
    return Do("MOVE", Home(user, from), headers, {}, user);
  }
  std::string Get(std::string_view user, std::string_view path) {
    const Answer answer = Do("GET", Home(user, path), {}, {}, user);
    return answer.status == 200 ? answer.body : std::to_string(answer.status);
  }
  std::string IdOf(std::string_view path, std::string_view user = "bob") {
    const Answer answer = PropfindAt(path, "0", "<oc:fileid/>", {}, user);
    const std::size_t at = answer.body.find("<oc:fileid>");
    if (at == std::string::npos) return "(none)";
    return answer.body.substr(at + 11, answer.body.find('<', at + 11) - at - 11);
  }
  std::size_t CountRows(storage::Table table) {
    std::size_t rows = 0;
    auto count = [&](std::string_view, std::string_view) { return ++rows > 0; };
    CAIRN_CHECK(kv().Published()->Scan(table, {}, {}, count).has_value());
    return rows;
  }
};

TEST_F(ShareLeavingTest, AFileKeepsItsIdAndItsOwnerACopy) {
  const std::string id = Id("/shr/a.txt");
  Put("/shr/a.txt", "newer text");  // what it had is a version
  const std::size_t contents = CountRows(storage::Table::kContents);
  EXPECT_EQ(Move("bob", "/shr/a.txt", "/mine.txt").status, 201);
  EXPECT_EQ(Get("bob", "/mine.txt"), "newer text");
  EXPECT_EQ(IdOf(Home("bob", "/mine.txt")), id);
  EXPECT_EQ(Get("alice", "/shr/a.txt"), "404");

  constexpr std::string_view kProps =
      "<nc:trashbin-original-location/><nc:trashbin-deleted-by-id/><oc:size/>";
  EXPECT_THAT(
      Show("alice", {}, kProps).body,
      HasSubstr(ResponseAt(
          Bin("alice", "/a.txt.d1700001000"),
          "<nc:trashbin-original-location>shr/a.txt</nc:trashbin-original-location>"
          "<nc:trashbin-deleted-by-id>bob</nc:trashbin-deleted-by-id><oc:size>10</oc:size>")));
  EXPECT_EQ(Text("alice", "/a.txt.d1700001000"), "newer text");
  EXPECT_NE(IdOf(Bin("alice", "/a.txt.d1700001000"), "alice"), id);
  EXPECT_EQ(CountRows(storage::Table::kContents), contents);  // no byte is copied
  // He has the thing itself: nothing in his trash.
  EXPECT_THAT(Trash("bob"), IsEmpty());
  EXPECT_THAT(Trash("carol"), IsEmpty());

  // The versions went with the file.
  const std::string versions = "/remote.php/dav/versions/bob/versions/" + id;
  EXPECT_EQ(Hrefs(PropfindAt(versions, "1", "<d:getetag/>", {}, "bob")).size(), 3u);
  ExpectClean();
  EXPECT_EQ(Restore("alice", "/a.txt.d1700001000").status, 201);
  EXPECT_EQ(Get("alice", "/shr/a.txt"), "newer text");
  EXPECT_EQ(In("bob", "DELETE", "/mine.txt"), 204);
  EXPECT_EQ(Get("alice", "/shr/a.txt"), "newer text");
  ExpectClean();
}

TEST_F(ShareLeavingTest, AFolderIsCopiedAsideWithAllThatIsInIt) {
  Mkcol("/shr/sub/deep");
  Put("/shr/sub/deep/c.txt", "deep");
  const std::string folder = Id("/shr/sub"), file = Id("/shr/sub/deep/c.txt");
  EXPECT_EQ(Move("bob", "/shr/sub", "/mine").status, 201);
  EXPECT_EQ(IdOf(Home("bob", "/mine")), folder);
  EXPECT_EQ(IdOf(Home("bob", "/mine/deep/c.txt")), file);
  EXPECT_EQ(Get("bob", "/mine/b.txt"), "below");
  EXPECT_THAT(Trash("alice"), ElementsAre("/sub.d1700001000/"));
  EXPECT_EQ(Text("alice", "/sub.d1700001000/b.txt"), "below");
  EXPECT_EQ(Text("alice", "/sub.d1700001000/deep/c.txt"), "deep");
  EXPECT_THAT(Trash("bob"), IsEmpty());
  ExpectClean();
  EXPECT_EQ(Restore("alice", "/sub.d1700001000").status, 201);
  EXPECT_EQ(Get("alice", "/shr/sub/deep/c.txt"), "deep");
  EXPECT_EQ(engine_->tree().PurgeStep(kv(), alice().home, 1000).value(), 0u);
  ExpectClean();
}

TEST_F(ShareLeavingTest, AnEmptyFolderAndAnEmptyFile) {
  Mkcol("/shr/none");
  Put("/shr/none.txt", "");
  EXPECT_EQ(Move("bob", "/shr/none", "/none").status, 201);
  EXPECT_EQ(Move("bob", "/shr/none.txt", "/none.txt").status, 201);
  EXPECT_THAT(Trash("alice"), ElementsAre("/none.d1700001000/", "/none.txt.d1700001000"));
  ExpectClean();
}

TEST_F(ShareLeavingTest, WithinASpaceNothingIsLeftBehind) {
  EXPECT_EQ(Move("bob", "/shr/a.txt", "/shr/sub/a.txt").status, 201);
  EXPECT_EQ(Move("bob", "/shr/sub", "/shr/renamed").status, 201);
  EXPECT_THAT(Trash("alice"), IsEmpty());
  EXPECT_THAT(Trash("bob"), IsEmpty());
}

TEST_F(ShareLeavingTest, TheOwnersOwnMovesLeaveNothingBehind) {
  EXPECT_EQ(In("bob", "MKCOL", "/open"), 201);
  shares::NewShare request;
  const auto chain = engine_->tree().Resolve(*kv().Published(), PathOf(bob_.home, "/open"));
  ASSERT_TRUE(chain.has_value());
  request.node = chain->leaf().id();
  request.recipient = alice().caller.user;
  request.set.permissions = 31;
  ASSERT_TRUE(shares_->Create(bob_.caller, request).has_value());
  EXPECT_EQ(Move("alice", "/shr/sub", "/open/sub").status, 201);
  EXPECT_EQ(Get("bob", "/open/sub/b.txt"), "below");
  EXPECT_THAT(Trash("alice"), IsEmpty());
  EXPECT_THAT(Trash("bob"), IsEmpty());
  // From one share into the other: what alice owned stays hers, too.
  EXPECT_EQ(Move("bob", "/shr/a.txt", "/open/a.txt").status, 201);
  EXPECT_EQ(Text("alice", "/a.txt.d1700001000"), "shared text");
  // What bob owns is copied for him when alice takes it out.
  EXPECT_EQ(Move("alice", "/open/sub", "/sub").status, 201);
  EXPECT_EQ(Text("bob", "/sub.d1700001000/b.txt"), "below");
  ExpectClean();
}

TEST_F(ShareLeavingTest, AMoveThatFailsLeavesNoCopy) {
  EXPECT_EQ(Move("carol", "/shr/a.txt", "/a.txt").status, 403);
  EXPECT_EQ(Move("carol", "/shr/sub", "/sub").status, 403);
  EXPECT_EQ(Move("bob", "/shr/sub", "/nowhere/sub").status, 409);
  EXPECT_EQ(Do("PUT", Home("bob", "/there"), {}, "x", "bob").status, 201);
  EXPECT_EQ(Move("bob", "/shr/sub", "/there", {{"Overwrite", "F"}}).status, 412);
  ASSERT_TRUE(users_->SetQuota(bob_.caller.user, "3 B").has_value());
  EXPECT_EQ(Move("bob", "/shr/sub", "/sub").status, 507);
  EXPECT_EQ(Move("bob", "/shr/a.txt", "/a.txt").status, 507);
  EXPECT_THAT(Trash("alice"), IsEmpty());
  EXPECT_EQ(Get("alice", "/shr/sub/b.txt"), "below");
  EXPECT_EQ(engine_->tree().PurgeStep(kv(), alice().home, 1000).value(), 0u);
  ExpectClean();
}

TEST_F(ShareLeavingTest, WhatAMoveReplacesGoesToItsOwnersTrash) {
  EXPECT_EQ(Do("PUT", Home("bob", "/there"), {}, "old", "bob").status, 201);
  EXPECT_EQ(Move("bob", "/shr/sub", "/there").status, 204);
  EXPECT_EQ(Text("bob", "/there.d1700001000"), "old");
  EXPECT_EQ(Text("alice", "/sub.d1700001000/b.txt"), "below");
  ExpectClean();
}

// Without room in the trash a move is what a deletion is there: nothing is kept.
TEST_F(ShareLeavingTest, ATrashWithoutRoomKeepsNothing) {
  SetQuota("30 B");
  Put("/shr/large.txt", std::string(12, 'x'));
  EXPECT_EQ(Move("bob", "/shr/large.txt", "/large.txt").status, 201);
  EXPECT_EQ(Get("bob", "/large.txt"), std::string(12, 'x'));
  EXPECT_THAT(Trash("alice"), IsEmpty());
  ExpectClean();
}

// The copy is what is moved: what comes into the folder meanwhile is copied, too.
TEST_F(ShareLeavingTest, AFolderThatChangesMeanwhileIsCopiedAnew) {
  const shares::MountTable& mounts = shares_->mounts();
  const auto view = kv().Published();
  const auto mine = mounts.Of(*view, bob_.caller.user, bob_.home);
  ASSERT_TRUE(mine.has_value());
  const auto from = shares::Locate(*view, **mine, bob_.home, {"shr", "sub"}, clock_.NowSeconds());
  ASSERT_TRUE(from.has_value());
  const storage::TreePath to = PathOf(bob_.home, "/mine");
  // A look that sees the folder before the commit that puts something into it.
  int looks = 0;
  class Meanwhile final : public storage::Precondition {
   public:
    explicit Meanwhile(std::function<void()> look) : look_(std::move(look)) {}
    Result<void> Check(const storage::KvView&, const storage::Entry*) const override {
      look_();
      return {};
    }

   private:
    std::function<void()> look_;
  };
  // Called at each look, of which the second one is at what is copied.
  const Meanwhile meanwhile([&] {
    if (++looks == 2) Put("/shr/sub/late.txt", "late");
  });
  const storage::WriteContext context{
      .caller = bob_.caller, .precondition = &meanwhile, .home = bob_.home};
  const auto moved = engine_->tree().MoveAway(kv(), context, *from, to, {});
  ASSERT_TRUE(moved.has_value()) << moved.error().message;
  EXPECT_EQ(looks, 5);  // without a copy; copied, moved in vain; copied, moved
  EXPECT_EQ(Get("bob", "/mine/late.txt"), "late");
  EXPECT_EQ(Text("alice", "/sub.d1700001000/late.txt"), "late");
  EXPECT_EQ(Text("alice", "/sub.d1700001000/b.txt"), "below");
  EXPECT_GT(engine_->tree().PurgeStep(kv(), alice().home, 1000).value(), 0u);  // the first copy
  ExpectClean();
}

}  // namespace
}  // namespace cairn::dav
