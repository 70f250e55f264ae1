// Promise R5: whichever call of the disk fails, and however, a request has happened or it has not,
// and what was answered is so after the next start.
#include <gtest/gtest.h>

#include <cctype>
#include <memory>

#include "tests/integration/fault_scene.h"
#include "tests/support/sanitizer.h"

namespace cairn {
namespace {

using Kind = FaultFs::Kind;

constexpr std::size_t kMostCalls = 100;  // no request makes more
constexpr int kMostTries = 100;          // of one that is told to come again
constexpr std::size_t kStep = support::kOneIn;

class FaultTest : public testing::TestWithParam<Verb> {
 protected:
  static void SetUpTestSuite() {
    scene_ = std::make_unique<FaultScene>();
    scene_->Copy();
    before_ = scene_->State();
  }
  static void TearDownTestSuite() { scene_.reset(); }

  FaultTest() {
    FaultyServer good(scene_->Copy());
    EXPECT_EQ(GetParam().run(good) / 100, 2);
    good.server().Stop();
  }
  void SetUp() override {
    after_ = scene_->State();
    ASSERT_NE(after_, before_);
  }

  // What one request with one fault came to.
  struct Run {
    std::string failed;  // the call; empty: there were not so many
    bool broken = false;
    int status = 0;
    bool again = false;  // it was refused, and sent once more on a good disk: that must succeed
    bool acknowledged() const { return !broken && status / 100 == 2; }
  };

  Run FailAt(Kind kind, std::size_t number) {
    FaultyServer faulty(scene_->Copy());
    Run run;
    faulty.disk().Arm(kind, number);
    run.status = GetParam().run(faulty);
    run.broken = faulty.broken();
    // Reads go on. (An open file may be what is missing: this one is small.)
    if (!run.broken && !run.acknowledged()) {
      EXPECT_EQ(faulty.Read("locked"), 200);
    }
    faulty.disk().Disarm();
    run.failed = faulty.disk().failed();
    run.broken = faulty.broken();
    // Every other time, so that what a refusal leaves behind is seen as well.
    run.again = !run.broken && !run.acknowledged() && number % 2 == 1;
    if (run.again) {
      // RocksDB's threads may still be at it, and tell of the full disk once more.
      int status = 503;
      for (int tries = 0; status / 100 == 5 && !faulty.broken() && tries < kMostTries; ++tries) {
        faulty.server().engine().faults().Refresh();
        status = GetParam().run(faulty);
      }
      EXPECT_EQ(status / 100, 2) << number << ", " << run.failed << ": " << faulty.last_error();
    }
    return run;
  }

  // The request with the fault at every place; `judge` says what must come of each.
  template <class Judge>
  void FailEverywhere(Kind kind, Judge judge) {
    for (std::size_t number = 1;; number += kStep) {
      ASSERT_LT(number, kMostCalls);
      const Run run = FailAt(kind, number);
      SCOPED_TRACE("call " + std::to_string(number) + ", " + run.failed + ", status " +
                   std::to_string(run.status) + (run.broken ? ", broken" : ""));
      const StateText found = scene_->State();
      if (run.failed.empty()) {
        EXPECT_TRUE(run.acknowledged());
        EXPECT_EQ(found, after_);
        RecordProperty("calls", static_cast<int>(number - kStep));
        return;
      }
      judge(run);
      if (run.acknowledged()) {
        EXPECT_EQ(found, after_);
      } else if (run.broken) {
        EXPECT_EQ(found, found == before_ ? before_ : after_);
      } else {
        EXPECT_GE(run.status, 500);
        EXPECT_EQ(found, run.again ? after_ : before_);
      }
      if (HasFailure()) return;
    }
  }

  static std::unique_ptr<FaultScene> scene_;
  static StateText before_;
  StateText after_;
};

std::unique_ptr<FaultScene> FaultTest::scene_;
StateText FaultTest::before_;

bool Is(const std::string& call, std::string_view what) { return call.starts_with(what); }
bool OfLog(const std::string& call) { return call.ends_with(".log"); }

// What was to be written may be lost: nobody is answered, the process ends. What could not be read
// or opened costs its request only.
TEST_P(FaultTest, IoError) {
  FailEverywhere(Kind::kIoError, [](const Run& run) {
    if (Is(run.failed, "write") || Is(run.failed, "sync") || Is(run.failed, "make")) {
      EXPECT_TRUE(run.broken);
    } else if (!Is(run.failed, "remove")) {
      EXPECT_FALSE(run.broken);
    }
  });
}

// 507 (503 where OCS has no word for it) and nothing else, unless the log itself could not be
// synced: others may have read what it says.
TEST_P(FaultTest, FullDisk) {
  FailEverywhere(Kind::kNoSpace, [](const Run& run) {
    EXPECT_EQ(run.broken, Is(run.failed, "sync") && OfLog(run.failed));
    EXPECT_TRUE(run.broken || run.acknowledged() || run.status == 507 || run.status == 503);
  });
}

TEST_P(FaultTest, ShortWrite) {
  FailEverywhere(Kind::kShortWrite, [](const Run& run) { EXPECT_TRUE(run.acknowledged()); });
}

// The moment's trouble: 503, and the client may try again.
TEST_P(FaultTest, TooManyOpenFiles) {
  FailEverywhere(Kind::kTooManyOpen, [](const Run& run) {
    EXPECT_FALSE(run.broken);
    EXPECT_TRUE(run.acknowledged() || run.status == 503);
  });
}

std::string NameOf(const testing::TestParamInfo<Verb>& verb) {
  std::string name(verb.param.name);
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Verbs, FaultTest, testing::ValuesIn(Verbs()), NameOf);

}  // namespace
}  // namespace cairn
