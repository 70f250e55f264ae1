// The figures of promises G1, G2 and G5, with a clock that the test moves.
#include "auth/throttle.h"

#include <atomic>
#include <cerrno>
#include <thread>

#include "tests/auth/auth_case.h"
#include "tests/support/temp_directory.h"

namespace cairn::auth {
namespace {

using namespace std::chrono_literals;

class ThrottleTest : public AuthCase {
 protected:
  bool Login(std::string_view source, std::string_view account = "u1") {
    return throttle_.TakeLogin(source, account).has_value();
  }
  // How many of `tries` at this moment are granted. Every one is for another account.
  int Granted(std::string_view source, int tries) {
    int granted = 0;
    for (int i = 0; i < tries; ++i) granted += Login(source, "n" + std::to_string(next_++)) ? 1 : 0;
    return granted;
  }

  int next_ = 0;
};

TEST_F(ThrottleTest, TenAtOnceThenThirtyAnHour) {
  EXPECT_EQ(Granted("192.0.2.1", 100), 10);
  int granted = 0;
  for (int minute = 0; minute < 24 * 60; ++minute) {
    clock_.Advance(1min);
    granted += Granted("192.0.2.1", 5);
  }
  EXPECT_EQ(granted, 24 * 30);
}

TEST_F(ThrottleTest, SaysWhenToComeBack) {
  EXPECT_EQ(Granted("192.0.2.1", 10), 10);
  const auto refused = throttle_.TakeLogin("192.0.2.1", "u1");
  EXPECT_EQ(CodeOf(refused), ErrorCode::kThrottled);
  EXPECT_EQ(refused.error().retry_after, 120u);
  clock_.Advance(119s);
  EXPECT_EQ(throttle_.TakeLogin("192.0.2.1", "u1").error().retry_after, 1u);
  clock_.Advance(1s);
  EXPECT_TRUE(Login("192.0.2.1"));
}

TEST_F(ThrottleTest, SourcesAreCountedByThemselves) {
  EXPECT_EQ(Granted("192.0.2.1", 20), 10);
  EXPECT_EQ(Granted("192.0.2.2", 20), 10);
}

TEST_F(ThrottleTest, RefusedAttemptsCostNothingMore) {
  EXPECT_EQ(Granted("192.0.2.1", 1000), 10);
  clock_.Advance(2min);
  EXPECT_EQ(Granted("192.0.2.1", 5), 1);
}

TEST_F(ThrottleTest, AHundredFailuresInARowCloseTheAccount) {
  int granted = 0;
  for (int i = 0; i < 300; ++i) granted += Login("source " + std::to_string(i)) ? 1 : 0;
  EXPECT_EQ(granted, 100);
  clock_.Advance(std::chrono::hours(24 * 20));
  EXPECT_FALSE(Login("fresh"));
  EXPECT_TRUE(Login("fresh", "u2"));
  ASSERT_TRUE(throttle_.Reset(ThrottleRule::kAccount, "u1").has_value());
  EXPECT_TRUE(Login("fresh"));
}

TEST_F(ThrottleTest, AGoodLoginIsGivenBackAndEndsTheRow) {
  for (int i = 0; i < 99; ++i) ASSERT_TRUE(Login("source " + std::to_string(i)));
  ASSERT_TRUE(Login("home"));
  ASSERT_TRUE(throttle_.LoginWasGood("home", "u1").has_value());
  EXPECT_EQ(*throttle_.Attempts(ThrottleRule::kLogin, "home"), 0u);
  EXPECT_EQ(*throttle_.Attempts(ThrottleRule::kAccount, "u1"), 0u);
  // Whoever has an account of his own cannot buy guesses with it.
  EXPECT_EQ(Granted("home", 9), 9);
  ASSERT_TRUE(Login("home", "u2"));
  ASSERT_TRUE(throttle_.LoginWasGood("home", "u2").has_value());
  EXPECT_EQ(Granted("home", 9), 1);
}

TEST_F(ThrottleTest, ParallelGuessesAreCountedOneByOne) {
  std::atomic<int> granted = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i)
        granted += Login("192.0.2.1", "n" + std::to_string(t * 25 + i)) ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(granted, 10);
  EXPECT_EQ(*throttle_.Attempts(ThrottleRule::kLogin, "192.0.2.1"), 10u);
}

TEST_F(ThrottleTest, ARestartForgetsNothing) {
  EXPECT_EQ(Granted("192.0.2.1", 20), 10);
  Throttle another(engine_.kv(), clock_);
  EXPECT_FALSE(another.TakeLogin("192.0.2.1", "u1").has_value());
}

TEST_F(ThrottleTest, SixtyTokenMissesAnHour) {
  const auto miss = [&] {
    return throttle_.Take(ThrottleRule::kTokenMiss, "192.0.2.1").has_value();
  };
  int granted = 0;
  for (int i = 0; i < 200; ++i) granted += miss() ? 1 : 0;
  EXPECT_EQ(granted, 60);
  clock_.Advance(1h);
  for (int i = 0; i < 200; ++i) granted += miss() ? 1 : 0;
  EXPECT_EQ(granted, 120);
}

TEST_F(ThrottleTest, ThisMachineIsNotCounted) { EXPECT_EQ(Granted("", 50), 50); }

TEST_F(ThrottleTest, AClockSetBackHoldsNobodyLongerThanAFullRow) {
  EXPECT_EQ(Granted("192.0.2.1", 20), 10);
  clock_.Advance(-std::chrono::hours(24 * 365));
  const auto refused = throttle_.TakeLogin("192.0.2.1", "u1");
  ASSERT_TRUE(refused.has_error());
  EXPECT_LE(refused.error().retry_after, 120u);
}

// A store on disk, as only that one has a disk that can be full.
TEST(ThrottleOnAFullDisk, CountsOnInMemory) {
  TempDirectory directory;
  FakeClock clock;
  SeededRandom random{7};
  storage::EngineOptions options;
  options.directory = directory.path() / "d";
  options.reserve_bytes = 0;
  options.ballast = false;
  auto backend = storage::OpenDirectory(options, clock, random);
  ASSERT_TRUE(backend.has_value()) << backend.error().message;
  storage::Faults& faults = *backend->faults;
  Throttle throttle(*backend->kv, clock);
  const auto granted = [&](int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += throttle.TakeLogin("192.0.2.1", "u1") ? 1 : 0;
    return count;
  };
  EXPECT_EQ(granted(4), 4);
  EXPECT_EQ(faults.OnWriteError(ENOSPC, "test").code, ErrorCode::kDiskFull);
  EXPECT_EQ(granted(100), 6);  // on top of what the rows say
  ASSERT_TRUE(throttle.LoginWasGood("192.0.2.1", "u1").has_value());
  EXPECT_EQ(granted(100), 1);
  EXPECT_EQ(throttle.Take(ThrottleRule::kSecondFactor, "1").has_value(), true);
  faults.Refresh();  // there is space again
  EXPECT_EQ(granted(100), 6);
}

TEST_F(ThrottleTest, RowsThatHoldNobodyGo) {
  EXPECT_EQ(Granted("192.0.2.1", 3), 3);
  ASSERT_TRUE(Login("192.0.2.9"));
  EXPECT_EQ(Rows(storage::Table::kThrottle), 6u);  // two sources, four accounts
  EXPECT_EQ(*throttle_.ExpireStep(100), 0u);
  clock_.Advance(1h);
  EXPECT_EQ(*throttle_.ExpireStep(100), 2u);
  EXPECT_EQ(Rows(storage::Table::kThrottle), 4u);
  clock_.Advance(std::chrono::hours(24 * 31));
  EXPECT_EQ(*throttle_.ExpireStep(3), 3u);
  EXPECT_EQ(*throttle_.ExpireStep(3), 1u);
}

TEST_F(ThrottleTest, SubjectsOfNamesShowNoName) {
  EXPECT_EQ(AccountSubject("Alice"), AccountSubject("alice"));
  EXPECT_EQ(AccountSubject("hunter2").find("hunter2"), std::string::npos);
  EXPECT_NE(AccountSubject(UserId{1}), AccountSubject(UserId{2}));
}

}  // namespace
}  // namespace cairn::auth
