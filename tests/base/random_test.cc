#include "base/random.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace cairn {
namespace {

TEST(SeededRandom, RepeatsItself) {
  SeededRandom a(1), b(1), c(2);
  const std::string first = a.Bytes(100);
  EXPECT_EQ(first, b.Bytes(100));
  EXPECT_NE(first, c.Bytes(100));
  EXPECT_NE(first, a.Bytes(100));
}

TEST(SystemRandom, DoesNotRepeatItself) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(random.Bytes(16)).second);
  EXPECT_EQ(random.Bytes(0), "");
  EXPECT_EQ(random.Bytes(100'000).size(), 100'000U);
}

TEST(RandomText, UsesTheAlphabetEvenly) {
  SeededRandom random(3);
  std::map<char, int> count;
  for (char c : random.Text(30'000, "abc")) ++count[c];
  ASSERT_EQ(count.size(), 3U);
  for (const auto& [c, times] : count) EXPECT_NEAR(times, 10'000, 500) << c;
  EXPECT_EQ(random.Text(5, "x"), "xxxxx");
  EXPECT_EQ(random.Text(0, "abc"), "");
}

TEST(ContentIds, AreOrderedByTime) {
  SeededRandom random(4);
  const ContentId early = random.NewContentId(1'700'000'000'000);
  const ContentId late = random.NewContentId(1'700'000'000'001);
  EXPECT_LT(early, late);
  EXPECT_NE(early, random.NewContentId(1'700'000'000'000));
  EXPECT_EQ(early.Hex().substr(0, 12), "018bcfe56800");
}

TEST(BlobIds, Differ) {
  SeededRandom random(5);
  EXPECT_NE(random.NewBlobId(), random.NewBlobId());
}

}  // namespace
}  // namespace cairn
