// Who sees a share, and where its node stands for him.
#include "shares/seen_share.h"

#include "shares/view_path.h"
#include "tests/shares/share_case.h"

namespace cairn::shares {
namespace {

using namespace std::chrono_literals;

class SeenShareTest : public ShareCase {
 protected:
  SeenShareTest() {
    for (const char* name : {"alice", "bob", "carol"}) Add(name);
    Add("gina", {"staff"});
    EXPECT_EQ(Mkcol("alice", "deep"), kOk);
    EXPECT_EQ(Mkcol("alice", "deep/shr"), kOk);
    EXPECT_EQ(Mkcol("alice", "deep/shr/sub"), kOk);
    EXPECT_EQ(Put("alice", "deep/shr/sub/a.txt"), kOk);
  }

  std::optional<SeenShare> SeenBy(const std::string& user, ShareId share) {
    auto seen = SeeById(*View(), CallerOf(user).user, share, clock_.NowSeconds());
    EXPECT_TRUE(seen.has_value());
    return *seen;
  }
  std::size_t Count(const std::string& user, storage::ShareAcceptance acceptance) {
    const auto all = ReceivedAs(*View(), CallerOf(user).user, acceptance, clock_.NowSeconds());
    EXPECT_TRUE(all.has_value());
    return all->size();
  }
  // "path of mount"; "nowhere".
  std::string PlaceFor(const std::string& user, std::string_view alices_path) {
    const auto view = View();
    const auto chain = engine_.tree().ResolveId(*view, IdOf("alice", alices_path));
    const SpaceId home = PathOf(user, "").home;
    const auto mounts = table_.Of(*view, CallerOf(user).user, home);
    const auto place = ViewPathOf(*view, **mounts, home, *chain);
    EXPECT_TRUE(place.has_value());
    if (!*place) return "nowhere";
    return (*place)->path + " of " + ((*place)->is_own() ? "his own" : (*place)->mount);
  }
};

TEST_F(SeenShareTest, ByThoseWhoHaveToDoWithIt) {
  const ShareId share = Share("alice", "deep/shr", "bob", 17);
  EXPECT_TRUE(SeenBy("alice", share)->mine);
  EXPECT_FALSE(SeenBy("bob", share)->mine);
  EXPECT_EQ(SeenBy("bob", share)->granted, 17u);
  EXPECT_FALSE(SeenBy("carol", share));
  EXPECT_FALSE(SeenBy("alice", ShareId{999}));

  const ShareId further = Share("bob", "shr", "carol", 1);
  EXPECT_TRUE(SeenBy("alice", further)->mine) << "of her own files";
  EXPECT_TRUE(SeenBy("bob", further)->mine);
  EXPECT_FALSE(SeenBy("carol", further)->mine);
  EXPECT_EQ(SeenBy("carol", further)->owner, CallerOf("alice").user);

  EXPECT_EQ(End("alice", share), std::nullopt);
  EXPECT_TRUE(SeenBy("alice", further)) << "every grant is shown to the owner";
  EXPECT_FALSE(SeenBy("bob", further));
  EXPECT_FALSE(SeenBy("carol", further)) << "it grants nothing";
}

TEST_F(SeenShareTest, NotWhenItIsOverOrItsNodeIsGone) {
  const ShareId share = Share("alice", "deep/shr", "bob");
  EXPECT_EQ(Change("alice", share, {.expires = clock_.NowSeconds() + 60}), std::nullopt);
  const ShareId other = Share("alice", "deep/shr/sub", "bob");
  clock_.Advance(60s);
  EXPECT_FALSE(SeenBy("alice", share));
  EXPECT_FALSE(SeenBy("bob", share));
  EXPECT_TRUE(SeenBy("bob", other));
  EXPECT_EQ(Remove("alice", "deep/shr"), kOk);
  EXPECT_FALSE(SeenBy("alice", other));
  EXPECT_FALSE(SeenBy("bob", other));
}

TEST_F(SeenShareTest, SortedByWhatTheRecipientHasMadeOfThem) {
  const ShareId group = Share("alice", "deep/shr", "staff");
  EXPECT_EQ(Count("gina", storage::SHARE_ACCEPTED), 1u);
  EXPECT_EQ(End("gina", group), std::nullopt);
  EXPECT_EQ(Count("gina", storage::SHARE_ACCEPTED), 0u);
  EXPECT_EQ(Count("gina", storage::SHARE_DECLINED), 1u);
  ASSERT_TRUE(users_.SetSetting(CallerOf("gina").user, "files_sharing", "default_accept", "no")
                  .has_value());
  Share("alice", "deep", "gina");
  EXPECT_EQ(Count("gina", storage::SHARE_PENDING), 1u);
  EXPECT_EQ(Count("bob", storage::SHARE_ACCEPTED), 0u);
}

TEST_F(SeenShareTest, OnesOwnFilesAreNotReceived) {
  const ShareId share = Share("alice", "deep/shr", "bob");
  Add("alba", {"band"});
  ASSERT_TRUE(groups_.AddMember("band", CallerOf("alice").user).has_value());
  const ShareId further = Share("bob", "shr", "band");
  EXPECT_EQ(Count("alba", storage::SHARE_ACCEPTED), 1u);
  EXPECT_EQ(Count("alice", storage::SHARE_ACCEPTED), 0u);
  EXPECT_TRUE(SeenBy("alice", further)->mine);
  EXPECT_TRUE(SeenBy("alice", share)->mine);
  EXPECT_FALSE(Sees("alice", "shr")) << "no mount of her own folder";
  const auto view = View();
  const SpaceId home = PathOf("alice", "").home;
  const auto mounts = table_.Of(*view, CallerOf("alice").user, home);
  const auto live = LiveBelow(*view, CallerOf("alice").user, **mounts, (*mounts)->all.at(0).parent,
                              clock_.NowSeconds());
  EXPECT_EQ(live->size(), 0u);
}

TEST_F(SeenShareTest, PathsAreThoseOfTheViewer) {
  EXPECT_EQ(PlaceFor("alice", "deep/shr/sub"), "/deep/shr/sub of his own");
  EXPECT_EQ(PlaceFor("alice", ""), "/ of his own");
  EXPECT_EQ(PlaceFor("bob", "deep/shr/sub"), "nowhere");
  Share("alice", "deep/shr", "bob");
  EXPECT_EQ(PlaceFor("bob", "deep/shr"), "/shr of /shr");
  EXPECT_EQ(PlaceFor("bob", "deep/shr/sub/a.txt"), "/shr/sub/a.txt of /shr");
  EXPECT_EQ(PlaceFor("bob", "deep"), "nowhere");
  EXPECT_EQ(Mkcol("bob", "box"), kOk);
  const SpaceId home = PathOf("bob", "").home;
  ASSERT_TRUE(shares_
                  .MoveMount(CallerOf("bob"), home, IdOf("alice", "deep/shr"),
                             {.home = home, .segments = {"box", "mine"}})
                  .has_value());
  EXPECT_EQ(PlaceFor("bob", "deep/shr/sub"), "/box/mine/sub of /box/mine");
  Share("alice", "deep/shr/sub", "bob");
  EXPECT_EQ(PlaceFor("bob", "deep/shr/sub/a.txt"), "/sub/a.txt of /sub") << "the nearest";
}

}  // namespace
}  // namespace cairn::shares
