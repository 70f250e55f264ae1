// Ownership that goes over: what is kept, what ends, what it is refused for.
#include "shares/transfer.h"

#include "tests/shares/transfer_case.h"

namespace cairn::shares {
namespace {

using storage::kAllPermissions;

class TransferTest : public TransferCase {};

TEST_F(TransferTest, AFolderStandsInANewFolderOfTheNewOwner) {
  const FileId dir = IdOf("alice", "dir");
  const FileId file = IdOf("alice", "dir/a.txt");
  const auto before = Find("alice", "dir/a.txt");
  const auto done = Transfer("alice", "bob", dir);
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(done->folder, folder_);
  EXPECT_EQ(done->members, 1u);
  EXPECT_FALSE(Sees("alice", "dir"));
  EXPECT_TRUE(Sees("alice", "one.txt"));
  EXPECT_EQ(IdOf("bob", folder_ + "/dir"), dir);
  EXPECT_EQ(IdOf("bob", folder_ + "/dir/a.txt"), file);
  EXPECT_EQ(Find("bob", folder_ + "/dir/a.txt")->leaf().etag(), before->leaf().etag());
  EXPECT_EQ(Put("bob", folder_ + "/dir/b.txt"), kOk);
  EXPECT_EQ(RightsById("alice", file), 0u);
  ExpectSound();
}

TEST_F(TransferTest, AFileGoesOverAndASecondFolderGetsANumber) {
  EXPECT_EQ(RefusedFor("alice", "bob", IdOf("alice", "one.txt")), std::nullopt);
  EXPECT_EQ(RefusedFor("alice", "bob", IdOf("alice", "dir/a.txt")), std::nullopt);
  EXPECT_TRUE(Sees("bob", folder_ + "/one.txt"));
  EXPECT_TRUE(Sees("bob", folder_ + " (2)/a.txt"));
  EXPECT_TRUE(Sees("alice", "dir/sub"));
  ExpectSound();
}

TEST_F(TransferTest, EverythingGoesOver) {
  const auto done = Transfer("alice", "bob", Root("alice"));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(done->members, 2u);
  EXPECT_TRUE(Sees("bob", folder_ + "/dir/sub"));
  EXPECT_TRUE(Sees("bob", folder_ + "/one.txt"));
  EXPECT_FALSE(Sees("alice", "one.txt"));
  EXPECT_EQ(Put("alice", "new.txt"), kOk);
  ExpectSound();
  // Of one who has nothing nothing goes over, and no folder is made.
  const auto nothing = Transfer("carol", "bob", Root("carol"));
  ASSERT_TRUE(nothing.has_value());
  EXPECT_EQ(nothing->members, 0u);
  EXPECT_EQ(nothing->folder, "");
}

TEST_F(TransferTest, IntoARootThatMustBeEmpty) {
  EXPECT_EQ(Put("bob", "mine.txt"), kOk);
  EXPECT_EQ(RefusedFor("alice", "bob", Root("alice"), true), ErrorCode::kConflict);
  EXPECT_TRUE(Sees("alice", "one.txt"));
  EXPECT_EQ(RefusedFor("alice", "carol", Root("alice"), true), std::nullopt);
  EXPECT_TRUE(Sees("carol", "one.txt"));
  EXPECT_TRUE(Sees("carol", "dir/a.txt"));
  ExpectSound();
}

TEST_F(TransferTest, TheFolderIsNamedAsEveryClientCanStoreIt) {
  ASSERT_TRUE(users_.SetDisplayName(CallerOf("alice").user, "A/l:i\\ce \"<*?>|", {}).has_value());
  const auto done = Transfer("alice", "bob", IdOf("alice", "one.txt"));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(done->folder, "Transferred from A-l-i-ce ------ on 2023-11-14 22-13-20");
}

TEST_F(TransferTest, SharesBecomeTheNewOwners) {
  const ShareId with_carol = Share("alice", "dir/sub", "carol", 3);
  const ShareId elsewhere = Share("alice", "one.txt", "carol");
  const ShareId link = Link("alice", "dir/a.txt");
  const storage::Share before = ShareOf(link);
  const FileId sub = IdOf("alice", "dir/sub");
  const auto done = Transfer("alice", "bob", IdOf("alice", "dir"));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(done->shares, 2u);

  EXPECT_EQ(IdOf("carol", "sub"), sub);
  EXPECT_EQ(Rights("carol", "sub"), 3u);
  EXPECT_EQ(UserId{ShareOf(with_carol).sharer()}, CallerOf("bob").user);
  EXPECT_EQ(UserId{ShareOf(elsewhere).sharer()}, CallerOf("alice").user);
  storage::Share kept = before;
  kept.set_sharer(Raw(CallerOf("bob").user));
  EXPECT_EQ(storage::Serialize(ShareOf(link)), storage::Serialize(kept));
  EXPECT_EQ((*FindByToken(*View(), before.token()))->id(), Raw(link));
  EXPECT_EQ(SharesBy(*View(), CallerOf("bob").user)->size(), 2u);
  EXPECT_EQ(SharesBy(*View(), CallerOf("alice").user)->size(), 1u);

  // They are the new owner's to end, and no longer the old one's.
  EXPECT_EQ(End("alice", with_carol), Refusal::kNoShare);
  EXPECT_EQ(End("bob", with_carol), std::nullopt);
  EXPECT_FALSE(Sees("carol", "sub"));
  ExpectSound();
}

TEST_F(TransferTest, SharesWithTheNewOwnerEnd) {
  const ShareId with_bob = Share("alice", "dir", "bob");
  const ShareId with_carol = Share("alice", "dir", "carol");
  const ShareId back = Share("carol", "dir/a.txt", "bob");
  const ShareId handed_on = Share("bob", "dir/sub", "carol");
  ASSERT_TRUE(Sees("bob", "dir"));
  const auto done = Transfer("alice", "bob", IdOf("alice", "dir"));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(done->shares, 1u);
  EXPECT_EQ(done->ended, 2u);
  EXPECT_FALSE(Exists(with_bob));
  EXPECT_FALSE(Exists(back));
  EXPECT_TRUE(Exists(with_carol));
  EXPECT_TRUE(Exists(handed_on));
  EXPECT_FALSE(Sees("bob", "dir"));
  EXPECT_FALSE(Sees("bob", "a.txt"));
  EXPECT_TRUE(Sees("bob", folder_ + "/dir/a.txt"));
  EXPECT_EQ(Rights("carol", "dir"), kAllPermissions);
  ExpectSound();
}

TEST_F(TransferTest, AGroupKeepsWhatItHasAndTheOldOwnerIsOneOfIt) {
  Add("dave", {"staff"});
  EXPECT_EQ(Mkcol("dave", "plans"), kOk);
  Share("dave", "plans", "staff", 1);
  EXPECT_EQ(RefusedFor("dave", "bob", IdOf("dave", "plans")), std::nullopt);
  EXPECT_EQ(Rights("dave", "plans"), 1u);
  ExpectSound();
}

TEST_F(TransferTest, ReceivedSharesStayWithWhoReceivedThem) {
  EXPECT_EQ(Mkcol("carol", "hers"), kOk);
  Share("carol", "hers", "alice");
  const auto home = Home("alice");
  ASSERT_TRUE(shares_
                  .MoveMount(CallerOf("alice"), home, IdOf("carol", "hers"),
                             {.home = home, .segments = {"dir", "hers"}})
                  .has_value());
  ASSERT_TRUE(Sees("alice", "dir/hers"));
  EXPECT_EQ(RefusedFor("alice", "bob", IdOf("alice", "dir")), std::nullopt);
  EXPECT_TRUE(Sees("alice", "hers"));
  EXPECT_FALSE(Sees("bob", folder_ + "/dir/hers"));
  ExpectSound();
}

TEST_F(TransferTest, ItCountsAgainstTheNewOwnersQuota) {
  Fill("alice", "dir/big", 5000);
  Fill("alice", "two.txt", 10);
  SetQuota("bob", 4999);
  EXPECT_EQ(RefusedFor("alice", "bob", IdOf("alice", "dir")), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(RefusedFor("alice", "bob", Root("alice")), ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(Sees("alice", "two.txt"));
  EXPECT_FALSE(Sees("bob", folder_));
  SetQuota("bob", 50'000);
  EXPECT_EQ(RefusedFor("alice", "bob", Root("alice")), std::nullopt);
  EXPECT_EQ(Find("bob", folder_)->leaf().recursive_size(), 5010u);
  ExpectSound();
}

TEST_F(TransferTest, WhatIsLockedStays) {
  Lock("alice", "dir/a.txt");
  EXPECT_EQ(RefusedFor("alice", "bob", IdOf("alice", "dir")), ErrorCode::kLocked);
  EXPECT_EQ(RefusedFor("alice", "bob", Root("alice")), ErrorCode::kLocked);
  EXPECT_TRUE(Sees("alice", "dir/a.txt"));
  EXPECT_FALSE(Sees("bob", folder_));
  EXPECT_EQ(RefusedFor("alice", "bob", IdOf("alice", "one.txt")), std::nullopt);
  ExpectSound();
}

TEST_F(TransferTest, OnlyWhatTheOwnerHasGoesOver) {
  const FileId dir = IdOf("alice", "dir");
  Share("alice", "dir", "carol");
  EXPECT_EQ(RefusedFor("carol", "bob", dir), ErrorCode::kNotFound);
  EXPECT_EQ(RefusedFor("carol", "bob", Root("alice")), ErrorCode::kNotFound);
  EXPECT_EQ(RefusedFor("alice", "bob", FileId{999'999}), ErrorCode::kNotFound);
  EXPECT_EQ(RefusedFor("alice", "alice", dir), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Remove("alice", "dir"), kOk);
  EXPECT_EQ(RefusedFor("alice", "bob", dir), ErrorCode::kNotFound);
  const storage::User gone = Record("carol");
  ASSERT_TRUE(users_.Delete(CallerOf("carol").user, {}).has_value());
  const auto done = transfers_.Now({Record("alice"), gone, Root("alice")});
  ASSERT_TRUE(done.has_error());
  EXPECT_EQ(done.error().code, ErrorCode::kNotFound);
}

TEST_F(TransferTest, TooManyMembersDoNotGoOverAtOnce) {
  ASSERT_TRUE(engine_.file_ids().Reserve(kMostTransferredMembers + 100).has_value());
  for (std::size_t i = 0; i < kMostTransferredMembers; ++i)
    ASSERT_EQ(Mkcol("alice", "m" + std::to_string(i)), kOk);
  EXPECT_EQ(RefusedFor("alice", "bob", Root("alice")), ErrorCode::kTooLarge);
  EXPECT_EQ(Remove("alice", "m0"), kOk);
  EXPECT_EQ(Remove("alice", "m1"), kOk);
  EXPECT_EQ(RefusedFor("alice", "bob", Root("alice")), std::nullopt);
  EXPECT_TRUE(Sees("bob", folder_ + "/m999"));
  ExpectSound();
}

}  // namespace
}  // namespace cairn::shares
