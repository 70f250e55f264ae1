#include "base/quantity.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

using std::chrono::milliseconds;

TEST(Size, TakesTheUnitsPeopleWrite) {
  for (const char* text : {"64 MB", "64MiB", "64m", " 64 mb ", "65536 K", "67108864", "0.0625 GB"})
    EXPECT_EQ(ParseSize(text), 64u << 20) << text;
  for (const char* text :
       {"", "MB", "-1", "1 BB", "1 BiB", "1 iB", "1e9", ".5 G", "8192 PB", "none"})
    EXPECT_EQ(ParseSize(text), std::nullopt) << text;
}

TEST(Size, TextHasOneDecimalAtMost) {
  EXPECT_EQ(SizeText(0), "0 B");
  EXPECT_EQ(SizeText(1023), "1023 B");
  EXPECT_EQ(SizeText(1024), "1 KB");
  EXPECT_EQ(SizeText(10 << 20), "10 MB");
  EXPECT_EQ(SizeText(1610612736), "1.5 GB");
  EXPECT_EQ(SizeText((1ull << 30) - 1), "1 GB");
}

TEST(Size, ExactTextIsReadBack) {
  EXPECT_EQ(ExactSizeText(64u << 20), "64 MB");
  EXPECT_EQ(ExactSizeText(0), "0 B");
  for (const std::uint64_t bytes : {1ull, 1023ull, 1536ull << 20, (1ull << 62) + 1})
    EXPECT_EQ(ParseSize(ExactSizeText(bytes)), bytes);
}

TEST(Duration, IsAWholeNumberAndAUnit) {
  EXPECT_EQ(ParseDuration("250 ms"), milliseconds(250));
  EXPECT_EQ(ParseDuration("10"), milliseconds(10'000));
  EXPECT_EQ(ParseDuration("2min"), milliseconds(120'000));
  EXPECT_EQ(ParseDuration("30 d"), milliseconds(30ll * 86'400'000));
  for (const char* text :
       {"", "s", "-1 s", "1.5 s", "1 month", "1 S", "36700 d", "99999999999999999999"})
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
}

TEST(Duration, TextIsReadBack) {
  EXPECT_EQ(DurationText(milliseconds(0)), "0 s");
  EXPECT_EQ(DurationText(milliseconds(90'000)), "90 s");
  EXPECT_EQ(DurationText(milliseconds(180ll * 86'400'000)), "180 d");
  for (const int count : {1, 999, 1000, 61'000, 3'600'000})
    EXPECT_EQ(ParseDuration(DurationText(milliseconds(count))), milliseconds(count));
}

}  // namespace
}  // namespace cairn
