// A server that loses its power: the whole engine over CrashFs, the users who know what must be
// there, and what is checked after every cut.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/storage/power_loss_player.h"
#include "tests/support/crash_fs.h"
#include "tests/support/switch_policies.h"
#include "tests/support/temp_directory.h"

namespace cairn::storage {

// One life of the server on a directory, from its start to a cut.
class Life {
 public:
  // Starts it for the `number`-th time. A failure is a test failure, and engine() null then. Each
  // life has a seed of its own.
  Life(const std::filesystem::path& directory, int number, std::uint64_t seed);

  Engine* engine() { return engine_.get(); }
  const CrashFs& fs() const { return fs_; }
  // The first step of this life, and the one at which the engine was open.
  std::size_t begin() const { return begin_; }
  std::size_t open() const { return open_; }
  const Identity& identity() const { return identity_; }
  // One user more, with what he knows from an earlier life.
  Player& Add(SpaceId space, UserId user, History history = History({}));
  const std::vector<std::unique_ptr<Player>>& players() const { return players_; }
  void Pass(std::chrono::milliseconds time) { clock_.Advance(time); }
  // Ends it as a shutdown does. Players and record stay.
  void Close() { engine_.reset(); }

 private:
  friend class PowerLossCase;
  const std::filesystem::path directory_;
  const int number_;
  const std::uint64_t seed_;
  CrashFs fs_;
  const std::size_t begin_;
  std::size_t open_ = 0;
  Identity identity_;
  FakeClock clock_;
  SeededRandom random_;
  support::SwitchAccess access_;
  support::SwitchQuota quota_;
  support::SwitchVersions versions_{clock_, quota_};
  support::SwitchTrash trash_{clock_, quota_};
  std::unique_ptr<Engine> engine_;
  std::vector<std::unique_ptr<Player>> players_;
  // What a cut left, by its digest: equal images need no second restart.
  struct Seen {
    std::vector<std::size_t> kept;  // operations of each player
    bool gone_on = false;
  };
  std::map<std::uint64_t, Seen> seen_;
};

class PowerLossCase : public testing::Test {
 protected:
  static bool LongTests();

  explicit PowerLossCase(std::uint64_t seed);

  // Another life on `directory`, made if it is missing.
  std::unique_ptr<Life> Start(const std::filesystem::path& directory);
  // Cuts the power of a closed life, random bytes and names survive, and the next life begins with
  // the users of the one before, who check what there is. The old directory is removed.
  std::unique_ptr<Life> NextLife(Life& before);
  // Everybody goes on for some operations; garbage is collected; everything must be in order.
  void GoOn(Life& life, int operations);
  // Cuts the power of a closed life between two steps. At each acknowledgement, when nothing
  // unsynced survives, looks whether everything acknowledged is there. Then goes on after
  // `restarts` cuts that leave something different each, taken at random out of those around
  // acknowledgements and at random steps, with every choice of what survives.
  void CutBetween(Life& life, std::size_t first, std::size_t last, std::size_t restarts);

  TempDirectory directory_{FastStorage()};
  std::mt19937_64 dice_;

 private:
  struct Cut {
    std::size_t step;
    std::string what;
    CrashFs::Choice choice;
  };
  enum class Then { kLook, kGoOn, kCutAgain };
  // Every choice at this step.
  std::vector<Cut> CutsAt(const Life& life, std::size_t step);
  // Cuts, restarts, checks, goes on, cuts that life too. False: the same was done before.
  bool Check(Life& life, const Cut& cut, Then then);
  // What there is must be a state that each of the users knows, not older than what was
  // acknowledged to him: he goes on from there. Adds how many operations were kept.
  void Recognise(Life& before, std::size_t step, Life& now, std::vector<std::size_t>& kept);

  const std::uint64_t seed_;
  int starts_ = 0;
  int directories_ = 0;
};

}  // namespace cairn::storage
