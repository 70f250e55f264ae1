// Random operations against a model that is a map from paths to texts. After each: the same tree,
// the same refusals, every invariant, and etags that changed exactly where something changed.
// CAIRN_MODEL_SEED adds a run with that seed, CAIRN_MODEL_OPERATIONS sets the length of each run.
#include "tests/support/tree_model.h"

#include <cstdlib>
#include <random>
#include <set>

#include "storage/content_store.h"
#include "storage/fsck.h"
#include "tests/support/sanitizer.h"
#include "tests/support/tree_fixture.h"

namespace cairn::support {
namespace {

using Code = TreeModel::Code;
using Item = TreeModel::Item;

TreeModel ModelOf(const Entry& root) {
  return TreeModel(
      {.folder = true, .id = root.node.id(), .etag = root.etag(), .mtime = root.node.mtime()});
}

class TreeModelTest : public TreeCase {
 protected:
  void Run(std::uint64_t seed, int operations) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    dice_.seed(seed);
    for (int i = 0; i < operations && !HasFailure(); ++i) {
      Step(i);
      if (i % 100 != 0) continue;
      ASSERT_TRUE(Done(CollectStep(kv(), engine().contents(), 1000, false)));
    }
    PurgeAll();
    EXPECT_TRUE(InvariantsHold());
    ExpectCleanFsck();
  }

  // The other judge, who shares no code with the one in the fixture.
  void ExpectCleanFsck() {
    const auto report = Fsck(kv(), engine().contents(), FsckOptions{.read_data = true});
    ASSERT_TRUE(Done(report));
    for (const Finding& finding : report->findings) {
      EXPECT_TRUE(finding.harmless) << Name(finding.kind) << ": " << finding.what;
    }
  }

 private:
  std::size_t Roll(std::size_t sides) {
    return std::uniform_int_distribution<std::size_t>(0, sides - 1)(dice_);
  }

  std::string AnyPath() {
    static const char* const kNames[] = {"a", "b", "c", "\xc3\xbc", "D"};
    std::string path;
    const std::size_t depth = Roll(20) == 0 ? 0 : 1 + Roll(4);
    for (std::size_t i = 0; i < depth; ++i)
      path += std::string("/") + kNames[Roll(std::size(kNames))];
    return path;
  }
  static std::string Below(const std::string& path) { return path.empty() ? path : path.substr(1); }

  void Step(int number) {
    clock_.Advance(std::chrono::milliseconds(300));
    std::map<std::string, Item> before = model_.items();
    const std::string path = AnyPath(), to = AnyPath();
    const bool overwrite = Roll(4) != 0;
    touched_.clear();
    fresh_.clear();
    stays_ = {};
    copied_ = false;
    std::string what;
    Code expected;
    Code got;
    switch (Roll(16)) {
      case 0:
      case 1:
      case 2:
        what = "mkdir " + path;
        expected = model_.Mkdir(path);
        got = CodeOf(Mkdir(Below(path)));
        Changed({path}, {path});
        break;
      case 3:
      case 4:
      case 5:
      case 6:
      case 7: {
        const std::string text(Roll(4) == 0 ? 0 : Roll(40), static_cast<char>('a' + Roll(26)));
        what = "put " + path;
        expected = model_.Put(path, text);
        got = CodeOf(Put(Below(path), text));
        Changed({path}, {path});
        break;
      }
      case 8:
      case 9:
        what = "remove " + path;
        expected = model_.Remove(path);
        got = CodeOf(Remove(Below(path)));
        Changed({path}, {});
        break;
      case 10:
      case 11:
      case 12:
        what = "move " + path + " to " + to;
        expected = model_.Transfer(path, to, overwrite, true);
        got = CodeOf(Move(Below(path), Below(to), overwrite));
        Changed({path, to}, {});
        break;
      case 13:
      case 14:
        what = "copy " + path + " to " + to;
        // A file that is copied onto stays itself.
        if (const auto target = Find(Below(to));
            target && !target->is_collection() && model_.Has(path) && !model_.IsFolder(path))
          stays_ = {to, target->node.id()};
        expected = model_.Transfer(path, to, overwrite, false);
        got = CodeOf(Copy(Below(path), Below(to), {.overwrite = overwrite}));
        Changed({to}, {to});
        copied_ = true;
        break;
      default: {
        what = "set " + path;
        const std::int64_t mtime = 1 + static_cast<std::int64_t>(1000 * number);
        expected = model_.Has(path) ? Code() : ErrorCode::kNotFound;
        got = CodeOf(Set(Below(path), {.mtime = mtime}));
        if (!expected) Changed({path}, {});
        if (!expected && !model_.IsFolder(path)) fresh_.insert(path);
        if (!expected) model_.items()[path].mtime = mtime;
        break;
      }
    }
    SCOPED_TRACE(what);
    ASSERT_EQ(expected, got);
    Compare(!expected.has_value(), before);
    if (Roll(10) == 0) {
      ASSERT_TRUE(Done(tree().PurgeStep(kv(), kHome, 1 + Roll(20))));
    }
    ASSERT_TRUE(InvariantsHold());
  }

  static Code CodeOf(const Result<WriteOutcome>& outcome) {
    return outcome.has_error() ? Code(outcome.error().code) : std::nullopt;
  }
  // The folders above `paths` have changed; `fresh` and what is below it is new, or new in content.
  void Changed(std::set<std::string> paths, std::set<std::string> fresh) {
    for (std::string path : paths) {
      while (!path.empty()) touched_.insert(path = TreeModel::Parent(path));
    }
    fresh_ = std::move(fresh);
  }
  bool IsFresh(const std::string& path) const {
    return std::any_of(fresh_.begin(), fresh_.end(), [&](const std::string& top) {
      return path == top || TreeModel::Below(path, top);
    });
  }

  // The stored tree is the model's; ids, etags and times are as they were but where something
  // changed.
  void Compare(bool done, const std::map<std::string, Item>& before) {
    std::map<std::string, Entry> stored;
    Walk("", Stat(""), stored);
    auto& items = model_.items();
    ASSERT_EQ(stored.size(), items.size());
    known_ids_.clear();
    known_etags_.clear();
    for (const auto& [path, item] : before) {
      known_ids_.insert(item.id);
      known_etags_.insert(item.etag.Text());
    }
    for (auto& [path, item] : items) {
      SCOPED_TRACE(path);
      ASSERT_TRUE(stored.contains(path));
      const Entry& entry = stored.at(path);
      ASSERT_NO_FATAL_FAILURE(CompareNode(path, item, entry, done));
      item.id = entry.node.id();
      item.etag = entry.etag();
      item.mtime = entry.node.mtime();
    }
  }

  void CompareNode(const std::string& path, const Item& item, const Entry& entry, bool done) {
    ASSERT_EQ(entry.is_collection(), item.folder);
    if (!item.folder) {
      ASSERT_EQ(entry.node.size(), item.text.size());
      ASSERT_EQ(Text(Below(path)), item.text);
    }
    const bool known_id = known_ids_.contains(entry.node.id());
    const bool known_etag = known_etags_.contains(entry.etag().Text());
    if (item.id == 0 || (done && copied_ && IsFresh(path))) {
      if (path == stays_.first) {
        ASSERT_EQ(entry.node.id(), stays_.second);
      } else {
        ASSERT_FALSE(known_id);  // it was not there before
      }
      ASSERT_TRUE(!known_etag || (copied_ && !item.folder));
      return;
    }
    ASSERT_EQ(entry.node.id(), item.id);
    if (done && (IsFresh(path) || (item.folder && touched_.contains(path)))) {
      ASSERT_FALSE(known_etag);
    } else {
      ASSERT_EQ(entry.etag(), item.etag);
      ASSERT_EQ(entry.node.mtime(), item.mtime);
    }
  }

  void Walk(const std::string& path, const Entry& entry, std::map<std::string, Entry>& out) {
    out[path] = entry;
    if (!entry.is_collection()) return;
    const auto page = tree().List(*kv().Published(), entry.id(), {}, 1000);
    CAIRN_CHECK(page.has_value());
    for (const Entry& child : page->entries) Walk(path + "/" + child.name(), child, out);
  }

  std::mt19937_64 dice_;
  TreeModel model_ = ModelOf(Stat(""));
  std::set<std::string> touched_;
  std::set<std::string> fresh_;
  std::pair<std::string, std::uint64_t> stays_;  // path and id of a file that was copied onto
  bool copied_ = false;
  std::set<std::uint64_t> known_ids_;
  std::set<std::string> known_etags_;
};

int Operations() {
  const char* const set = std::getenv("CAIRN_MODEL_OPERATIONS");
  return set == nullptr ? 5000 / kOneIn : std::atoi(set);
}

TEST_F(TreeModelTest, Seed1) { Run(1, Operations()); }
TEST_F(TreeModelTest, Seed2) { Run(2, Operations()); }
TEST_F(TreeModelTest, Seed3WithVersions) {
  versions_.keep = true;
  Run(3, Operations());
}
TEST_F(TreeModelTest, Seed4WithTrash) {
  trash_.keep = true;
  Run(4, Operations());
}
TEST_F(TreeModelTest, SeedFromTheEnvironment) {
  const char* const seed = std::getenv("CAIRN_MODEL_SEED");
  Run(seed == nullptr ? 5 : std::strtoull(seed, nullptr, 10), Operations());
}

}  // namespace
}  // namespace cairn::support
