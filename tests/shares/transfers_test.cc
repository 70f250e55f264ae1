// Offers of ownership: who may make, accept, reject and withdraw them, and what is told of them.
#include "shares/transfers.h"

#include <gmock/gmock.h>

#include "tests/shares/transfer_case.h"

namespace cairn::shares {
namespace {

using storage::Notification;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kOffered = storage::NOTIFICATION_TRANSFER_OFFERED;
constexpr auto kAccepted = storage::NOTIFICATION_TRANSFER_ACCEPTED;
constexpr auto kRejected = storage::NOTIFICATION_TRANSFER_REJECTED;

class TransfersTest : public TransferCase {
 protected:
  TransferAnswer Offer(const std::string& from, const std::string& to, FileId node) {
    return Value(transfers_.Offer(CallerOf(from), CallerOf(to).user, node));
  }
  TransferAnswer Offer(const std::string& from, const std::string& to, std::string_view path) {
    return Offer(from, to, IdOf(from, path));
  }
  TransferAnswer Accept(const std::string& user, std::uint64_t id) {
    return Value(transfers_.Accept(CallerOf(user), TransferId{id}));
  }
  TransferAnswer End(const std::string& user, std::uint64_t id) {
    return Value(transfers_.End(CallerOf(user), TransferId{id}));
  }
  void Dismiss(const std::string& user, std::optional<NotificationId> one) {
    ASSERT_TRUE(transfers_.Dismiss(CallerOf(user), one).has_value());
  }
  // "kind transfer name", newest first.
  std::vector<std::string> Told(const std::string& user) {
    std::vector<std::string> lines;
    const auto all = notifications::ListOf(*View(), CallerOf(user).user);
    EXPECT_TRUE(all.has_value());
    for (const Notification& one : *all)
      lines.push_back(Line(one.kind(), one.object(), one.name()));
    return lines;
  }
  static std::string Line(storage::NotificationKind kind, std::uint64_t transfer,
                          const std::string& name) {
    return std::to_string(kind) + " " + std::to_string(transfer) + " " + name;
  }
  std::size_t Waiting() {
    std::size_t rows = 0;
    auto count = [&](std::string_view, std::string_view) { return ++rows > 0; };
    EXPECT_TRUE(View()->Scan(storage::Table::kTransfers, {}, {}, count).has_value());
    return rows;
  }

 private:
  static TransferAnswer Value(const Result<TransferAnswer>& result) {
    EXPECT_TRUE(result.has_value()) << result.error().message;
    return result.has_value() ? *result : TransferAnswer();
  }
};

TEST_F(TransfersTest, AnAcceptedOfferGoesOverAtOnce) {
  EXPECT_EQ(Offer("alice", "bob", "dir"), std::nullopt);
  EXPECT_TRUE(Sees("alice", "dir"));
  EXPECT_THAT(Told("bob"), ElementsAre(Line(kOffered, 1, "dir")));
  EXPECT_THAT(Told("alice"), IsEmpty());
  EXPECT_EQ(Accept("bob", 1), std::nullopt);
  EXPECT_FALSE(Sees("alice", "dir"));
  EXPECT_TRUE(Sees("bob", folder_ + "/dir/a.txt"));
  EXPECT_THAT(Told("bob"), IsEmpty());
  EXPECT_THAT(Told("alice"), ElementsAre(Line(kAccepted, 1, "dir")));
  EXPECT_EQ(Waiting(), 0u);
  EXPECT_EQ(Accept("bob", 1), TransferRefusal::kNoTransfer);
  ExpectSound();
}

TEST_F(TransfersTest, ARejectedOfferIsOver) {
  EXPECT_EQ(Offer("alice", "bob", "dir"), std::nullopt);
  EXPECT_EQ(End("bob", 1), std::nullopt);
  EXPECT_THAT(Told("bob"), IsEmpty());
  EXPECT_THAT(Told("alice"), ElementsAre(Line(kRejected, 1, "dir")));
  EXPECT_EQ(Accept("bob", 1), TransferRefusal::kNoTransfer);
  EXPECT_EQ(End("bob", 1), TransferRefusal::kNoTransfer);
  EXPECT_TRUE(Sees("alice", "dir"));
}

TEST_F(TransfersTest, WhoMadeItTakesItBackUnheard) {
  EXPECT_EQ(Offer("alice", "bob", "dir"), std::nullopt);
  EXPECT_EQ(End("alice", 1), std::nullopt);
  EXPECT_THAT(Told("bob"), IsEmpty());
  EXPECT_THAT(Told("alice"), IsEmpty());
  EXPECT_EQ(Accept("bob", 1), TransferRefusal::kNoTransfer);
}

TEST_F(TransfersTest, NobodyElseDecides) {
  EXPECT_EQ(Offer("alice", "bob", "dir"), std::nullopt);
  EXPECT_EQ(Accept("carol", 1), TransferRefusal::kForeign);
  EXPECT_EQ(End("carol", 1), TransferRefusal::kForeign);
  EXPECT_EQ(Accept("alice", 1), TransferRefusal::kForeign);
  EXPECT_EQ(Accept("bob", 99), TransferRefusal::kNoTransfer);
  EXPECT_EQ(End("bob", 99), TransferRefusal::kNoTransfer);
  EXPECT_TRUE(Sees("alice", "dir"));
  EXPECT_EQ(Waiting(), 1u);
}

TEST_F(TransfersTest, OnlyTheOwnOfTheCallerIsOffered) {
  Share("alice", "dir", "carol");
  EXPECT_EQ(Offer("carol", "bob", IdOf("alice", "dir")), TransferRefusal::kNoNode);
  EXPECT_EQ(Offer("carol", "bob", Root("alice")), TransferRefusal::kNoNode);
  EXPECT_EQ(Offer("alice", "bob", FileId{999'999}), TransferRefusal::kNoNode);
  EXPECT_EQ(Offer("alice", "alice", "dir"), std::nullopt);
  ASSERT_TRUE(users_.SetDisabled(CallerOf("bob").user, true, {}).has_value());
  EXPECT_EQ(Offer("alice", "bob", "dir"), TransferRefusal::kNoRecipient);
  EXPECT_EQ(Waiting(), 0u);
}

TEST_F(TransfersTest, WhatWaitsIsNotOfferedTwice) {
  EXPECT_EQ(Offer("alice", "bob", "dir"), std::nullopt);
  EXPECT_EQ(Offer("alice", "bob", "dir"), std::nullopt);
  EXPECT_EQ(Offer("alice", "carol", "dir"), std::nullopt);
  EXPECT_THAT(Told("bob"), ElementsAre(Line(kOffered, 1, "dir")));
  EXPECT_THAT(Told("carol"), ElementsAre(Line(kOffered, 2, "dir")));
  // Who comes first has it.
  EXPECT_EQ(Accept("carol", 2), std::nullopt);
  EXPECT_EQ(Accept("bob", 1), TransferRefusal::kNoTransfer);
  EXPECT_THAT(Told("bob"), IsEmpty());
  EXPECT_EQ(Waiting(), 0u);
}

TEST_F(TransfersTest, WhatHindersItLeavesTheOffer) {
  Fill("alice", "dir/big", 5000);
  SetQuota("bob", 4999);
  EXPECT_EQ(Offer("alice", "bob", "dir"), std::nullopt);
  const auto refused = transfers_.Accept(CallerOf("bob"), TransferId{1});
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_THAT(Told("bob"), ElementsAre(Line(kOffered, 1, "dir")));
  SetQuota("bob", 50'000);
  EXPECT_EQ(Accept("bob", 1), std::nullopt);
  EXPECT_TRUE(Sees("bob", folder_ + "/dir/big"));
}

TEST_F(TransfersTest, WhatIsGoneCannotBeAccepted) {
  EXPECT_EQ(Offer("alice", "bob", "dir"), std::nullopt);
  EXPECT_EQ(Offer("alice", "bob", "one.txt"), std::nullopt);
  EXPECT_EQ(Remove("alice", "dir"), kOk);
  EXPECT_EQ(Accept("bob", 1), TransferRefusal::kNoTransfer);
  EXPECT_THAT(Told("bob"), ElementsAre(Line(kOffered, 2, "one.txt")));
  // While its owner is locked out nothing of his goes over; it waits for him.
  ASSERT_TRUE(users_.SetDisabled(CallerOf("alice").user, true, {}).has_value());
  EXPECT_EQ(Accept("bob", 2), TransferRefusal::kNoTransfer);
  EXPECT_EQ(Waiting(), 1u);
}

TEST_F(TransfersTest, EverythingIsOfferedWithoutAName) {
  EXPECT_EQ(Offer("alice", "bob", Root("alice")), std::nullopt);
  EXPECT_THAT(Told("bob"), ElementsAre(Line(kOffered, 1, "")));
  EXPECT_EQ(Accept("bob", 1), std::nullopt);
  EXPECT_TRUE(Sees("bob", folder_ + "/dir"));
  EXPECT_TRUE(Sees("bob", folder_ + "/one.txt"));
}

TEST_F(TransfersTest, ADismissedNotificationRejectsTheOffer) {
  EXPECT_EQ(Offer("alice", "bob", "dir"), std::nullopt);
  EXPECT_EQ(Offer("alice", "bob", "one.txt"), std::nullopt);
  Dismiss("carol", NotificationId{1});
  EXPECT_EQ(Waiting(), 2u);
  Dismiss("bob", NotificationId{1});
  EXPECT_THAT(Told("alice"), ElementsAre(Line(kRejected, 1, "dir")));
  EXPECT_EQ(Offer("alice", "bob", "dir"), std::nullopt);
  Dismiss("bob", std::nullopt);
  EXPECT_EQ(Waiting(), 0u);
  EXPECT_THAT(Told("bob"), IsEmpty());
  EXPECT_EQ(Told("alice").size(), 3u);
  Dismiss("alice", std::nullopt);
  EXPECT_THAT(Told("alice"), IsEmpty());
}

TEST_F(TransfersTest, NobodyIsFloodedByOne) {
  for (std::size_t i = 0; i < kMostOffers; ++i) {
    const std::string name = "f" + std::to_string(i);
    ASSERT_EQ(Put("alice", name), kOk);
    ASSERT_EQ(Offer("alice", "bob", name), std::nullopt);
  }
  EXPECT_EQ(Offer("alice", "bob", "dir"), TransferRefusal::kTooMany);
  EXPECT_EQ(Offer("alice", "carol", "dir"), std::nullopt);
  EXPECT_EQ(Put("carol", "hers"), kOk);
  EXPECT_EQ(Offer("carol", "bob", "hers"), std::nullopt);
}

TEST_F(TransfersTest, TheOldestNotificationMakesRoomAndItsOfferIsOver) {
  EXPECT_EQ(Offer("alice", "bob", "dir"), std::nullopt);
  auto fill = [&](storage::KvTxn& txn) -> Result<void> {
    for (std::size_t i = 1; i < notifications::kMostPerUser; ++i) {
      Notification one;
      one.set_kind(kRejected);
      RETURN_IF_ERROR(notifications::Tell(txn, CallerOf("bob").user, one));
    }
    return {};
  };
  ASSERT_TRUE(storage::CommitBlocking(engine_.kv(), {storage::DirectoryKey()}, fill).has_value());
  EXPECT_EQ(Waiting(), 1u);
  EXPECT_EQ(Offer("alice", "bob", "one.txt"), std::nullopt);
  EXPECT_EQ(Told("bob").size(), notifications::kMostPerUser);
  EXPECT_EQ(Told("bob").front(), Line(kOffered, 2, "one.txt"));
  EXPECT_EQ(Waiting(), 1u);
  EXPECT_EQ(Accept("bob", 1), TransferRefusal::kNoTransfer);
}

TEST_F(TransfersTest, OffersOfUsersWhoAreGoneEnd) {
  EXPECT_EQ(Offer("alice", "bob", "dir"), std::nullopt);
  EXPECT_EQ(Offer("alice", "carol", "one.txt"), std::nullopt);
  ASSERT_TRUE(users_.Delete(CallerOf("bob").user, {}).has_value());
  EXPECT_THAT(Told("bob"), IsEmpty());
  EXPECT_EQ(*transfers_.CleanStep(100), 0u);
  EXPECT_EQ(Waiting(), 1u);
  ASSERT_TRUE(users_.Delete(CallerOf("alice").user, {}).has_value());
  EXPECT_EQ(Accept("carol", 2), TransferRefusal::kNoTransfer);
  EXPECT_EQ(*transfers_.CleanStep(1), 1u);
  EXPECT_EQ(*transfers_.CleanStep(1), 0u);
  EXPECT_EQ(Waiting(), 0u);
  EXPECT_THAT(Told("carol"), IsEmpty());
}

}  // namespace
}  // namespace cairn::shares
