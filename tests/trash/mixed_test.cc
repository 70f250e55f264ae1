// Everything that users do to files, trash and versions, at random, and the sums after each step
// counted again.
#include <random>

#include "storage/fsck.h"
#include "tests/support/sanitizer.h"
#include "tests/support/tree_fixture.h"
#include "trash/bin.h"
#include "trash/expiry.h"
#include "versions/expiry.h"
#include "versions/history.h"

namespace cairn::trash {
namespace {

using namespace cairn::support;  // NOLINT: the fixture's words

class MixedTest : public TreeCase {
 protected:
  MixedTest() {
    trash_.keep = true;
    versions_.keep = true;
  }

  void Run(std::uint64_t seed, int steps) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    dice_.seed(seed);
    for (int i = 0; i < steps && !HasFailure(); ++i) {
      clock_.Advance(std::chrono::milliseconds(Roll(5) == 0 ? 3'600'000 * Roll(200) : Roll(3'000)));
      Step();
      ASSERT_TRUE(InvariantsHold()) << "after step " << i << ": " << what_;
      if (i % 100 == 0) {
        ASSERT_TRUE(Done(CollectStep(kv(), engine().contents(), 1000, false)));
      }
    }
    // The rare ones need all the steps to come up.
    for (const auto& [what, times] : done_) EXPECT_GT(times, kOneIn == 1 ? 0 : -1) << what;
    PurgeAll();
    while (CollectStep(kv(), engine().contents(), 1000, false)->more) {
    }
    const auto report = Fsck(kv(), engine().contents(), FsckOptions{.read_data = true});
    ASSERT_TRUE(Done(report));
    for (const Finding& finding : report->findings)
      EXPECT_TRUE(finding.harmless) << storage::Name(finding.kind) << ": " << finding.what;
  }

 private:
  std::size_t Roll(std::size_t sides) {
    return std::uniform_int_distribution<std::size_t>(0, sides - 1)(dice_);
  }
  std::string AnyPath() {
    static const char* const kNames[] = {"a", "b", "c", "d"};
    std::string path = kNames[Roll(4)];
    for (std::size_t depth = Roll(3); depth > 0; --depth)
      path += std::string("/") + kNames[Roll(4)];
    return path;
  }
  // The file at a random path; nullopt: there is none.
  std::optional<Entry> AnyFile() {
    auto entry = Find(AnyPath());
    if (entry.has_value() && entry->is_collection()) entry.reset();
    return entry;
  }
  // A member of the trash, or something below one.
  std::optional<TrashPath> AnyDeleted() {
    const auto view = kv().Published();
    TrashPath path{.space = kHome, .segments = {}};
    const auto root = Resolve(*view, path);
    if (root.has_error()) return std::nullopt;
    Entry at = root->leaf();
    do {
      const auto page = tree().List(*view, at.id(), {}, 100);
      if (page->entries.empty()) break;
      at = page->entries[Roll(page->entries.size())];
      path.segments.push_back(path.segments.empty() ? ExposedName(at) : at.name());
    } while (at.is_collection() && Roll(3) == 0);
    if (path.segments.empty()) return std::nullopt;
    return path;
  }

  template <class T>
  void Did(const std::string& what, const Result<T>& result) {
    what_ = what;
    done_[what] += result.has_value() ? 1 : 0;
    if (result.has_error()) {
      const ErrorCode code = result.error().code;
      EXPECT_NE(code, ErrorCode::kCorruption) << what << ": " << result.error().message;
      EXPECT_NE(code, ErrorCode::kIo) << what << ": " << result.error().message;
    }
  }

  void Step() {
    switch (Roll(16)) {
      case 0:
        return Did("mkcol", Mkdir(AnyPath()));
      case 1:
      case 2:
      case 3:
      case 4:
        return Did("put", Put(AnyPath(), std::string(Roll(3) * 20'000 + Roll(50), 'x'),
                              {.mtime = static_cast<std::int64_t>(1 + Roll(1'000'000'000))}));
      case 5:
      case 6:
        return Did("remove", Remove(AnyPath(), Roll(8) == 0));
      case 7:
        return Did("move", Move(AnyPath(), AnyPath()));
      case 8:
        return Did("copy", Copy(AnyPath(), AnyPath()));
      case 9:
      case 10:
        return Restore();
      case 11:
        return PurgeOne();
      case 12:
      case 13:
        return UseVersion();
      case 14:
        return Expire();
      default: {
        Did("purge step", tree().PurgeStep(kv(), kHome, 1 + Roll(20)));
        if (Roll(30) != 0) return;
        auto body = [&](KvTxn& txn) { return Empty(tree(), txn, Context(), kHome); };
        return Did("empty", Commit(body));
      }
    }
  }

  void Restore() {
    const auto path = AnyDeleted();
    if (!path) return;
    const bool out = Roll(3) == 0;
    const std::string to = AnyPath();
    auto body = [&](KvTxn& txn) {
      return out ? MoveOut(tree(), txn, Context(), *path, At(to), Roll(2) == 0)
                 : trash::Restore(tree(), txn, Context(), *path);
    };
    Did(out ? "move out" : "restore", Commit(body));
  }

  void PurgeOne() {
    const auto path = AnyDeleted();
    if (!path) return;
    auto body = [&](KvTxn& txn) { return Purge(tree(), txn, Context(), *path); };
    Did("purge", Commit(body));
  }

  void UseVersion() {
    const auto file = AnyFile();
    if (!file) return;
    const auto history = versions::ReadHistory(tree(), *kv().Published(), alice_, file->id());
    if (history->versions.empty()) return;
    const std::int64_t stamp = history->versions[Roll(history->versions.size())].version.stamp();
    const std::size_t kind = Roll(4);
    const std::string to = AnyPath();
    if (kind == 0) {
      auto body = [&](KvTxn& txn) {
        return versions::Delete(tree(), txn, Context(), file->id(), stamp);
      };
      return Did("delete version", Commit(body));
    }
    if (kind == 1) {
      auto body = [&](KvTxn& txn) {
        return versions::SetLabel(tree(), txn, Context(), file->id(), stamp, "kept");
      };
      return Did("label", Commit(body));
    }
    auto body = [&](KvTxn& txn) {
      return kind == 2 ? versions::Restore(tree(), txn, Context(), file->id(), stamp, Roll(2) == 0)
                       : versions::TakeOut(tree(), txn, Context(), file->id(), stamp, At(to), true,
                                           Roll(2) == 0);
    };
    Did(kind == 2 ? "restore version" : "take version out", Commit(body));
  }

  void Expire() {
    // Little room now and then, so that space is needed.
    if (Roll(4) == 0) quota_.limit = Stat("").node.below().bytes() + 60'000;
    Did("expire trash", ExpireStep(engine(), trash_.keeping(), kHome, 1 + Roll(10)));
    versions::ThinCursor cursor;
    Did("thin", versions::ThinStep(engine(), versions_.keeping(), cursor, 1000, false));
    Did("make room", versions::MakeRoomStep(engine(), versions_.keeping(), kHome, 10, false));
    quota_.limit.reset();
  }

  std::mt19937_64 dice_;
  std::string what_;
  std::map<std::string, int> done_;
};

TEST_F(MixedTest, Seed1) { Run(1, 4000 / kOneIn); }
TEST_F(MixedTest, Seed2) { Run(2, 4000 / kOneIn); }
TEST_F(MixedTest, Seed3) { Run(3, 4000 / kOneIn); }

}  // namespace
}  // namespace cairn::trash
