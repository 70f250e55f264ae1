// Power cuts: whatever subset of the unsynced bytes survives, what passed the gate is there, and
// what is there is a prefix of the commits. See tests/support/crash_fs.h for the model.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "storage/commit.h"
#include "storage/ids.h"
#include "storage/rocks_kv.h"
#include "tests/support/crash_fs.h"
#include "tests/support/sanitizer.h"
#include "tests/support/temp_directory.h"

namespace cairn::storage {
namespace {

bool LongTests() { return std::getenv("CAIRN_LONG_TESTS") != nullptr; }
const int kRestarts = (LongTests() ? 1000 : 200) / support::kOneIn;
const int kMaxCrashes = (LongTests() ? 4000 : 40) / support::kOneIn;  // per choice of what survives

class RocksRecoveryTest : public testing::Test {
 protected:
  RocksRecoveryTest() { Restart(directory_.path() / "live"); }
  // A case that failed early may have left syncs held: closing the store waits for one.
  ~RocksRecoveryTest() override { fs_->HoldSyncs(false); }

  std::unique_ptr<RocksKv> OpenAt(CrashFs& fs, const std::filesystem::path& path) {
    RocksOptions options;
    options.path = path;
    options.write_buffer_bytes = 192
                                 << 10;  // small, so that logs are switched and tables are written
    options.block_cache_bytes = 1 << 20;
    options.env = fs.env();
    auto opened = RocksKv::Open(options, faults_);
    if (opened.has_error()) {
      ADD_FAILURE() << opened.error().message;
      return nullptr;
    }
    return std::move(*opened);
  }
  // A fresh start of the store on `path`.
  void Restart(const std::filesystem::path& path) {
    store_.reset();
    fs_.reset();
    live_ = path;
    std::filesystem::create_directories(path);
    fs_ = std::make_unique<CrashFs>(path);
    store_ = OpenAt(*fs_, path);
    ASSERT_NE(store_, nullptr);
  }
  // The power fails now; nothing unsynced survives; the store starts again.
  void CutPowerAndRestart() {
    const auto next = directory_.path() / ("live" + std::to_string(++starts_));
    const auto old = live_;
    fs_->CrashAt(fs_->step(), CrashFs::None, next);
    Restart(next);
    std::filesystem::remove_all(old);
  }

  // Commit number `n`: rows in all three families, and the number itself. Not waited for.
  static Result<CommitSeq> Commit(KvStore& store, int n) {
    const std::string number = Big64(static_cast<std::uint64_t>(n));
    const std::string value(100 + static_cast<std::size_t>(n) * 977 % 6000,
                            static_cast<char>('a' + n % 26));
    auto body = [&](KvTxn& txn) -> Result<void> {
      txn.Put(Table::kSystem, "last", number);
      txn.Put(Table::kEntries, number, value);
      if (n > 1) txn.Erase(Table::kCandidates, Big64(static_cast<std::uint64_t>(n - 1)));
      txn.Put(Table::kInline, number, value);
      txn.Put(Table::kCandidates, number, "");
      return {};
    };
    const WriterGuard guard;
    auto decided = RunTransaction(store, guard, body);
    RETURN_IF_ERROR(std::move(decided.outcome));
    return decided.seq;
  }
  // Commits number `last_ + 1` and waits for the gate.
  void CommitAndWait() {
    auto seq = Commit(*store_, ++last_);
    // Tables this small make a slow machine's store ask its writers to slow down, for longer than
    // a transaction tries.
    for (int tries = 0; tries < 100 && seq.has_error() && Is(seq.error(), ErrorCode::kBusy);
         ++tries)
      seq = Commit(*store_, last_);
    ASSERT_TRUE(seq.has_value()) << seq.error().message;
    ASSERT_TRUE(store_->gate().WaitFor(*seq).has_value());
    acknowledged_.emplace_back(fs_->step(), last_);
  }
  // Commits without waiting, until `count` are made or the store is busy because no sync comes.
  int CommitUnsynced(int count) {
    for (int made = 0; made < count; ++made) {
      if (Commit(*store_, last_ + 1).has_error()) return made;
      ++last_;
    }
    return count;
  }
  // What must be there after a power cut at `step`.
  int AcknowledgedAt(std::size_t step) const {
    int n = 0;
    for (const auto& [at, number] : acknowledged_) {
      if (at <= step) n = number;
    }
    return n;
  }

  // The number of the last commit, having checked that all before it are there whole and nothing
  // else is.
  static int CheckPrefix(KvStore& store) {
    const auto view = store.Published();
    const auto last = view->Get(Table::kSystem, "last");
    if (last.has_error()) return -1;
    const int n = last->has_value() ? static_cast<int>(ReadBig64(**last)) : 0;
    for (const Table table : {Table::kEntries, Table::kInline}) {
      int expected = 1;
      auto visit = [&](std::string_view key, std::string_view value) {
        const auto number = static_cast<std::size_t>(ReadBig64(key));
        EXPECT_EQ(static_cast<int>(number), expected) << "a hole";
        EXPECT_EQ(value.size(), 100 + number * 977 % 6000);
        ++expected;
        return static_cast<int>(number) == expected - 1;
      };
      EXPECT_TRUE(view->Scan(table, {}, {}, visit).has_value());
      EXPECT_EQ(expected - 1, n) << "not the same in every family";
    }
    std::vector<int> queue;
    auto visit = [&](std::string_view key, std::string_view) {
      queue.push_back(static_cast<int>(ReadBig64(key)));
      return true;
    };
    EXPECT_TRUE(view->Scan(Table::kCandidates, {}, {}, visit).has_value());
    EXPECT_EQ(queue, n == 0 ? std::vector<int>{} : std::vector<int>{n});
    return n;
  }
  // Cuts the power at `step`, starts again, checks, goes on writing, starts once more. Returns what
  // was asked about.
  std::size_t CheckCrash(std::size_t step, const CrashFs::Choice& choice, const std::string& what) {
    SCOPED_TRACE(what + " at step " + std::to_string(step));
    const auto after = directory_.path() / "after";
    const std::size_t asked = fs_->CrashAt(step, choice, after);
    CrashFs fs(after);
    {
      const auto store = OpenAt(fs, after);
      if (store == nullptr) return asked;
      const int there = CheckPrefix(*store);
      EXPECT_GE(there, AcknowledgedAt(step)) << "an acknowledged commit is lost";
      EXPECT_LE(there, last_);
      EXPECT_TRUE(Commit(*store, there + 1).has_value());
      recovered_ = there;
    }
    const auto again = OpenAt(fs, after);
    if (again == nullptr) return asked;
    EXPECT_EQ(CheckPrefix(*again), recovered_ + 1) << "after the second start";
    return asked;
  }
  // Checks power cuts at steps spread over all of [from, now].
  void CheckCrashes(std::size_t from, const CrashFs::Choice& choice, const std::string& what) {
    const std::size_t end = fs_->step();
    const std::size_t stride =
        std::max<std::size_t>(1, (end - from) / static_cast<std::size_t>(kMaxCrashes));
    for (std::size_t step = from; step <= end && !HasFailure(); step += stride)
      CheckCrash(step, choice, what);
    if (!HasFailure()) CheckCrash(end, choice, what);
  }

  TempDirectory directory_{FastStorage()};
  int broken_ = 0;
  Faults faults_{directory_.path().string(), 0, [this](std::string_view) { ++broken_; }};
  std::filesystem::path live_;
  std::unique_ptr<CrashFs> fs_;
  std::unique_ptr<RocksKv> store_;
  int starts_ = 0;
  int last_ = 0;
  int recovered_ = 0;
  std::vector<std::pair<std::size_t, int>> acknowledged_;  // step, commit number
};

TEST_F(RocksRecoveryTest, ALoneWriterCausesOneSyncForEachCommit) {
  const std::uint64_t before = store_->syncs();
  for (int i = 0; i < 10; ++i) CommitAndWait();
  EXPECT_EQ(store_->syncs() - before, 10U);
}

TEST_F(RocksRecoveryTest, WritersSideBySideShareASync) {
  CommitAndWait();
  const std::uint64_t before = store_->syncs();
  fs_->HoldSyncs(true);
  ASSERT_EQ(CommitUnsynced(8), 8);
  EXPECT_FALSE(store_->gate().IsDurable(store_->LatestSeq()));
  fs_->HoldSyncs(false);
  ASSERT_TRUE(store_->gate().WaitFor(store_->LatestSeq()).has_value());
  EXPECT_LE(store_->syncs() - before, 2U);
}

TEST_F(RocksRecoveryTest, NothingIsPublishedBeforeItsSync) {
  CommitAndWait();
  fs_->HoldSyncs(true);
  ASSERT_EQ(CommitUnsynced(1), 1);
  EXPECT_EQ(CheckPrefix(*store_), 1);
  EXPECT_FALSE(store_->gate().IsDurable(store_->LatestSeq()));
  fs_->HoldSyncs(false);
  ASSERT_TRUE(store_->gate().WaitFor(store_->LatestSeq()).has_value());
  EXPECT_EQ(CheckPrefix(*store_), 2);
}

TEST_F(RocksRecoveryTest, EveryAcknowledgedCommitSurvivesAPowerCutAtAnyStep) {
  const std::size_t from = fs_->step();
  for (int i = 0; i < 120; ++i) CommitAndWait();
  CheckCrashes(from, CrashFs::None, "nothing unsynced survives");
  CheckCrashes(from, CrashFs::All, "everything survives");
  CheckCrashes(from, CrashFs::NewestFileOnly, "only the newest file survives");
}

TEST_F(RocksRecoveryTest, AnySubsetOfTheUnsyncedBytesLeavesAPrefix) {
  const std::size_t from = fs_->step();
  for (int i = 0; i < 30; ++i) {
    CommitAndWait();
    ASSERT_GT(CommitUnsynced(3), 0);
  }
  std::mt19937 random(7);
  const CrashFs::Choice half = [&](const CrashFs::Pending&) { return random() % 2 == 0; };
  const CrashFs::Choice names = [](const CrashFs::Pending& pending) { return pending.is_name; };
  const CrashFs::Choice bytes = [](const CrashFs::Pending& pending) { return !pending.is_name; };
  CheckCrashes(from, half, "a random half");
  CheckCrashes(from, names, "names without bytes");
  CheckCrashes(from, bytes, "bytes without names");
}

TEST_F(RocksRecoveryTest, ALongUnsyncedTailOverSeveralLogFiles) {
  for (int i = 0; i < 5; ++i) CommitAndWait();
  const std::size_t from = fs_->step();
  fs_->HoldSyncs(true);  // neither the syncer nor a flush can make anything durable
  EXPECT_GT(CommitUnsynced(200), 20);
  CheckCrashes(from, CrashFs::All, "everything survives");
  CheckCrashes(from, CrashFs::NewestFileOnly, "the newest log alone survives");
  // Each write alone, and each alone missing.
  const std::size_t end = fs_->step();
  const std::size_t pending = CheckCrash(end, CrashFs::None, "nothing");
  const std::size_t stride =
      LongTests() ? 1 : std::max<std::size_t>(1, pending * support::kOneIn / 60);
  for (std::size_t i = 0; i < pending && !HasFailure(); i += stride) {
    std::size_t n = 0;
    const CrashFs::Choice one = [&](const CrashFs::Pending& p) { return n++ == i || p.is_name; };
    CheckCrash(end, one, "write " + std::to_string(i) + " alone");
    n = 0;
    const CrashFs::Choice others = [&](const CrashFs::Pending&) { return n++ != i; };
    CheckCrash(end, others, "all but write " + std::to_string(i));
  }
  fs_->HoldSyncs(false);
}

TEST_F(RocksRecoveryTest, AHoleAtALogSwitchEndsTheReplay) {
  for (int i = 0; i < 3; ++i) CommitAndWait();
  fs_->HoldSyncs(true);
  ASSERT_GT(CommitUnsynced(200), 20);
  // Find the log files with unsynced writes: there must be a switch between them.
  std::map<std::string, std::size_t> logs;
  const CrashFs::Choice look = [&](const CrashFs::Pending& pending) {
    if (!pending.is_name && pending.file.ends_with(".log")) logs[pending.file] = pending.count;
    return true;
  };
  CheckCrash(fs_->step(), look, "look");
  EXPECT_EQ(recovered_, last_);
  ASSERT_GE(logs.size(), 2U) << "no log switch: the case is not tested";
  // The first log lost its tail at a record boundary, the next one survived whole.
  const std::string first = logs.begin()->first;
  const CrashFs::Choice hole = [&](const CrashFs::Pending& pending) {
    return pending.is_name || pending.file != first || pending.index < pending.count / 2;
  };
  CheckCrash(fs_->step(), hole, "hole");
  EXPECT_LT(recovered_, last_);
  // The first log is lost altogether, name and all.
  const CrashFs::Choice missing = [&](const CrashFs::Pending& pending) {
    return pending.file != first;
  };
  CheckCrash(fs_->step(), missing, "first log missing");
  EXPECT_LT(recovered_, last_);
  fs_->HoldSyncs(false);
}

TEST_F(RocksRecoveryTest, NoIdOrEtagComesTwiceOverManyPowerCuts) {
  SystemRandom random;
  std::set<std::uint64_t> ids;
  std::set<std::string> etags;
  for (int start = 0; start < kRestarts; ++start) {
    IdSource source(*store_, keys::kFileIds);
    EtagSource etag_source(random);
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(source.Reserve(1).has_value());
      auto use = [&](KvTxn& txn) -> Result<void> {
        ASSIGN_OR_RETURN(const std::uint64_t id, source.Next());
        const std::string etag = etag_source.Next().Text();
        EXPECT_TRUE(ids.insert(id).second) << "id " << id << " again at start " << start;
        EXPECT_TRUE(etags.insert(etag).second) << "etag again at start " << start;
        txn.Put(Table::kNodes, Big64(id), etag);
        return {};
      };
      const WriterGuard guard;
      ASSERT_TRUE(RunTransaction(*store_, guard, use).outcome.has_value());  // its tail is dropped
    }
    CutPowerAndRestart();
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(3 * kRestarts));
}

TEST_F(RocksRecoveryTest, AFailedSyncIsNeverAcknowledged) {
  CommitAndWait();
  fs_->FailSyncs(true);
  const auto seq = Commit(*store_, 2);
  ASSERT_TRUE(seq.has_value());
  EXPECT_EQ(store_->gate().WaitFor(*seq).error().code, ErrorCode::kIo);
  EXPECT_GE(broken_, 1);
  EXPECT_TRUE(faults_.broken());
  EXPECT_EQ(CheckPrefix(*store_), 1);  // reads go on with what is durable
  fs_->FailSyncs(false);
  EXPECT_EQ(Commit(*store_, 3).error().code, ErrorCode::kIo);
  EXPECT_FALSE(store_->gate().IsDurable(*seq));
}

TEST_F(RocksRecoveryTest, AFullDiskRefusesWritesUntilSpaceIsBack) {
  CommitAndWait();
  fs_->FillDisk(true);
  EXPECT_EQ(Commit(*store_, 2).error().code, ErrorCode::kDiskFull);
  EXPECT_EQ(faults_.CheckMayWrite().error().code, ErrorCode::kDiskFull);
  EXPECT_EQ(CheckPrefix(*store_), 1);
  EXPECT_EQ(Commit(*store_, 2).error().code, ErrorCode::kDiskFull);
  fs_->FillDisk(false);
  faults_.Refresh();
  for (int i = 0; i < 5; ++i) CommitAndWait();
  EXPECT_EQ(CheckPrefix(*store_), 6);
  EXPECT_EQ(broken_, 0);
  CheckCrash(fs_->step(), CrashFs::None, "after the full disk");
  EXPECT_EQ(recovered_, 6);
}

// RocksDB cannot go on in a log that holds nothing but half a record: it would abort the process.
TEST_F(RocksRecoveryTest, AFullDiskAtTheFirstWriteIsLeftByANewStart) {
  fs_->FillDisk(true);
  EXPECT_EQ(Commit(*store_, 1).error().code, ErrorCode::kDiskFull);
  fs_->FillDisk(false);
  faults_.Refresh();
  EXPECT_EQ(broken_, 0);
  EXPECT_EQ(Commit(*store_, 1).error().code, ErrorCode::kIo);
  EXPECT_EQ(broken_, 1);
}

TEST_F(RocksRecoveryTest, ClosingSyncsWhatWasCommitted) {
  ASSERT_EQ(CommitUnsynced(5), 5);
  store_.reset();
  CheckCrash(fs_->step(), CrashFs::None, "after closing");
  EXPECT_EQ(recovered_, 5);
}

TEST_F(RocksRecoveryTest, WhatWasCommittedIsThereAfterReopening) {
  for (int i = 0; i < 3; ++i) CommitAndWait();
  const CommitSeq seq = store_->LatestSeq();
  store_.reset();
  store_ = OpenAt(*fs_, live_);
  EXPECT_EQ(CheckPrefix(*store_), 3);
  EXPECT_TRUE(store_->gate().IsDurable(seq));
  CommitAndWait();
  EXPECT_GT(store_->LatestSeq(), seq);
}

}  // namespace
}  // namespace cairn::storage
