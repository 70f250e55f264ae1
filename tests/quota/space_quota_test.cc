#include "quota/space_quota.h"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

namespace cairn::quota {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

storage::Space Limited(std::uint64_t bytes, std::uint64_t id = 1) {
  storage::Space space;
  space.set_id(id);
  space.set_has_quota(true);
  space.set_quota(static_cast<std::int64_t>(bytes));
  return space;
}

storage::Space Unlimited() {
  storage::Space space;
  space.set_id(1);
  return space;
}

template <class T>
bool Exceeded(const Result<T>& result) {
  return result.has_error() && Is(result.error(), ErrorCode::kQuotaExceeded);
}

TEST(SpaceQuota, ChargesUpToTheLimitAndNotAByteMore) {
  const SpaceQuota quota;
  EXPECT_TRUE(quota.Charge(Limited(100), 60, 40, 0).has_value());
  EXPECT_TRUE(Exceeded(quota.Charge(Limited(100), 60, 41, 0)));
}

TEST(SpaceQuota, ShrinkingIsAllowedAboveTheLimit) {
  const SpaceQuota quota;
  EXPECT_TRUE(quota.Charge(Limited(100), 500, -1, 0).has_value());
  EXPECT_TRUE(quota.Charge(Limited(100), 500, 0, 0).has_value());
  EXPECT_TRUE(Exceeded(quota.Charge(Limited(100), 500, 1, 0)));
}

TEST(SpaceQuota, AQuotaOfZeroIsALimitAndNoQuotaIsNone) {
  const SpaceQuota quota;
  EXPECT_TRUE(Exceeded(quota.Charge(Limited(0), 0, 1, 0)));
  EXPECT_TRUE(
      quota.Charge(Unlimited(), 1, std::numeric_limits<std::int64_t>::max(), 0).has_value());
}

TEST(SpaceQuota, SumsDoNotWrapAround) {
  SpaceQuota quota;
  EXPECT_TRUE(
      Exceeded(quota.Charge(Limited(100), std::numeric_limits<std::uint64_t>::max(), 1, 0)));
  EXPECT_TRUE(Exceeded(quota.Reserve(Limited(100), 1, std::numeric_limits<std::uint64_t>::max())));
}

TEST(SpaceQuota, OthersReservationsCountAndOwnDoNot) {
  SpaceQuota quota;
  auto mine = quota.Reserve(Limited(100), 0, 50);
  auto other = quota.Reserve(Limited(100), 0, 30);
  ASSERT_TRUE(mine.has_value() && other.has_value());
  EXPECT_TRUE(quota.Charge(Limited(100), 0, 70, mine->bytes()).has_value());
  EXPECT_TRUE(Exceeded(quota.Charge(Limited(100), 0, 71, mine->bytes())));
  EXPECT_TRUE(Exceeded(quota.Charge(Limited(100), 0, 21, 0)));
}

TEST(SpaceQuota, AReservationEndsWithItsObject) {
  SpaceQuota quota;
  {
    auto first = quota.Reserve(Limited(100), 0, 100);
    ASSERT_TRUE(first.has_value());
    EXPECT_TRUE(Exceeded(quota.Reserve(Limited(100), 0, 1)));
    Reservation moved = std::move(*first);
    EXPECT_EQ(first->bytes(), 0u);
    EXPECT_EQ(moved.bytes(), 100u);
    EXPECT_EQ(quota.reserved(SpaceId{1}), 100u);
  }
  EXPECT_EQ(quota.reserved(SpaceId{1}), 0u);
  EXPECT_TRUE(quota.Reserve(Limited(100), 0, 100).has_value());
}

TEST(SpaceQuota, AssigningGivesBackWhatWasHeld) {
  SpaceQuota quota;
  auto first = quota.Reserve(Limited(100), 0, 60);
  auto second = quota.Reserve(Limited(100), 0, 40);
  ASSERT_TRUE(first.has_value() && second.has_value());
  *first = std::move(*second);
  EXPECT_EQ(quota.reserved(SpaceId{1}), 40u);
}

TEST(SpaceQuota, SpacesDoNotMix) {
  SpaceQuota quota;
  auto first = quota.Reserve(Limited(100, 1), 0, 100);
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(quota.Reserve(Limited(100, 2), 0, 100).has_value());
}

TEST(SpaceQuota, GrowsInStepsWhileTheyFit) {
  SpaceQuota quota;
  auto held = quota.Reserve(Limited(100 * kMiB), 0, 0);
  ASSERT_TRUE(held.has_value());
  ASSERT_TRUE(held->Grow(1).has_value());
  EXPECT_EQ(held->bytes(), 64 * kMiB);
  ASSERT_TRUE(held->Grow(64 * kMiB).has_value());
  EXPECT_EQ(held->bytes(), 64 * kMiB);
  // No second step fits: exactly what is needed is taken, down to the last byte.
  ASSERT_TRUE(held->Grow(64 * kMiB + 1).has_value());
  EXPECT_EQ(held->bytes(), 64 * kMiB + 1);
  ASSERT_TRUE(held->Grow(100 * kMiB).has_value());
  EXPECT_TRUE(Exceeded(held->Grow(100 * kMiB + 1)));
  EXPECT_EQ(held->bytes(), 100 * kMiB);
}

TEST(SpaceQuota, GrowingByHugeNumbersIsRefusedNotWrapped) {
  SpaceQuota quota;
  auto held = quota.Reserve(Limited(100), 0, 10);
  ASSERT_TRUE(held.has_value());
  EXPECT_TRUE(Exceeded(held->Grow(std::numeric_limits<std::uint64_t>::max())));
  EXPECT_EQ(held->bytes(), 10u);
}

TEST(SpaceQuota, AnEndedReservationDoesNotGrow) {
  SpaceQuota quota;
  auto held = quota.Reserve(Limited(100), 0, 10);
  ASSERT_TRUE(held.has_value());
  held->Release();
  held->Release();
  auto grown = held->Grow(1);
  ASSERT_TRUE(grown.has_error());
  EXPECT_TRUE(Is(grown.error(), ErrorCode::kConflict));
  EXPECT_EQ(quota.reserved(SpaceId{1}), 0u);
}

TEST(SpaceQuota, FreeSpaceSubtractsReservationsAndNeverGoesBelowZero) {
  SpaceQuota quota;
  EXPECT_EQ(quota.FreeBytes(Limited(100), 30), (FreeSpace{false, 70}));
  auto held = quota.Reserve(Limited(100), 30, 50);
  ASSERT_TRUE(held.has_value());
  EXPECT_EQ(quota.FreeBytes(Limited(100), 30), (FreeSpace{false, 20}));
  EXPECT_EQ(quota.FreeBytes(Limited(100), 300), (FreeSpace{false, 0}));
}

TEST(SpaceQuota, UnlimitedIsATypeAndMinusThreeOnTheWire) {
  const SpaceQuota quota;
  const FreeSpace free = quota.FreeBytes(Unlimited(), 30);
  EXPECT_TRUE(free.unlimited);
  EXPECT_EQ(free.ForClients(), -3);
  EXPECT_EQ(quota.FreeBytes(Limited(100), 100).ForClients(), 0);
}

TEST(SpaceQuota, ParallelReservationsNeverExceedTheLimit) {
  SpaceQuota quota;
  std::atomic<int> granted{0};
  std::vector<Reservation> held(20);
  std::vector<std::thread> uploads;
  for (std::size_t i = 0; i < held.size(); ++i) {
    uploads.emplace_back([&, i] {
      auto got = quota.Reserve(Limited(100), 95, 1);
      if (got.has_value()) {
        held[i] = std::move(*got);
        ++granted;
      }
    });
  }
  for (auto& upload : uploads) upload.join();
  EXPECT_EQ(granted, 5);
  EXPECT_EQ(quota.reserved(SpaceId{1}), 5u);
}

TEST(SpaceQuota, AHoldIsAReservation) {
  SpaceQuota quota;
  auto hold = quota.Hold(Limited(100), 30, 50);
  ASSERT_TRUE(hold.has_value());
  EXPECT_EQ(quota.reserved(SpaceId{1}), 50u);
  EXPECT_TRUE(Exceeded(quota.Hold(Limited(100), 30, 21)));
  hold->reset();
  EXPECT_EQ(quota.reserved(SpaceId{1}), 0u);
}

}  // namespace
}  // namespace cairn::quota
