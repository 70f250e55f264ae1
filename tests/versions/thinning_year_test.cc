// A year of a file that is saved at some rhythm: how many versions it keeps, and that none of the
// weeks is without one.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/clock.h"
#include "versions/thinning.h"

namespace cairn::versions {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kDay = kSecondsPerDay;
constexpr std::int64_t kWeek = 7 * kDay;

// What the schedule has room for, up to a day, up to 30 days.
constexpr std::size_t kOfADay = 1 + 5 + 6 + 60 + 24;
constexpr std::size_t kOfAMonth = kOfADay + 30;

class FileOfAYear : public testing::Test {
 protected:
  std::int64_t Now() const { return clock_.NowSeconds(); }

  void Save() {
    if (current_since_) {
      versions_.push_back({*current_since_, 1, false});
      captured_.push_back(*current_since_);
    }
    current_since_ = Now();
    Apply();
  }

  // `times` saves, `pause` after each.
  void SaveEvery(seconds pause, int times) {
    for (int i = 0; i < times; ++i) {
      Save();
      clock_.Advance(pause);
    }
  }

  // Nobody saves; the server's timer applies the rule.
  void Rest(seconds time, seconds every) {
    for (seconds passed(0); passed < time; passed += every) {
      clock_.Advance(every);
      Apply();
    }
  }

  // Whether each week in which something was saved that is a version now has one left.
  bool EveryWeekHasOne() const {
    return std::all_of(captured_.begin(), captured_.end(), [&](std::int64_t saved) {
      return std::any_of(versions_.begin(), versions_.end(), [&](const Kept& version) {
        return version.became_current / kWeek == saved / kWeek;
      });
    });
  }

  std::size_t Younger(std::int64_t age) const {
    return static_cast<std::size_t>(
        std::count_if(versions_.begin(), versions_.end(),
                      [&](const Kept& version) { return Now() - version.became_current < age; }));
  }

  std::size_t Count() const { return versions_.size(); }

  Retention retention_;
  std::size_t most_ = 0;

 private:
  void Apply() {
    const auto victims = Thin(versions_, retention_, Now());
    for (auto victim = victims.rbegin(); victim != victims.rend(); ++victim)
      versions_.erase(versions_.begin() + static_cast<std::ptrdiff_t>(*victim));
    most_ = std::max(most_, versions_.size());
  }

  FakeClock clock_;
  std::vector<Kept> versions_;
  std::vector<std::int64_t> captured_;
  std::optional<std::int64_t> current_since_;
};

TEST_F(FileOfAYear, SavedEverySecondForAnHour) {
  SaveEvery(seconds(1), 3'600);
  EXPECT_LE(most_, 1u + 5 + 6 + 60);
  EXPECT_GE(Count(), 60u);
  Rest(hours(23), minutes(5));
  EXPECT_LE(Count(), 2u) << "an hour's saves touch two hours of the grid";
  Rest(days(364), hours(6));
  EXPECT_GE(Count(), 1u);
  EXPECT_LE(Count(), 2u);
  EXPECT_TRUE(EveryWeekHasOne());
}

TEST_F(FileOfAYear, SavedEveryTenMinutesForADay) {
  SaveEvery(minutes(10), 144);
  EXPECT_LE(most_, 6u + 24 + 1);
  EXPECT_GE(Count(), 24u);
  Rest(days(29), hours(1));
  EXPECT_LE(Count(), 3u);
  Rest(days(335), hours(6));
  EXPECT_LE(Count(), 2u);
  EXPECT_TRUE(EveryWeekHasOne());
}

TEST_F(FileOfAYear, SavedDailyForAYear) {
  SaveEvery(days(1), 365);
  EXPECT_LE(most_, 31u + 49);
  EXPECT_GE(Count(), 29u + 47);
  EXPECT_TRUE(EveryWeekHasOne());
}

TEST_F(FileOfAYear, SavedAtWorkForAYear) {
  for (int week = 0; week < 52; ++week) {
    for (int day = 0; day < 5; ++day) {
      SaveEvery(seconds(7), 40);
      SaveEvery(minutes(10), 40);
      Rest(hours(24) - seconds(40 * 607), hours(1));
    }
    Rest(days(2), hours(1));
    ASSERT_TRUE(EveryWeekHasOne()) << week;
  }
  EXPECT_LE(most_, kOfAMonth + 49);
  EXPECT_LE(Younger(30 * kDay), kOfAMonth);
  EXPECT_GE(Younger(30 * kDay), 20u) << "one of each working day";
  EXPECT_GE(Count(), 20u + 46);
}

TEST_F(FileOfAYear, SavedAtWorkAndRemovedAfterAMonth) {
  retention_ = *ParseRetention("auto, 30");
  for (int day = 0; day < 365; ++day) {
    SaveEvery(minutes(10), 40);
    Rest(hours(24) - minutes(400), hours(1));
    ASSERT_EQ(Younger(30 * kDay + 3'600), Count()) << day;
  }
  EXPECT_LE(most_, kOfAMonth + 1);
  EXPECT_GE(Count(), 30u);
}

TEST_F(FileOfAYear, KeptForAWeekAtLeastItIsThinnedFromThenOn) {
  retention_ = *ParseRetention("7, auto");
  SaveEvery(hours(1), 365 * 24);
  // Less the current one, and the one that is a week old.
  EXPECT_EQ(Younger(7 * kDay), 7u * 24 - 2);
  EXPECT_LE(Count(), 7u * 24 + 24 + 49);
  EXPECT_TRUE(EveryWeekHasOne());
}

TEST_F(FileOfAYear, WithoutAutoAllOfTheTimeStay) {
  retention_ = *ParseRetention("3, 5");
  SaveEvery(minutes(10), 20 * 144);
  EXPECT_EQ(Count(), 5u * 144);
}

}  // namespace
}  // namespace cairn::versions
