// The power fails while the whole engine works: metadata and blobs are cut together, anywhere, and
// whatever subset of what was not synced survives. Then everything that was acknowledged is there,
// what was not is there whole or not at all, and nothing is left that the collector does not take.
// CAIRN_LONG_TESTS looks at many more cuts, CAIRN_POWER_SEED plays another game.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "tests/storage/power_loss_case.h"
#include "tests/support/sanitizer.h"

namespace cairn::storage {
namespace {

std::uint64_t Seed() {
  const char* const set = std::getenv("CAIRN_POWER_SEED");
  return set == nullptr ? 1 : std::strtoull(set, nullptr, 10);
}

class PowerLossTest : public PowerLossCase {
 protected:
  PowerLossTest() : PowerLossCase(Seed()) {}

  void Play(Life& life, Player& player, int operations) {
    for (int i = 0; i < operations && !HasFailure(); ++i) {
      life.Pass(std::chrono::milliseconds(100));
      player.Act();
    }
    player.Acknowledge();
  }
};

TEST_F(PowerLossTest, AUserWhoDoesEverything) {
  const auto life = Start(directory_.path() / "live");
  ASSERT_NE(life->engine(), nullptr);
  Player& player = life->Add(SpaceId{1}, UserId{1});
  player.MakeSpace();
  const std::size_t first = life->fs().step();
  Play(*life, player, 250);
  // What chance has left out.
  for (const char* what : {"mkdir", "empty", "small", "large", "overwrite", "remove-file",
                           "remove-folder", "move", "copy-file", "copy-folder", "patch", "upload",
                           "chunk", "finish", "abort", "purged nodes", "collected blobs"}) {
    for (int i = 0; i < 1000 && player.done(what) == 0; ++i) Play(*life, player, 1);
    EXPECT_GT(player.done(what), 0) << what;
  }
  ASSERT_FALSE(HasFailure());
  life->Close();
  const DiskImage all = life->fs().ImageAt(life->fs().step(), CrashFs::All);
  const auto is_table = [](const auto& file) { return file.first.ends_with(".sst"); };
  EXPECT_TRUE(std::any_of(all.files.begin(), all.files.end(), is_table)) << "nothing was flushed";
  CutBetween(*life, first, life->fs().step(), (LongTests() ? 4000U : 120U) / support::kOneIn);
}

TEST_F(PowerLossTest, TwoUsersAndTheCollectorAtOnce) {
  const auto life = Start(directory_.path() / "live");
  ASSERT_NE(life->engine(), nullptr);
  Player& alice = life->Add(SpaceId{1}, UserId{1});
  Player& bob = life->Add(SpaceId{2}, UserId{2});
  alice.MakeSpace();
  bob.MakeSpace();
  const std::size_t first = life->fs().step();
  std::atomic<bool> over{false};
  std::thread other([&] { Play(*life, bob, 60); });
  std::thread collector([&] {
    Engine& engine = *life->engine();
    while (!over) {
      EXPECT_TRUE(CollectStep(engine.kv(), engine.contents(), 5, false).has_value());
      std::this_thread::yield();
    }
  });
  Play(*life, alice, 60);
  other.join();
  over = true;
  collector.join();
  ASSERT_FALSE(HasFailure());
  life->Close();
  CutBetween(*life, first, life->fs().step(), (LongTests() ? 2000U : 60U) / support::kOneIn);
}

TEST_F(PowerLossTest, ANewDataDirectory) {
  const auto life = Start(directory_.path() / "live");
  ASSERT_NE(life->engine(), nullptr);
  life->Add(SpaceId{1}, UserId{1}).MakeSpace();
  const std::size_t last = life->fs().step();
  life->Close();
  CutBetween(*life, life->begin(), last, (LongTests() ? 2000U : 60U) / support::kOneIn);
}

TEST_F(PowerLossTest, AgainAndAgain) {
  auto life = Start(directory_.path() / "live");
  ASSERT_NE(life->engine(), nullptr);
  life->Add(SpaceId{1}, UserId{1});
  life->Add(SpaceId{2}, UserId{2});
  for (int lives = (LongTests() ? 500 : 40) / support::kOneIn; lives > 0 && !HasFailure();
       --lives) {
    SCOPED_TRACE(std::to_string(lives) + " lives left");
    GoOn(*life, 15);
    life->Close();
    life = NextLife(*life);
    ASSERT_NE(life->engine(), nullptr);
  }
}

}  // namespace
}  // namespace cairn::storage
