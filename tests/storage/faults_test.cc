#include "storage/faults.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "tests/support/temp_directory.h"

namespace cairn::storage {
namespace {

class FaultsTest : public testing::Test {
 protected:
  Faults Make(std::uint64_t reserve) {
    return Faults(directory_.path().string(), reserve,
                  [this](std::string_view what) { broken_.emplace_back(what); });
  }
  static std::string State(const Faults& faults) {
    const auto write = faults.CheckMayWrite();
    const auto grow = faults.CheckMayGrow();
    const auto word = [](const Result<void>& r) {
      return r.has_value() ? std::string("yes") : std::string(Name(r.error().code));
    };
    return "write " + word(write) + ", grow " + word(grow);
  }
  TempDirectory directory_;
  std::vector<std::string> broken_;
};

TEST_F(FaultsTest, ARoomyDiskRefusesNothing) {
  const Faults faults = Make(1);
  EXPECT_EQ(State(faults), "write yes, grow yes");
  EXPECT_GT(faults.free_bytes(), 0U);
  EXPECT_LT(faults.free_bytes(), UINT64_MAX);
}

TEST_F(FaultsTest, BelowTheReserveOnlyGrowingIsRefused) {
  const Faults faults = Make(UINT64_MAX);
  EXPECT_EQ(State(faults), "write yes, grow disk full");
}

TEST_F(FaultsTest, AFullDiskRefusesWritesUntilSpaceIsBack) {
  Faults faults = Make(1);
  EXPECT_EQ(faults.OnWriteError(ENOSPC, "append").code, ErrorCode::kDiskFull);
  EXPECT_EQ(State(faults), "write disk full, grow disk full");
  faults.Refresh();
  EXPECT_EQ(State(faults), "write yes, grow yes");
  EXPECT_EQ(faults.OnWriteError(EDQUOT, "append").code, ErrorCode::kDiskFull);
  EXPECT_EQ(State(faults), "write disk full, grow disk full");
  EXPECT_TRUE(broken_.empty());
}

TEST_F(FaultsTest, AFailedSyncBreaksForGood) {
  Faults faults = Make(1);
  faults.OnSyncError("blob");
  faults.OnSyncError("again");
  EXPECT_EQ(broken_, std::vector<std::string>{"sync failed: blob"});
  EXPECT_TRUE(faults.broken());
  faults.Refresh();
  EXPECT_EQ(State(faults), "write input/output error, grow input/output error");
}

TEST_F(FaultsTest, AnIoErrorOnWriteBreaks) {
  Faults faults = Make(1);
  EXPECT_EQ(faults.OnWriteError(EIO, "append").code, ErrorCode::kIo);
  ASSERT_EQ(broken_.size(), 1U);
  EXPECT_NE(broken_[0].find("append"), std::string::npos);
}

// An error handed up while the first thread is still on its way to end the process would become an
// answer.
TEST(FaultsOfTwoThreadsTest, TheSecondDoesNotGoOnBeforeTheFirstHasTold) {
  std::atomic<bool> told{false};
  std::atomic<int> early{0};
  std::vector<std::thread> others;
  std::atomic<int> running{0};
  Faults* shared = nullptr;
  Faults faults("", 1, [&](std::string_view) {
    for (int i = 0; i < 4; ++i) {
      others.emplace_back([&, i] {
        ++running;
        if (i % 2 == 0) {
          std::ignore = shared->OnWriteError(EIO, "append");
        } else {
          std::ignore = shared->CheckMayWrite();
        }
        if (!told) ++early;
      });
    }
    while (running < 4) std::this_thread::yield();
    for (int i = 0; i < 10'000; ++i) std::this_thread::yield();
    told = true;
  });
  shared = &faults;
  faults.OnSyncError("blob");
  for (std::thread& other : others) other.join();
  EXPECT_EQ(early, 0);
}

TEST_F(FaultsTest, OtherErrorsFailTheirCallOnly) {
  Faults faults = Make(1);
  EXPECT_EQ(faults.OnWriteError(EMFILE, "open").code, ErrorCode::kIo);
  EXPECT_EQ(faults.OnWriteError(EFBIG, "append").code, ErrorCode::kIo);
  EXPECT_EQ(State(faults), "write yes, grow yes");
  EXPECT_TRUE(broken_.empty());
}

TEST(FaultsWithoutDirectoryTest, NeverRefuse) {
  Faults faults("", 1, nullptr);
  faults.Refresh();
  EXPECT_TRUE(faults.CheckMayGrow().has_value());
  faults.OnSyncError("nobody to tell");
  EXPECT_TRUE(faults.broken());
}

}  // namespace
}  // namespace cairn::storage
