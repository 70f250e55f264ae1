// The rule that empties the trash: the cases that people reported for other servers.
#include "trash/expiry_rule.h"

#include <gmock/gmock.h>

#include <limits>

namespace cairn::trash {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1'700'000'000;
constexpr std::int64_t kDay = kSecondsPerDay;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

Item DaysAgo(std::int64_t days, std::uint64_t bytes) { return {kNow - days * kDay, bytes}; }

std::uint64_t BytesOf(const std::vector<Item>& items) {
  std::uint64_t sum = 0;
  for (const Item& item : items) sum += item.bytes;
  return sum;
}

// The whole trash, as text: "0a 2s" when the first goes for its age and the third for space.
std::string Gone(const std::vector<Item>& trash, const Room& room, const char* setting) {
  const auto retention = ParseRetention(setting);
  const std::uint64_t bytes = BytesOf(trash);
  std::string gone;
  bool for_space = false;
  for (const Victim& victim : PickVictims(trash, true, bytes, room, *retention, kNow)) {
    gone.append(gone.empty() ? "" : " ").append(std::to_string(victim.index));
    gone.append(victim.reason == Reason::kAge ? "a" : "s");
    for_space = for_space || victim.reason == Reason::kSpace;
  }
  EXPECT_TRUE(!for_space || NeedsExpiry(bytes, room, *retention)) << "not seen by the counters";
  return gone;
}

Room NoQuota(std::uint64_t disk_free, std::uint64_t used = 0) {
  return {.quota = {}, .used = used, .disk_free = disk_free};
}
Room Quota(std::uint64_t quota, std::uint64_t used, std::uint64_t disk_free = 1'000 * kGiB) {
  return {.quota = quota, .used = used, .disk_free = disk_free};
}

struct Case {
  const char* what;
  std::vector<Item> trash;  // oldest first
  Room room;
  const char* setting;
  const char* gone;
};

std::vector<Case> NeverExpires() {
  return {
      {"nextcloud/server#21157: no quota, and what is 10 months old stays",
       {DaysAgo(300, 100 * kGiB), DaysAgo(181, kGiB), DaysAgo(179, kGiB)},
       NoQuota(1'000 * kGiB),
       "180, 180",
       "0a 1a"},
      {"nextcloud/server#27756: no quota, so that `auto` has no effect and the disk fills up",
       {DaysAgo(20, 30 * kGiB), DaysAgo(15, 30 * kGiB), DaysAgo(10, 30 * kGiB)},
       NoQuota(100 * kGiB),
       "14, auto",
       "0s 1s"},
      {"nextcloud/server#54249: the disk is full, what is older than the 180 days stays",
       {DaysAgo(400, 8 * kGiB), DaysAgo(200, 8 * kGiB), DaysAgo(100, 8 * kGiB)},
       NoQuota(0),
       "180, auto",
       "0s 1s"},
      {"nextcloud/server#52358: the quota is used up, nothing goes although 0 days are asked for",
       {DaysAgo(3, kGiB), DaysAgo(2, kGiB), DaysAgo(1, kGiB)},
       Quota(10 * kGiB, 10 * kGiB),
       "0, auto",
       "0s 1s 2s"},
      {"nextcloud/server#11658: a quota larger than the disk",
       {DaysAgo(3, 2 * kGiB), DaysAgo(2, 2 * kGiB), DaysAgo(1, kGiB)},
       Quota(20 * kGiB, 8 * kGiB, 3 * kGiB),
       "auto",
       "0s 1s"},
      {"owncloud/core#27412: the trash is not cleared on a full disk",
       {DaysAgo(9, kGiB), DaysAgo(8, kGiB)},
       NoQuota(0),
       "auto",
       "0s 1s"},
      {"nextcloud/server#6456: the trash outgrows the half of the quota",
       {DaysAgo(9, 3 * kGiB), DaysAgo(8, 3 * kGiB), DaysAgo(7, 2 * kGiB)},
       Quota(10 * kGiB, 0),
       "auto",
       "0s"},
      {"`auto` and no lack of space: 30 days",
       {DaysAgo(300, 1), DaysAgo(31, 1), DaysAgo(29, 1)},
       NoQuota(1'000 * kGiB),
       "auto",
       "0a 1a"},
  };
}

std::vector<Case> TooEager() {
  return {
      {"nextcloud/server#22475: unlimited, read as 0 bytes, empties the trash",
       {DaysAgo(20, 5 * kGiB), DaysAgo(1, 0), DaysAgo(0, 5 * kGiB)},
       NoQuota(100 * kGiB, 30 * kGiB),
       "auto",
       ""},
      {"nextcloud/server#22475: so does a quota of 100 GB with 30 GB used",
       {DaysAgo(20, 5 * kGiB), DaysAgo(1, 0), DaysAgo(0, 5 * kGiB)},
       Quota(100 * kGiB, 30 * kGiB),
       "auto",
       ""},
      {"owncloud/core#11838: unlimited, and nothing is kept",
       {DaysAgo(0, 14'590)},
       NoQuota(100 * kGiB),
       "auto",
       ""},
      {"nextcloud/server#10862: kept 7 days at least, but gone after the next run",
       {DaysAgo(8, 282'640), DaysAgo(6, 282'640), DaysAgo(0, 282'640)},
       Quota(kGiB, kGiB),
       "7, auto",
       "0s"},
      {"nextcloud/server#4099: what was just deleted goes though older files would do",
       {DaysAgo(5, kGiB), DaysAgo(0, 4 * kGiB)},
       Quota(10 * kGiB, 2 * kGiB),
       "auto",
       "0s"},
      {"what was just deleted is not the victim of its own arrival: it fits alone",
       {DaysAgo(5, 0), DaysAgo(0, 4 * kGiB)},
       Quota(10 * kGiB, 2 * kGiB),
       "auto",
       ""},
      {"a setting with a maximum is not a licence for less",
       {DaysAgo(80, 9 * kGiB), DaysAgo(40, 9 * kGiB)},
       Quota(kGiB, kGiB, 0),
       "30, 90",
       ""},
      {"disabled",
       {DaysAgo(9'000, 9 * kGiB), DaysAgo(0, 9 * kGiB)},
       Quota(kGiB, 2 * kGiB, 0),
       "disabled",
       ""},
  };
}

std::vector<Case> Edges() {
  return {
      {"nothing", {}, Quota(0, 0, 0), "auto", ""},
      {"30 days to the second", {{kNow - kAutoAge, 1}}, NoQuota(kGiB), "auto", ""},
      {"and one more", {{kNow - kAutoAge - 1, 1}}, NoQuota(kGiB), "auto", "0a"},
      {"at the limit", {DaysAgo(1, 25), DaysAgo(0, 25)}, Quota(100, 0), "auto", ""},
      {"a byte above", {DaysAgo(1, 25), DaysAgo(0, 26)}, Quota(100, 0), "auto", "0s"},
      {"the newest alone is at the limit", {DaysAgo(0, 50)}, Quota(100, 0), "auto", ""},
      {"and a byte above", {DaysAgo(0, 51)}, Quota(100, 0), "auto", "0s"},
      {"but kept for a day", {DaysAgo(0, 51)}, Quota(100, 0), "1, auto", ""},
      {"the newest goes for its age", {DaysAgo(31, 1)}, NoQuota(kGiB), "auto", "0a"},
      {"what age frees is not freed again for space",
       {DaysAgo(40, 50), DaysAgo(2, 50), DaysAgo(1, 1)},
       Quota(110, 0),
       "auto, 30",
       "0a"},
      {"age and space",
       {DaysAgo(40, 10), DaysAgo(3, 40), DaysAgo(2, 40), DaysAgo(1, 5)},
       Quota(100, 0),
       "auto",
       "0a 1s"},
      {"`auto, D` is not kept for 30 days", {DaysAgo(8, 1)}, NoQuota(kGiB), "auto, 7", "0a"},
      {"nor only for 30", {DaysAgo(50, 1)}, NoQuota(kGiB), "auto, 60", ""},
      {"`D, auto` has no maximum", {DaysAgo(9'000, 1)}, NoQuota(kGiB), "30, auto", ""},
      {"a clock that was set back",
       {{kNow - 40 * kDay, 1}, {kNow + 400 * kDay, 1}},
       NoQuota(kGiB),
       "auto",
       "0a"},
      {"of the future and too much: it is no younger than what is deleted now",
       {{kNow + 5, 40}, {kNow + 6, 40}},
       Quota(100, 0),
       "0, auto",
       "0s"},
      {"of the future: not a day old",
       {{kNow + 5, 40}, {kNow + 6, 40}},
       Quota(100, 0),
       "1, auto",
       ""},
      {"no room at all: what takes none may stay", {DaysAgo(0, 0)}, NoQuota(0), "auto", ""},
      {"`auto, 0`: not in the second of its deletion",
       {{kNow - 1, 1}, {kNow, 1}},
       NoQuota(kGiB),
       "auto, 0",
       "0a"},
  };
}

void Check(const std::vector<Case>& cases) {
  for (const Case& row : cases)
    EXPECT_EQ(Gone(row.trash, row.room, row.setting), row.gone) << row.what;
}

TEST(ExpiryRule, EmptiesWhatOthersNeverDid) { Check(NeverExpires()); }
TEST(ExpiryRule, KeepsWhatOthersRemoved) { Check(TooEager()); }
TEST(ExpiryRule, AtTheEdges) { Check(Edges()); }

TEST(ExpiryRule, ATrashThatIsNotWholeHasNoNewest) {
  const std::vector<Item> page = {DaysAgo(3, 10), DaysAgo(2, 10)};
  const Room room = Quota(100, 0);
  EXPECT_THAT(PickVictims(page, true, 80, room, Retention(), kNow),
              ElementsAre(Victim{0, Reason::kSpace}));
  EXPECT_THAT(PickVictims(page, false, 80, room, Retention(), kNow),
              ElementsAre(Victim{0, Reason::kSpace}, Victim{1, Reason::kSpace}));
}

TEST(ExpiryRule, SumsDoNotWrapAround) {
  const std::vector<Item> huge = {DaysAgo(3, kMax), DaysAgo(2, kMax), DaysAgo(1, 1)};
  EXPECT_THAT(PickVictims(huge, true, kMax, Quota(100, 0), Retention(), kNow),
              ElementsAre(Victim{0, Reason::kSpace}))
      << "more than was counted is gone, so the trash is empty";
  const std::vector<Item> uncounted = {DaysAgo(3, 80), DaysAgo(2, 30), DaysAgo(1, 1)};
  EXPECT_THAT(PickVictims(uncounted, true, 60, Quota(100, 0), Retention(), kNow),
              ElementsAre(Victim{0, Reason::kSpace}));
  const std::vector<Item> ancient = {{std::numeric_limits<std::int64_t>::min(), 1}};
  EXPECT_THAT(PickVictims(ancient, true, 1, NoQuota(kMax), Retention(),
                          std::numeric_limits<std::int64_t>::max()),
              ElementsAre(Victim{0, Reason::kAge}));
  EXPECT_THAT(PickVictims(ancient, true, 1, NoQuota(kMax), *ParseRetention("36500, auto"), kNow),
              IsEmpty());
}

TEST(ExpiryRule, TheNewestStaysThoughTheCounterIsTooHigh) {
  EXPECT_THAT(
      PickVictims(std::vector<Item>{DaysAgo(1, 50)}, true, 90, Quota(100, 0), Retention(), kNow),
      IsEmpty());
}

TEST(ExpiryRule, DisabledIsStrongerThanAllElse) {
  Retention retention;
  retention.disabled = true;  // and the rest as in `auto`
  const std::vector<Item> trash = {DaysAgo(900, 90), DaysAgo(1, 90)};
  EXPECT_THAT(PickVictims(trash, true, 180, Quota(100, 0), retention, kNow), IsEmpty());
  EXPECT_FALSE(NeedsExpiry(180, Quota(100, 0), retention));
  EXPECT_TRUE(FitsAlone(180, Quota(100, 0), retention));
}

TEST(TrashLimit, IsHalfOfWhatIsLeftAndNeverAboveHalfOfTheQuota) {
  EXPECT_EQ(TrashLimit(Quota(1'000, 200)), 400u);
  EXPECT_EQ(TrashLimit(Quota(1'000, 0)), 500u);
  EXPECT_EQ(TrashLimit(Quota(1'000, 5'000)), 0u);
  EXPECT_EQ(TrashLimit(Quota(1'000, 200, 100)), 50u);
  EXPECT_EQ(TrashLimit(NoQuota(1'000, 5'000)), 500u);
}

TEST(FitsAlone, IsRefusedOnlyToWhatWouldGoAtOnce) {
  const Room room = Quota(1'000, 200);
  for (const char* setting : {"auto", "0, auto", "auto, 30"}) {
    EXPECT_TRUE(FitsAlone(400, room, *ParseRetention(setting))) << setting;
    EXPECT_FALSE(FitsAlone(401, room, *ParseRetention(setting))) << setting;
  }
  for (const char* setting : {"1, auto", "0, 30", "30, 30", "disabled"})
    EXPECT_TRUE(FitsAlone(kMax, room, *ParseRetention(setting))) << setting;
  EXPECT_TRUE(FitsAlone(0, Quota(0, 0, 0), Retention()));
  EXPECT_TRUE(FitsAlone(40 * kGiB, NoQuota(100 * kGiB), Retention())) << "unlimited is not 0 bytes";
}

TEST(NeedsExpiry, LooksAtCountersAlone) {
  const Room room = Quota(1'000, 200);
  for (const char* setting : {"auto", "0, auto", "30, auto", "auto, 30"}) {
    EXPECT_FALSE(NeedsExpiry(400, room, *ParseRetention(setting))) << setting;
    EXPECT_TRUE(NeedsExpiry(401, room, *ParseRetention(setting))) << setting;
  }
  for (const char* setting : {"0, 30", "30, 30", "disabled"})
    EXPECT_FALSE(NeedsExpiry(kMax, room, *ParseRetention(setting))) << setting;
}

}  // namespace
}  // namespace cairn::trash
