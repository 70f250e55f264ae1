// Users who share with each other, on an engine in memory: verbs for what tests of shares do.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/groups.h"
#include "auth/users.h"
#include "quota/space_quota.h"
#include "shares/access.h"
#include "shares/shares.h"
#include "storage/commit.h"
#include "storage/engine.h"
#include "tests/support/roomy_keeping.h"
#include "trash/trash_can.h"
#include "versions/keeper.h"

namespace cairn::shares {

class ShareCase : public testing::Test {
 protected:
  ShareCase()
      : engine_(storage::OpenMemory(clock_, random_),
                storage::TreePolicies{access_, quota_, versions_, trash_}, clock_, random_) {
    CAIRN_CHECK(engine_.file_ids().Reserve(5000).has_value());
  }

  std::shared_ptr<const storage::KvView> View() { return engine_.kv().Published(); }

  void Add(const std::string& name, std::vector<std::string> groups = {}) {
    auth::NewUser user;
    user.name = name;
    user.groups = std::move(groups);
    const auto made = users_.Create(user);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    storage::Caller caller;
    caller.user = UserId{made->id()};
    caller.user_name = name;
    caller.user_version = made->version();
    callers_[name] = caller;
    homes_[name] = SpaceId{made->space()};
  }
  const storage::Caller& CallerOf(const std::string& name) { return callers_.at(name); }

  // Where "a/b" of the user's view leads.
  storage::TreePath PathOf(const std::string& user, std::string_view path) {
    const auto view = View();
    const auto mounts = table_.Of(*view, CallerOf(user).user, homes_.at(user));
    EXPECT_TRUE(mounts.has_value());
    std::vector<std::string> segments;
    while (!path.empty()) {
      const std::size_t end = std::min(path.find('/'), path.size());
      segments.emplace_back(path.substr(0, end));
      path.remove_prefix(std::min(end + 1, path.size()));
    }
    auto located =
        Locate(*view, **mounts, homes_.at(user), std::move(segments), clock_.NowSeconds());
    EXPECT_TRUE(located.has_value());
    return *located;
  }
  Result<storage::Chain> Find(const std::string& user, std::string_view path) {
    return engine_.tree().ResolveFor(*View(), CallerOf(user), PathOf(user, path),
                                     storage::Permission::kRead);
  }
  bool Sees(const std::string& user, std::string_view path) { return Find(user, path).has_value(); }
  FileId IdOf(const std::string& user, std::string_view path) {
    const auto chain = Find(user, path);
    EXPECT_TRUE(chain.has_value()) << user << ":" << path;
    return chain.has_value() ? chain->leaf().id() : FileId{};
  }
  // What the user may do with what stands at his path; 0 when he sees nothing there.
  storage::Permissions Rights(const std::string& user, std::string_view path) {
    const auto chain = Find(user, path);
    return chain.has_value() ? access_.For(*View(), CallerOf(user), *chain) : 0;
  }
  // By id, whichever way he may come.
  storage::Permissions RightsById(const std::string& user, FileId node) {
    const auto chain = engine_.tree().ResolveId(*View(), node);
    return chain.has_value() ? access_.For(*View(), CallerOf(user), *chain) : 0;
  }

  ErrorCode Mkcol(const std::string& user, std::string_view path) {
    return Write(user, path, [&](storage::KvTxn& txn, const auto& context, const auto& at) {
      return engine_.tree().MakeCollection(txn, context, at, {});
    });
  }
  ErrorCode Put(const std::string& user, std::string_view path) {
    return Write(user, path, [&](storage::KvTxn& txn, const auto& context, const auto& at) {
      return engine_.tree().Put(txn, context, at, storage::NewContent{}, {});
    });
  }
  ErrorCode Remove(const std::string& user, std::string_view path) {
    return Write(user, path, [&](storage::KvTxn& txn, const auto& context, const auto& at) {
      return engine_.tree().Remove(txn, context, at, false);
    });
  }
  ErrorCode Move(const std::string& user, std::string_view from, std::string_view to) {
    const storage::WriteContext context{.caller = CallerOf(user)};
    const auto source = PathOf(user, from);
    const auto target = PathOf(user, to);
    auto body = [&](storage::KvTxn& txn) {
      return engine_.tree().Move(txn, context, source, target, {});
    };
    return CodeOf(storage::CommitBlocking(
        engine_.kv(), {storage::SpaceKey(source.home), storage::SpaceKey(target.home)}, body));
  }

  // Shares what stands at the maker's path. 0: refused.
  ShareId Share(const std::string& maker, std::string_view path, const std::string& with,
                storage::Permissions permissions = storage::kAllPermissions) {
    const auto outcome = TryShare(maker, path, with, permissions);
    EXPECT_FALSE(outcome.refused) << maker << " " << path << " with " << with;
    return ShareId{outcome.share.id()};
  }
  ShareOutcome TryShare(const std::string& maker, std::string_view path, const std::string& with,
                        storage::Permissions permissions = storage::kAllPermissions) {
    NewShare request;
    request.node = IdOf(maker, path);
    request.set.permissions = permissions;
    const auto user = callers_.find(with);
    if (user != callers_.end()) {
      request.recipient = user->second.user;
    } else {
      request.type = ShareType::kGroup;
      request.group = with;
    }
    auto made = shares_.Create(CallerOf(maker), request);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made.has_value() ? *made : ShareOutcome{.refused = Refusal::kTooMany};
  }
  std::optional<Refusal> End(const std::string& user, ShareId share) {
    const auto done = shares_.Remove(CallerOf(user), share);
    EXPECT_TRUE(done.has_value()) << done.error().message;
    return done.has_value() ? done->refused : std::nullopt;
  }
  std::optional<Refusal> Change(const std::string& user, ShareId share, ShareAttributes change) {
    const auto done = shares_.Update(CallerOf(user), share, change);
    EXPECT_TRUE(done.has_value()) << done.error().message;
    return done.has_value() ? done->refused : std::nullopt;
  }

  FakeClock clock_;
  SeededRandom random_{7};
  Access access_{clock_};
  quota::SpaceQuota quota_;
  versions::Keeper versions_{clock_, support::RoomyKeeping(quota_)};
  trash::Can trash_{clock_, support::RoomyKeeping(quota_)};
  storage::Engine engine_;
  auth::Users users_{engine_.kv(), engine_.tree(), clock_, auth::PasswordCost::Minimum()};
  auth::Groups groups_{engine_.kv()};
  MountTable table_{clock_};
  Shares shares_{engine_.kv(), engine_.tree(), table_, clock_, random_};

 private:
  static constexpr ErrorCode kDone = ErrorCode::kCancelled;  // no call here fails with it
  template <class T>
  static ErrorCode CodeOf(const Result<T>& result) {
    return result.has_error() ? result.error().code : kDone;
  }
  template <class Act>
  ErrorCode Write(const std::string& user, std::string_view path, Act act) {
    const storage::WriteContext context{.caller = CallerOf(user)};
    const auto at = PathOf(user, path);
    auto body = [&](storage::KvTxn& txn) { return act(txn, context, at); };
    return CodeOf(storage::CommitBlocking(engine_.kv(), {storage::SpaceKey(at.home)}, body));
  }

  std::map<std::string, storage::Caller> callers_;
  std::map<std::string, SpaceId> homes_;

 protected:
  static constexpr ErrorCode kOk = kDone;
};

}  // namespace cairn::shares
