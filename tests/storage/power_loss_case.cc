#include "tests/storage/power_loss_case.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <set>
#include <utility>

#include "storage/fsck.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kInlineLimit = 2048;
constexpr std::size_t kAround = 3;  // steps before and after an acknowledgement

// Everything that fsck finds must be harmless, or nothing at all be found.
void ExpectCleanFsck(Engine& engine, bool garbage_allowed) {
  const FsckOptions options{.read_data = true, .repair = false, .orphan_grace_seconds = 0};
  const auto report = Fsck(engine.kv(), engine.contents(), options);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  for (const Finding& finding : report->findings) {
    EXPECT_TRUE(garbage_allowed && finding.harmless) << Name(finding.kind) << ": " << finding.what;
  }
}

bool IsMeta(const PendingChange& pending) { return pending.file.starts_with("meta"); }

}  // namespace

// ---- Life

Life::Life(const std::filesystem::path& directory, int number, std::uint64_t seed)
    : directory_(directory),
      number_(number),
      seed_(seed),
      fs_(directory),
      begin_(fs_.step()),
      clock_(1'700'000'000'000 + std::int64_t{number} * 60'000),
      random_(seed) {
  EngineOptions options;
  options.directory = directory;
  options.block_cache_bytes = 1 << 20;
  options.reserve_bytes = 0;
  options.on_broken = [](std::string_view what) { ADD_FAILURE() << "broken: " << what; };
  options.write_buffer_bytes = 64 << 10;  // so that logs are switched and tables are written
  options.env = fs_.env();
  options.disk = &fs_.disk();
  options.ballast = false;
  auto backend = OpenDirectory(options, clock_, random_);
  if (backend.has_error()) {
    ADD_FAILURE() << "no start: " << backend.error().message;
    return;
  }
  versions_.keep = true;
  trash_.keep = true;
  const TreePolicies policies{access_, quota_, versions_, trash_};
  engine_ = std::make_unique<Engine>(std::move(*backend), policies, clock_, random_, kInlineLimit);
  identity_ = engine_->identity();
  open_ = fs_.step();
}

Player& Life::Add(SpaceId space, UserId user, History history) {
  const std::uint64_t seed = seed_ * 1000 + players_.size();
  players_.push_back(
      std::make_unique<Player>(*engine_, fs_, space, user, std::move(history), seed));
  return *players_.back();
}

// ---- PowerLossCase

bool PowerLossCase::LongTests() { return std::getenv("CAIRN_LONG_TESTS") != nullptr; }

PowerLossCase::PowerLossCase(std::uint64_t seed) : dice_(seed), seed_(seed) {}

std::unique_ptr<Life> PowerLossCase::Start(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  ++starts_;
  const auto number = static_cast<std::uint64_t>(starts_);
  return std::make_unique<Life>(directory, starts_, seed_ * 1'000'000 + number);
}

std::vector<PowerLossCase::Cut> PowerLossCase::CutsAt(const Life& life, std::size_t step) {
  using Pending = CrashFs::Pending;
  std::vector<Cut> cuts = {
      {step, "nothing unsynced survives", CrashFs::None},
      {step, "everything survives", CrashFs::All},
      {step, "only the newest file survives", CrashFs::NewestFileOnly},
      {step, "only the metadata survives", IsMeta},
      {step, "only the blobs survive", [](const Pending& pending) { return !IsMeta(pending); }},
      {step, "only names survive", [](const Pending& pending) { return pending.is_name; }},
      {step, "only bytes survive", [](const Pending& pending) { return !pending.is_name; }},
  };
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t seed = dice_();
    // The seed makes it repeatable: it begins anew with each image.
    const auto half = [seed, count = std::uint64_t{0}](const Pending&) mutable {
      return (std::mt19937_64(seed + count++)() & 1) != 0;
    };
    cuts.push_back({step, "random half, seed " + std::to_string(seed), half});
  }
  const std::size_t pending = life.fs().ImageAt(step, CrashFs::None).asked;
  for (std::size_t i = 0; i < pending; ++i) {
    const std::string number = std::to_string(i);
    const auto alone = [i, n = std::size_t{0}](const Pending&) mutable { return n++ == i; };
    cuts.push_back({step, "change " + number + " alone survives", alone});
    const auto named = [i, n = std::size_t{0}](const Pending& one) mutable {
      return n++ == i || one.is_name;
    };
    cuts.push_back({step, "change " + number + " and all names survive", named});
    const auto others = [i, n = std::size_t{0}](const Pending&) mutable { return n++ != i; };
    cuts.push_back({step, "all but change " + number + " survives", others});
  }
  return cuts;
}

void PowerLossCase::CutBetween(Life& life, std::size_t first, std::size_t last,
                               std::size_t restarts) {
  ASSERT_EQ(life.engine(), nullptr) << "close it first";
  std::set<std::size_t> steps;
  for (const auto& player : life.players()) {
    for (const auto& [step, operations] : player->history().acknowledged()) {
      if (step < first || step > last || HasFailure()) continue;
      Check(life, {step, "nothing unsynced survives", CrashFs::None}, Then::kLook);
      for (std::size_t at = std::max(first + kAround, step) - kAround;
           at <= std::min(last, step + kAround); ++at)
        steps.insert(at);
    }
  }
  for (std::size_t i = 0; i < restarts; ++i) steps.insert(first + dice_() % (last - first + 1));
  std::vector<Cut> cuts;
  for (const std::size_t step : steps) {
    std::vector<Cut> here = CutsAt(life, step);
    std::move(here.begin(), here.end(), std::back_inserter(cuts));
  }
  std::shuffle(cuts.begin(), cuts.end(), dice_);
  std::size_t restarted = 0;
  for (const Cut& cut : cuts) {
    if (restarted == restarts || HasFailure()) break;
    if (Check(life, cut, restarted % 4 == 0 ? Then::kCutAgain : Then::kGoOn)) ++restarted;
  }
  RecordProperty("restarted", static_cast<int>(restarted));
  EXPECT_TRUE(restarted > 0 || HasFailure());
}

bool PowerLossCase::Check(Life& life, const Cut& cut, Then then) {
  SCOPED_TRACE("cut at step " + std::to_string(cut.step) + ", " + cut.what + ", life " +
               std::to_string(life.number_) + ", seed " + std::to_string(seed_));
  const CrashFs::Choice choice = cut.choice;  // a copy: some count
  const DiskImage image = life.fs().ImageAt(cut.step, choice);
  Life::Seen& seen = life.seen_[image.Digest()];
  for (std::size_t i = 0; i < seen.kept.size(); ++i) {
    const History& history = life.players()[i]->history();
    const World& found = history.After(seen.kept[i]);
    EXPECT_TRUE(history.Find(found, history.AcknowledgedAt(cut.step)).has_value());
  }
  if (seen.gone_on || (!seen.kept.empty() && then == Then::kLook)) return false;
  seen = {.kept = {}, .gone_on = then != Then::kLook};
  const auto after = directory_.path() / ("after" + std::to_string(++directories_));
  image.Write(after);
  const auto now = Start(after);
  if (now->engine() != nullptr) Recognise(life, cut.step, *now, seen.kept);
  if (now->engine() != nullptr && !HasFailure() && then != Then::kLook) GoOn(*now, 5);
  now->Close();
  if (!HasFailure() && then == Then::kCutAgain) {
    const std::size_t steps = now->fs().step() - now->begin();
    std::vector<Cut> next = CutsAt(*now, now->begin() + dice_() % (steps + 1));
    Check(*now, next[dice_() % next.size()], Then::kGoOn);
  }
  std::filesystem::remove_all(after);
  return true;
}

void PowerLossCase::Recognise(Life& before, std::size_t step, Life& now,
                              std::vector<std::size_t>& kept) {
  EXPECT_EQ(now.identity().data_fingerprint, "");
  if (step >= before.open()) {
    EXPECT_EQ(now.identity().instance_id, before.identity().instance_id);
  }
  for (const auto& player : before.players()) {
    const History& history = player->history();
    const auto found = ReadWorld(*now.engine(), player->space(), player->user());
    ASSERT_TRUE(found.has_value()) << found.error().message;
    const std::size_t least = history.AcknowledgedAt(step);
    const auto operations = history.Find(*found, least);
    ASSERT_TRUE(operations.has_value())
        << "other than after " << least
        << " acknowledged operations: " << Difference(history.After(least), *found);
    kept.push_back(*operations);
    now.Add(player->space(), player->user(), history.CutAt(step, *operations));
  }
}

void PowerLossCase::GoOn(Life& life, int operations) {
  ExpectCleanFsck(*life.engine(), true);
  for (const auto& player : life.players()) {
    if (!player->history().now.space) player->MakeSpace();
    for (int i = 0; i < operations && !HasFailure(); ++i) {
      life.Pass(std::chrono::milliseconds(100));
      player->Act();
    }
    player->FinishUploads();
    player->Acknowledge();
  }
  Engine& engine = *life.engine();
  for (const auto& player : life.players()) {
    while (*engine.tree().PurgeStep(engine.kv(), player->space(), 1000) > 0) {
    }
  }
  const auto collected = CollectStep(engine.kv(), engine.contents(), 100'000, false);
  ASSERT_TRUE(collected.has_value()) << collected.error().message;
  const auto swept = SweepOrphanBlobs(engine.kv(), engine.contents(), 0, false);
  ASSERT_TRUE(swept.has_value()) << swept.error().message;
  const auto left = CollectStep(engine.kv(), engine.contents(), 1, true);
  EXPECT_TRUE(left.has_value() && left->examined == 0) << "candidates stay";
  ExpectCleanFsck(engine, false);
  for (const auto& player : life.players()) {
    const auto found = ReadWorld(engine, player->space(), player->user());
    ASSERT_TRUE(found.has_value()) << found.error().message;
    EXPECT_EQ(Difference(player->history().now, *found), "");
  }
}

std::unique_ptr<Life> PowerLossCase::NextLife(Life& before) {
  const std::size_t step = before.begin() + dice_() % (before.fs().step() - before.begin() + 1);
  const std::uint64_t share = dice_() % 5;  // nothing, a quarter, ..., everything
  const auto some = [&](const CrashFs::Pending&) { return dice_() % 4 < share; };
  const auto directory = directory_.path() / ("life" + std::to_string(++directories_));
  before.fs().CrashAt(step, some, directory);
  std::filesystem::remove_all(before.directory_);
  auto now = Start(directory);
  std::vector<std::size_t> kept;
  if (now->engine() != nullptr) Recognise(before, step, *now, kept);
  return now;
}

}  // namespace cairn::storage
