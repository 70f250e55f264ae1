// A tree in memory with policies that a test can change at any time, and verbs so that a case reads
// like a story.
//
//   class MoveTest : public support::TreeCase {};
//   TEST_F(MoveTest, Renames) {
//     Put("a.txt", "hello");
//     ASSERT_TRUE(Done(Move("a.txt", "b.txt")));
//     EXPECT_EQ(Text("b.txt"), "hello");
//   }
//
// Every verb commits under the space's key and returns when the change is published.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "storage/commit.h"
#include "storage/engine.h"
#include "storage/records.h"
#include "storage/tree_locks.h"
#include "tests/support/switch_policies.h"

namespace cairn::support {

class TreeCase : public testing::Test {
 protected:
  static constexpr SpaceId kHome{1};
  static constexpr SpaceId kOther{2};

  TreeCase();

  Engine& engine() { return *engine_; }
  FileTree& tree() { return engine_->tree(); }
  KvStore& kv() { return engine_->kv(); }

  static TreePath At(std::string_view path, SpaceId space = kHome);
  WriteContext Context() const;

  // One transaction under the keys of both spaces, durable when it returns.
  template <class Body>
  auto Commit(Body body) -> std::invoke_result_t<Body&, KvTxn&> {
    CAIRN_CHECK(engine_->file_ids().Reserve(1000).has_value());
    return CommitBlocking(kv(), {SpaceKey(kHome), SpaceKey(kOther)}, body);
  }

  // Verbs. Paths are "a/b/c" in kHome, or in kOther when they begin with "other:".
  Result<WriteOutcome> Mkdir(std::string_view path, const PutOptions& options = {});
  Result<WriteOutcome> Put(std::string_view path, std::string_view text,
                           const PutOptions& options = {});
  Result<WriteOutcome> Move(std::string_view from, std::string_view to, bool overwrite = true);
  Result<WriteOutcome> Copy(std::string_view from, std::string_view to,
                            const CopyOptions& options = {});
  Result<WriteOutcome> Remove(std::string_view path, bool skip_trash = false);
  Result<WriteOutcome> Set(std::string_view path, const AttributeChange& change);
  Result<std::string> Lock(std::string_view path, bool infinite = false);  // the token
  Result<NewContent> Ingest(std::string_view text);

  // Looks, on the published view.
  std::optional<Entry> Find(std::string_view path);
  Entry Stat(std::string_view path);  // there must be such a node
  std::string Text(std::string_view path);
  std::vector<std::string> Names(std::string_view path);
  std::vector<Event> Events(SpaceId space = kHome);
  std::uint64_t Rows(Table table);
  Etag RootEtag() { return Stat("").etag(); }

  // Purge steps until nothing is left; how many nodes went.
  std::uint64_t PurgeAll(std::size_t limit = 1000);

  // Invariants 1, 2, 4 and 5 of file_tree.h, counted from the rows of a published view.
  testing::AssertionResult InvariantsHold();

  FakeClock clock_;
  SeededRandom random_{1};
  SwitchAccess access_;
  SwitchQuota quota_;
  SwitchVersions versions_{clock_, quota_};
  SwitchTrash trash_{clock_, quota_};
  std::unique_ptr<Engine> engine_;
  Caller alice_;
  std::vector<std::string> tokens_;             // submitted with every write
  const Precondition* precondition_ = nullptr;  // of every write
  std::optional<SeenParent> parent_;            // of every write
};

template <class T>
testing::AssertionResult Done(const Result<T>& result) {
  if (result.has_value()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << Name(result.error().code) << ": " << result.error().message;
}
template <class T>
testing::AssertionResult RefusedWith(ErrorCode code, const Result<T>& result) {
  if (result.has_value()) return testing::AssertionFailure() << "not refused";
  if (Is(result.error(), code)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << Name(result.error().code) << ": " << result.error().message;
}

}  // namespace cairn::support
