// The rules by which versions go: each line of the schedule, and the cases that people reported for
// other servers.
#include "versions/thinning.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

namespace cairn::versions {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

constexpr std::int64_t kHour = 3'600;
constexpr std::int64_t kDay = kSecondsPerDay;
constexpr std::int64_t kWeek = 7 * kDay;
constexpr std::int64_t kNow = 2'800 * kWeek;  // on every grid
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

std::vector<Kept> OfAges(const std::vector<std::int64_t>& ages) {
  std::vector<Kept> versions;
  for (const std::int64_t age : ages)
    versions.push_back({.became_current = kNow - age, .bytes = 1, .labelled = false});
  return versions;
}

Retention Read(const char* setting) { return *ParseRetention(setting); }

// The ages of those that stay.
std::vector<std::int64_t> Staying(const std::vector<Kept>& versions, const char* setting = "auto") {
  std::vector<std::int64_t> ages;
  const auto victims = Thin(versions, Read(setting), kNow);
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (!std::binary_search(victims.begin(), victims.end(), i))
      ages.push_back(kNow - versions[i].became_current);
  }
  return ages;
}

// Versions of all ages from `oldest` down to `youngest`, and one of now, so that none of them is
// the newest.
std::vector<Kept> Every(std::int64_t seconds, std::int64_t oldest, std::int64_t youngest) {
  std::vector<std::int64_t> ages;
  for (std::int64_t age = oldest; age >= youngest; age -= seconds) ages.push_back(age);
  ages.push_back(0);
  return OfAges(ages);
}

struct Line {
  const char* what;
  std::int64_t saved_every, oldest, youngest, step;
  std::size_t count;  // of those that stay, without the one of now
};

TEST(Schedule, HasALineForEachSpanOfAges) {
  const std::vector<Line> lines = {
      {"every 2 s up to 10 s", 1, 9, 1, 2, 5},
      {"every 10 s up to a minute", 1, 59, 10, 10, 6},
      {"every minute up to an hour", 10, kHour - 10, 60, 60, 60},
      {"every hour up to a day", 600, kDay - 600, kHour, kHour, 24},
      {"every day up to 30 days", 6 * kHour, 30 * kDay - 6 * kHour, kDay, kDay, 30},
      {"every week from then on", kDay, 52 * kWeek, 30 * kDay, kWeek, 48},
      {"for ever", kDay, 2'600 * kWeek, 30 * kDay, kWeek, 2'596},
  };
  for (const Line& line : lines) {
    std::vector<std::int64_t> expected;
    if (line.oldest % line.step != 0) expected.push_back(line.oldest);
    for (std::int64_t age = line.oldest / line.step * line.step; age >= line.youngest;
         age -= line.step)
      expected.push_back(age);
    EXPECT_EQ(expected.size(), line.count) << line.what;
    expected.push_back(0);
    EXPECT_THAT(Staying(Every(line.saved_every, line.oldest, line.youngest)),
                ElementsAreArray(expected))
        << line.what;
  }
}

TEST(Schedule, OneInTheFirstSecond) { EXPECT_THAT(Staying(OfAges({0, 0, 0})), ElementsAre(0)); }

TEST(Schedule, ChangesAtTheSecond) {
  // Two of one bucket, the younger of them on this side and on that of the border.
  EXPECT_THAT(Staying(OfAges({9, 8, 0})), ElementsAre(9, 8, 0));
  EXPECT_THAT(Staying(OfAges({8, 7, 0})), ElementsAre(8, 0));
  EXPECT_THAT(Staying(OfAges({20, 11, 0})), ElementsAre(20, 0));
  EXPECT_THAT(Staying(OfAges({60, 59, 0})), ElementsAre(60, 59, 0));
  EXPECT_THAT(Staying(OfAges({120, 61, 0})), ElementsAre(120, 0));
  EXPECT_THAT(Staying(OfAges({kHour, kHour - 1, 0})), ElementsAre(kHour, kHour - 1, 0));
  EXPECT_THAT(Staying(OfAges({2 * kHour, kHour + 1, 0})), ElementsAre(2 * kHour, 0));
  EXPECT_THAT(Staying(OfAges({kDay, kDay - 1, 0})), ElementsAre(kDay, kDay - 1, 0));
  EXPECT_THAT(Staying(OfAges({2 * kDay, kDay + 1, 0})), ElementsAre(2 * kDay, 0));
  EXPECT_THAT(Staying(OfAges({30 * kDay, 30 * kDay - 1, 0})),
              ElementsAre(30 * kDay, 30 * kDay - 1, 0));
  EXPECT_THAT(Staying(OfAges({5 * kWeek, 30 * kDay, 0})), ElementsAre(5 * kWeek, 0));
}

TEST(Schedule, EverySecondOfADayLeavesAHundredAndNotMore) {
  const auto staying = Staying(Every(1, kDay - 1, 1));
  EXPECT_EQ(staying.size(), 1u + 5 + 6 + 60 + 24);
}

TEST(Newest, IsAloneInItsBucket) {
  EXPECT_THAT(Staying(OfAges({8, 7})), ElementsAre(7));
  EXPECT_THAT(Staying(OfAges({40 * kDay, 8 * kDay - 1, 7 * kDay + 2, 7 * kDay + 1})),
              ElementsAre(40 * kDay, 7 * kDay + 1));
}

TEST(Newest, StaysWhateverItsAge) {
  for (const char* setting : {"auto", "auto, 30", "0, 30", "auto, 0", "0, auto", "disabled"})
    EXPECT_THAT(Staying(OfAges({900 * kDay}), setting), ElementsAre(900 * kDay)) << setting;
  EXPECT_THAT(Staying(OfAges({901 * kDay, 900 * kDay}), "auto, 30"), ElementsAre(900 * kDay));
}

TEST(Labelled, StaysAndTakesNoBucket) {
  auto versions = OfAges({120, 119, 118, 117, 0});
  versions[0].labelled = versions[3].labelled = true;
  EXPECT_THAT(Staying(versions), ElementsAre(120, 119, 117, 0));
  EXPECT_THAT(Staying(versions, "auto, 0"), ElementsAre(120, 117, 0));
  // The newest one too: the others of its bucket are thinned among themselves.
  versions = OfAges({8, 7, 7});
  versions[2].labelled = true;
  EXPECT_THAT(Staying(versions), ElementsAre(8, 7));
}

TEST(Setting, DecidesWhatMayGo) {
  const std::vector<Kept> daily = Every(kDay / 2, 60 * kDay, kDay / 2);
  EXPECT_THAT(Staying(daily, "disabled").size(), daily.size());
  // nextcloud/server#19791: versions younger than D days went.
  auto ages = Staying(daily, "14, auto");
  EXPECT_EQ(std::count_if(ages.begin(), ages.end(), [](auto age) { return age < 14 * kDay; }), 28);
  EXPECT_EQ(std::count_if(ages.begin(), ages.end(), [](auto age) { return age >= 14 * kDay; }),
            17 + 5)
      << "days and weeks";
  // nextcloud/server#45707: with `auto, D` nothing went.
  ages = Staying(daily, "auto, 10");
  EXPECT_EQ(ages.front(), 10 * kDay);
  EXPECT_EQ(ages.size(), 10u + 1 + 1) << "a day each, half a day, now";
  // Kept for D1 days, gone after D2, never thinned.
  ages = Staying(daily, "5, 10");
  EXPECT_EQ(ages.front(), 10 * kDay);
  EXPECT_EQ(ages.size(), 20u + 1);
}

TEST(Setting, DisabledIsStrongerThanAllElse) {
  Retention retention;
  retention.disabled = true;  // and the rest as in `auto`
  const auto versions = OfAges({90, 89, 88, 0});
  EXPECT_THAT(Thin(versions, retention, kNow), IsEmpty());
  EXPECT_THAT(PickForSpace(versions, 4, {0, 0, 0}, retention, kNow), IsEmpty());
  EXPECT_FALSE(NeedsSpace(4, {0, 0, 0}, retention));
}

TEST(Setting, ADayBeyondTheAgeIsASecondBeyondIt) {
  EXPECT_THAT(Staying(OfAges({10 * kDay + 1, 10 * kDay, 0}), "5, 10"), ElementsAre(10 * kDay, 0));
}

TEST(Setting, WhatGoesForItsAgeTakesNoBucketFromTheNextOne) {
  EXPECT_THAT(Staying(OfAges({35 * kDay, 34 * kDay, 0}), "auto, 34"), ElementsAre(34 * kDay, 0));
}

TEST(Clock, SetBackDoesNoHarm) {
  // Versions of the future are kept a second apart, until their time has come.
  EXPECT_THAT(Staying(OfAges({-9, -9, -8, -7, 0})), ElementsAre(-9, -8, -7, 0));
  // Order of capture, not of time, says which is the oldest and which the newest.
  EXPECT_THAT(Staying(OfAges({5, 6, 120, 110, 5})), ElementsAre(120, 5));
  EXPECT_THAT(Staying(OfAges({0, 3'000})), ElementsAre(0, 3'000));
}

TEST(Clock, BeforeTheEpochIsOnTheSameGrid) {
  const std::vector<Kept> versions = {{-61, 1}, {-60, 1}, {-59, 1}, {-1, 1},
                                      {0, 1},   {1, 1},   {99, 1}};
  EXPECT_THAT(Thin(versions, Retention(), 300), ElementsAre(2, 3, 5));
}

TEST(Clock, ExtremesDoNotOverflow) {
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  const std::vector<Kept> versions = {{kFirst, 1}, {kFirst + 1, 1}, {kLast, 1}, {0, 1}};
  EXPECT_THAT(Thin(versions, Retention(), kLast), ElementsAre(1));
  EXPECT_THAT(Thin(versions, Retention(), kFirst), IsEmpty());
  EXPECT_THAT(Thin(versions, Read("5, 10"), kLast), ElementsAre(0, 1));
}

TEST(Thinning, OfNothingIsNothing) { EXPECT_THAT(Thin({}, Retention(), kNow), IsEmpty()); }

// nextcloud/server#47272, #40450, #11683, documentation#10790: a drawing that is saved at each
// stroke keeps all its versions for ever.
TEST(Thinning, OfAnEveningsDrawingLeavesTwoAfterAMonth) {
  std::vector<std::int64_t> ages;
  for (std::int64_t age = 36 * kDay; age > 36 * kDay - 3 * kHour; age -= 7) ages.push_back(age);
  const auto staying = Staying(OfAges(ages));
  EXPECT_THAT(staying, ElementsAre(ages.back())) << "one bucket, and the newest is in it";
  ages.push_back(kHour);
  EXPECT_THAT(Staying(OfAges(ages)), ElementsAre(36 * kDay, kHour));
}

struct SpaceCase {
  const char* what;
  std::vector<Kept> versions;  // oldest first
  Room room;
  const char* setting;
  std::vector<std::size_t> gone;
};

Kept Old(std::int64_t days, std::uint64_t bytes, bool labelled = false) {
  return {kNow - days * kDay, bytes, labelled};
}

TEST(Space, TheOldestGoUntilTheyFit) {
  const std::vector<SpaceCase> cases = {
      {"nextcloud/server#3145: 133 GB of versions with a quota of 50 GB",
       {Old(40, 60 * kGiB), Old(30, 60 * kGiB), Old(2, 10 * kGiB), Old(1, 3 * kGiB)},
       {50 * kGiB, 42 * kGiB, 900 * kGiB},
       "auto",
       {0, 1, 2}},
      {"nextcloud/server#32017: no lack of space, and nearly all versions went",
       {Old(40, kGiB), Old(3, kGiB), Old(1, kGiB)},
       {50 * kGiB, 30 * kGiB, 900 * kGiB},
       "auto",
       {}},
      {"nextcloud/server#6797: without a quota",
       {Old(40, kGiB), Old(3, kGiB), Old(1, kGiB)},
       {std::nullopt, 30 * kGiB, 900 * kGiB},
       "auto",
       {}},
      {"without a quota on a disk that is nearly full",
       {Old(40, kGiB), Old(3, kGiB), Old(1, kGiB)},
       {std::nullopt, 30 * kGiB, 3 * kGiB},
       "auto",
       {0, 1}},
      {"the only version of a file is no exception", {Old(1, 51)}, {100, 0, 900}, "auto", {0}},
      {"at the limit", {Old(1, 50)}, {100, 0, 900}, "auto", {}},
      {"labelled", {Old(3, 90, true), Old(2, 30), Old(1, 1)}, {100, 0, 900}, "auto", {1, 2}},
      {"younger than asked for",
       {Old(15, 60), Old(14, 60), Old(13, 60)},
       {100, 0, 900},
       "14, auto",
       {0, 1}},
      {"`auto, D`", {Old(2, 30), Old(1, 30)}, {100, 0, 900}, "auto, 30", {0}},
      {"no `auto`", {Old(2, 90), Old(1, 90)}, {100, 90, 0}, "0, 30", {}},
      {"disabled", {Old(2, 90), Old(1, 90)}, {100, 90, 0}, "disabled", {}},
      {"of the future", {{kNow + 9, 90}}, {100, 0, 900}, "0, auto", {0}},
      {"of the future, to be kept a day", {{kNow + 9, 90}}, {100, 0, 900}, "1, auto", {}},
  };
  for (const SpaceCase& row : cases) {
    std::uint64_t bytes = 0;
    for (const Kept& version : row.versions) bytes += version.bytes;
    EXPECT_THAT(PickForSpace(row.versions, bytes, row.room, Read(row.setting), kNow),
                ElementsAreArray(row.gone))
        << row.what;
    EXPECT_TRUE(row.gone.empty() || NeedsSpace(bytes, row.room, Read(row.setting))) << row.what;
  }
}

TEST(Space, SumsDoNotWrapAround) {
  const std::vector<Kept> huge = {Old(3, kMax), Old(2, kMax), Old(1, 1)};
  EXPECT_THAT(PickForSpace(huge, kMax, {100, 0, 900}, Retention(), kNow), ElementsAre(0));
  EXPECT_THAT(PickForSpace(huge, 60, {100, 0, 900}, Retention(), kNow), ElementsAre(0));
}

TEST(Space, LimitAndNeedAreCountersAlone) {
  EXPECT_EQ(VersionsLimit({1'000, 200, 5'000}), 400u);
  EXPECT_EQ(VersionsLimit({std::nullopt, 200, 5'000}), 2'500u);
  for (const char* setting : {"auto", "9, auto", "auto, 9"}) {
    EXPECT_FALSE(NeedsSpace(400, {1'000, 200, 5'000}, Read(setting))) << setting;
    EXPECT_TRUE(NeedsSpace(401, {1'000, 200, 5'000}, Read(setting))) << setting;
  }
  for (const char* setting : {"0, 9", "disabled"})
    EXPECT_FALSE(NeedsSpace(kMax, {0, 0, 0}, Read(setting))) << setting;
}

}  // namespace
}  // namespace cairn::versions
