#include "storage/event_trim.h"

#include <gtest/gtest.h>

#include "tests/support/tree_fixture.h"

namespace cairn::support {
namespace {

class EventTrimTest : public TreeCase {
 protected:
  static constexpr std::int64_t kDay = 24 * 3600 * 1000;

  // One event each.
  void MakeFolders(int first, int count) {
    for (int i = first; i < first + count; ++i) ASSERT_TRUE(Done(Mkdir("d" + std::to_string(i))));
  }
  std::uint64_t Trim(const EventLimits& limits, std::size_t limit = 1000) {
    const auto trimmed = TrimEvents(kv(), kHome, clock_.NowMillis(), limits, limit);
    EXPECT_TRUE(Done(trimmed));
    return trimmed.has_value() ? *trimmed : 0;
  }
  // The names in the events that are left, in order.
  std::string Left() {
    std::string names;
    for (const Event& event : Events()) names += event.new_name() + " ";
    return names;
  }
};

TEST_F(EventTrimTest, WhatIsOldGoes) {
  MakeFolders(1, 2);
  clock_.Advance(std::chrono::hours(48));
  MakeFolders(3, 2);
  EXPECT_EQ(Trim({.keep_millis = 3 * kDay, .keep_events = 100}), 0u);
  EXPECT_EQ(Trim({.keep_millis = kDay, .keep_events = 100}), 2u);
  EXPECT_EQ(Left(), "d3 d4 ");
  EXPECT_EQ(Trim({.keep_millis = kDay, .keep_events = 100}), 0u);
}

TEST_F(EventTrimTest, OnlyTheNewestStayAndNumbersGoOn) {
  MakeFolders(1, 5);
  EXPECT_EQ(Trim({.keep_millis = kDay, .keep_events = 2}), 3u);
  EXPECT_EQ(Left(), "d4 d5 ");
  clock_.Advance(std::chrono::hours(48));
  EXPECT_EQ(Trim({.keep_millis = kDay, .keep_events = 2}), 2u);
  EXPECT_EQ(Left(), "");
  MakeFolders(6, 1);
  EXPECT_EQ(kv().Published()->Get(Table::kEvents, keys::Event(kHome, 6))->has_value(), true);
}

TEST_F(EventTrimTest, GoesInBoundedStepsAndLeavesOtherSpacesAlone) {
  MakeFolders(1, 5);
  ASSERT_TRUE(Done(Mkdir("other:d")));
  const EventLimits nothing{.keep_millis = kDay, .keep_events = 0};
  EXPECT_EQ(Trim(nothing, 2), 2u);
  EXPECT_EQ(Left(), "d3 d4 d5 ");
  EXPECT_EQ(Trim(nothing, 2), 2u);
  EXPECT_EQ(Trim(nothing, 2), 1u);
  EXPECT_EQ(Trim(nothing, 2), 0u);
  EXPECT_EQ(Events(kOther).size(), 1u);
}

}  // namespace
}  // namespace cairn::support
