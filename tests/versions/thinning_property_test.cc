// What must hold of the rules by which versions go, whatever was saved, and a reference that says
// the same in other words.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "versions/thinning.h"

namespace cairn::versions {
namespace {

constexpr std::int64_t kDay = kSecondsPerDay;
constexpr std::int64_t kNow = 1'700'000'000;
constexpr int kGames = 2'000;

std::int64_t AgeOf(const Kept& version, std::int64_t now) {
  return std::max<std::int64_t>(now - version.became_current, 0);
}

// The schedule from its long end.
std::int64_t StepAt(std::int64_t age) {
  if (age >= 30 * kDay) return 7 * kDay;
  if (age >= kDay) return kDay;
  if (age >= 3'600) return 3'600;
  if (age >= 60) return 60;
  if (age >= 10) return 10;
  return age >= 1 ? 2 : 1;
}

std::int64_t CellBegin(std::int64_t time, std::int64_t step) {
  return time - ((time % step) + step) % step;
}

bool SameBucket(const Kept& a, const Kept& b, std::int64_t now) {
  const std::int64_t step = StepAt(AgeOf(a, now));
  return step == StepAt(AgeOf(b, now)) &&
         CellBegin(a.became_current, step) == CellBegin(b.became_current, step);
}

// One version at a time, each asked why it should go.
bool MustGo(const std::vector<Kept>& all, std::size_t which, const Retention& retention,
            std::int64_t now) {
  const Kept& version = all[which];
  const bool is_newest = which == all.size() - 1;
  if (retention.disabled || version.labelled || is_newest) return false;
  if (AgeOf(version, now) < retention.keep_at_least) return false;
  const auto expired = [&](const Kept& other) {
    return retention.remove_after && AgeOf(other, now) > *retention.remove_after;
  };
  if (expired(version)) return true;
  if (!retention.by_rules) return false;
  if (!all.back().labelled && SameBucket(version, all.back(), now)) return true;
  for (std::size_t before = 0; before < which; ++before) {
    if (!all[before].labelled && !expired(all[before]) && SameBucket(all[before], version, now))
      return true;
  }
  return false;
}

std::vector<Kept> Without(const std::vector<Kept>& all, const std::vector<std::size_t>& victims) {
  std::vector<Kept> left;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!std::binary_search(victims.begin(), victims.end(), i)) left.push_back(all[i]);
  return left;
}

class ThinningProperties : public testing::Test {
 protected:
  std::uint64_t Below(std::uint64_t limit) { return random_.Uint64() % limit; }

  // Seconds to a month, each scale as often as the other.
  std::int64_t AnySpan() {
    constexpr std::uint64_t kScales[] = {3, 20, 120, 7'200, 2 * 86'400, 40 * 86'400};
    return static_cast<std::int64_t>(Below(kScales[Below(std::size(kScales))]));
  }

  Retention AnySetting() {
    const std::string least = std::to_string(Below(60));
    const std::string most = std::to_string(60 + Below(60));
    const std::string texts[] = {"auto",          least + ", auto",    "auto, " + least,
                                 "auto, " + most, least + ", " + most, "disabled",
                                 "0, auto"};
    return *ParseRetention(texts[Below(std::size(texts))]);
  }

  // The versions of a file, in order of capture. The clock is set back now and then.
  std::vector<Kept> Deal() {
    std::vector<Kept> all;
    std::int64_t at = kNow - static_cast<std::int64_t>(Below(200)) * kDay;
    for (std::uint64_t n = 1 + Below(60); n > 0; --n) {
      all.push_back({at, Below(1'000), Below(6) == 0});
      at += Below(15) == 0 ? -AnySpan() : AnySpan();
      if (at > kNow && Below(4) != 0) at = kNow - AnySpan();
    }
    return all;
  }

  SeededRandom random_{11};
};

TEST_F(ThinningProperties, NoTwoWithoutALabelAreInOneBucket) {
  int thinned = 0;
  for (int i = 0; i < kGames; ++i) {
    const auto all = Deal();
    const auto retention = AnySetting();
    const auto victims = Thin(all, retention, kNow);
    if (!retention.by_rules) continue;
    thinned += static_cast<int>(victims.size());
    std::vector<Kept> free;
    for (const Kept& version : Without(all, victims))
      if (!version.labelled && AgeOf(version, kNow) >= retention.keep_at_least)
        free.push_back(version);
    for (std::size_t a = 0; a < free.size(); ++a)
      for (std::size_t b = 0; b < a; ++b) ASSERT_FALSE(SameBucket(free[a], free[b], kNow));
  }
  EXPECT_GT(thinned, kGames * 5);
}

TEST_F(ThinningProperties, TheNewestAndTheLabelledStay) {
  int tempted = 0;
  for (int i = 0; i < kGames; ++i) {
    const auto all = Deal();
    const auto retention = AnySetting();
    const auto victims = Thin(all, retention, kNow);
    ASSERT_TRUE(std::is_sorted(victims.begin(), victims.end()));
    for (const std::size_t victim : victims) {
      ASSERT_LT(victim, all.size() - 1);
      ASSERT_FALSE(all[victim].labelled);
      ASSERT_GE(AgeOf(all[victim], kNow), retention.keep_at_least);
    }
    tempted += retention.remove_after && AgeOf(all.back(), kNow) > *retention.remove_after ? 1 : 0;
  }
  EXPECT_GT(tempted, 100);
}

TEST_F(ThinningProperties, WhatIsTooOldGoesAndOnlyThatWithoutRules) {
  int gone = 0;
  for (int i = 0; i < kGames; ++i) {
    const auto all = Deal();
    const auto retention = AnySetting();
    const auto victims = Thin(all, retention, kNow);
    for (std::size_t k = 0; k + 1 < all.size(); ++k) {
      const bool too_old =
          retention.remove_after && kNow - all[k].became_current > *retention.remove_after;
      const bool is_victim = std::binary_search(victims.begin(), victims.end(), k);
      ASSERT_TRUE(is_victim || !too_old || all[k].labelled);
      ASSERT_TRUE(!is_victim || too_old || retention.by_rules);
      gone += too_old && is_victim ? 1 : 0;
    }
  }
  EXPECT_GT(gone, kGames);
}

TEST_F(ThinningProperties, AppliedAgainItFindsNothing) {
  for (int i = 0; i < kGames; ++i) {
    const auto all = Deal();
    const auto retention = AnySetting();
    const auto left = Without(all, Thin(all, retention, kNow));
    ASSERT_TRUE(Thin(left, retention, kNow).empty());
  }
}

TEST_F(ThinningProperties, AgreesWithTheReference) {
  for (int i = 0; i < kGames; ++i) {
    const auto all = Deal();
    const auto retention = AnySetting();
    std::vector<std::size_t> expected;
    for (std::size_t k = 0; k < all.size(); ++k)
      if (MustGo(all, k, retention, kNow)) expected.push_back(k);
    ASSERT_EQ(Thin(all, retention, kNow), expected);
  }
}

// A file that is saved again and again, thinned after each capture: the set at each step is that of
// the reference, which has thinned its own all the time.
TEST_F(ThinningProperties, AlongAHistoryAgreesWithTheReference) {
  constexpr int kHistories = 60;
  std::size_t most = 0;
  for (int i = 0; i < kHistories; ++i) {
    const auto retention = AnySetting();
    std::vector<Kept> ours;
    std::vector<Kept> reference;
    std::int64_t now = kNow;
    std::int64_t current_since = now;
    for (int save = 0; save < 400; ++save) {
      now += Below(40) == 0 ? -AnySpan() : AnySpan();
      const Kept captured{current_since, static_cast<std::uint64_t>(save), Below(12) == 0};
      current_since = now;
      ours.push_back(captured);
      ours = Without(ours, Thin(ours, retention, now));
      reference.push_back(captured);
      std::vector<Kept> next;
      for (std::size_t k = 0; k < reference.size(); ++k)
        if (!MustGo(reference, k, retention, now)) next.push_back(reference[k]);
      reference = std::move(next);
      ASSERT_EQ(ours.size(), reference.size());
      for (std::size_t k = 0; k < ours.size(); ++k) ASSERT_EQ(ours[k].bytes, reference[k].bytes);
    }
    most = std::max(most, ours.size());
  }
  EXPECT_GT(most, 100u);
}

// Which version of a bucket stays may depend on when the rule was applied; that one stays does not.
// Near the age at which steps grow, the next step's bucket counts.
TEST_F(ThinningProperties, WheneverAppliedNoBucketIsEmptied) {
  constexpr int kHistories = 300;
  int applied = 0;
  for (int i = 0; i < kHistories; ++i) {
    const std::uint64_t every = 1 + Below(12);
    std::vector<Kept> history;
    std::vector<Kept> left;
    std::int64_t now = kNow;
    std::int64_t current_since = now;
    for (int save = 0; save < 150; ++save) {
      now += AnySpan();
      history.push_back({current_since, 1, false});
      left.push_back(history.back());
      current_since = now;
      if (Below(every) != 0) continue;
      ++applied;
      if (Below(2) == 0) now += AnySpan();
      current_since = std::max(current_since, now);
      left = Without(left, Thin(left, Retention(), now));
    }
    left = Without(left, Thin(left, Retention(), now));
    for (const Kept& version : history) {
      const std::int64_t age = AgeOf(version, now);
      const std::int64_t step = StepAt(age + StepAt(age));
      ASSERT_TRUE(std::any_of(left.begin(), left.end(),
                              [&](const Kept& other) {
                                return CellBegin(other.became_current, step) ==
                                       CellBegin(version.became_current, step);
                              }))
          << "of age " << age;
    }
  }
  EXPECT_GT(applied, kHistories * 20);
}

class SpaceProperties : public ThinningProperties {
 protected:
  std::vector<Kept> DealSorted() {
    auto all = Deal();
    std::sort(all.begin(), all.end(),
              [](const Kept& a, const Kept& b) { return a.became_current < b.became_current; });
    return all;
  }
  Room AnyRoom() {
    Room room{std::nullopt, Below(5'000), Below(40'000)};
    if (Below(3) != 0) room.quota = Below(40'000);
    return room;
  }
};

std::uint64_t BytesOf(const std::vector<Kept>& all) {
  std::uint64_t sum = 0;
  for (const Kept& version : all) sum += version.bytes;
  return sum;
}

TEST_F(SpaceProperties, TheLimitIsMetOrNothingIsLeftThatMayGo) {
  int met = 0;
  int above = 0;
  for (int i = 0; i < kGames; ++i) {
    const auto all = DealSorted();
    const auto retention = AnySetting();
    const Room room = AnyRoom();
    const auto victims = PickForSpace(all, BytesOf(all), room, retention, kNow);
    if (!retention.by_rules) {
      ASSERT_TRUE(victims.empty());
      continue;
    }
    const auto left = Without(all, victims);
    if (BytesOf(left) <= VersionsLimit(room)) {
      met += victims.empty() ? 0 : 1;
      continue;
    }
    ++above;
    for (const Kept& version : left)
      ASSERT_TRUE(version.labelled || AgeOf(version, kNow) < retention.keep_at_least);
  }
  EXPECT_GT(met, 100);
  EXPECT_GT(above, 50);
}

TEST_F(SpaceProperties, TheOldestGoAndNoMoreThanNeeded) {
  int gone = 0;
  for (int i = 0; i < kGames; ++i) {
    const auto all = DealSorted();
    const auto retention = AnySetting();
    const Room room = AnyRoom();
    const auto victims = PickForSpace(all, BytesOf(all), room, retention, kNow);
    ASSERT_TRUE(std::is_sorted(victims.begin(), victims.end()));
    std::uint64_t left = BytesOf(all);
    for (const std::size_t victim : victims) {
      ASSERT_GT(left, VersionsLimit(room)) << "a victim too many";
      left -= all[victim].bytes;
      ASSERT_FALSE(all[victim].labelled);
      ASSERT_GE(AgeOf(all[victim], kNow), retention.keep_at_least);
      for (std::size_t k = 0; k < victim; ++k)
        ASSERT_TRUE(all[k].labelled || std::binary_search(victims.begin(), victims.end(), k));
    }
    gone += static_cast<int>(victims.size());
    ASSERT_TRUE(victims.empty() || NeedsSpace(BytesOf(all), room, retention));
    const auto rest = Without(all, victims);
    ASSERT_TRUE(PickForSpace(rest, BytesOf(rest), room, retention, kNow).empty());
  }
  EXPECT_GT(gone, kGames);
}

TEST_F(SpaceProperties, PageByPageTheSameGo) {
  for (int i = 0; i < kGames; ++i) {
    const auto all = DealSorted();
    const auto retention = AnySetting();
    const Room room = AnyRoom();
    const std::size_t page = 1 + Below(9);
    std::uint64_t bytes = BytesOf(all);
    std::vector<std::size_t> gone;
    for (std::size_t from = 0; from < all.size(); from += page) {
      const auto part = std::span(all).subspan(from, std::min(page, all.size() - from));
      std::uint64_t freed = 0;
      for (const std::size_t victim : PickForSpace(part, bytes, room, retention, kNow)) {
        gone.push_back(from + victim);
        freed += part[victim].bytes;
      }
      bytes -= freed;
    }
    ASSERT_EQ(gone, PickForSpace(all, BytesOf(all), room, retention, kNow));
  }
}

}  // namespace
}  // namespace cairn::versions
