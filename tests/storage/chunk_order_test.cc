#include "storage/chunk_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace cairn::storage {
namespace {

std::vector<std::string> Sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end(), ChunkNameLess);
  return names;
}

TEST(ChunkOrder, NumbersComeInNumberOrder) {
  const std::vector<std::string> want = {"1", "2", "9", "10", "100"};
  EXPECT_EQ(Sorted({"100", "10", "9", "2", "1"}), want);
}

TEST(ChunkOrder, PaddingDoesNotMatter) {
  const std::vector<std::string> want = {"0000000000000000", "0000000000000001",
                                         "0000000000000010"};
  EXPECT_EQ(Sorted({want[2], want[0], want[1]}), want);
  const std::vector<std::string> mixed = {"001", "2", "03", "4"};
  EXPECT_EQ(Sorted({"4", "03", "2", "001"}), mixed);
}

TEST(ChunkOrder, NumbersOfAnyLengthCompare) {
  const std::vector<std::string> want = {"99999999999999999999", "100000000000000000000"};
  EXPECT_EQ(Sorted({want[1], want[0]}), want);
}

TEST(ChunkOrder, EqualNumbersStillHaveOneOrder) {
  EXPECT_TRUE(ChunkNameLess("01", "1"));
  EXPECT_FALSE(ChunkNameLess("1", "01"));
  EXPECT_FALSE(ChunkNameLess("1", "1"));
}

TEST(ChunkOrder, RangesAndWordsAreNatural) {
  const std::vector<std::string> ranges = {"000000000000000-000000010485759",
                                           "000000010485760-000000020971519"};
  EXPECT_EQ(Sorted({ranges[1], ranges[0]}), ranges);
  const std::vector<std::string> words = {"part2", "part10", "part10a", "past1"};
  EXPECT_EQ(Sorted({"past1", "part10a", "part10", "part2"}), words);
}

TEST(ChunkOrder, IsAStrictOrderOverNastyNames) {
  const std::vector<std::string> names = {"0",  "00", "1",   "01", "a",   "a0",   "a00",
                                          "a1", "1a", "01a", "-",  "1-1", "1-01", "_"};
  for (const auto& a : names) {
    EXPECT_FALSE(ChunkNameLess(a, a));
    for (const auto& b : names) {
      EXPECT_EQ(ChunkNameLess(a, b) || ChunkNameLess(b, a), a != b) << a << " " << b;
      EXPECT_FALSE(ChunkNameLess(a, b) && ChunkNameLess(b, a)) << a << " " << b;
      for (const auto& c : names) {
        const bool chained = ChunkNameLess(a, b) && ChunkNameLess(b, c);
        EXPECT_TRUE(!chained || ChunkNameLess(a, c)) << a << " " << b << " " << c;
      }
    }
  }
}

TEST(ChunkOrder, NumbersAndRangesAreRecognised) {
  EXPECT_EQ(ChunkNumber("00017"), 17u);
  EXPECT_EQ(ChunkNumber("0000000000000000"), 0u);
  EXPECT_FALSE(ChunkNumber("").has_value());
  EXPECT_FALSE(ChunkNumber("1a").has_value());
  EXPECT_FALSE(ChunkNumber(std::string(40, '9')).has_value());
  const auto range = ParseChunkRange("000000010485760-000000020971519");
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->first, 10485760u);
  EXPECT_EQ(range->last, 20971519u);
  EXPECT_FALSE(ParseChunkRange("1-2").has_value());
  EXPECT_FALSE(ParseChunkRange("000000010485760-").has_value());
  EXPECT_FALSE(ParseChunkRange("000000010485760-00000002097151x").has_value());
}

}  // namespace
}  // namespace cairn::storage
