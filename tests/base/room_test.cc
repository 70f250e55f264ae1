#include "base/room.h"

#include <gtest/gtest.h>

#include <limits>

namespace cairn {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(Room, HalfOfTheQuotasRestOrOfTheDiskWhicheverIsLess) {
  EXPECT_EQ(HalfOfWhatIsLeft({.quota = 1000, .used = 0, .disk_free = 5000}), 500u);
  EXPECT_EQ(HalfOfWhatIsLeft({.quota = 1000, .used = 400, .disk_free = 5000}), 300u);
  EXPECT_EQ(HalfOfWhatIsLeft({.quota = 1000, .used = 400, .disk_free = 100}), 50u);
  EXPECT_EQ(HalfOfWhatIsLeft({.quota = 1001, .used = 0, .disk_free = 5000}), 500u);
}

TEST(Room, WithoutAQuotaTheDiskDecides) {
  EXPECT_EQ(HalfOfWhatIsLeft({.quota = {}, .used = 400, .disk_free = 5000}), 2500u);
  EXPECT_EQ(HalfOfWhatIsLeft({.quota = {}, .used = kMax, .disk_free = kMax}), kMax / 2);
  EXPECT_EQ(HalfOfWhatIsLeft({.quota = {}, .used = 0, .disk_free = 0}), 0u);
}

TEST(Room, AQuotaOfZeroLeavesNothingAndAnExceededOneNeither) {
  EXPECT_EQ(HalfOfWhatIsLeft({.quota = 0, .used = 0, .disk_free = 5000}), 0u);
  EXPECT_EQ(HalfOfWhatIsLeft({.quota = 1000, .used = 1000, .disk_free = 5000}), 0u);
  EXPECT_EQ(HalfOfWhatIsLeft({.quota = 1000, .used = kMax, .disk_free = 5000}), 0u);
}

}  // namespace
}  // namespace cairn
