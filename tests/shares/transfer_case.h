// Alice, bob and carol; alice has dir/ with sub/ and a.txt in it, and one.txt.
#pragma once

#include "notifications/notifications.h"
#include "shares/transfers.h"
#include "storage/fsck.h"
#include "storage/records.h"
#include "storage/tree_locks.h"
#include "tests/shares/share_case.h"

namespace cairn::shares {

class TransferCase : public ShareCase {
 protected:
  TransferCase() {
    for (const char* name : {"alice", "bob", "carol"}) Add(name);
    EXPECT_EQ(Mkcol("alice", "dir"), kOk);
    EXPECT_EQ(Mkcol("alice", "dir/sub"), kOk);
    EXPECT_EQ(Put("alice", "dir/a.txt"), kOk);
    EXPECT_EQ(Put("alice", "one.txt"), kOk);
  }

  storage::User Record(const std::string& user) {
    const auto record = users_.Find(*View(), CallerOf(user).user);
    CAIRN_CHECK(record.has_value() && record->has_value());
    return **record;
  }
  SpaceId Home(const std::string& user) { return SpaceId{Record(user).space()}; }
  FileId Root(const std::string& user) {
    return FileId{(*engine_.tree().FindSpace(*View(), Home(user)))->files_root()};
  }
  // A file of this many bytes.
  void Fill(const std::string& user, std::string_view path, std::size_t size) {
    auto ingest = engine_.contents().Begin({});
    const std::string text(size, 'x');
    ASSERT_TRUE(ingest->Append(AsBytes(text)).has_value());
    const storage::NewContent content = *ingest->Finish();
    const storage::WriteContext context{.caller = CallerOf(user)};
    const storage::TreePath at = PathOf(user, path);
    auto body = [&](storage::KvTxn& txn) {
      return engine_.tree().Put(txn, context, at, content, {});
    };
    ASSERT_TRUE(
        storage::CommitBlocking(engine_.kv(), {storage::SpaceKey(at.home)}, body).has_value());
  }
  void SetQuota(const std::string& user, std::int64_t bytes) {
    auto body = [&](storage::KvTxn& txn) -> Result<void> {
      ASSIGN_OR_RETURN(auto space, engine_.tree().FindSpace(txn, Home(user)));
      space->set_has_quota(true);
      space->set_default_quota(false);
      space->set_quota(bytes);
      storage::WriteRecord(txn, storage::Table::kSpaces, storage::keys::Space(Home(user)), *space);
      return {};
    };
    ASSERT_TRUE(
        storage::CommitBlocking(engine_.kv(), {storage::SpaceKey(Home(user))}, body).has_value());
  }
  void Lock(const std::string& user, std::string_view path) {
    const storage::WriteContext context{.caller = CallerOf(user)};
    const storage::TreePath at = PathOf(user, path);
    auto body = [&](storage::KvTxn& txn) {
      return storage::TakeLock(engine_.tree(), txn, context, at, {});
    };
    ASSERT_TRUE(
        storage::CommitBlocking(engine_.kv(), {storage::SpaceKey(at.home)}, body).has_value());
  }
  ShareId Link(const std::string& user, std::string_view path) {
    NewShare request;
    request.node = IdOf(user, path);
    request.type = ShareType::kLink;
    request.set.password_hash = "hash";
    const auto made = shares_.Create(CallerOf(user), request);
    EXPECT_TRUE(made.has_value() && !made->refused);
    return ShareId{made->share.id()};
  }
  storage::Share ShareOf(ShareId id) {
    const auto share = FindShare(*View(), id);
    EXPECT_TRUE(share.has_value() && share->has_value());
    return share.has_value() && *share ? **share : storage::Share();
  }
  bool Exists(ShareId id) { return FindShare(*View(), id)->has_value(); }

  Result<Transferred> Transfer(const std::string& from, const std::string& to, FileId node,
                               bool into_root = false) {
    return transfers_.Now({Record(from), Record(to), node, into_root});
  }
  // Its error; nullopt: it went over.
  std::optional<ErrorCode> RefusedFor(const std::string& from, const std::string& to, FileId node,
                                      bool into_root = false) {
    const auto done = Transfer(from, to, node, into_root);
    return done.has_error() ? std::optional(done.error().code) : std::nullopt;
  }
  void ExpectSound() {
    const auto report = storage::Fsck(engine_.kv(), engine_.contents(), {.read_data = true});
    ASSERT_TRUE(report.has_value());
    for (const storage::Finding& finding : report->findings)
      EXPECT_TRUE(finding.harmless) << finding.what;
  }

  Transfers transfers_{engine_.kv(), engine_.tree(), table_};
  // 2023-11-14 22:13:20, where the clock stands.
  const std::string folder_ = "Transferred from alice on 2023-11-14 22-13-20";
};

}  // namespace cairn::shares
