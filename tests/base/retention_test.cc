#include "base/retention.h"

#include <gmock/gmock.h>

#include <limits>

#include "base/random.h"

namespace cairn {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::int64_t kDay = kSecondsPerDay;

struct Meaning {
  std::string text;
  Retention value;
  std::string canonical;
};

TEST(Retention, MeansWhatTheManualSays) {
  const std::vector<Meaning> table = {
      {"auto", Retention{}, "auto"},
      {"7, auto", {false, 7 * kDay, std::nullopt, true, false}, "7, auto"},
      {"0, auto", {false, 0, std::nullopt, true, false}, "0, auto"},
      {"auto, 30", {false, 0, 30 * kDay, true, false}, "auto, 30"},
      {"auto, 0", {false, 0, 0, true, false}, "auto, 0"},
      {"7, 30", {false, 7 * kDay, 30 * kDay, false, false}, "7, 30"},
      {"180, 180", {false, 180 * kDay, 180 * kDay, false, false}, "180, 180"},
      {"0, 0", {false, 0, 0, false, false}, "0, 0"},
      {"0, 36500", {false, 0, 36'500 * kDay, false, false}, "0, 36500"},
      {"disabled", {true, 0, std::nullopt, false, false}, "disabled"},
      // Blanks, letters and zeros in front do not matter.
      {" AUTO ", Retention{}, "auto"},
      {"\tDisabled", {true, 0, std::nullopt, false, false}, "disabled"},
      {"7,auto", {false, 7 * kDay, std::nullopt, true, false}, "7, auto"},
      {"  Auto\t,  030 ", {false, 0, 30 * kDay, true, false}, "auto, 30"},
  };
  for (const Meaning& row : table) {
    const auto read = ParseRetention(row.text);
    ASSERT_TRUE(read.has_value()) << row.text << ": " << read.error().message;
    EXPECT_EQ(*read, row.value) << row.text;
    EXPECT_EQ(RetentionText(*read), row.canonical);
  }
}

TEST(Retention, TheDefaultIsAuto) { EXPECT_EQ(*ParseRetention("auto"), Retention()); }

TEST(Retention, EverythingElseIsRefused) {
  for (const char* text : {"",
                           " ",
                           ",",
                           "auto,",
                           ", auto",
                           ",30",
                           "30",
                           "30,",
                           "auto, auto",
                           "disabled, 30",
                           "30, disabled",
                           "auto 30",
                           "7; 30",
                           "7, 30, 60",
                           "7, 30, auto",
                           "-1, auto",
                           "auto, -1",
                           "1.5, auto",
                           "30 d, 60",
                           "auto, 30 d",
                           "36501, auto",
                           "auto, 36501",
                           "30, 7",
                           "1, 0",
                           "none",
                           "never",
                           "0x10, auto",
                           "+1, auto",
                           "1e3, auto",
                           "auto\n",
                           "99999999999999999999, auto",
                           "auto, 18446744073709551615",
                           "\"auto\"",
                           "auto, 3 0"}) {
    const auto read = ParseRetention(text);
    ASSERT_TRUE(read.has_error()) << text;
    EXPECT_TRUE(Is(read.error(), ErrorCode::kInvalidArgument)) << text;
    EXPECT_THAT(read.error().message, StartsWith("is not ")) << text;
  }
}

std::string WhyNot(std::string_view text) { return ParseRetention(text).error().message; }

TEST(Retention, ARefusalSaysWhatIsWrong) {
  EXPECT_THAT(WhyNot("forever"), HasSubstr("\"D, auto\""));
  EXPECT_THAT(WhyNot("30, 7"), HasSubstr("in order"));
  EXPECT_THAT(WhyNot("36501, auto"), HasSubstr("36500 days"));
  EXPECT_THAT(WhyNot("30"), HasSubstr("\"30, auto\"")) << "which of both was meant is unclear";
  EXPECT_THAT(WhyNot("30"), HasSubstr("\"auto, 30\""));
  EXPECT_THAT(WhyNot("auto, auto"), HasSubstr("stands alone"));
}

TEST(Retention, EveryValueIsReadBack) {
  SeededRandom random(4);
  for (int i = 0; i < 2'000; ++i) {
    const auto least = static_cast<std::int64_t>(random.Uint64() % 36'501);
    const auto most = least + static_cast<std::int64_t>(
                                  random.Uint64() % (36'501 - static_cast<std::uint64_t>(least)));
    const Retention values[] = {{false, least * kDay, std::nullopt, true, false},
                                {false, 0, most * kDay, true, false},
                                {false, least * kDay, most * kDay, false, false}};
    for (const Retention& value : values) {
      const auto again = ParseRetention(RetentionText(value));
      ASSERT_TRUE(again.has_value()) << RetentionText(value);
      EXPECT_EQ(*again, value) << RetentionText(value);
    }
  }
}

TEST(Retention, RandomTextIsReadOrRefusedButNeverHalfRead) {
  SeededRandom random(5);
  const std::vector<std::string> words = {"auto", "disabled", ",", " ", "0",  "7", "30",
                                          "-",    "36500",    "a", ".", "\t", "9", "AUTO"};
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::uint64_t n = random.Uint64() % 6; n > 0; --n)
      text += words[random.Uint64() % words.size()];
    const auto value = ParseRetention(text);
    if (value.has_error()) {
      EXPECT_THAT(value.error().message, StartsWith("is not "));
      continue;
    }
    ++read;
    EXPECT_EQ(*ParseRetention(RetentionText(*value)), *value) << text;
    EXPECT_GE(value->keep_at_least, 0);
    EXPECT_LE(value->keep_at_least, value->remove_after.value_or(INT64_MAX)) << text;
    EXPECT_TRUE(!value->disabled || (!value->by_rules && !value->remove_after)) << text;
  }
  EXPECT_GT(read, 200);
}

TEST(Age, IsNeverNegativeAndNeverOverflows) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(AgeSeconds(100, 130), 30);
  EXPECT_EQ(AgeSeconds(130, 100), 0);
  EXPECT_EQ(AgeSeconds(-5, 5), 10);
  EXPECT_EQ(AgeSeconds(kMin, kMax), kMax);
  EXPECT_EQ(AgeSeconds(kMax, kMin), 0);
  EXPECT_EQ(AgeSeconds(kMin, -1), kMax);
}

}  // namespace
}  // namespace cairn
