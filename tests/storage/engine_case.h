// A whole engine in memory with two users in one space: verbs for the tests of what sits on top of
// the tree.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quota/space_quota.h"
#include "storage/commit.h"
#include "storage/engine.h"
#include "storage/memory_blob_store.h"
#include "storage/records.h"
#include "trash/no_trash.h"
#include "versions/no_versions.h"

namespace cairn::storage {

// Everybody lives; what a user may do is set by the test.
class TestAccess final : public AccessPolicy {
 public:
  Result<void> CheckLive(const KvView&, const Caller& caller) const override {
    if (caller.user == dead) return Fail(ErrorCode::kUnauthenticated, "gone");
    return {};
  }
  Permissions For(const KvView&, const Caller& caller, const Chain&) const override {
    return caller.user == reader ? static_cast<Permissions>(Permission::kRead) : kAllPermissions;
  }
  UserId dead{};
  UserId reader{};
};

class EngineCase : public testing::Test {
 protected:
  static constexpr SpaceId kHome{1};

  EngineCase() {
    Backend backend = OpenMemory(clock_, random_);
    blobs_ = dynamic_cast<MemoryBlobStore*>(backend.blobs.get());
    CAIRN_CHECK(blobs_ != nullptr);
    engine_ = std::make_unique<Engine>(
        std::move(backend), TreePolicies{access_, quota_, versions_, trash_}, clock_, random_);
    CAIRN_CHECK(engine_->file_ids().Reserve(100).has_value());
    auto make = [&](KvTxn& txn) { return tree().CreateSpace(txn, alice_.user, kHome); };
    auto made = CommitBlocking(kv(), {DirectoryKey(), SpaceKey(kHome)}, make);
    CAIRN_CHECK(made.has_value());
  }

  FileTree& tree() { return engine_->tree(); }
  KvStore& kv() { return engine_->kv(); }
  LockTable& locks() { return engine_->locks(); }

  static TreePath At(std::string_view path) {
    TreePath out{.home = kHome, .segments = {}};
    for (std::size_t from = 0; from < path.size();) {
      const std::size_t slash = std::min(path.find('/', from), path.size());
      out.segments.emplace_back(path.substr(from, slash - from));
      from = slash + 1;
    }
    return out;
  }

  // One transaction under the space key, durable when it returns.
  template <class Body>
  auto Commit(Body body) -> std::invoke_result_t<Body&, KvTxn&> {
    return CommitBlocking(kv(), {SpaceKey(kHome)}, body);
  }
  // A raw change that no rule stands in the way of.
  template <class Body>
  void Plant(Body body) {
    auto all = [&](KvTxn& txn) -> Result<void> {
      body(txn);
      return {};
    };
    auto planted = Commit(all);
    ASSERT_TRUE(planted.has_value()) << planted.error().message;
  }

  Result<WriteOutcome> Mkcol(std::string_view path, const Caller* caller = nullptr,
                             std::vector<std::string> tokens = {}) {
    const WriteContext context{.caller = caller ? *caller : alice_, .lock_tokens = tokens};
    return Commit([&](KvTxn& txn) { return tree().MakeCollection(txn, context, At(path), {}); });
  }
  Result<WriteOutcome> Put(std::string_view path, std::string_view text,
                           const Caller* caller = nullptr, std::vector<std::string> tokens = {}) {
    auto ingest = engine_->contents().Begin({});
    RETURN_IF_ERROR(ingest->Append(AsBytes(text)));
    ASSIGN_OR_RETURN(const NewContent content, ingest->Finish());
    const WriteContext context{.caller = caller ? *caller : alice_, .lock_tokens = tokens};
    return Commit([&](KvTxn& txn) { return tree().Put(txn, context, At(path), content, {}); });
  }
  Result<WriteOutcome> Remove(std::string_view path, const Caller* caller = nullptr,
                              std::vector<std::string> tokens = {}) {
    const WriteContext context{.caller = caller ? *caller : alice_, .lock_tokens = tokens};
    return Commit([&](KvTxn& txn) { return tree().Remove(txn, context, At(path), false); });
  }

  Entry Stat(std::string_view path) {
    auto chain = tree().Resolve(*kv().Published(), At(path));
    CAIRN_CHECK(chain.has_value());
    return std::move(chain->leaf());
  }
  std::uint64_t LocksBelow(std::string_view path) { return Stat(path).node.below().locks(); }
  void Pass(std::int64_t seconds) { clock_.Advance(std::chrono::seconds(seconds)); }

  FakeClock clock_;
  SeededRandom random_{1};
  TestAccess access_;
  quota::SpaceQuota quota_;
  versions::NoVersions versions_;
  trash::NoTrash trash_;
  MemoryBlobStore* blobs_ = nullptr;
  std::unique_ptr<Engine> engine_;
  const Caller alice_{
      .user = UserId{1}, .user_name = "alice", .token = {}, .token_key = {}, .token_name = {}};
  const Caller bob_{
      .user = UserId{2}, .user_name = "bob", .token = {}, .token_key = {}, .token_name = {}};
};

template <class T>
testing::AssertionResult Ok(const Result<T>& result) {
  if (result.has_value()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << Name(result.error().code) << ": " << result.error().message;
}
template <class T>
testing::AssertionResult Refused(const Result<T>& result, ErrorCode code) {
  if (result.has_value()) return testing::AssertionFailure() << "not refused";
  if (Is(result.error(), code)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << Name(result.error().code) << ": " << result.error().message;
}

}  // namespace cairn::storage
