#include "outgoing/budget.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace cairn::outgoing {
namespace {

using std::chrono::milliseconds;

class BudgetTest : public testing::Test {
 protected:
  void Fails(const std::string& host, int times = 1) {
    for (int i = 0; i < times; ++i) {
      auto permit = budget_.Take(host);
      ASSERT_TRUE(permit.has_value()) << permit.error().message;
      permit->Failed();
    }
  }
  void Answers(const std::string& host) {
    auto permit = budget_.Take(host);
    ASSERT_TRUE(permit.has_value()) << permit.error().message;
    permit->Answered();
  }
  // Seconds until the host is asked again; 0: it is.
  std::uint32_t Wait(const std::string& host) {
    const auto permit = budget_.Take(host);
    if (permit.has_value()) return 0;
    EXPECT_EQ(permit.error().code, ErrorCode::kBusy);
    return permit.error().retry_after;
  }

  FakeClock clock_;
  HostBudget budget_{clock_,
                     {.in_all = 3,
                      .per_host = 2,
                      .hosts = 4,
                      .failures = 3,
                      .pause = milliseconds(5'000),
                      .longest = milliseconds(15'000)}};
};

TEST_F(BudgetTest, CallsInFlightAreBoundedPerHostAndInAll) {
  auto first = std::optional(budget_.Take("a"));
  const auto second = budget_.Take("a");
  EXPECT_EQ(budget_.Take("a").error().code, ErrorCode::kBusy);
  const auto third = budget_.Take("b");
  EXPECT_TRUE(third.has_value());
  EXPECT_EQ(budget_.Take("c").error().code, ErrorCode::kBusy);
  first.reset();
  EXPECT_TRUE(budget_.Take("c").has_value());
  EXPECT_TRUE(budget_.Take("a").has_value());
}

TEST_F(BudgetTest, AHostThatFailsIsAskedAgainAfterAPauseThatGrows) {
  Fails("a", 3);
  EXPECT_EQ(Wait("a"), 5u);
  EXPECT_EQ(Wait("b"), 0u) << "others are none the worse";
  clock_.Advance(milliseconds(4'001));
  EXPECT_EQ(Wait("a"), 1u);
  clock_.Advance(milliseconds(999));
  Fails("a");
  EXPECT_EQ(Wait("a"), 10u);
  clock_.Advance(milliseconds(10'000));
  Fails("a");
  EXPECT_EQ(Wait("a"), 15u) << "up to the longest";
  clock_.Advance(milliseconds(15'000));
  Answers("a");
  Fails("a", 2);
  EXPECT_EQ(Wait("a"), 0u) << "an answer forgets everything";
}

TEST_F(BudgetTest, AnAnswerEndsARow) {
  Fails("a", 2);
  Answers("a");
  EXPECT_EQ(budget_.remembered(), 0u);
  Fails("a", 2);
  EXPECT_EQ(Wait("a"), 0u);
}

TEST_F(BudgetTest, AfterThePauseOneCallTries) {
  Fails("a", 3);
  clock_.Advance(milliseconds(5'000));
  {
    const auto probe = budget_.Take("a");
    ASSERT_TRUE(probe.has_value());
    EXPECT_EQ(Wait("a"), 1u) << "one at a time";
  }
  Answers("a");  // the one before told nothing
  EXPECT_EQ(Wait("a"), 0u);
}

TEST_F(BudgetTest, CallsFromBeforeThePauseDoNotMakeItLonger) {
  auto late = std::optional(budget_.Take("a"));
  Fails("a", 3);
  (*late)->Failed();
  late.reset();
  EXPECT_EQ(Wait("a"), 5u);
}

TEST_F(BudgetTest, ALateAnswerEndsThePause) {
  auto late = std::optional(budget_.Take("a"));
  Fails("a", 3);
  (*late)->Answered();
  late.reset();
  EXPECT_EQ(Wait("a"), 0u);
}

TEST_F(BudgetTest, HostsThatAreRememberedAreBounded) {
  for (const char* host : {"a", "b", "c", "d", "e", "f"}) {
    Fails(host, 3);
    clock_.Advance(milliseconds(1));
  }
  EXPECT_EQ(budget_.remembered(), 4u);
  EXPECT_EQ(Wait("f"), 5u);
  EXPECT_EQ(Wait("c"), 5u);
  EXPECT_EQ(Wait("a"), 0u) << "it failed longest ago";
}

}  // namespace
}  // namespace cairn::outgoing
