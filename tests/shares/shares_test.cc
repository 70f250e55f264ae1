#include "shares/shares.h"

#include <random>

#include "tests/shares/share_case.h"

namespace cairn::shares {
namespace {

using namespace std::chrono_literals;
using storage::kAllPermissions;
using storage::Permissions;

class SharesTest : public ShareCase {
 protected:
  SharesTest() {
    for (const char* name : {"alice", "bob", "carol"}) Add(name);
    Add("gina", {"staff"});
    Add("gert", {"staff"});
    EXPECT_EQ(Mkcol("alice", "shr"), kOk);
    EXPECT_EQ(Mkcol("alice", "shr/sub"), kOk);
    EXPECT_EQ(Put("alice", "shr/a.txt"), kOk);
    EXPECT_EQ(Put("alice", "one.txt"), kOk);
  }
};

TEST_F(SharesTest, AFolderStandsInTheRecipientsTree) {
  EXPECT_FALSE(Sees("bob", "shr"));
  Share("alice", "shr", "bob");
  EXPECT_EQ(IdOf("bob", "shr"), IdOf("alice", "shr"));
  EXPECT_EQ(IdOf("bob", "shr/sub"), IdOf("alice", "shr/sub"));
  EXPECT_EQ(IdOf("bob", "shr/a.txt"), IdOf("alice", "shr/a.txt"));
  EXPECT_FALSE(Sees("carol", "shr"));
  EXPECT_FALSE(Sees("bob", "one.txt"));
  EXPECT_EQ(Put("bob", "shr/sub/b.txt"), kOk);
  EXPECT_TRUE(Sees("alice", "shr/sub/b.txt"));
  EXPECT_EQ(Mkcol("bob", "shr"), ErrorCode::kAlreadyExists);
  EXPECT_EQ(Put("bob", "shr"), ErrorCode::kIsACollection);
}

TEST_F(SharesTest, AFileStandsInTheRecipientsTree) {
  Share("alice", "one.txt", "bob");
  EXPECT_EQ(IdOf("bob", "one.txt"), IdOf("alice", "one.txt"));
  EXPECT_EQ(Rights("bob", "one.txt"), 19u);
  EXPECT_EQ(Put("bob", "one.txt"), kOk);
  EXPECT_EQ(Mkcol("bob", "one.txt/x"), ErrorCode::kNotACollection);
}

TEST_F(SharesTest, EachPermissionIsAskedFor) {
  struct Row {
    Permissions mask;
    bool write, create, remove;
  };
  const ShareId share = Share("alice", "shr", "bob", 1);
  for (const Row& row :
       {Row{1, false, false, false}, Row{3, true, false, false}, Row{5, false, true, false},
        Row{9, false, false, true}, Row{15, true, true, true}, Row{31, true, true, true}}) {
    EXPECT_EQ(Change("alice", share, {.permissions = row.mask}), std::nullopt);
    EXPECT_EQ(Rights("bob", "shr/a.txt"), row.mask);
    EXPECT_EQ(Put("bob", "shr/a.txt") == kOk, row.write) << row.mask;
    EXPECT_EQ(Put("bob", "shr/new.txt") == kOk, row.create) << row.mask;
    if (row.create) {
      EXPECT_EQ(Remove("alice", "shr/new.txt"), kOk);
    }
    EXPECT_EQ(Put("alice", "shr/old.txt"), kOk);
    EXPECT_EQ(Remove("bob", "shr/old.txt") == kOk, row.remove) << row.mask;
    if (!row.remove) {
      EXPECT_EQ(Remove("bob", "shr/old.txt"), ErrorCode::kForbidden);
    }
  }
}

TEST_F(SharesTest, TheMountItselfIsNeitherRemovedNorMovedByItsPath) {
  Share("alice", "shr", "bob");
  EXPECT_EQ(Remove("bob", "shr"), ErrorCode::kForbidden);
  EXPECT_EQ(Move("bob", "shr", "other"), ErrorCode::kForbidden);
  EXPECT_EQ(Put("bob", "own.txt"), kOk);
  EXPECT_EQ(Move("bob", "own.txt", "shr"), ErrorCode::kForbidden);
  EXPECT_TRUE(Sees("alice", "shr"));
}

TEST_F(SharesTest, MovesCrossTheBorderAndKeepTheId) {
  Share("alice", "shr", "bob");
  const FileId file = IdOf("bob", "shr/a.txt");
  EXPECT_EQ(Move("bob", "shr/a.txt", "mine.txt"), kOk);
  EXPECT_EQ(IdOf("bob", "mine.txt"), file);
  EXPECT_FALSE(Sees("alice", "shr/a.txt"));
  EXPECT_EQ(Move("bob", "mine.txt", "shr/sub/a.txt"), kOk);
  EXPECT_EQ(IdOf("alice", "shr/sub/a.txt"), file);
}

TEST_F(SharesTest, ADeletionLandsWithTheOwner) {
  Share("alice", "shr", "bob");
  EXPECT_EQ(Remove("bob", "shr/a.txt"), kOk);
  EXPECT_FALSE(Sees("alice", "shr/a.txt"));
  const auto space = engine_.tree().FindSpace(*View(), PathOf("alice", "x").home);
  ASSERT_TRUE(space.has_value() && space->has_value());
  const auto trashed = engine_.tree().List(*View(), FileId{(*space)->trash_root()}, {}, 10);
  ASSERT_TRUE(trashed.has_value());
  ASSERT_EQ(trashed->entries.size(), 1u);
  EXPECT_EQ(trashed->entries[0].node.trash().deleted_by(), Raw(CallerOf("bob").user));
}

TEST_F(SharesTest, AShareEndsWithItsNodeAndComesBackWithIt) {
  Share("alice", "shr", "bob");
  const FileId node = IdOf("alice", "shr");
  EXPECT_EQ(Remove("alice", "shr"), kOk);
  EXPECT_FALSE(Sees("bob", "shr"));
  EXPECT_EQ(RightsById("bob", node), 0u);
  EXPECT_EQ(Put("bob", "shr"),
            kOk);  // the name is free meanwhile, and what he makes there stays his
  EXPECT_TRUE(Sees("bob", "shr"));
}

TEST_F(SharesTest, ItEndsAtItsTime) {
  const ShareId share = Share("alice", "shr", "bob");
  EXPECT_EQ(Change("alice", share, {.expires = clock_.NowSeconds() + 60}), std::nullopt);
  EXPECT_TRUE(Sees("bob", "shr"));
  clock_.Advance(60s);
  EXPECT_FALSE(Sees("bob", "shr"));
  EXPECT_EQ(RightsById("bob", IdOf("alice", "shr")), 0u);
  EXPECT_EQ(Change("alice", share, {.expires = clock_.NowSeconds()}), Refusal::kPast);
  EXPECT_EQ(Change("alice", share, {.expires = 0}), std::nullopt);
  EXPECT_TRUE(Sees("bob", "shr"));
}

TEST_F(SharesTest, AGroupIsOneShareAndEachMemberMayLeaveIt) {
  const ShareId share = Share("alice", "shr", "staff");
  EXPECT_TRUE(Sees("gina", "shr/a.txt"));
  EXPECT_TRUE(Sees("gert", "shr/a.txt"));
  EXPECT_FALSE(Sees("bob", "shr"));
  EXPECT_EQ(End("gina", share), std::nullopt);
  EXPECT_FALSE(Sees("gina", "shr"));
  EXPECT_TRUE(Sees("gert", "shr"));
  ASSERT_TRUE(shares_.Accept(CallerOf("gina"), share).has_value());
  EXPECT_TRUE(Sees("gina", "shr"));
  ASSERT_TRUE(groups_.RemoveMember("staff", CallerOf("gina").user).has_value());
  EXPECT_FALSE(Sees("gina", "shr"));
  ASSERT_TRUE(groups_.AddMember("staff", CallerOf("bob").user).has_value());
  EXPECT_TRUE(Sees("bob", "shr"));
}

TEST_F(SharesTest, NamesThatAreTakenAreNumbered) {
  EXPECT_EQ(Mkcol("bob", "shr"), kOk);
  EXPECT_EQ(Put("bob", "one.txt"), kOk);
  EXPECT_EQ(Mkcol("gina", "shr"), kOk);
  Share("alice", "shr", "bob");
  Share("alice", "one.txt", "bob");
  Share("alice", "shr", "staff");
  EXPECT_NE(IdOf("bob", "shr"), IdOf("alice", "shr"));
  EXPECT_EQ(IdOf("bob", "shr (2)"), IdOf("alice", "shr"));
  EXPECT_EQ(IdOf("bob", "one (2).txt"), IdOf("alice", "one.txt"));
  EXPECT_EQ(IdOf("gina", "shr (2)"), IdOf("alice", "shr"));
  EXPECT_EQ(IdOf("gert", "shr"), IdOf("alice", "shr"));
}

TEST_F(SharesTest, AMountMovesWithoutMovingAnythingOfTheOwners) {
  Share("alice", "shr", "bob");
  const FileId node = IdOf("alice", "shr");
  const SpaceId home = PathOf("bob", "x").home;
  EXPECT_EQ(Mkcol("bob", "in"), kOk);
  ASSERT_TRUE(
      shares_.MoveMount(CallerOf("bob"), home, node, PathOf("bob", "in/theirs")).has_value());
  EXPECT_FALSE(Sees("bob", "shr"));
  EXPECT_EQ(IdOf("bob", "in/theirs"), node);
  EXPECT_EQ(IdOf("alice", "shr"), node);
  EXPECT_EQ(Put("bob", "in/theirs/x.txt"), kOk);
  EXPECT_TRUE(Sees("alice", "shr/x.txt"));
  // Not onto anything, not into what others see, not into another mount, not where no folder is.
  EXPECT_EQ(Mkcol("bob", "open"), kOk);
  Share("bob", "open", "carol");
  EXPECT_EQ(Mkcol("alice", "more"), kOk);
  Share("alice", "more", "bob");
  for (const char* to : {"in", "open/x", "more/x", "nowhere/x", "more"}) {
    EXPECT_TRUE(shares_.MoveMount(CallerOf("bob"), home, node, PathOf("bob", to)).has_error())
        << to;
  }
  // The folder goes: the mount is at his root again.
  EXPECT_EQ(Remove("bob", "in"), kOk);
  EXPECT_EQ(IdOf("bob", "theirs"), node);
}

TEST_F(SharesTest, WhatIsNotShared) {
  const auto refused = [&](const std::string& maker, std::string_view path, const std::string& with,
                           Permissions permissions = 31) {
    return TryShare(maker, path, with, permissions).refused;
  };
  EXPECT_EQ(refused("alice", "", "bob"), Refusal::kIsRoot);
  EXPECT_EQ(refused("alice", "shr", "alice"), Refusal::kToSelf);
  EXPECT_EQ(refused("alice", "shr", "nobody-group"), Refusal::kNoRecipient);
  EXPECT_EQ(refused("alice", "shr", "bob", 32), Refusal::kBadPermissions);
  Share("alice", "shr", "bob", 1);
  EXPECT_EQ(refused("bob", "shr", "carol", 1), Refusal::kNotShareable);
  EXPECT_EQ(Mkcol("bob", "in"), kOk);
  ASSERT_TRUE(shares_
                  .MoveMount(CallerOf("bob"), PathOf("bob", "x").home, IdOf("alice", "shr"),
                             PathOf("bob", "in/shr"))
                  .has_value());
  EXPECT_EQ(refused("bob", "in", "carol"), Refusal::kHoldsMounts);
  NewShare unseen;
  unseen.node = IdOf("alice", "one.txt");
  unseen.recipient = CallerOf("carol").user;
  EXPECT_EQ(shares_.Create(CallerOf("bob"), unseen)->refused, Refusal::kNoNode);
}

TEST_F(SharesTest, OnlyItsMakerAndTheOwnerChangeIt) {
  const ShareId share = Share("alice", "shr", "bob");
  const ShareId further = Share("bob", "shr", "carol", 17);
  EXPECT_EQ(Change("bob", share, {.permissions = 31}), Refusal::kIncoming);
  EXPECT_EQ(Change("carol", share, {.permissions = 31}), Refusal::kNoShare);
  EXPECT_EQ(Change("bob", further, {.permissions = 1}), std::nullopt);
  EXPECT_EQ(Change("alice", further, {.permissions = 3}), std::nullopt);
  EXPECT_EQ(Change("alice", share, {.permissions = 0}), Refusal::kBadPermissions);
  EXPECT_EQ(Change("alice", share, {.permissions = 64}), Refusal::kBadPermissions);
  EXPECT_EQ(End("carol", share), Refusal::kNoShare);
  EXPECT_EQ(End("alice", further), std::nullopt);
  EXPECT_FALSE(Sees("carol", "shr"));
  EXPECT_EQ(End("bob", share), std::nullopt);  // he leaves, which ends it
  EXPECT_FALSE(Sees("bob", "shr"));
  EXPECT_EQ(End("alice", share), Refusal::kNoShare);
}

TEST_F(SharesTest, WhoLosesARightTakesItFromAllBehindHim) {
  const ShareId first = Share("alice", "shr", "bob");
  Share("bob", "shr", "carol", 31);
  Share("carol", "shr/sub", "gina", 31);
  EXPECT_EQ(Rights("gina", "sub"), 31u);
  EXPECT_EQ(Change("alice", first, {.permissions = 21}), std::nullopt);
  EXPECT_EQ(Rights("carol", "shr"), 21u);
  EXPECT_EQ(Rights("gina", "sub"), 21u);
  EXPECT_EQ(Change("alice", first, {.permissions = 15}), std::nullopt);  // no sharing on
  EXPECT_FALSE(Sees("carol", "shr"));
  EXPECT_FALSE(Sees("gina", "sub"));
  EXPECT_EQ(Change("alice", first, {.permissions = 31}), std::nullopt);
  EXPECT_EQ(Rights("gina", "sub"), 31u);
  EXPECT_EQ(End("bob", first), std::nullopt);
  EXPECT_FALSE(Sees("gina", "sub"));
}

TEST_F(SharesTest, ARingGrantsNothing) {
  const ShareId first = Share("alice", "shr", "bob");
  Share("bob", "shr", "carol");
  Share("carol", "shr", "bob");
  EXPECT_TRUE(Sees("bob", "shr"));
  EXPECT_EQ(End("alice", first), std::nullopt);
  EXPECT_FALSE(Sees("bob", "shr"));
  EXPECT_FALSE(Sees("carol", "shr"));
}

TEST_F(SharesTest, ManyWaysCostNoMoreThanTheirShares) {
  std::vector<std::string> people;
  for (int i = 0; i < 12; ++i) {
    people.push_back("p" + std::to_string(i));
    Add(people.back());
    Share("alice", "shr", people.back());
  }
  for (const std::string& maker : people) {
    for (const std::string& other : people)
      if (maker != other) Share(maker, "shr", other);
  }
  Share("p11", "shr", "bob");
  const FileId node = IdOf("alice", "shr");
  const auto view = View();
  const auto chain = engine_.tree().ResolveId(*view, node);
  ASSERT_TRUE(chain.has_value());
  EXPECT_EQ(access_.For(*view, CallerOf("bob"), *chain), 31u);
  EXPECT_LT(view->gets(), 1000u);  // 145 shares; there are millions of ways
}

TEST_F(SharesTest, PendingUntilAccepted) {
  ASSERT_TRUE(
      users_.SetSetting(CallerOf("bob").user, "files_sharing", "default_accept", "no").has_value());
  const ShareId share = Share("alice", "shr", "bob");
  EXPECT_FALSE(Sees("bob", "shr"));
  EXPECT_EQ(RightsById("bob", IdOf("alice", "shr")), 0u);
  EXPECT_EQ(shares_.Accept(CallerOf("carol"), share)->refused, Refusal::kNoShare);
  EXPECT_EQ(shares_.Accept(CallerOf("bob"), share)->refused, std::nullopt);
  EXPECT_TRUE(Sees("bob", "shr"));
}

TEST_F(SharesTest, AGroupsShareIsPendingForMembersWhoWantToBeAsked) {
  const UserId gina = CallerOf("gina").user;
  const auto ask = [&](const char* value) {
    ASSERT_TRUE(users_.SetSetting(gina, "files_sharing", "default_accept", value).has_value());
  };
  const ShareId share = Share("alice", "shr", "staff");
  EXPECT_TRUE(Sees("gina", "shr"));
  ask("no");
  EXPECT_FALSE(Sees("gina", "shr")) << "though her mounts were known";
  EXPECT_EQ(RightsById("gina", IdOf("alice", "shr")), 0u);
  EXPECT_TRUE(Sees("gert", "shr"));
  ask("yes");
  EXPECT_TRUE(Sees("gina", "shr"));
  ask("no");
  EXPECT_EQ(shares_.Accept(CallerOf("gina"), share)->refused, std::nullopt);
  EXPECT_TRUE(Sees("gina", "shr"));
  EXPECT_EQ(shares_.Remove(CallerOf("gina"), share)->refused, std::nullopt);
  EXPECT_FALSE(Sees("gina", "shr"));
  ask("yes");
  EXPECT_FALSE(Sees("gina", "shr")) << "she has declined it";
}

TEST_F(SharesTest, WhatIsOverIsSharedAnew) {
  const ShareId share = Share("alice", "shr", "bob");
  EXPECT_EQ(Change("alice", share, {.expires = clock_.NowSeconds() + 60}), std::nullopt);
  clock_.Advance(60s);
  const ShareOutcome again = TryShare("alice", "shr", "bob");
  EXPECT_FALSE(again.existed);
  EXPECT_NE(ShareId{again.share.id()}, share);
  EXPECT_TRUE(Sees("bob", "shr"));
  EXPECT_EQ(Change("alice", share, {.expires = 0}), Refusal::kNoShare);
}

TEST_F(SharesTest, BytesAreWithheldWhereEveryShareSaysSo) {
  const ShareId share = Share("alice", "shr", "bob", 31);
  EXPECT_EQ(Change("alice", share, {.attributes = "[]", .no_download = true}), std::nullopt);
  EXPECT_EQ(Rights("bob", "shr/a.txt"), 31u | storage::kWithheld);
  Share("bob", "shr", "carol");
  EXPECT_EQ(Rights("carol", "shr/a.txt"), 31u | storage::kWithheld)
      << "he cannot give what he has not";
  Share("alice", "shr", "carol", 1);
  EXPECT_EQ(Rights("carol", "shr/a.txt"), 31u);
}

TEST_F(SharesTest, WhatIsGoneIsCleanedUp) {
  Share("alice", "shr", "bob");
  Share("alice", "one.txt", "staff");
  Share("alice", "shr/sub", "carol");
  ASSERT_TRUE(users_.Delete(CallerOf("bob").user).has_value());
  ASSERT_TRUE(groups_.Remove("staff").has_value());
  while (*shares_.CleanStep(2) != 0) {
  }
  EXPECT_EQ(*shares_.CleanStep(100), 0u);
  const auto left = SharesBy(*View(), CallerOf("alice").user);
  ASSERT_TRUE(left.has_value());
  ASSERT_EQ(left->size(), 1u);
  EXPECT_EQ(left->front().recipient(), Raw(CallerOf("carol").user));
  // The flag goes with the last share, and the sums with it.
  const auto root = Find("alice", "");
  EXPECT_EQ(root->leaf().node.below().shares(), 1u);
}

TEST_F(SharesTest, WithoutMountsNothingIsRead) {
  Share("alice", "shr", "bob");
  const auto warm = View();
  ASSERT_TRUE(table_.Of(*warm, CallerOf("carol").user, PathOf("carol", "x").home).has_value());
  const auto view = View();
  const auto known = table_.Known(*view, CallerOf("carol").user);
  ASSERT_NE(known, nullptr);
  EXPECT_TRUE(known->empty());
  EXPECT_EQ(view->gets(), 0u);
  Share("alice", "shr", "carol");
  EXPECT_EQ(table_.Known(*View(), CallerOf("carol").user), nullptr);
}

// Random graphs of people who share on and on, folders below folders: at each access nobody may do
// more than a model says that follows the chain of shares by itself.
class ShareGraphTest : public ShareCase {
 protected:
  struct Edge {
    ShareId id{};
    int from = 0, to = 0;
    std::size_t depth = 0;  // of the folder shared: "d", "d/d", ...
    Permissions mask = 0;
    std::int64_t expires = 0;
  };

  // What `user` may do with the folder at `depth`: over all ways.
  Permissions Model(int user, std::size_t depth, std::vector<const Edge*>& open) const {
    if (user == 0) return kAllPermissions;
    Permissions all = 0;
    for (const Edge& edge : edges_) {
      if (edge.to != user || edge.depth > depth) continue;
      if (edge.expires != 0 && edge.expires <= now_) continue;
      if (std::find(open.begin(), open.end(), &edge) != open.end()) continue;
      open.push_back(&edge);
      const Permissions own = Model(edge.from, edge.depth, open);
      open.pop_back();
      if (edge.from != 0 && (own & 16) == 0) continue;
      all |= edge.mask & own;
    }
    return all;
  }

  std::vector<Edge> edges_;
  std::int64_t now_ = 0;
};

TEST_F(ShareGraphTest, NobodyMayDoMoreThanTheChainGrants) {
  constexpr int kPeople = 6;
  constexpr std::size_t kDepth = 4;
  constexpr int kSteps = 1000;
  constexpr int kAccesses = 100'000;
  std::mt19937_64 dice(1);
  const auto roll = [&](auto below) {
    return static_cast<decltype(below)>(dice() % static_cast<std::uint64_t>(below));
  };
  const auto name = [](int user) { return "u" + std::to_string(user); };
  for (int i = 0; i < kPeople; ++i) Add(name(i));
  std::vector<FileId> folders;
  std::string path;
  for (std::size_t i = 0; i < kDepth; ++i) {
    path += i == 0 ? "d" : "/d";
    ASSERT_EQ(Mkcol(name(0), path), kOk);
    folders.push_back(IdOf(name(0), path));
  }
  int accesses = 0;
  int granted = 0;
  for (int step = 0; step < kSteps; ++step) {
    now_ = clock_.NowSeconds();
    const int what = roll(10);
    if (what < 5) {
      Edge edge{.from = roll(kPeople),
                .to = roll(kPeople),
                .depth = roll(kDepth),
                .mask = static_cast<Permissions>(1 + roll(31))};
      NewShare request;
      request.node = folders[edge.depth];
      request.recipient = CallerOf(name(edge.to)).user;
      request.set.permissions = edge.mask;
      const auto made = shares_.Create(CallerOf(name(edge.from)), request);
      ASSERT_TRUE(made.has_value()) << made.error().message;
      if (!made->refused && !made->existed) {
        std::erase_if(edges_, [&](const Edge& over) {  // it took the place of one that was over
          return over.from == edge.from && over.to == edge.to && over.depth == edge.depth;
        });
        edge.id = ShareId{made->share.id()};
        edge.mask = made->share.permissions();
        edges_.push_back(edge);
      }
    } else if (!edges_.empty()) {
      const std::size_t at = roll(edges_.size());
      Edge& edge = edges_[at];
      if (what < 7) {
        const auto mask = static_cast<Permissions>(1 + roll(31));
        const auto done = shares_.Update(CallerOf(name(edge.from)), edge.id, {.permissions = mask});
        ASSERT_TRUE(done.has_value());
        if (!done->refused) edge.mask = done->share.permissions();
      } else if (what == 7) {
        edge.expires = now_ + 1 + roll(100);
        ASSERT_TRUE(
            shares_.Update(CallerOf(name(0)), edge.id, {.expires = edge.expires}).has_value());
      } else if (what == 8) {
        ASSERT_EQ(End(name(roll(2) == 0 ? edge.from : 0), edge.id), std::nullopt);
        edges_.erase(edges_.begin() + static_cast<std::ptrdiff_t>(at));
      } else {
        clock_.Advance(std::chrono::seconds(roll(20)));
      }
    }
    now_ = clock_.NowSeconds();
    const auto view = View();
    for (int i = 0; i < kAccesses / kSteps; ++i) {
      const int user = roll(kPeople);
      const std::size_t depth = roll(kDepth);
      const auto chain = engine_.tree().ResolveId(*view, folders[depth]);
      ASSERT_TRUE(chain.has_value());
      const Permissions is = access_.For(*view, CallerOf(name(user)), *chain);
      std::vector<const Edge*> open;
      ASSERT_EQ(is, Model(user, depth, open)) << "step " << step << ", " << name(user);
      ++accesses;
      granted += user != 0 && is != 0 ? 1 : 0;
    }
  }
  EXPECT_EQ(accesses, kAccesses);
  EXPECT_GT(granted, accesses / 10) << "the graph is too thin to say anything";
}

}  // namespace
}  // namespace cairn::shares
